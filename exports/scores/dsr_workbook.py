"""The DSR workbook 店铺DSR数据: up to three blocks in one sheet.

See docs/exports.md, "Ratings and scores".

Users copy the seller page into this shape, so blocks are found by their header words, never by
row numbers.
"""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Literal, NamedTuple

import polars as pl

from exports.cells import times
from exports.cells import values as shapes
from exports.cells.body import Body, body_under
from exports.cells.headings import distinct_headers
from exports.cells.masking import masked_text
from exports.cells.plain import Column, folded, plain
from exports.errors import DayUnknownError
from exports.files.file_day import day_of_name, days_of_name
from exports.files.sheets import Sheet
from exports.result import Reading
from exports.scores.by_dimension import (
    DimensionCells,
    Headings,
    rows_by_dimension,
    score_headings,
    score_reading,
)

Block = Literal["headline", "days", "items"]

#: Ours <- the word of a cell that names a dimension, looked for in this order: 物流服务 is of
#: logistics.
DIMENSION_WORDS = {"description": "描述", "logistics": "物流", "service": "服务"}

#: Per block the headings that must be there, each in any of its spellings (normalised); the
#: block's lines are told by what stands under the first.
HEADERS: dict[Block, tuple[tuple[str, ...], ...]] = {
    "headline": (("指标", "指标名称"), ("得分", "评分")),
    "days": (
        ("日期", "统计日期", "数据日期"),
        ("描述得分(较上日)", "描述得分", "描述评分(较上日)", "描述评分"),
    ),
    "items": (("商品ID", "商品id"), ("描述(得分/次数)",)),
}
_TABLES: dict[Block, str] = {
    "headline": "rating_snapshots",
    "days": "rating_days",
    "items": "rating_days",
}
#: Every block's header holds one of these words, however it is spaced.
_TELLING = r"[得评]\s*分"
_HEADLINE_COLUMNS = {
    "score": ("得分", "评分"),
    "industry_mean": ("行业均值",),
    "versus_industry": ("与行业对比",),
    "target": ("目标值",),
    "five_star_gap": ("距目标值差距", "距目标值相差(笔5分评价订单)"),
}
#: How many rows above its header a block's title may stand, and how many cells it may fill; a
#: line of the block above fills more.
_TITLE_REACH, _TITLE_CELLS = 3, 2

#: The number a cell begins with; a bracket before it means that there is none.
_LEADING = r"^[^\d.+(（-]*([+-]?[\d.,，]+)"
_COUNT = r"[(（]\s*(\d+)\s*[)）]"
_VERSUS = r"(?P<word>高于|低于|持平)\D*(?P<percent>\d+(?:\.\d+)?)?"
_SIGNS = {"高于": 1.0, "低于": -1.0, "持平": 0.0}
#: A day with its weekday beside it.
_DAY = r"^\D*(20\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2})\D*$"


class _Header(NamedTuple):
    block: Block
    #: Counted from 0.
    row: int
    headings: list[str]


def is_dsr_workbook(cells: pl.DataFrame) -> bool:
    """Whether a sheet holds at least one of the three blocks."""
    return bool(_headers(cells))


def dsr_readings(sheet: Sheet, layout: str, day: date | None = None) -> list[Reading]:
    """One reading per block of a DSR workbook's sheet, from above; empty if it has none.

    Args:
        sheet: The sheet.
        layout: The layout's id.
        day: The day the user gave, for blocks whose title names none.

    Raises:
        DayUnknownError: If a block's title, the user and the file name all give no day.
        PeriodFileError: If only the file name could, and it holds a range of days.
    """
    headers = _headers(sheet.cells)
    bounds = [header.row for header in headers] + [sheet.cells.height]
    return [
        _reading(sheet, layout, header, end, day)
        for header, (_, end) in zip(headers, pairwise(bounds), strict=True)
    ]


