"""docs/exports.md, "Quirks": one test for every quirk that concerns tables."""

from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from exports.cells import times, values
from exports.cells.headings import distinct_headers, normal_header
from exports.errors import EncodingError, LockFileError
from exports.files.sheets import read_sheets
from exports.layouts import Field, Layout, Summary, load_layouts
from exports.reading import Reading, Remark, read_file
from tests.exports.small_files import Row, csv_file, repacked, xls_file, xlsx_file

ID = "100000000000000001"
NINE = "2025-01-02 09:00:00"
HEADER = ["订单编号", "总金额", "订单创建时间"]


def column(*texts: str | None) -> pl.Series:
    return pl.Series("cell", texts, dtype=pl.String)


def orders(content: bytes, name: str = "orders.csv") -> Reading:
    (reading,) = read_file(name, content)
    assert reading.table == "orders"
    return reading


def order(**cells_by_heading: Any) -> Reading:
    row = {"订单编号": ID, "订单创建时间": NINE, **cells_by_heading}
    return orders(csv_file(list(row), list(row.values())))


def service_layout(**fields: Field) -> Layout:
    """A small performance table: the quirk is what is under test, not a real layout."""
    return Layout(
        id="staff",
        name="Staff",
        table="service_days",
        fields={
            "agent": Field(spellings=("旺旺昵称",), shape="text"),
            "consult_users": Field(spellings=("咨询人数",), shape="count"),
            **fields,
        },
        required=("agent",),
        day_field="day",
        summary=Summary(
            field="agent",
            labels={
                "汇总值": "drop",
                "均值": "drop",
                "全店汇总值": "shop",
                "同行同层均值": "peer_mean",
            },
        ),
    )


def staff(*rows: list[str], name: str = "客服绩效20250102.csv", **fields: Field) -> Reading:
    (reading,) = read_file(name, csv_file(*rows), layouts=[service_layout(**fields)])
    return reading


@pytest.mark.parametrize(
    "encoding",
    [pytest.param(name, id=name) for name in ("gbk", "gb2312", "gb18030", "utf-16", "utf-8")],
)
def test_q01_gbk_bytes(encoding: str) -> None:
    content = csv_file(HEADER, [ID, "12.30", NINE], encoding=encoding)
    assert orders(content).rows["total_fen"].to_list() == [1230]


def test_q01_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(EncodingError, match="neither UTF-8, GBK/GB18030 nor UTF-16"):
        read_sheets("orders.csv", b"\xff\xff,\x80\xff\n1,2\n")


def test_q02_bom_before_the_first_header() -> None:
    content = csv_file(HEADER, [ID, "12.30", NINE], encoding="utf-8-sig")
    assert orders(content).rows["order_id"].to_list() == [ID]


def test_q03_excel_text_guard() -> None:
    content = f'订单编号,买家会员名,订单创建时间\n="{ID}",="",{NINE}\n'.encode("gbk")
    assert orders(content).rows.select("order_id", "buyer").rows() == [(ID, None)]


def test_q04_apostrophe_before_digits() -> None:
    assert order(订单编号=f"'{ID}").rows["order_id"].to_list() == [ID]


def test_q05_tab_around_a_value_or_alone() -> None:
    reading = order(订单编号=f"\t{ID}", 订单付款时间="\t")
    assert reading.rows.select("order_id", "paid_at").rows() == [(ID, None)]


def test_q06_header_with_a_trailing_space() -> None:
    reading = order(**{"订单付款时间 ": "2025-01-02 09:05:00"})
    assert reading.rows["paid_at"].to_list() == [datetime(2025, 1, 2, 9, 5)]


OLD_ITEMS = "订单编号,标题,价格,购买数量"


def test_q07_one_empty_field_more_than_the_header() -> None:
    (reading,) = read_file("items.csv", f"{OLD_ITEMS}\n1,甲,2.00,1,\n2,乙,3.00,1,\n".encode())
    assert reading.rows["title"].to_list() == ["甲", "乙"]
    assert reading.rejected.is_empty()


def test_q07_a_filled_field_beyond_the_header_sets_its_row_aside() -> None:
    (reading,) = read_file("items.csv", f"{OLD_ITEMS}\n1,甲,乙,2.00,1\n2,丙,3.00,1,\n".encode())
    assert reading.rows["title"].to_list() == ["丙"]
    assert reading.rejected.select("source_row", "reason").rows() == [(2, "too_many_cells")]


