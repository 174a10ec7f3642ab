"""Rule D: which day a file without a date column is of."""

from datetime import date

import polars as pl
import pytest

from exports.errors import DayUnknownError, PeriodFileError
from exports.files.file_day import day_of_name, day_of_title
from exports.layouts import Field, Layout
from exports.reading import Reading, read_file
from tests.exports.small_files import csv_file

JAN_2, JAN_5 = date(2025, 1, 2), date(2025, 1, 5)
STAFF = Layout(
    id="staff",
    name="Staff",
    table="service_days",
    fields={
        "agent": Field(spellings=("旺旺昵称",), shape="text"),
        "day": Field(spellings=("日期",), shape="day"),
    },
    optional=("咨询人数",),
    required=("agent",),
    constants={"scope": "agent"},
    day_field="day",
)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        pytest.param("客服绩效20250102.xlsx", JAN_2, id="compact"),
        pytest.param("客服绩效2025-01-02.xlsx", JAN_2, id="dashes"),
        pytest.param("2025_1_2.csv", JAN_2, id="underscores"),
        pytest.param("绩效2025年1月2日.xlsx", JAN_2, id="Chinese"),
        pytest.param("report Jan 2, 2025.csv", JAN_2, id="English"),
        pytest.param("a_2025-01-02至2025-01-02.xlsx", JAN_2, id="a range of one day"),
        pytest.param("a_20250102_20250102_全部.xlsx", JAN_2, id="a compact range of one day"),
        pytest.param("订单100000000020250102.csv", None, id="digits inside an id"),
        pytest.param("a_20251399.csv", None, id="no such day"),
        pytest.param("客服绩效.xlsx", None, id="none"),
        pytest.param("20250105/客服20250102.xlsx", JAN_2, id="folders do not count"),
    ],
)
def test_the_day_in_a_file_name(name: str, day: date | None) -> None:
    assert day_of_name(name) == day


@pytest.mark.parametrize(
    "name", ["a_2025-01-02至2025-01-05.xlsx", "a_20250102_20250105.xlsx", "2025.1.2-2025.1.5.csv"]
)
def test_a_range_of_days_is_a_period_file(name: str) -> None:
    with pytest.raises(PeriodFileError, match="period file \\(2025-01-02 to 2025-01-05\\)"):
        day_of_name(name)


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        (["店铺DSR（数据日期：2025-01-02）"], JAN_2),
        (["统计日期: 2025/1/2"], JAN_2),
        (["导出于2025-01-02"], None),
        ([*["说明"] * 5, "数据日期：2025-01-02"], JAN_2),
        ([*["说明"] * 6, "数据日期：2025-01-02"], None),
    ],
)
def test_the_day_in_a_title_of_the_first_six_rows(rows: list[str], day: date | None) -> None:
    assert day_of_title(pl.DataFrame({"a": rows})) == day


def read(name: str, *rows: list[str], day: date | None = None) -> Reading:
    (reading,) = read_file(name, csv_file(*rows), layouts=[STAFF], day=day)
    return reading


PLAIN = (["旺旺昵称", "咨询人数"], ["小一", "1"])
TITLED = (["数据日期：2025-01-02", ""], *PLAIN)
DATED = (["旺旺昵称", "日期"], ["小一", "2025-01-02"])


@pytest.mark.parametrize(
    ("name", "rows", "given"),
    [
        pytest.param("a_20250105.csv", DATED, None, id="1 the rows before the name"),
        pytest.param("a_20250105.csv", TITLED, None, id="2 a title before the name"),
        pytest.param("a_20250102.csv", PLAIN, None, id="3 the name"),
        pytest.param("a.csv", PLAIN, JAN_2, id="4 the user"),
        pytest.param("a_2025-01-02至2025-01-05.csv", DATED, None, id="dated rows of a period"),
    ],
)
def test_the_order_of_the_rule(name: str, rows: tuple[list[str], ...], given: date | None) -> None:
    reading = read(name, *rows, day=given)
    assert reading.rows["day"].to_list() == [JAN_2]


@pytest.mark.parametrize("rows", [DATED, TITLED])
def test_a_conflict_with_the_name_is_reported(rows: tuple[list[str], ...]) -> None:
    remarks = read("天猫_20250105_示例店.csv", *rows).remarks
    conflicts = [remark.params for remark in remarks if remark.code == "day_conflict"]
    assert conflicts == [{"day": JAN_2, "named": JAN_5}]


def test_no_day_anywhere_asks_the_user() -> None:
    with pytest.raises(DayUnknownError, match="Say which day the file is of"):
        read("a.csv", *PLAIN)


def test_a_period_file_is_refused() -> None:
    with pytest.raises(PeriodFileError):
        read("a_2025-01-02至2025-01-05.csv", *PLAIN)
