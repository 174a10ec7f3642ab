from datetime import datetime
from typing import Any

import polars as pl
import pytest

from exports.reading import Reading, read_file
from tests.exports.small_files import csv_file, zip_file

NINE = "2025-01-02 09:00:00"


def table_of(*rows: dict[str, str], name: str = "export.csv") -> list[Reading]:
    """Rows by heading; a row leaves out what is blank."""
    header = list(dict.fromkeys(heading for row in rows for heading in row))
    return read_file(name, csv_file(header, *[[row.get(h, "") for h in header] for row in rows]))


def order(order_id: str, **cells: str) -> dict[str, str]:
    return {"订单编号": order_id, "订单创建时间": NINE, **cells}


def codes(reading: Reading) -> dict[str, Any]:
    return {remark.code: dict(remark.params) for remark in reading.remarks}


def paid(order_id: str, total: str, received: str, refund: str) -> dict[str, str]:
    return order(
        order_id, 总金额=total, 买家实际支付金额=received, 退款金额=refund, 订单付款时间=NINE
    )


REFUNDED = [paid("1", "10.00", "4.00", "6.00"), paid("2", "5.00", "0.00", "5.00")]


@pytest.mark.parametrize(
    ("rows", "net"),
    [
        pytest.param([paid("1", "10.00", "10.00", "6.00")], False, id="gross"),
        pytest.param(REFUNDED, True, id="two refunded rows and nothing against it"),
        pytest.param([*REFUNDED, paid("3", "8.00", "8.00", "0")], True, id="others agree"),
        pytest.param([*REFUNDED, paid("3", "8.00", "7.00", "0")], False, id="may be a coupon"),
        pytest.param(
            [*REFUNDED, paid("4", "3.00", "1.00", "2.00"), paid("3", "8.00", "7.00", "0")],
            True,
            id="three refunded rows are proof",
        ),
        pytest.param([*REFUNDED, paid("3", "8.00", "8.00", "1.00")], False, id="one against it"),
        pytest.param([paid("1", "8.00", "8.00", "0")], False, id="nothing refunded"),
    ],
)
def test_a_paid_column_net_of_refunds_is_noticed(rows: list[dict[str, str]], net: bool) -> None:
    (reading,) = table_of(*rows)
    assert reading.rows["paid_is_net"].unique().to_list() == [net]
    assert ("paid_is_net" in codes(reading)) is net


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("等待买家付款", "unpaid"),
        ("买家已付款，等待卖家发货", "paid"),
        ("卖家部分发货", "part_shipped"),
        ("卖家已发货，等待买家确认", "shipped"),
        ("交易成功", "finished"),
        ("交易关闭", "closed"),
        ("付款以后用户退款成功，交易自动关闭", "closed"),
        ("TRADE_FINISHED", "finished"),
        ("", "unknown"),
    ],
)
def test_status_words(text: str, state: str) -> None:
    (reading,) = table_of(order("1", 订单状态=text, 总金额="1"))
    assert reading.rows.select("status", "status_text").rows() == [(state, text or None)]


def test_an_unknown_status_is_unknown_never_paid_and_is_listed() -> None:
    (reading,) = table_of(
        order("1", 订单状态="冻结中"),
        order("2", 订单状态="冻结中"),
        order("3", 订单状态="交易成功"),
    )
    assert reading.rows["status"].to_list() == ["unknown", "unknown", "finished"]
    assert codes(reading)["unknown_status"] == {"column": "订单状态", "words": "冻结中"}


def test_without_a_status_column_only_the_payment_is_known() -> None:
    (reading,) = table_of(order("1", 订单付款时间=NINE), order("2"))
    assert reading.rows["status"].to_list() == ["paid", "unpaid"]
    assert "status_derived" in codes(reading)


def test_no_buyer_column_is_told() -> None:
    (reading,) = table_of(order("1", 总金额="1"))
    assert "no_buyer" in codes(reading)