def test_q08_literal_null_words() -> None:
    reading = order(发货时间="null", 宝贝标题="NULL")
    assert reading.rows.select("shipped_at", "title").rows() == [(None, None)]


def test_q09_unit_inside_the_cell() -> None:
    assert order(打款商家金额="123.45元").rows["settled_fen"].to_list() == [12345]


def test_q10_prefix_inside_the_cell() -> None:
    read = values.ids(column("ID：100001", "ID:100002", "No:100003"))
    assert read.values.to_list() == ["100001", "100002", "100003"]


def test_q11_several_titles_in_one_cell_are_one_text() -> None:
    reading = order(宝贝标题="甲款，乙款", 宝贝总数量="2")
    assert reading.rows.select("title", "pieces", "kinds").rows() == [("甲款，乙款", 2, None)]


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(text, id=text)
        for text in ("1.00E+17", "1E+17", "1.2e+18", "6.12345678901235E+18")
    ],
)
def test_q12_an_id_in_scientific_notation_is_a_row_error(damaged: str) -> None:
    reading = order(订单编号=damaged)
    assert reading.rows.is_empty()
    assert reading.rejected.select("source_row", "column", "value", "reason").rows() == [
        (2, "订单编号", damaged, "scientific_id")
    ]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_q12_an_id_stored_as_a_number_of_too_many_digits_is_a_row_error(kind: str) -> None:
    rows: list[Row] = [
        HEADER,
        [ID, 1, NINE],
        [100000000000000002, 1, NINE],
        [123456789012345, 1, NINE],
    ]
    content = xlsx_file({"订单": rows}) if kind == "xlsx" else xls_file(*rows)
    reading = orders(content)
    assert reading.rows["order_id"].to_list() == [ID, "123456789012345"]
    assert reading.rejected.select("source_row", "reason").rows() == [(3, "scientific_id")]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2025-03-05 09:05:07", datetime(2025, 3, 5, 9, 5, 7), id="dashes"),
        pytest.param("2025/3/5 9:05", datetime(2025, 3, 5, 9, 5), id="slashes, no seconds"),
        pytest.param("2025.3.5", datetime(2025, 3, 5), id="dots"),
        pytest.param("2025年3月5日", datetime(2025, 3, 5), id="Chinese"),
        pytest.param("2025年3月5日09:05:07", datetime(2025, 3, 5, 9, 5, 7), id="Chinese, glued"),
        pytest.param("20250305", datetime(2025, 3, 5), id="compact"),
        pytest.param("20250305090507", datetime(2025, 3, 5, 9, 5, 7), id="compact with time"),
        pytest.param("45721.378", datetime(2025, 3, 5, 9, 4, 19), id="Excel serial"),
        pytest.param("45721", datetime(2025, 3, 5), id="Excel day"),
        pytest.param("2025-03-05T09:05:07", datetime(2025, 3, 5, 9, 5, 7), id="ISO"),
        pytest.param("2025-03-05 09:05:07.000", datetime(2025, 3, 5, 9, 5, 7), id="thousandths"),
    ],
)
def test_q13_times_in_many_shapes(text: str, moment: datetime) -> None:
    read = times.times(column(text))
    assert (read.values.to_list(), read.bad.any()) == ([moment], False)


@pytest.mark.parametrize("text", ["2025-13-01 00:00:00", "昨天", "2025-02-30", "12", "99999999"])
def test_q13_what_is_no_time_is_marked(text: str) -> None:
    read = times.times(column(text))
    assert (read.values.to_list(), read.bad.to_list()) == ([None], [True])


def test_q13_missing_seconds_are_remarked_on() -> None:
    codes = {remark.code: remark.params for remark in order(订单创建时间="2025/1/2 9:05").remarks}
    assert codes["seconds_missing"] == {"column": "订单创建时间", "count": 1}


def test_q13_excel_dates_of_a_workbook() -> None:
    content = xlsx_file({"订单": [HEADER, [ID, 1.5, datetime(2025, 1, 2, 9, 5, 7)]]})
    assert orders(content).rows["created_at"].to_list() == [datetime(2025, 1, 2, 9, 5, 7)]


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1,234.5", 123450), ("1，234", 123400), ("￥12", 1200), ("¥ 12", 1200), ("12.345", 1235)],
)
def test_q14_numbers_as_text(text: str, fen: int) -> None:
    assert values.money(column(text)).values.to_list() == [fen]


