import io
from datetime import date, datetime

import openpyxl
import polars as pl
import pytest

from told.tables import Column, csv_bytes, harmless, on_screen, xlsx_bytes

FRAME = pl.DataFrame(
    {
        "day": [date(2024, 5, 1), None],
        "at": [datetime(2024, 5, 1, 9, 0, 5), None],
        "buyer": ["=HYPERLINK(1)", "小雨"],
        "rate": [0.9231, None],
        "wait": [41.6, 3.0],
        "amount": [-12.5, 1234.0],
        "n": [13, 1200],
    }
)
COLUMNS = [
    Column("day", "日期", "day"),
    Column("at", "时间", "time"),
    Column("buyer", "买家"),
    Column("rate", "回复率（%）", "share"),
    Column("wait", "秒", "seconds"),
    Column("amount", "金额", "money"),
    Column("n", "n", "count"),
]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("+86", "'+86", id="plus"),
        pytest.param("-5", "'-5", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("\t=1", "'\t=1", id="tab"),
        pytest.param("a=1", "a=1", id="inside"),
        pytest.param("", "", id="empty"),
    ],
)
def test_no_text_is_run_as_a_formula(text: str, safe: str) -> None:
    assert harmless(text) == safe


def test_csv_holds_what_the_screen_shows() -> None:
    text = csv_bytes(FRAME, COLUMNS, language="zh").decode("utf-8-sig")
    assert text.splitlines() == [
        "日期,时间,买家,回复率（%）,秒,金额,n",
        "2024-05-01,2024-05-01 09:00:05,'=HYPERLINK(1),92.3%,42,-12.50,13",
        ",,小雨,,3,1234.00,1200",
    ]


def test_csv_opens_in_excel_as_chinese() -> None:
    assert csv_bytes(FRAME, COLUMNS, language="zh").startswith(b"\xef\xbb\xbf")


def test_xlsx_keeps_numbers_and_disarms_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(FRAME, COLUMNS, language="zh")))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("日期", "时间", "买家", "回复率（%）", "秒", "金额", "n")
    first = (datetime(2024, 5, 1), datetime(2024, 5, 1, 9, 0, 5), "'=HYPERLINK(1)")
    assert rows[1] == (*first, 0.9231, 41.6, -12.5, 13)
    assert rows[2] == (None, None, "小雨", None, 3, 1234, 1200)


def test_the_screen_shows_shares_as_percentages() -> None:
    assert on_screen(FRAME, COLUMNS)["回复率（%）"].to_list() == [pytest.approx(92.31), None]


def test_a_table_without_rows_keeps_its_headings() -> None:
    text = csv_bytes(FRAME.clear(), COLUMNS, language="en").decode("utf-8-sig")
    assert text.splitlines() == ["日期,时间,买家,回复率（%）,秒,金额,n"]
    assert xlsx_bytes(FRAME.clear(), COLUMNS, language="en")


def test_a_column_of_seconds_is_told_in_hours_everywhere() -> None:
    frame = pl.DataFrame({"took": [5400, None]})
    columns = [Column("took", "Hours", "hours")]
    assert on_screen(frame, columns)["Hours"].to_list() == [1.5, None]
    text = csv_bytes(frame, columns, language="en").decode("utf-8-sig")
    assert text.splitlines() == ["Hours", "1.50", ""]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(frame, columns, language="en")))
    assert book.worksheets[0]["A2"].value == 1.5