def test_blurred_buyers_are_told() -> None:
    (reading,) = table_of(order("1", 买家会员名="t**"), order("2", 买家会员名="tb000000001"))
    assert codes(reading)["masked_buyers"] == {"count": 1}


def test_of_repeated_orders_the_last_row_counts_and_it_is_told() -> None:
    (reading,) = table_of(order("1", 总金额="1"), order("2", 总金额="2"), order("1", 总金额="3"))
    assert reading.rows.select("order_id", "total_fen").rows() == [("2", 200), ("1", 300)]
    assert codes(reading)["repeated_rows"] == {"count": 1}


def test_of_repeated_orders_the_one_that_got_further_counts() -> None:
    (reading,) = table_of(
        order("1", 订单状态="交易成功", 总金额="1"),
        order("2", 订单状态="等待买家付款", 总金额="2"),
        order("1", 订单状态="等待买家付款", 总金额="3"),
    )
    assert reading.rows.select("order_id", "status").rows() == [("1", "finished"), ("2", "unpaid")]


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("浙江省 杭州市 西湖区 某路1号(310000)", "浙江省"),
        ("上海", "上海"),
        ("内蒙古自治区", "内蒙古自治区"),
        ("北京市朝阳区某路1号", "北京市"),
        ("内蒙古自治区呼和浩特市示例区", "内蒙古自治区"),
        ("浙江省杭州市西湖区示例路1号 13800138000", "浙江省"),
        ("杭州市西湖区示例路1号", "杭州市"),
        ("广西", "广西"),
        ("广西壮族自治区,南宁市", "广西壮族自治区"),
        ("某路一百二十三号四幢五单元", None),
        ("河南路12号", None),
        ("占位 13800138000 浙江省 杭州市", None),
        ("13800138000", None),
        ("1 Sample Road, Sampleton", None),
        ("Pat Placeholder, 1 Sample Road", None),
        ("", None),
    ],
)
def test_of_an_address_only_the_province_is_kept(address: str, region: str | None) -> None:
    (reading,) = table_of(order("1", 收货地址=address, 总金额="1"))
    assert reading.rows["region"].to_list() == [region]


PERSONAL = {
    "收货人姓名": "张某某",
    "收货地址": "浙江省 杭州市 某路1号",
    "联系手机": "'13000000000",
    "买家支付宝账号": "someone@example.com",
    "买家留言": "打这个电话13000000000",
    "发票抬头": "某某公司",
    "身份证号码": "110000199001010000",  # no layout knows this heading
}


def test_personal_data_never_leave_the_reader() -> None:
    rows = [order("1", 总金额="1", **PERSONAL), order("2", 总金额="x", **PERSONAL)]
    (reading,) = table_of(*[row | {"宝贝标题": "电联13000000000"} for row in rows])
    assert reading.rejected["source_row"].to_list() == [3]
    left = str(reading.rows.to_dicts()) + str(reading.rejected.to_dicts())
    for secret in ("张某某", "某路", "13000000000", "example.com", "某某公司", "110000"):
        assert secret not in left


def test_rows_set_aside_keep_their_cells_for_repair() -> None:
    (reading,) = table_of(order("1", 总金额="1"), order("2", 总金额="很多"))
    assert reading.rejected.rows() == [
        (
            3,
            "总金额",
            "很多",
            "unreadable_money",
            '{"订单编号":"2","订单创建时间":"2025-01-02 09:00:00","总金额":"很多"}',
        )
    ]


def test_a_total_row_is_no_order() -> None:
    (reading,) = table_of(order("1", 总金额="1"), {"订单编号": "合计", "总金额": "99"})
    assert reading.rows["order_id"].to_list() == ["1"]
    assert reading.rejected.select("source_row", "column", "reason").rows() == [
        (3, "订单创建时间", "missing_value")
    ]


