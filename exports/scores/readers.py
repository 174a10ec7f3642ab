"""Readers of rating files that are no plain table: the DSR workbook, scores side by side."""

import json
from collections.abc import Sequence
from datetime import date

import polars as pl

from exports.cells import times
from exports.cells import values as shapes
from exports.cells.headings import normal_header
from exports.errors import DayUnknownError, MissingColumnsError
from exports.files.file_day import day_of_name, day_of_title
from exports.files.sheets import Member, Sheet
from exports.recognise import HEADER_ROWS
from exports.refusals import DailyReportError
from exports.result import REJECTED, Reading, day_span, shaped
from exports.scores.dsr_workbook import (
    BlockRows,
    DayMissingError,
    Fault,
    dsr_blocks,
    is_dsr_workbook,
)

DSR_WORKBOOK = "dsr_workbook"
SHOP_INFO = "shop_info"
DAILY_REPORT = "shop_daily_report"

#: Per layout of scores side by side the heading of each dimension.
SCORES: dict[str, dict[str, str]] = {
    SHOP_INFO: {"description": "描述相符", "service": "服务态度", "logistics": "物流服务"},
    DAILY_REPORT: {
        "description": "描述相符评分",
        "service": "服务态度评分",
        "logistics": "物流服务评分",
    },
}
#: Headings beside the scores that tell the file.
_TELLS = {SHOP_INFO: ("店铺id", "综合体验星级"), DAILY_REPORT: ("统计日期",)}
_DAY_HEADING = "统计日期"
#: Rows looked at for a block of the DSR workbook before the sheet is taken for another.
BLOCK_ROWS = 60

Header = tuple[int, list[str]]


def claimed_ratings(member: Member) -> str | None:
    """The layout of a DSR workbook or of scores side by side, told by its headings.

    Raises:
        DailyReportError: For the daily report, whose scores count only where somebody says so.
    """
    sheets = member.sheets()
    if any(is_dsr_workbook(sheet.cells.head(BLOCK_ROWS)) for sheet in sheets):
        return DSR_WORKBOOK
    if any(_header(sheet, SHOP_INFO) for sheet in sheets):
        return SHOP_INFO
    if any(_header(sheet, DAILY_REPORT) for sheet in sheets):
        raise DailyReportError(file=member.file_name, layout=DAILY_REPORT)
    return None


def read_ratings(member: Member, layout: str, day: date | None) -> list[Reading]:
    """The file as the layout it was claimed as or asked for."""
    reader = _dsr_workbook if layout == DSR_WORKBOOK else _side_by_side
    return reader(member, layout, day)


def _dsr_workbook(member: Member, layout: str, day: date | None) -> list[Reading]:
    """Snapshots and daily scores, one reading per block.

    Raises:
        DayUnknownError: If a block's title, the user and the file name all give no day.
    """
    readings = []
    for sheet in member.sheets():
        try:
            blocks = dsr_blocks(sheet.cells, day=day or day_of_name(sheet.file_name))
        except DayMissingError as error:
            raise DayUnknownError(file=sheet.file_name, sheet=sheet.sheet) from error
        readings += [_block_reading(sheet, layout, block) for block in blocks]
    if not readings:
        raise _missing(member, layout, ["指标", "得分"])
    return readings


def _side_by_side(member: Member, layout: str, day: date | None) -> list[Reading]:
    """Snapshots from files that have the three scores in one row.

    Raises:
        MissingColumnsError: If no sheet has the headings.
        DayUnknownError: If neither a row, the title, the user nor the file name gives a day.
    """
    found = [(sheet, at) for sheet in member.sheets() if (at := _header(sheet, layout))]
    if not found:
        raise _missing(member, layout, [*_TELLS[layout], *SCORES[layout].values()])
    return [_wide_reading(sheet, header, layout, day) for sheet, header in found]


def _header(sheet: Sheet, layout: str) -> Header | None:
    """Row (from 0) and headings, if the sheet tells the layout and has one score at least."""
    for at, row in enumerate(sheet.cells.head(HEADER_ROWS).rows()):
        names = [normal_header(cell) for cell in row]
        if set(_TELLS[layout]) <= set(names) and set(SCORES[layout].values()) & set(names):
            return at, names
    return None


def _block_reading(sheet: Sheet, layout: str, block: BlockRows) -> Reading:
    rows = shaped(block.table, pl.DataFrame(block.rows, infer_schema_length=None))
    return _reading(sheet, layout, block.table, rows, block.faults)


def _wide_reading(sheet: Sheet, header: Header, layout: str, given: date | None) -> Reading:
    at, names = header
    body = sheet.cells.slice(at + 1)
    source_row = pl.int_range(at + 2, at + 2 + body.height, dtype=pl.Int64, eager=True)
    days = _days(sheet, body, names, given)
    parts, faults = [], []
    for dimension, heading in SCORES[layout].items():
        if heading not in names:
            continue
        cells = body.to_series(names.index(heading))
        scores = shapes.scores(cells)
        parts.append(
            pl.DataFrame({"source_row": source_row, "day": days, "score": scores.values})
            .with_columns(dimension=pl.lit(dimension))
            .drop_nulls()
        )
        wrong = pl.DataFrame({"row": source_row, "cell": cells}).filter(scores.bad)
        faults += [
            Fault(row, heading, cell, scores.reason, {heading: cell}) for row, cell in wrong.rows()
        ]
    rows = shaped("rating_snapshots", pl.concat(parts).sort("source_row", maintain_order=True))
    return _reading(sheet, layout, "rating_snapshots", rows, faults)


def _days(sheet: Sheet, body: pl.DataFrame, names: list[str], given: date | None) -> pl.Series:
    if _DAY_HEADING in names:
        return times.days(body.to_series(names.index(_DAY_HEADING))).values
    day = day_of_title(sheet.cells) or given or day_of_name(sheet.file_name)
    if day is None:
        raise DayUnknownError(file=sheet.file_name, sheet=sheet.sheet)
    return pl.repeat(day, body.height, dtype=pl.Date, eager=True)


def _reading(
    sheet: Sheet, layout: str, table: str, rows: pl.DataFrame, faults: Sequence[Fault]
) -> Reading:
    first, last = day_span(table, rows)
    lines = [
        (fault.source_row, fault.column, fault.value, fault.reason, _json(fault))
        for fault in faults
    ]
    rejected = pl.DataFrame(lines, schema=REJECTED, orient="row")
    return Reading(
        table=table,
        layout=layout,
        file_name=sheet.file_name,
        sheet=sheet.sheet,
        rows=rows,
        # A row set aside is one line, however many of its cells are at fault.
        rejected=rejected.unique("source_row", keep="first", maintain_order=True),
        first_day=first,
        last_day=last,
    )


def _json(fault: Fault) -> str:
    return json.dumps(fault.cells, ensure_ascii=False)


def _missing(member: Member, layout: str, wanted: Sequence[str]) -> MissingColumnsError:
    sheet = member.sheets()[0]
    found = [normal_header(cell) for cell in sheet.cells.row(0) if cell]
    return MissingColumnsError(
        file=member.file_name,
        sheet=sheet.sheet,
        closest=layout,
        missing=", ".join(name for name in wanted if name not in found),
        rows=min(HEADER_ROWS, sheet.cells.height),
        found=", ".join(found),
    )
