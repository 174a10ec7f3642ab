"""Rule D: which day a file without a date column is of."""

import re
from datetime import date

import polars as pl

from exports.errors import PeriodFileError

_TITLE = re.compile(r"(?:数据日期|统计日期)\s*[:：]\s*(20\d\d)\D(\d{1,2})\D(\d{1,2})")
_WRITTEN = re.compile(r"(?<!\d)(20\d\d)[-_/.年](\d{1,2})[-_/.月](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(20\d\d)(\d\d)(\d\d)(?!\d)")
_ENGLISH = re.compile(
    r"(?<![A-Za-z])(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+(\d{1,2})\b.*?(20\d\d)"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: How many rows above the data a title may stand in.
TITLE_ROWS = 6


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def day_of_title(cells: pl.DataFrame) -> date | None:
    """The day a title cell of the first six rows names (``数据日期：2025-01-02``)."""
    for row in cells.head(TITLE_ROWS).rows():
        for cell in row:
            if cell and (match := _TITLE.search(cell)) and (day := _day(*match.groups())):
                return day
    return None


def days_of_name(file_name: str) -> list[date]:
    """Every day a file name holds, in the order of rule D: written out, compact, English."""
    for pattern in (_WRITTEN, _COMPACT):
        days = [day for match in pattern.finditer(file_name) if (day := _day(*match.groups()))]
        if days:
            return days
    return [
        day
        for match in _ENGLISH.finditer(file_name)
        if (day := _day(match[3], str(_MONTHS.index(match[1]) + 1), match[2]))
    ]


def day_of_name(file_name: str) -> date | None:
    """The one day a file name holds, or None.

    Raises:
        PeriodFileError: If the name holds a range of more than one day.

    >>> day_of_name("客服绩效20250102.xlsx")
    datetime.date(2025, 1, 2)
    """
    days = days_of_name(file_name.rsplit("/", 1)[-1])
    if not days:
        return None
    if days[0] != days[-1]:
        raise PeriodFileError(file=file_name, first=days[0], last=days[-1])
    return days[0]
