"""Whether a text file is a table, told by its first rows: a quoted cell of many lines is one row.

Tables come before texts: a note in a cell may hold a line that looks like a chat, or a whole chat.
"""

from collections.abc import Sequence
from itertools import accumulate

import polars as pl

from exports.chats.texts import told_layout
from exports.errors import AmbiguousLayoutError, ExportError, FewRowsError, UnknownLayoutError
from exports.files.sheets import Member, Sheet
from exports.layouts import Layout
from exports.recognise import HEADER_ROWS, Recognised, recognise
from exports.special import SPECIAL_READERS

#: Headings by which a row under notes is taken for a header though nobody knows it.
_LEAST_HEADINGS = 4
#: Of the rows under such a header, the share that must have cells side by side.
_ROWS_LIKE_IT = 0.9
#: Headings from which on a row with one cell is none of the table's.
_LEAST_COLUMNS = 3
#: Of the lines under a header, the share that must be rows, and the lines behind them that count
#: as footers.
_EXPLAINED, _FOOTERS = 0.6, 15
#: Rows in which a chat beside a table is looked for.
_LOOKED_AT = 400


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


def check_rows(sheet: Sheet, known: Recognised) -> None:
    """Refuse a sheet whose header stands over lines rather than rows.

    Raises:
        FewRowsError: If under 60 % of the lines under the header have cells side by side; some
            lines behind the last such row are footers.
    """
    if sum(map(bool, known.headers)) < _LEAST_COLUMNS:
        return
    filled = _filled(sheet.cells.slice(known.header_row + 1))
    filled = filled.filter(filled > 0)
    rows = (filled > 1).arg_true()
    if rows.is_empty():
        return
    behind = filled.len() - 1 - int(rows[-1])
    lines = filled.len() - min(behind, _FOOTERS)
    if rows.len() < _EXPLAINED * lines:
        raise FewRowsError(
            file=sheet.file_name,
            sheet=sheet.sheet,
            closest=known.layout.id,
            row=known.header_row + 1,
            lines=lines,
            like_it=rows.len(),
        )


def check_talk(sheet: Sheet, known: Recognised) -> None:
    """Refuse a text that is a chat as much as a table: somebody pasted one into the other.

    A chat in a quoted cell is a cell, and no line beside the table.

    Raises:
        AmbiguousLayoutError: If the lines above and under the table are a talk.
    """
    head = sheet.cells.head(_LOOKED_AT)
    alone = head.filter(_filled(head) == 1).select(pl.coalesce(pl.all())).to_series()
    lines = alone.filter(~alone.str.contains("\n", literal=True))
    if lines.len() > 1 and (talk := told_layout("\n".join(lines))):
        names = f"{talk}, {known.layout.id}"
        raise AmbiguousLayoutError(file=sheet.file_name, sheet=sheet.sheet, candidates=names)


def _filled(cells: pl.DataFrame) -> pl.Series:
    """How many cells of each row say something."""
    return cells.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()


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
    filled = _filled(cells)
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
