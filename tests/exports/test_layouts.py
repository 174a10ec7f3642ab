"""Every layout: a file in exactly its header spelling is recognised as it and read."""

from datetime import datetime
from typing import Any

import pytest

from exports.cells.headings import normal_header
from exports.layouts import Layout, load_layouts
from exports.reading import read_file
from tests.exports import other_platforms
from tests.exports.small_files import csv_file, xlsx_file

ORDER, ITEM, REFUND = "100000000000000001", "100000000000000011", "200000000000000001"
CREATED, PAID = datetime(2025, 1, 2, 9, 1, 2), datetime(2025, 1, 2, 9, 5)
SENT, DONE = datetime(2025, 1, 3, 8), datetime(2025, 1, 6, 20, 15)

TAOBAO_ORDER = {
    "订单编号": ORDER,
    "买家会员名": "tb000000001",
    "买家会员昵称": "tb000000001",
    "买家支付宝账号": "someone@example.com",
    "支付单号": "900000000000000001",
    "支付详情": "支付方式：支付宝",
    "买家应付货款": "100.00",
    "买家应付邮费": "6.00",
    "总金额": "106.00",
    "总金额(旧版)": "107.00",
    "买家实际支付金额": "95.50",
    "买家实付金额": "95.50",
    "订单状态": "交易成功",
    "买家留言": "请快点",
    "收货人姓名": "某某",
    "收货地址": "浙江省 杭州市 西湖区 某路1号(310000)",
    "联系电话": "'057100000000",
    "联系手机": "'13000000000",
    "订单创建时间": "2025-01-02 09:01:02",
    "买家下单时间": "2025-01-02 09:01:02",
    "订单付款时间": "2025-01-02 09:05:00",
    "买家付款时间": "2025-01-02 09:05:00",
    "发货时间": "2025-01-03 08:00:00",
    "确认收货时间": "2025-01-06 20:15:00",
    "宝贝标题": "甲款，乙款",
    "商品标题": "甲款，乙款",
    "宝贝种类": "2",
    "宝贝总数量": "3",
    "店铺名称": "示例店",
    "订单关闭原因": "订单未关闭",
    "打款商家金额": "95.50元",
    "确认收货打款金额": "95.50",
    "退款金额": "0.00",
}
ORDER_ROW = {
    "order_id": ORDER,
    "buyer": "tb000000001",
    "created_at": CREATED,
    "paid_at": PAID,
    "shipped_at": SENT,
    "received_at": DONE,
    "goods_payable_fen": 10_000,
    "postage_fen": 600,
    "total_fen": 10_600,
    "paid_fen": 9_550,
    "settled_fen": 9_550,
    "refund_fen": 0,
    "status": "finished",
    "status_text": "交易成功",
    "close_reason": "订单未关闭",
    "title": "甲款，乙款",
    "kinds": 2,
    "pieces": 3,
    "region": "浙江省",
    "shop_name": "示例店",
}
TAOBAO_ITEM = {
    "子订单编号": ITEM,
    "主订单编号": ORDER,
    "订单编号": ORDER,
    "标题": "甲款",
    "商品标题": "甲款",
    "价格": "50.00",
    "商品价格": "50.00",
    "购买数量": "2",
    "商品属性": "颜色分类:红",
    "订单状态": "卖家已发货，等待买家确认",
    "商家编码": "A-1",
    "买家实际支付金额": "95.50",
    "买家实付金额": "95.50",
    "退款状态": "没有申请退款",
    "退款金额": "无退款申请",
    "订单创建时间": "2025-01-02 09:01:02",
    "订单付款时间": "2025-01-02 09:05:00",
    "发货时间": "2025-01-03 08:00:00",
    "应发货时间": "2025-01-04 09:05:00",
    "商品ID": "900001",
    "联系方式备注": "13000000000",
}
ITEM_ROW = {
    "order_id": ORDER,
    "item_order_id": ITEM,
    "title": "甲款",
    "price_fen": 5_000,
    "quantity": 2,
    "sku_text": "颜色分类:红",
    "merchant_code": "A-1",
    "paid_fen": 9_550,
    "refund_state": "没有申请退款",
    "refund_fen": 0,
    "status": "shipped",
    "created_at": CREATED,
    "paid_at": PAID,
    "shipped_at": SENT,
    "ship_by": datetime(2025, 1, 4, 9, 5),
    "item_id": "900001",
}
TAOBAO_REFUND = {
    "订单编号": ORDER,
    "退款编号": REFUND,
    "订单付款时间": "2025-01-02 09:05:00",
    "商家编码": "A-1",
    "商品编码": "A-1",
    "商品id": "900001",
    "退款完结时间": "2025-01-06 20:15:00",
    "买家会员名称": "tb000000001",
    "买家实际支付金额": "95.50",
    "买家退款金额": "50.00",
    "退款总额": "50.00",
    "是否需要退货": "否",
    "售后类型": "仅退款",
    "退款的申请时间": "2025-01-03 08:00:00",
    "退款申请时间": "2025-01-03 08:00:00",
    "退款状态": "退款成功",
    "货物状态": "未发货",
    "客服介入状态": "未介入",
    "卖家真实姓名": "某某",
    "买家退款原因": "七天无理由退换货",
    "买家退款说明": "不喜欢",
    "售中或售后": "售中",
    "部分退款/全部退款": "部分退款",
    "是否零秒响应": "是",
    "退款原因标签": "不喜欢",
}
REFUND_ROW = {
    "refund_id": REFUND,
    "order_id": ORDER,
    "asked_at": SENT,
    "ended_at": DONE,
    "order_paid_at": PAID,
    "amount_fen": 5_000,
    "paid_fen": 9_550,
    "outcome": "success",
    "status_text": "退款成功",
    "goods_state": "未发货",
    "reason": "七天无理由退换货",
    "item_id": "900001",
    "buyer": "tb000000001",
    "merchant_code": "A-1",
    "stage": "售中",
    "step_in": "未介入",
    "scope": "部分退款",
    "zero_second": True,
    "reason_tag": "不喜欢",
}
JD = {
    "订单号": ORDER, "商品ID": "900001", "商品名称": "甲款", "订购数量": "2", "京东价": "50.00",
    "下单时间": "2025-01-02 09:01:02", "订单金额": "100.00", "结算金额": "95.50",
    "应付金额": "95.50", "订单状态": "完成", "下单帐号": "jd_1", "客户姓名": "某某",
    "客户地址": "浙江省 杭州市", "联系电话": "13000000000", "运费金额": "6.00",
    "付款确认时间": "2025-01-02 09:05:00", "货号": "A-1", "订单完成时间": "2025-01-06 20:15:00",
}  # fmt: skip
PINDUODUO = {
    "商品": "甲款", "订单号": f"{ORDER}\t", "订单状态": "已发货，待签收", "商品总价(元)": "100.00",
    "邮费(元)": "6.00", "用户实付金额(元)": "95.50", "商家实收金额(元)": "97.00",
    "商品数量(件)": "2", "发货时间": "2025-01-03 08:00:00", "确认收货时间": "\t",
    "商品id": "900001", "商品规格": "红", "商家编码-规格维度": "A-1",
    "售后状态": "无售后或售后取消", "订单成交时间": "2025-01-02 09:05:00",
}  # fmt: skip
DOUYIN = {
    "主订单编号": f"\t{ORDER}", "子订单编号": f"\t{ITEM}", "选购商品": "甲款", "商品规格": "红",
    "商品数量": "2", "商品ID": "900001", "商家编码": "A-1", "商品单价": "50.00",
    "商品金额": "50.00", "订单应付金额": "95.50", "运费": "0", "收件人": "##abc", "省": "浙江省",
    "订单提交时间": "2025-01-02 09:01:02", "支付完成时间": "2025-01-02 09:05:00",
    "订单完成时间": "-", "发货时间": "2025-01-03 08:00:00", "订单状态": "已发货",
    "承诺发货时间": "2025-01-04 09:05:00", "售后状态": "-", "取消原因": "-",
}  # fmt: skip
DOUYIN_REFUND = {
    "售后单号": REFUND, "订单号": ORDER, "商品ID": "900001", "应付金额（元）": "95.50",
    "商品发货状态": "已发货", "售后类型": "换货", "退商品金额（元）": "50.00",
    "售后状态": "换货成功", "售后申请时间": "2025-01-03 08:00:00", "售后原因": "质量问题",
    "售后完结时间": "2025-01-06 20:15:00", "商家编码": "A-1", "商家退货联系人电话": "13000000000",
    "仲裁状态": "未介入", "售后原因标签": "不喜欢",
}  # fmt: skip
SHOPIFY = {
    "Name": "#1001", "Email": "someone@example.com", "Financial Status": "paid",
    "Paid at": "2025-01-02 09:05:00 +0800", "Fulfilled at": "2025-01-02 21:00:00 -0300",
    "Currency": "CNY", "Subtotal": "100.00", "Shipping": "6.00", "Total": "106.00",
    "Created at": "2025-01-02 01:01:02 +0000", "Lineitem quantity": "2", "Lineitem name": "甲款",
    "Lineitem price": "50.00", "Lineitem sku": "A-1", "Refunded Amount": "0.00",
    "Shipping Province Name": "Zhejiang", "Billing Name": "某某",
}  # fmt: skip