def _headers(cells: pl.DataFrame) -> list[_Header]:
    telling = cells.select(pl.any_horizontal(pl.all().str.contains(_TELLING)).fill_null(False))
    found = []
    for row in telling.to_series().arg_true():
        headings = distinct_headers(cells.row(row))
        for block, wanted in HEADERS.items():
            if all(not set(headings).isdisjoint(spellings) for spellings in wanted):
                found.append(_Header(block, row, headings))
                break
    return found


def _reading(sheet: Sheet, layout: str, header: _Header, end: int, given: date | None) -> Reading:
    body = _lines(sheet.cells.head(end), header)
    if header.block == "days":
        rows, headings = _days(body)
    else:
        day = _title_day(sheet.cells, header.row) or given or day_of_name(sheet.file_name)
        if day is None:
            raise DayUnknownError(file=sheet.file_name, sheet=sheet.sheet)
        rows, headings = (_headline if header.block == "headline" else _items)(body, day)
    return score_reading(sheet, layout, _TABLES[header.block], body, rows, headings)


def _title_day(cells: pl.DataFrame, header_row: int) -> date | None:
    """The day in the nearest title above a header."""
    first = max(0, header_row - _TITLE_REACH)
    for row in reversed(cells.slice(first, header_row - first).rows()):
        filled = [cell for cell in row if cell and cell.strip()]
        if len(filled) > _TITLE_CELLS:
            return None
        if days := [day for cell in filled for day in days_of_name(cell)]:
            return days[0]
    return None


def _lines(cells: pl.DataFrame, header: _Header) -> Body:
    """A block's lines, blank ones left out; what follows them is of no block.

    They go on to the first line that cannot be one: a lone cell (a title, a note) or the first
    line below a gap, if what tells the block's lines does not stand in it. The headline ends at
    any line that names no dimension.
    """
    body = body_under(cells, header.row, header.headings)
    filled = (
        cells.slice(header.row + 1)
        .select(pl.sum_horizontal((pl.all().str.strip_chars() != "").fill_null(False)))
        .to_series()
    )
    told = _told_by(header.block, body.rows[_heading(body, HEADERS[header.block][0])])
    other = (filled > 0) & ~told
    if header.block != "headline":
        other &= (filled == 1) | (filled.shift(1, fill_value=1) == 0)
    body.keep((filled > 0) & (other.cum_sum() == 0))
    return body


def _told_by(block: Block, cells: pl.Series) -> pl.Series:
    """Which cells can only be those of a block's line."""
    if block == "headline":
        return _dimensions(cells).is_not_null()
    if block == "days":
        return times.days(cells).values.is_not_null()
    return shapes.ids(cells).values.str.contains(r"^\d+$").fill_null(False)


def _headline(body: Body, day: date) -> tuple[pl.DataFrame, Headings]:
    """One snapshot per line."""
    found = {
        ours: heading
        for ours, spellings in _HEADLINE_COLUMNS.items()
        if (heading := _heading(body, spellings))
    }
    columns = {ours: _headline_column(ours, body.rows[heading]) for ours, heading in found.items()}
    for ours, column in columns.items():
        body.set_aside(column.bad, found[ours], column.reason)
    body.set_aside(columns["score"].values.is_null(), found["score"], "missing_value")
    rows = pl.DataFrame(
        {
            "source_row": body.source_row,
            "dimension": _dimensions(body.rows[_heading(body, HEADERS["headline"][0])]),
            **{ours: column.values for ours, column in columns.items()},
        }
    ).with_columns(day=day)
    return rows.filter(body.good()), dict.fromkeys(DIMENSION_WORDS, found)


def _headline_column(ours: str, cells: pl.Series) -> Column:
    if ours == "versus_industry":
        return _versus(cells)
    if ours == "five_star_gap":
        # Words without a number (已达标) tell of no gap.
        return shapes.counts(_within(cells.set(~cells.str.contains(r"\d"), None), _LEADING))
    return _leading_scores(cells)


