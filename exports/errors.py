"""Why a file was refused whole, in words a seller can act on."""

from collections.abc import Mapping
from typing import ClassVar

from told.mark import mark as _


class ExportError(ValueError):
    """Error raised when a file cannot be read at all; nothing of it is imported.

    A page shows ``_(error.message).format(**error.params)``; ``str(error)`` is the English text.
    """

    message: ClassVar[str] = _("{file}: cannot be read.")

    def __init__(self, **params: object) -> None:
        #: ``place`` is the file, with its sheet where it has several.
        sheet = f" [{params['sheet']}]" if params.get("sheet") else ""
        self.params = {"place": f"{params.get('file')}{sheet}", **params}
        super().__init__(self.message.format(**self.params))


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


class TooLargeError(ArchiveError):
    """Error raised when a file, unpacked, is larger than can be read."""

    message = _(
        "{file}: unpacked it is {found} MB, and up to {limit} MB can be read at once. "
        "Export it in parts, for instance month by month."
    )


class TooManyFilesError(ArchiveError):
    """Error raised when an archive holds more files than are unpacked."""

    message = _(
        "{file}: the archive holds {found} files, and up to {limit} can be unpacked at once. "
        "Pack them into several archives."
    )


class TooManyColumnsError(ExportError):
    """Error raised when a row is wider than any export."""

    message = _(
        "{file}, row {row}: there are {found} columns, and up to {limit} can be read. Delete the "
        "columns that do not belong, or export the file again."
    )


class TooManyCellsError(ExportError):
    """Error raised when a table has room for more cells than can be held."""

    message = _(
        "{file}: {rows} rows of {columns} columns are {found} cells, and up to {limit} can be "
        "read at once. Export it in parts, for instance month by month; delete rows and columns "
        "that are empty or do not belong."
    )


class TooManyLinesError(ExportError):
    """Error raised when a text has more lines than can be held."""

    message = _(
        "{file}: the text has {found} lines, and up to {limit} can be read at once. Copy it in "
        "parts, for instance month by month."
    )


class TooLongError(ExportError):
    """Error raised when a line or a cell is longer than anybody's."""

    message = _(
        "{file}, row {row}: a line or cell is longer than {limit} characters. A line break or a "
        "quotation mark is missing there: export the file again, or split the cell."
    )


class UnusualWorkbookError(ExportError):
    """Error raised when it cannot be told beforehand how much memory a workbook takes."""

    message = _(
        "{file}: it cannot be told how large this workbook becomes when it is read, or it becomes "
        "too large. Open it in Excel and save it as XLSX, in parts if it has many rows."
    )


class UnknownLayoutError(ExportError):
    """Error raised when no known layout fits the headers that were found, one nearly so."""

    message = _(
        "{place}: no known export has these headers. Looked at rows 1 to {rows}; found {found}. "
        "Closest is {closest}, where {missing} is missing. Export again with every column ticked, "
        "or map the columns by hand: beside the file on the uploads page, or with import --map."
    )


class NothingKnownError(UnknownLayoutError):
    """Error raised when the headers are like those of no known export."""

    message = _(
        "{place}: no known export has these headers. Looked at rows 1 to {rows}; found {found}. "
        "What can be read are orders, order items, refunds, ratings, reviews, chats, performance "
        "tables and scores as the platforms export them. If it is one of these, map its columns "
        "by hand: beside the file on the uploads page, or with import --map."
    )


class TooManyUnknownError(UnknownLayoutError):
    """Error raised when a layout's columns are there, but most of the others are strange to it."""

    message = _(
        "{place}: the columns of {closest} are there, but only {known} of "
        "{headings} headings are known, so it may be another kind of file. Map the columns by "
        "hand, beside the file on the uploads page or with import --map, or delete the columns "
        "that do not belong."
    )


class FewRowsError(UnknownLayoutError):
    """Error raised when known headings stand over lines that are no rows of a table."""

    message = _(
        "{place}: the headings of {closest} stand in row {row}, but only {like_it} of the {lines} "
        "lines under them are rows. Delete the lines that are none, or export the file again."
    )


class MissingColumnsError(UnknownLayoutError):
    """Error raised when a layout was asked for by name and the file lacks its columns."""

    message = _(
        "{place}: not a file of layout {closest}: {missing} is missing. Looked at "
        "rows 1 to {rows}; found {found}. Export again with every column ticked."
    )


class AmbiguousLayoutError(ExportError):
    """Error raised when several layouts fit equally well; somebody has to say which it is."""

    message = _(
        "{place}: the headers fit several exports equally well: {candidates}. "
        "Choose the layout and upload again."
    )


class NoSuchLayoutError(ExportError):
    """Error raised when a layout is asked for that does not exist."""

    message = _("{file}: there is no layout {layout!r}. Known ones: {known}.")


class DayUnknownError(ExportError):
    """Error raised when neither rows, title nor file name say which day the figures are of."""

    message = _(
        "{place}: no day is given in a date column, in a title of the first rows "
        "or in the file name. Say which day the file is of."
    )


class PeriodFileError(ExportError):
    """Error raised when a file sums several days where one day is needed."""

    message = _(
        "{file}: this is a period file ({first} to {last}), not a daily one. "
        "Export each day by itself."
    )


class UnforeseenError(ExportError):
    """Error raised for a file that met a fault of this program."""

    message = _(
        "{file}: it could not be read because of a fault in this program, so nothing was written. "
        "Save it anew as CSV UTF-8 or XLSX and try that; to have the fault mended, report error "
        "{number}: the log in the store's folder says where it happened."
    )

    def __init__(self, **params: object) -> None:
        #: Found again in the log.
        self.number = str(params["number"])
        super().__init__(**params)


class NothingTakenError(ExportError):
    """Error raised when a file was read and every row of it is set aside."""

    message = _(
        "{file}: not one of its {rows} rows could be taken, so nothing was written: {why}. Correct "
        "the file, or say what its columns and words mean, and import it again."
    )

    def __init__(self, *, reasons: Mapping[str, int], **params: object) -> None:
        #: How many rows each reason (a code of ``exports.reasons``) holds for, most first.
        self.reasons = reasons
        super().__init__(**params)


class NoRowsError(ExportError):
    """Error raised when a file is known and holds no row."""

    message = _(
        "{file}: there is no row under the headings, so nothing was written. Export again for days "
        "on which something happened."
    )