def test_a_report_without_creation_times_keeps_its_unpaid_orders() -> None:
    (reading,) = table_of(
        {"订单编号": "1", "订单付款时间": NINE, "买家实付金额": "1"},
        {"订单编号": "2", "订单付款时间": "", "买家实付金额": "0"},
    )
    assert reading.rows.select("order_id", "status").rows() == [("1", "paid"), ("2", "unpaid")]


def test_a_row_with_two_faults_is_set_aside_once() -> None:
    (reading,) = table_of(order("1.2E+18", 总金额="很多"), order("2"))
    assert reading.rejected.select("source_row", "reason").rows() == [(2, "scientific_id")]


def test_of_two_headings_of_one_field_the_first_filled_cell_counts() -> None:
    first = {"订单编号": "1", "主订单编号": "9", "订单创建时间": NINE}
    (reading,) = table_of(first, {"订单编号": "", "主订单编号": "2", "订单创建时间": NINE})
    assert reading.rows["order_id"].to_list() == ["1", "2"]


def test_days_covered_are_those_of_the_rows() -> None:
    (reading,) = table_of(order("1"), order("2") | {"订单创建时间": "2025-02-03 00:00:00"})
    assert (str(reading.first_day), str(reading.last_day)) == ("2025-01-02", "2025-02-03")


def test_the_same_content_gives_the_same_rows() -> None:
    rows = [order("1", 总金额="1"), order("2", 总金额="2")]
    (first,), (second,) = table_of(*rows), table_of(*rows)
    assert first.rows.equals(second.rows)


def item(title: str, order_id: str = "1", quantity: str = "1") -> dict[str, str]:
    return {"订单编号": order_id, "标题": title, "价格": "2.00", "购买数量": quantity}


def test_items_without_an_id_get_one_of_their_content() -> None:
    lines = [item("甲"), item("乙"), item("乙"), item("甲", "2")]
    (whole,) = table_of(*lines)
    ids = whole.rows["item_order_id"].to_list()
    assert len(set(ids)) == 4
    (half,) = table_of(*lines[2:])  # the other half of the file, read alone
    assert half.rows["item_order_id"].to_list() == [ids[1], ids[3]]


def test_the_content_id_does_not_change_between_versions() -> None:
    (reading,) = table_of(item("甲"))
    assert reading.rows["item_order_id"].to_list() == ["1-40f6099404bb-0"]


def refund(refund_id: str, state: str, **cells: str) -> dict[str, str]:
    return {
        "退款编号": refund_id, "订单编号": "1", "退款状态": state, "退款申请时间": NINE, **cells
    }  # fmt: skip


def test_refund_states_other_than_success_and_closed_are_open_and_listed() -> None:
    words = ["退款成功", "退款关闭", "卖家拒绝退款", ""]
    (reading,) = table_of(*[refund(str(at), word) for at, word in enumerate(words)])
    assert reading.rows["outcome"].to_list() == ["success", "closed", "open", "open"]
    assert codes(reading)["unknown_outcome"]["words"] == "卖家拒绝退款"


def test_a_refund_without_its_application_time_is_set_aside() -> None:
    (reading,) = table_of(refund("1", "退款成功"), refund("2", "退款成功") | {"退款申请时间": ""})
    assert reading.rows["refund_id"].to_list() == ["1"]
    assert reading.rejected.select("column", "reason").rows() == [("退款申请时间", "missing_value")]


@pytest.mark.parametrize(
    ("ended", "later", "expected"),
    [
        pytest.param(
            "2025-01-03 00:00:00", "2025-01-04 00:00:00", datetime(2025, 1, 3), id="first"
        ),
        pytest.param("", "2025-01-04 00:00:00", datetime(2025, 1, 4), id="else the other"),
        pytest.param("", "", None, id="still open"),
    ],
)
def test_when_a_refund_ended(ended: str, later: str, expected: datetime | None) -> None:
    (reading,) = table_of(refund("1", "退款成功", 退款完结时间=ended, 完结时间=later))
    assert reading.rows["ended_at"].to_list() == [expected]