def _days(body: Body) -> tuple[pl.DataFrame, Headings]:
    """A row per day and dimension; the block never tells how many ratings a day had."""
    heading = _heading(body, HEADERS["days"][0])
    days = times.days(_within(body.rows[heading], _DAY))
    body.set_aside(days.bad, heading, days.reason)
    body.set_aside(days.values.is_null(), heading, "missing_value")
    columns = [
        DimensionCells(dimension, name, _leading_scores(body.rows[name]))
        for dimension, name in _dimension_headings(body).items()
    ]
    beside = pl.DataFrame({"day": days.values}).with_columns(
        source=pl.lit("workbook_days"), item_id=pl.lit("")
    )
    return rows_by_dimension(body, beside, columns), score_headings(columns)


def _items(body: Body, day: date) -> tuple[pl.DataFrame, Headings]:
    """A row per item and dimension, with the number of its ratings."""
    heading = _heading(body, HEADERS["items"][0])
    ids = shapes.ids(body.rows[heading])
    body.set_aside(ids.bad, heading, ids.reason)
    body.set_aside(ids.values.is_null(), heading, "missing_id")
    columns = [
        _counted(dimension, name, body.rows[name])
        for dimension, name in _dimension_headings(body).items()
    ]
    beside = pl.DataFrame({"item_id": ids.values}).with_columns(
        day=day, source=pl.lit("workbook_items")
    )
    if title := _heading(body, ("商品名称",)):
        titles = masked_text(shapes.texts(body.rows[title]).values)
        beside = beside.with_columns(titles.alias("item_title"))
    return rows_by_dimension(body, beside, columns), score_headings(columns)


def _counted(dimension: str, heading: str, cells: pl.Series) -> DimensionCells:
    """Cells ``5.00 (3)``; beside 0 ratings the score says nothing, whatever it reads."""
    counts = shapes.counts(folded(cells).str.extract(_COUNT))
    scores = _leading_scores(cells)
    unrated = (counts.values == 0).fill_null(False)
    scores = replace(scores, values=scores.values.set(unrated, None), bad=scores.bad & ~unrated)
    return DimensionCells(dimension, heading, scores, counts)


def _leading_scores(cells: pl.Series) -> Column:
    """The number each cell begins with; that it lies from 1 to 5 is the store's rule."""
    return shapes.scores(_within(cells, _LEADING))


def _within(cells: pl.Series, pattern: str) -> pl.Series:
    """What of each cell is read: the pattern's group, else the whole cell."""
    text = plain(folded(cells))
    return text.str.extract(pattern).fill_null(text)


def _versus(cells: pl.Series) -> Column:
    """高于/低于/持平 and a percentage, as a signed share; other words say nothing."""
    found = folded(cells).str.extract_groups(_VERSUS).struct
    shares = shapes.rates(found.field("percent"), "percent")
    signs = found.field("word").replace_strict(_SIGNS, default=None, return_dtype=pl.Float64)
    return replace(shares, values=(signs * shares.values.fill_null(0.0)).round(6))


def _heading(body: Body, spellings: tuple[str, ...]) -> str:
    """The first of the spellings that is a heading of the body, else ""."""
    return next((name for name in spellings if name in body.spelled), "")


def _dimension_headings(body: Body) -> dict[str, str]:
    """The heading of each dimension, in the file's order: the first that begins with its word.

    One that speaks of a score goes before others, as of how many ratings there were.
    """
    found: dict[str, str] = {}
    for name in sorted(body.spelled, key=lambda name: "分" not in name):
        for dimension, word in DIMENSION_WORDS.items():
            if name.startswith(word):
                found.setdefault(dimension, name)
    return found


def _dimensions(cells: pl.Series) -> pl.Series:
    """The dimension each cell names."""
    named = [
        pl.when(pl.col("cell").str.contains(word, literal=True)).then(pl.lit(dimension))
        for dimension, word in DIMENSION_WORDS.items()
    ]
    return cells.alias("cell").to_frame().select(pl.coalesce(named)).to_series()