def test_q14_percent_of_a_count_column() -> None:
    assert values.counts(column("1,234", "1，234人")).values.to_list() == [1234, 1234]


@pytest.mark.parametrize(
    ("texts", "shares"),
    [
        pytest.param(["0.9971", "1"], [0.9971, 1.0], id="fractions"),
        pytest.param(["99.71%", "1%"], [0.9971, 0.01], id="percent signs"),
        pytest.param(["99.71", "1"], [0.9971, 0.01], id="bare percent: the column decides"),
        pytest.param(["1.5", "0.5"], [0.015, 0.005], id="one bare value above 1 tells"),
        pytest.param(["1", "0"], [1.0, 0.0], id="1 alone is taken for all"),
        pytest.param(["101%", "-1%"], [1.01, -0.01], id="out of range is the door's"),
    ],
)
def test_q15_a_rate_in_three_shapes(texts: list[str], shares: list[float]) -> None:
    assert values.rates(column(*texts)).values.to_list() == shares


def test_q15_a_guess_is_remarked_on() -> None:
    rate = Field(spellings=("回复率",), shape="rate")
    reading = staff(["旺旺昵称", "回复率"], ["小一", "1"], reply_rate=rate)
    assert "guessed_shape" in {remark.code for remark in reading.remarks}


@pytest.mark.parametrize(
    ("heading", "text", "seconds"),
    [
        pytest.param("平均响应时长", "11", 11, id="bare seconds"),
        pytest.param("平均响应时长（秒)", "11", 11, id="unit in the heading"),
        pytest.param("平均响应时长", "11秒", 11, id="unit in the cell"),
        pytest.param("平均响应时长", "2分30秒", 150, id="minutes and seconds"),
        pytest.param("平均响应时长", "7小时41分52秒", 27712, id="hours"),
        pytest.param("平均响应时长(分)", "1.5", 90, id="minutes in the heading"),
        pytest.param("平均人工响应时长(分/秒)", "1.5", None, id="two units: refused"),
        pytest.param("平均人工响应时长(分/秒)", "1分30秒", 90, id="the cell says it"),
    ],
)
def test_q16_a_duration_in_several_shapes(heading: str, text: str, seconds: float | None) -> None:
    wait = Field(spellings=(heading,), shape="duration")
    reading = staff(["旺旺昵称", heading], ["小一", text], avg_response_s=wait)
    assert reading.rows["avg_response_s"].to_list() == ([] if seconds is None else [seconds])
    assert reading.rejected["reason"].to_list() == (
        ["unreadable_duration"] if seconds is None else []
    )


@pytest.mark.parametrize("text", ["-", "--", "", "暂无数据", "#NULL!"])
def test_q17_placeholders_are_null_never_0(text: str) -> None:
    reading = staff(["旺旺昵称", "咨询人数"], ["小一", text])
    assert reading.rows["consult_users"].to_list() == [None]


def test_q17_not_settled_yet_is_a_state_of_its_own() -> None:
    reading = staff(["旺旺昵称", "咨询人数"], ["小一", "延迟统计"], ["小二", "5"])
    assert reading.rows.select("consult_users", "unsettled").rows() == [
        (None, "consult_users"),
        (5, None),
    ]
    assert "unsettled_column" in {remark.code for remark in reading.remarks}


def test_q18_summary_rows_first_or_last() -> None:
    reading = staff(
        ["旺旺昵称", "咨询人数"],
        ["汇总值", "9"],
        ["小一", "4"],
        ["全店汇总值", "9"],
        ["同行同层均值", "7"],
        ["均值", "5"],
    )
    assert reading.rows.select("scope", "consult_users").rows() == [
        ("agent", 4),
        ("shop", 9),
        ("peer_mean", 7),
    ]


@pytest.mark.parametrize("above", [0, 4, 14])
def test_q19_header_not_in_row_1(above: int) -> None:
    lead = [["店铺订单报表"]] * above
    reading = orders(csv_file(*lead, HEADER, [ID, "1", NINE]))
    assert reading.rows["source_row"].to_list() == [above + 2]