#: Per family (the layout ids that begin so): cells by heading, and the row they make.
FAMILIES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "taobao_orders_": (TAOBAO_ORDER, ORDER_ROW),
    "taobao_order_items_": (TAOBAO_ITEM, ITEM_ROW),
    "taobao_refunds_": (TAOBAO_REFUND, REFUND_ROW),
    "jd_orders": (
        JD,
        ORDER_ROW
        | {"buyer": "jd_1", "total_fen": 10_000, "status_text": "完成"}
        | {"title": "甲款", "pieces": 2},
    ),
    "pinduoduo_orders": (
        PINDUODUO,
        ORDER_ROW
        | {"created_at": PAID, "received_at": None, "settled_fen": 9_700, "status": "shipped"}
        | {"status_text": "已发货，待签收", "title": "甲款", "pieces": 2},
    ),
    "douyin_orders": (
        DOUYIN,
        ORDER_ROW
        | {"received_at": None, "postage_fen": 0, "status": "shipped", "status_text": "已发货"}
        | {"close_reason": None, "title": "甲款", "pieces": 2}
        | {"ship_by": datetime(2025, 1, 4, 9, 5)},
    ),
    "douyin_refunds": (
        DOUYIN_REFUND,
        REFUND_ROW
        | {"status_text": "换货成功", "goods_state": "已发货"}
        | {"kind": "换货", "reason": "质量问题"},
    ),
    "shopify_orders": (
        SHOPIFY,
        ORDER_ROW
        | {"order_id": "#1001", "shipped_at": datetime(2025, 1, 3, 8), "paid_fen": 10_600}
        | {"status": "paid", "status_text": "paid", "title": "甲款", "pieces": 2}
        | {"region": "Zhejiang"},
    ),
    **other_platforms.FAMILIES,
}  # fmt: skip
LAYOUTS = [
    layout
    for layout in load_layouts()
    if layout.table in ("orders", "order_items", "refunds")
    and layout.header
    and not layout.companion_only
]


