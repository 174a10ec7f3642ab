"""What a layout that is still being made would read of a file; nothing is compared or written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from exports.errors import ExportError
from exports.layouts import Layout
from exports.reasons import counted
from exports.result import Remark
from intake.batch import read_export
from intake.money import known_before
from store.lake import Store

#: Remarks that count rows which stand in the file more than once.
_REPEATED = ("repeated_rows", "repeated_lines")


@dataclass(frozen=True)
class Draft:
    """How many rows of a file a layout reads, by really reading it."""

    read: int
    #: Rows of the file: read, set aside, or repeating the id of a later one.
    rows: int
    #: Rows set aside by reason (a code of ``exports.reasons``), most first.
    reasons: dict[str, int]
    remarks: tuple[Remark, ...]

    def why(self, translated: Callable[[str], str]) -> str:
        """The reasons in words: ``2 × not a time``."""
        return counted(self.reasons, translated)


def draft(
    store: Store, name: str, content: bytes, layout: Layout, *, day: date | None = None
) -> Draft | ExportError:
    """Read a file by a layout that is not kept yet.

    Args:
        store: The store it would be kept in.
        name: The file's name; a day may stand in it.
        content: Its bytes.
        layout: The layout as it stands now.
        day: The day of figures whose file does not say it.

    Returns:
        What it reads, or why the file as a whole cannot be read by it.
    """
    file = read_export(
        name, content, layout=layout.id, day=day, own_layouts=[layout], before=known_before(store)
    )
    if file.error is not None:
        return file.error
    reasons = Counter(reason for one in file.readings for reason in one.rejected["reason"])
    remarks = [remark for one in file.readings for remark in one.remarks if _is_of_rows(remark)]
    repeated = sum(int(str(one.params["count"])) for one in remarks if one.code in _REPEATED)
    read = sum(one.rows.height for one in file.readings)
    rows = read + reasons.total() + repeated
    return Draft(read, rows, dict(reasons.most_common()), tuple(remarks))


def _is_of_rows(remark: Remark) -> bool:
    """Whether it tells of the rows; sheets and files left out are told in the upload's preview."""
    return not any(isinstance(value, ExportError) for value in remark.params.values())
