"""Whether a text file is a table, told by its first rows: a quoted cell of many lines is one row.

Tables come before texts: a note in a cell may hold a line that looks like a chat, or a whole chat.
"""

from collections.abc import Sequence
from itertools import accumulate

import polars as pl

from exports.errors import ExportError, UnknownLayoutError
from exports.files.sheets import Member, Sheet
from exports.layouts import Layout
from exports.recognise import HEADER_ROWS, recognise
from exports.special import SPECIAL_READERS

#: Headings by which a row under notes is taken for a header though nobody knows it.
_LEAST_HEADINGS = 4
#: Of the rows under such a header, the share that must have cells side by side.
_ROWS_LIKE_IT = 0.9


def is_table(member: Member, layouts: Sequence[Layout]) -> bool:
    """Whether the file is a table: a known header, or rows of cells under an unknown one.

    Args:
        member: The file.
        layouts: The layouts whose headers are known, the shop's own among them.
    """
    if member.kind != "text":
        return True
    head = member.first_text()
    if head is None or head.lstrip().startswith("{"):
        return False
    start = Member(member.file_name, _whole_rows(head).encode(), "text")
    try:
        sheets = start.sheets()
    except ExportError:
        return False
    return _claimed(start) or any(_known(s, layouts) or _has_rows(s.cells) for s in sheets)


def _whole_rows(head: str) -> str:
    """The head without the row at its end that is cut inside a quoted cell."""
    lines = head.splitlines(keepends=True)
    quotes = accumulate(line.count('"') for line in lines)
    whole = [at for at, met in enumerate(quotes, 1) if met % 2 == 0]
    return "".join(lines[: whole[-1]]) if whole else ""


def _claimed(start: Member) -> bool:
    """Whether one of the readers of special tables knows a header in it."""
    try:
        return any(reader.claims(start) for reader in SPECIAL_READERS if not reader.of_lines)
    except ExportError:
        return True  # known by its headings, and refused for what it is


def _known(sheet: Sheet, layouts: Sequence[Layout]) -> bool:
    try:
        recognise(sheet, layouts)
    except UnknownLayoutError:
        return False
    except ExportError:
        return True  # several layouts know the header
    return True


def _has_rows(cells: pl.DataFrame) -> bool:
    """Whether most rows have cells side by side, all of them or those under the fullest one."""
    filled = cells.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    filled = filled.filter(filled > 0)
    if not filled.len():
        return False
    if 2 * (filled > 1).sum() > filled.len():
        return True
    top = filled.head(HEADER_ROWS)
    below = filled.slice((top.arg_max() or 0) + 1)
    if (top.item(top.arg_max()) or 0) < _LEAST_HEADINGS or not below.len():
        return False
    return int((below > 1).sum()) >= _ROWS_LIKE_IT * below.len()