def douyin(order_id: str, line: str, amount: str, **cells: str) -> dict[str, str]:
    return {
        "主订单编号": order_id, "子订单编号": line, "选购商品": "甲", "商品数量": "1",
        "订单应付金额": amount, "订单提交时间": NINE, "订单状态": "已发货", **cells,
    }  # fmt: skip


def test_the_lines_of_an_order_become_one_order() -> None:
    orders, items = table_of(
        douyin("1", "11", "2.50"), douyin("2", "21", "9.00"), douyin("1", "12", "3.00")
    )
    assert orders.rows.select("order_id", "paid_fen", "pieces", "source_row").rows() == [
        ("1", 550, 2, 2),
        ("2", 900, 1, 3),
    ]
    assert items.rows["item_order_id"].to_list() == ["11", "21", "12"]


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (["已关闭", "已完成"], "finished"),
        (["已关闭", "待支付"], "unpaid"),
        (["已关闭", "已关闭"], "closed"),
        (["已发货", "待发货"], "shipped"),
    ],
)
def test_an_order_is_as_far_as_its_furthest_line(lines: list[str], state: str) -> None:
    rows = [douyin("1", str(at), "1", 订单状态=line) for at, line in enumerate(lines)]
    orders, _ = table_of(*rows)
    assert orders.rows["status"].to_list() == [state]


def test_one_unreadable_line_takes_its_order_aside() -> None:
    orders, items = table_of(
        douyin("1", "11", "2.50"), douyin("1", "12", "很多"), douyin("2", "21", "9.00")
    )
    assert orders.rows["order_id"].to_list() == ["2"]
    assert orders.rejected.select("source_row", "reason").rows() == [
        (2, "other_line_set_aside"),
        (3, "unreadable_money"),
    ]
    assert items.rejected.is_empty()  # row 3 is told once


SHOPIFY = {"Name": "#1", "Lineitem quantity": "1", "Lineitem name": "甲", "Lineitem price": "2"}


def test_shopify_cells_of_the_order_stand_on_its_first_row_only() -> None:
    head = {"Created at": "2025-01-02 01:00:00 -0300", "Total": "7.00", "Financial Status": "paid"}
    orders, items = table_of(SHOPIFY | head, SHOPIFY | {"Lineitem name": "乙"})
    assert orders.rows.select("total_fen", "pieces", "created_at").rows() == [
        (700, 2, datetime(2025, 1, 2, 12))
    ]
    assert items.rows["created_at"].to_list() == [datetime(2025, 1, 2, 12)] * 2
    assert items.rows["status"].to_list() == ["paid"] * 2


def test_shopify_times_come_in_the_zone_of_the_shop() -> None:
    row = SHOPIFY | {"Created at": "2025-01-02 01:00:00 -0300"}
    content = csv_file(list(row), list(row.values()))
    orders, _ = read_file("orders.csv", content, zone="America/Sao_Paulo")
    assert orders.rows["created_at"].to_list() == [datetime(2025, 1, 2, 1)]
    assert "other_zone" not in codes(orders)  # nothing was moved
    orders, _ = read_file("orders.csv", content, zone="Asia/Tokyo")
    assert orders.rows["created_at"].to_list() == [datetime(2025, 1, 2, 13)]
    assert codes(orders)["other_zone"] == {"zone": "Asia/Tokyo"}


def test_the_files_of_an_archive_are_told_apart() -> None:
    one = csv_file(["订单编号", "订单创建时间"], ["1", NINE])
    readings = read_file("月.zip", zip_file({"a.csv": one, "b.csv": one}))
    assert [(reading.file_name, reading.sheet) for reading in readings] == [
        ("月.zip/a.csv", "a.csv"),
        ("月.zip/b.csv", "b.csv"),
    ]


def test_a_header_without_rows_is_an_empty_reading() -> None:
    (reading,) = read_file("a.csv", csv_file(["订单编号", "订单创建时间", "总金额"]))
    assert (reading.rows.height, reading.first_day) == (0, None)
    assert reading.rows.schema["order_id"] == pl.String
