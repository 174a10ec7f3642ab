"""Readers of rating files that are no plain table: the DSR workbook, scores side by side."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from exports.cells import times
from exports.cells import values as shapes
from exports.cells.body import Body, body_under
from exports.cells.headings import distinct_headers, normal_header
from exports.errors import DayUnknownError, MissingColumnsError
from exports.files.file_day import day_of_name, day_of_title
from exports.files.sheets import Member, Sheet
from exports.recognise import HEADER_ROWS, missing_columns
from exports.refusals import DailyReportError
from exports.result import Reading
from exports.scores.by_dimension import (
    DimensionCells,
    rows_by_dimension,
    score_headings,
    score_reading,
)
from exports.scores.dsr_workbook import dsr_readings, is_dsr_workbook

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
    readings = [
        reading for sheet in member.sheets() for reading in dsr_readings(sheet, layout, day)
    ]
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
        names = distinct_headers(row)
        if set(_TELLS[layout]) <= set(names) and set(SCORES[layout].values()) & set(names):
            return at, names
    return None


def _wide_reading(sheet: Sheet, header: Header, layout: str, given: date | None) -> Reading:
    body = body_under(sheet.cells, *header)
    filled = pl.any_horizontal((pl.all().str.strip_chars() != "").fill_null(False))
    body.keep(body.rows.select(filled).to_series())
    days = _days(sheet, body, given)
    columns = [
        DimensionCells(dimension, heading, shapes.scores(body.rows[heading]))
        for dimension, heading in SCORES[layout].items()
        if heading in body.spelled
    ]
    rows = rows_by_dimension(body, pl.DataFrame({"day": days}), columns)
    return score_reading(sheet, layout, "rating_snapshots", body, rows, score_headings(columns))


def _days(sheet: Sheet, body: Body, given: date | None) -> pl.Series:
    """Every line's own day, else that of the file (rule D); lines without one are set aside."""
    if _DAY_HEADING in body.spelled:
        days = times.days(body.rows[_DAY_HEADING])
        body.set_aside(days.bad, _DAY_HEADING, days.reason)
        body.set_aside(days.values.is_null(), _DAY_HEADING, "missing_value")
        return days.values
    day = day_of_title(sheet.cells) or given or day_of_name(sheet.file_name)
    if day is None:
        raise DayUnknownError(file=sheet.file_name, sheet=sheet.sheet)
    return pl.repeat(day, body.rows.height, dtype=pl.Date, eager=True)


def _missing(member: Member, layout: str, wanted: Sequence[str]) -> MissingColumnsError:
    sheet = member.sheets()[0]
    found = {normal_header(cell) for cell in sheet.cells.row(0)}
    return missing_columns(sheet, layout, [name for name in wanted if name not in found])