def family(layout: Layout) -> tuple[dict[str, str], dict[str, Any]]:
    return FAMILIES[max((name for name in FAMILIES if layout.id.startswith(name)), key=len)]


def expected(layout: Layout, row: dict[str, Any]) -> dict[str, Any]:
    """Of the family's row what this generation has headings for."""
    there = set(map(normal_header, layout.header))
    known = {
        name: value
        for name, value in row.items()
        if name in layout.fields and there & set(layout.spelled(name))
        # Without the key of a store nobody is named by an address.
        if layout.fields[name].shape != "email_hash"
    }
    if "buyer" in known and layout.fields["buyer"].shape == "email_hash":
        known |= {"buyer": None}  # nobody is named without a store's key
    if "refund_word" in layout.fields and there & set(layout.spelled("refund_word")):
        known = {"refund_fen": 0} | known  # its state says that nobody asked
    if layout.table == "orders" and "status" not in known:
        known |= {"status": "paid"}  # it has a payment time
    if layout.table == "order_items" and "status" not in known:
        known |= {"status": "unknown"}
    return known


def header_and_row(layout: Layout) -> tuple[list[str], list[str]]:
    cells, _ = family(layout)
    return list(layout.header), [cells.get(heading.strip(), "") for heading in layout.header]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
@pytest.mark.parametrize("kind", ["gbk csv", "xlsx"])
def test_a_file_in_its_own_spelling_is_recognised_and_read(layout: Layout, kind: str) -> None:
    rows = header_and_row(layout)
    content = csv_file(*rows, encoding="gb18030") if kind == "gbk csv" else xlsx_file({"表": rows})
    first, *_ = read_file("export.csv", content)
    assert (first.layout, first.table) == (layout.id, layout.table)
    assert (first.unknown_headers, first.rejected.height) == ((), 0)
    (row,) = first.rows.to_dicts()
    want = expected(layout, family(layout)[1])
    assert {name: row[name] for name in want} == want
    filled = {name for name, value in row.items() if value is not None}
    made = {"paid_is_net", "platform", "source_row", "outcome", "item_order_id", "kind"}
    assert filled <= {*want, *made}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_columns_in_another_order_are_the_same_file(layout: Layout) -> None:
    header, row = header_and_row(layout)
    straight, *_ = read_file("export.csv", csv_file(header, row))
    turned, *_ = read_file("export.csv", csv_file(header[::-1], row[::-1]))
    assert turned.layout == straight.layout
    assert turned.rows.to_dicts() == straight.rows.to_dicts()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_a_layout_goes_round_through_json(layout: Layout) -> None:
    assert Layout.model_validate(layout.model_dump(mode="json")) == layout