def test_q20_the_day_stands_only_in_the_file_name() -> None:
    reading = staff(["旺旺昵称", "咨询人数"], ["小一", "4"])
    assert reading.rows["day"].to_list() == [date(2025, 1, 2)]


def test_q21_a_header_name_twice() -> None:
    assert distinct_headers(["支付金额", "支付金额", "支付金额 "]) == [
        "支付金额",
        "支付金额.1",
        "支付金额.2",
    ]
    reading = orders(csv_file([*HEADER, "总金额"], [ID, "1.00", NINE, "9.00"]))
    assert reading.rows["total_fen"].to_list() == [100]


def test_q21_the_header_row_repeated_inside_the_rows() -> None:
    reading = orders(csv_file(HEADER, [ID, "1", NINE], HEADER, ["2", "3", NINE]))
    assert reading.rows["source_row"].to_list() == [2, 4]
    assert reading.rejected.is_empty()
    assert reading.remarks[0] == Remark("repeated_header", {"count": 1})


def test_q22_mixed_brackets_in_one_name() -> None:
    assert (
        normal_header("首次响应时长（秒)")
        == normal_header("首次响应时长(秒）")
        == "首次响应时长(秒)"
    )


@pytest.mark.parametrize("name", ["orders.csv", "orders.xls", "orders.xlsx", "orders"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(csv_file(HEADER, [ID, "1", NINE], encoding="gbk"), id="text"),
        pytest.param(xls_file(HEADER, [ID, "1", NINE]), id="BIFF"),
        pytest.param(xlsx_file({"订单": [HEADER, [ID, "1", NINE]]}), id="xlsx"),
    ],
)
def test_q23_the_type_is_told_by_content(name: str, content: bytes) -> None:
    assert orders(content, name).rows["order_id"].to_list() == [ID]


@pytest.mark.parametrize("status", ["买家已付款，等待卖家发货", "买家已付款,等待卖家发货"])
def test_q24_the_comma_in_a_status(status: str) -> None:
    assert order(订单状态=status).rows["status"].to_list() == ["paid"]


def test_q25_the_last_row_is_data_and_a_row_without_id_is_reported() -> None:
    reading = orders(csv_file(HEADER, ["", "5", NINE], [ID, "1", NINE]))
    assert reading.rows["order_id"].to_list() == [ID]
    assert reading.rejected.select("source_row", "column", "reason").rows() == [
        (2, "订单编号", "missing_id")
    ]


def test_q26_recoded_commas_are_text() -> None:
    assert order(宝贝标题="甲款｜｜｜乙款").rows["title"].to_list() == ["甲款｜｜｜乙款"]


def test_q27_a_workbook_that_states_the_size_of_one_cell() -> None:
    rows = [HEADER, *([str(10**17 + at), "1", NINE] for at in range(29))]
    content = repacked(xlsx_file({"订单": rows}), "sheet1.xml", b'ref="A1:C30"', b'ref="A1"')
    assert orders(content).rows.height == 29


def test_q28_words_in_a_money_column() -> None:
    reading = orders(
        csv_file([*HEADER, "退款金额"], [ID, "1", NINE, "无退款申请"], ["2", "1", NINE, "很多"])
    )
    assert reading.rows["refund_fen"].to_list() == [0]
    assert reading.rejected.select("value", "reason").rows() == [("很多", "unreadable_money")]


@pytest.mark.parametrize("heading", ["商品 id", "商品 ID", "商品　ID", "商品\u00a0id"])
def test_q29_space_inside_a_header(heading: str) -> None:
    header = ["子订单编号", "主订单编号", "购买数量", heading]
    (reading,) = read_file("items.csv", csv_file(header, ["11", "1", "2", "900001"]))
    assert reading.rows["item_id"].to_list() == ["900001"]


def test_q30_negative_money_in_brackets() -> None:
    assert values.money(column("(12.00)", "（1.50）")).values.to_list() == [-1200, -150]


def test_q30_lock_files_are_refused_by_name() -> None:
    with pytest.raises(LockFileError, match="lock file"):
        read_file("~$客服.xlsx", b"anything")


def test_every_layout_is_loaded() -> None:
    assert len({layout.id for layout in load_layouts()}) == len(load_layouts())
