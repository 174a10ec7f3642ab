"""Why a file was refused whole, in words a seller can act on."""

from typing import ClassVar


def _(message: str) -> str:
    """Mark a message for the catalogue; the page translates it."""
    return message


class ExportError(ValueError):
    """Error raised when a file cannot be read at all; nothing of it is imported.

    A page shows ``_(error.message).format(**error.params)``; ``str(error)`` is the English text.
    """

    message: ClassVar[str] = _("{file}: cannot be read.")

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.message.format(**params))


class EmptyFileError(ExportError):
    """Error raised when a file or all of its sheets hold nothing."""

    message = _("{file}: the file is empty. Export it again.")


class LockFileError(ExportError):
    """Error raised for the ``~$`` file Excel keeps beside an open workbook."""

    message = _(
        "{file}: this is the lock file of an open workbook, not the workbook. "
        "Close Excel and choose the file without ~$."
    )


class NotATableError(ExportError):
    """Error raised when the content is neither text nor a workbook."""

    message = _(
        "{file}: this is {kind}, not a table. Export it as CSV or XLSX and upload that file."
    )


class EncryptedFileError(ExportError):
    """Error raised when a workbook or archive wants a password."""

    message = _(
        "{file}: the file is locked with a password. Open it, save it without one, upload again."
    )


class UnclosedQuoteError(ExportError):
    """Error raised when a quotation mark makes one cell of all the rest of a file."""

    message = _(
        "{file}, row {row}: a quotation mark opens a cell that never ends. Close or delete the "
        "quotation mark, or export the file again."
    )


class BrokenFileError(ExportError):
    """Error raised when a workbook or archive is cut off or damaged."""

    message = _("{file}: the file is damaged or incomplete. Download it again.")


class EncodingError(ExportError):
    """Error raised when text is none of UTF-8, GB18030 and UTF-16."""

    message = _(
        "{file}: the text is neither UTF-8, GBK/GB18030 nor UTF-16. "
        "Open it in Excel and save it as “CSV UTF-8”."
    )


class ArchiveError(ExportError):
    """Error raised when a .zip is too large, too deep or holds too many files."""

    message = _(
        "{file}: the archive holds more than can be unpacked safely ({reason}). "
        "Unpack it and upload the files."
    )


class UnknownLayoutError(ExportError):
    """Error raised when no known layout fits the headers that were found."""

    message = _(
        "{file}, sheet “{sheet}”: no known export has these headers. Looked at rows 1 to {rows}; "
        "found {found}. Closest is {closest}, where {missing} is missing. Export again with every "
        "column ticked, or map the columns by hand."
    )


class NothingKnownError(UnknownLayoutError):
    """Error raised when not one heading of any known export was found."""

    message = _(
        "{file}, sheet “{sheet}”: no known export has these headers. Looked at rows 1 to {rows}; "
        "found {found}. Export again with every column ticked, or map the columns by hand."
    )


class TooManyUnknownError(UnknownLayoutError):
    """Error raised when a layout's columns are there, but most of the others are strange to it."""

    message = _(
        "{file}, sheet “{sheet}”: the columns of {closest} are there, but only {known} of "
        "{headings} headings are known, so it may be another kind of file. Map the columns by "
        "hand, or delete the columns that do not belong."
    )


class MissingColumnsError(UnknownLayoutError):
    """Error raised when a layout was asked for by name and the file lacks its columns."""

    message = _(
        "{file}, sheet “{sheet}”: not a file of layout {closest}: {missing} is missing. Looked at "
        "rows 1 to {rows}; found {found}. Export again with every column ticked."
    )


class AmbiguousLayoutError(ExportError):
    """Error raised when several layouts fit equally well; somebody has to say which it is."""

    message = _(
        "{file}, sheet “{sheet}”: the headers fit several exports equally well: {candidates}. "
        "Choose the layout and upload again."
    )


class NoSuchLayoutError(ExportError):
    """Error raised when a layout is asked for that does not exist."""

    message = _("{file}: there is no layout {layout!r}. Known ones: {known}.")


class DayUnknownError(ExportError):
    """Error raised when neither rows, title nor file name say which day the figures are of."""

    message = _(
        "{file}, sheet “{sheet}”: no day is given in a date column, in a title of the first rows "
        "or in the file name. Say which day the file is of."
    )


class PeriodFileError(ExportError):
    """Error raised when a file sums several days where one day is needed."""

    message = _(
        "{file}: this is a period file ({first} to {last}), not a daily one. "
        "Export each day by itself."
    )
