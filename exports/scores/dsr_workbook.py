"""The DSR workbook 店铺DSR数据 (exports.md 7.2): up to three blocks in one sheet.

Users copy the seller page into this shape, so blocks are found by their header words, never by
row numbers, and every score must lie between 1 and 5.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

import polars as pl

Block = Literal["headline", "days", "items"]

#: Ours <- the words a header cell may begin with, of the cells that name a dimension.
DIMENSION_WORDS = {"description": "描述", "service": "服务", "logistics": "物流"}

#: Per block the header cells that must be there, each in any of its spellings (rule H applied).
HEADERS: dict[Block, tuple[tuple[str, ...], ...]] = {
    "headline": (("指标", "指标名称"), ("得分", "评分")),
    "days": (
        ("日期", "统计日期", "数据日期"),
        ("描述得分(较上日)", "描述得分", "描述评分(较上日)", "描述评分"),
    ),
    "items": (("商品ID", "商品id"), ("描述(得分/次数)",)),
}
_HEADLINE_COLUMNS = {
    "metric": ("指标", "指标名称"),
    "score": ("得分", "评分"),
    "industry_mean": ("行业均值",),
    "versus": ("与行业对比",),
    "target": ("目标值",),
    "gap": ("距目标值差距", "距目标值相差(笔5分评价订单)"),
}
_PLACEHOLDERS = {"", "-", "--", "暂无数据", "null", "NULL"}
#: How many rows above its header a block's title may stand.
_TITLE_REACH = 3
_EXCEL_EPOCH = date(1899, 12, 30)

_NUMBER = re.compile(r"^[^\d+-]*([+-]?\d+(?:\.\d+)?)")
_COUNT = re.compile(r"[(（]\s*(\d+)\s*[)）]")
_VERSUS = re.compile(r"(高于|低于|持平)\D*(\d+(?:\.\d+)?)?")
_DAY = re.compile(r"(20\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?[eE]\+?\d+$")

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """A cell that could not be read."""

    source_row: int
    column: str
    value: str
    reason: str
    cells: dict[str, str]


@dataclass
class BlockRows:
    """What one block of the sheet gave."""

    block: Block
    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def table(self) -> str:
        """The table the block feeds."""
        return "rating_snapshots" if self.block == "headline" else "rating_days"


class DayMissingError(ValueError):
    """A block has neither a day in its title nor one given from outside."""


def dsr_blocks(cells: pl.DataFrame, *, day: date | None = None) -> list[BlockRows]:
    """Every block of a DSR workbook's sheet, in the order of the sheet; empty if it is none.

    Args:
        cells: The sheet's text cells, row i being spreadsheet row i + 1.
        day: The day of blocks whose title names none (from the file name, or as the user says).

    Raises:
        DayMissingError: A block that needs a day has none.
    """
    rows = [tuple((cell or "").strip() for cell in row) for row in cells.rows()]
    found = [(number, block) for number, row in enumerate(rows) if (block := _block_of(row))]
    bounds = [number for number, _ in found] + [len(rows)]
    return [
        _read(block, rows, start, end, day)
        for (_, block), (start, end) in zip(found, pairwise(bounds), strict=True)
    ]


def is_dsr_workbook(cells: pl.DataFrame) -> bool:
    """Whether a sheet holds at least one of the three blocks."""
    return any(_block_of(tuple(cell or "" for cell in row)) for row in cells.rows())


def _plain(header: str) -> str:
    """Rule H of exports.md: no blanks, half-width brackets and colons."""
    return re.sub(r"\s", "", header).translate(str.maketrans("（）：", "():")).lstrip("\ufeff")


def _block_of(row: Cells) -> Block | None:
    names = {_plain(cell) for cell in row}
    for block, wanted in HEADERS.items():
        if all(names & set(spellings) for spellings in wanted):
            return block
    return None


def _read(block: Block, rows: Sequence[Cells], start: int, end: int, day: date | None) -> BlockRows:
    header = [_plain(cell) for cell in rows[start]]
    result = BlockRows(block)
    if block == "days":
        _read_days(result, header, _body(rows, start, end))
        return result
    named = _title_day(rows, start) or day
    if named is None:
        raise DayMissingError(block)
    reader = _read_headline if block == "headline" else _read_items
    reader(result, header, _body(rows, start, end), named)
    return result


def _title_day(rows: Sequence[Cells], start: int) -> date | None:
    """The day in the nearest title row above a header."""
    for row in reversed(rows[max(0, start - _TITLE_REACH) : start]):
        filled = [cell for cell in row if cell]
        if len(filled) > 2:  # a body row of the block above: its cells are no title
            return None
        if found := next((day for cell in filled if (day := _day(cell))), None):
            return found
    return None


def _body(rows: Sequence[Cells], start: int, end: int) -> Iterator[tuple[int, Cells]]:
    """Spreadsheet row number and cells of a block's rows; a title or a blank line ends them."""
    for number in range(start + 1, end):
        filled = [cell for cell in rows[number] if cell]
        if len(filled) < 2:
            return
        yield number + 1, rows[number]