@pytest.mark.parametrize(
    ("layout_id", "columns"),
    [
        ("taobao_orders_a", 30),
        ("taobao_orders_b", 46),
        ("taobao_orders_c", 54),
        ("taobao_orders_d1", 61),
        ("taobao_orders_d2", 69),
        ("taobao_orders_d3", 67),
        ("taobao_orders_e", 71),
        ("taobao_orders_f27", 27),
        ("taobao_orders_f19", 19),
        ("taobao_orders_f9", 9),
        ("taobao_orders_public", 7),
        ("taobao_order_items_old", 10),
        ("taobao_order_items_2022", 18),
        ("taobao_order_items_2026", 35),
        ("taobao_refunds_2017", 39),
        ("taobao_refunds_2021", 42),
        ("taobao_refunds_2026_03", 51),
    ],
)
def test_a_generation_has_its_number_of_columns(layout_id: str, columns: int) -> None:
    (layout,) = [layout for layout in LAYOUTS if layout.id == layout_id]
    assert len(layout.header) == len(set(layout.header)) == columns


@pytest.mark.parametrize(
    ("source", "item"),
    [
        pytest.param(JD, {"item_id": "900001", "status": "finished"}, id="jd"),
        pytest.param(PINDUODUO, {"item_order_id": ORDER, "paid_fen": 9_550}, id="pinduoduo"),
        pytest.param(DOUYIN, {"item_order_id": ITEM, "paid_fen": 9_550}, id="douyin"),
        pytest.param(SHOPIFY, {"merchant_code": "A-1", "created_at": CREATED}, id="shopify"),
    ],
)  # fmt: skip
def test_the_items_come_out_of_the_same_file(source: dict[str, str], item: dict[str, Any]) -> None:
    orders, items = read_file("orders.csv", csv_file(list(source), list(source.values())))
    assert (orders.table, items.table, items.unknown_headers) == ("orders", "order_items", ())
    (row,) = items.rows.to_dicts()
    assert row["quantity"] == 2
    assert {name: row[name] for name in item} == item