def _read_headline(
    result: BlockRows, header: list[str], body: Iterator[tuple[int, Cells]], day: date
) -> None:
    for number, cells in body:
        named = {
            ours: next((cells[header.index(word)] for word in words if word in header), "")
            for ours, words in _HEADLINE_COLUMNS.items()
        }
        dimension = _dimension(named["metric"])
        if dimension is None:
            return  # the block ends at the first line that names no dimension
        scores = {
            ours: _score(result, number, header, cells, ours, named[ours])
            for ours in ("score", "industry_mean", "target")
        }
        if scores["score"] is None:
            continue
        gap = _NUMBER.match(named["gap"])
        result.rows.append(
            {
                "source_row": number,
                "day": day,
                "dimension": dimension,
                **scores,
                "versus_industry": _versus(named["versus"]),
                "five_star_gap": int(float(gap.group(1))) if gap else None,
            }
        )


def _read_days(result: BlockRows, header: list[str], body: Iterator[tuple[int, Cells]]) -> None:
    day_at = next(at for at, name in enumerate(header) if name in HEADERS["days"][0])
    for number, cells in body:
        day = _day(cells[day_at]) or _serial_day(cells[day_at])
        if day is None:
            result.faults.append(
                _fault(number, header, cells, header[day_at], cells[day_at], "unreadable_day")
            )
            continue
        for at, dimension in _dimension_columns(header):
            score = _score(result, number, header, cells, header[at], cells[at])
            if score is not None:
                result.rows.append(
                    {
                        "source_row": number,
                        "day": day,
                        "dimension": dimension,
                        "source": "workbook_days",
                        "item_id": "",
                        "item_title": None,
                        "score": score,
                        "count": None,  # this block never tells how many ratings a day had
                    }
                )


def _read_items(
    result: BlockRows, header: list[str], body: Iterator[tuple[int, Cells]], day: date
) -> None:
    id_at = next(at for at, name in enumerate(header) if name in HEADERS["items"][0])
    for number, cells in body:
        item_id = cells[id_at].strip("'\t ").removeprefix("ID:").removeprefix("ID：")
        if item_id in _PLACEHOLDERS or _SCIENTIFIC.match(item_id):
            reason = "scientific_id" if _SCIENTIFIC.match(item_id) else "missing_id"
            result.faults.append(_fault(number, header, cells, header[id_at], cells[id_at], reason))
            continue
        title = cells[header.index("商品名称")] if "商品名称" in header else ""
        for at, dimension in _dimension_columns(header):
            count = _COUNT.search(cells[at])
            rated = count is None or int(count.group(1)) > 0
            score = _score(result, number, header, cells, header[at], cells[at]) if rated else None
            if score is None and rated:
                continue
            result.rows.append(
                {
                    "source_row": number,
                    "day": day,
                    "dimension": dimension,
                    "source": "workbook_items",
                    "item_id": item_id,
                    "item_title": title or None,
                    "score": score,
                    "count": int(count.group(1)) if count else None,
                }
            )


def _dimension_columns(header: list[str]) -> list[tuple[int, str]]:
    return [
        (at, found) for at, name in enumerate(header) if (found := _dimension(name, start=True))
    ]


def _dimension(text: str, *, start: bool = False) -> str | None:
    for dimension, word in DIMENSION_WORDS.items():
        if text.startswith(word) if start else word in text:
            return dimension
    return None


def _score(
    result: BlockRows, number: int, header: list[str], cells: Cells, column: str, cell: str
) -> float | None:
    """The leading number of a cell; that it lies from 1 to 5 is the store's rule."""
    if cell in _PLACEHOLDERS:
        return None
    found = _NUMBER.match(cell)
    if found is None:
        result.faults.append(_fault(number, header, cells, column, cell, "unreadable_score"))
        return None
    return float(found.group(1))


def _fault(
    number: int, header: list[str], cells: Cells, column: str, value: str, reason: str
) -> Fault:
    shown = {name: cell for name, cell in zip(header, cells, strict=False) if name}
    return Fault(number, column, value, reason, shown)


def _versus(cell: str) -> float | None:
    """高于/低于/持平 and a percentage, as a signed share."""
    found = _VERSUS.search(cell)
    if found is None:
        return None
    sign = {"高于": 1, "低于": -1, "持平": 0}[found.group(1)]
    return round(sign * float(found.group(2) or 0) / 100, 6)


def _day(text: str) -> date | None:
    found = _DAY.search(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _serial_day(text: str) -> date | None:
    """An Excel day number of this century."""
    number = re.fullmatch(r"(\d{5})(?:\.0+)?", text)
    return _EXCEL_EPOCH + timedelta(days=int(number.group(1))) if number else None
