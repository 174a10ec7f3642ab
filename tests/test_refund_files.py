"""What refund rate a shop's own files give: whichever of them tells, in whatever order they come.

Every shop here has twelve orders; ten of 1 March are old enough to be counted, two of 10 April
make them so.
"""

from itertools import permutations
from pathlib import Path

import polars as pl
import pytest

from intake.batch import accept, plan_files
from metrics.measure import measure
from metrics.views.rows import rows_behind
from opening import judged, opened
from store.settings import ShopSettings
from tests.exports.small_files import csv_file

DEFAULT = ShopSettings()
DAYS = ["2025-03-01"] * 10 + ["2025-04-10"] * 2
Cells = dict[str, str]
File = list[Cells]
Told = tuple[float | None, float, float, str]


def taobao_orders(refunds: str | None = "20.00", none: str = "0.00") -> File:
    """Three of the ten with a refund; without a column for them where that is None."""
    return [
        {
            "订单编号": f"{i}",
            "买家会员名": f"tb{i}",
            "总金额": "20.00",
            "买家实际支付金额": "20.00",
            "订单状态": "交易成功",
            "订单创建时间": f"{day} 10:00:00",
            "订单付款时间": f"{day} 11:00:00",
        }
        | ({} if refunds is None else {"退款金额": refunds if i in (1, 2, 3) else none})
        for i, day in enumerate(DAYS)
    ]


def old_items() -> File:
    """The list of ten columns: neither times nor refunds."""
    names = ["外部系统编号", "商品属性", "套餐信息", "备注", "订单状态", "商家编码"]
    line = {"标题": "茶", "价格": "20.00", "购买数量": "1"} | dict.fromkeys(names, "")
    return [{"订单编号": f"{i}", **line} for i in range(12)]


def items(amounts: dict[int, str] | None = None, states: dict[int, str] | None = None) -> File:
    """Sub-orders with a refund column each, where given."""
    return [
        {
            "子订单编号": f"s{i}",
            "主订单编号": f"{i}",
            "标题": "茶",
            "购买数量": "1",
            "买家实际支付金额": "20.00",
            "订单创建时间": f"{day} 10:00:00",
            "订单付款时间": f"{day} 11:00:00",
        }
        | ({} if states is None else {"退款状态": states.get(i, "没有申请退款")})
        | ({} if amounts is None else {"退款金额": amounts.get(i, "无退款申请")})
        for i, day in enumerate(DAYS)
    ]


def applications(*orders: str) -> File:
    """A refund file that ends late enough."""
    rows = [(f"r{order}", order, "2025-03-03") for order in orders]
    return [
        {
            "退款编号": refund,
            "订单编号": order,
            "退款状态": "退款成功",
            "买家退款金额": "20.00",
            "退款的申请时间": f"{day} 09:00:00",
            "退款完结时间": f"{day} 10:00:00",
        }
        for refund, order, day in [*rows, ("late", "11", "2025-04-12")]
    ]


def pinduoduo(columns: dict[int, Cells], otherwise: Cells) -> File:
    return [
        {
            "商品": "茶",
            "订单号": f"250301-{i}",
            "用户实付金额(元)": "20.00",
            "商家实收金额(元)": "20.00",
            "商品数量(件)": "1",
            "商品id": "500",
            "商品规格": "一袋",
            "订单成交时间": f"{day} 10:00:00",
        }
        | otherwise
        | columns.get(i, {})
        for i, day in enumerate(DAYS)
    ]


BACK = {"订单状态": "已发货，退款成功", "售后状态": "退款成功"}
TOOK = {"订单状态": "已收货", "售后状态": "无售后或售后取消"}


def jd() -> File:
    """No column tells of refunds; three were cancelled, which need not have been paid."""
    return [
        {
            "订单号": f"{i}",
            "商品ID": "1",
            "商品名称": "茶",
            "订购数量": "1",
            "下单时间": f"{day} 10:00:00",
            "京东价": "20.00",
            "订单金额": "20.00",
            "应付金额": "20.00",
            "订单状态": "已取消" if i < 3 else "完成",
            "下单帐号": f"jd_{i}",
            "付款确认时间": f"{day} 10:05:00",
        }
        for i, day in enumerate(DAYS)
    ]


def douyin(words: dict[int, str]) -> File:
    """Two sub-orders an order; ``words`` by the number of the first or second half (0-23)."""
    return [
        {
            "主订单编号": f"{i // 2}",
            "子订单编号": f"s{i}",
            "选购商品": "茶",
            "商品规格": "袋",
            "商品数量": "1",
            "商品ID": "1",
            "商品单价": "20.00",
            "订单应付金额": "20.00",
            "订单提交时间": f"{DAYS[i // 2]} 10:00:00",
            "支付完成时间": f"{DAYS[i // 2]} 10:05:00",
            "订单状态": "已完成",
            "售后状态": words.get(i, "-"),
        }
        for i in range(24)
    ]


def shopify(refunds: dict[int, Cells], otherwise: Cells) -> File:
    """Two line items an order; the order's own cells stand on the first."""
    file: File = []
    for i, day in enumerate(DAYS):
        own = {
            "Name": f"#{i}",
            "Paid at": f"{day} 10:05:00 +0800",
            "Currency": "CNY",
            "Subtotal": "50.00",
            "Total": "50.00",
            "Created at": f"{day} 10:00:00 +0800",
            "Lineitem quantity": "1",
            "Lineitem name": "tea",
            "Lineitem price": "30.00",
        } | {**otherwise, **refunds.get(i, {})}
        file.append(own)
        more = {"Name": f"#{i}", "Created at": own["Created at"], "Lineitem quantity": "1"}
        file.append(more | {"Lineitem name": "cup", "Lineitem price": "20.00"})
    return file


def imported(store: Path, *files: File) -> None:
    for nth, rows in enumerate(files):
        header = list(dict.fromkeys(heading for row in rows for heading in row))
        content = csv_file(header, *[[row.get(name, "") for name in header] for row in rows])
        (plan,) = plan_files(store, [(f"{nth}.csv", content)], shop="X")
        accept(store, plan, "test")


def rate(store: Path) -> Told:
    tables = opened(store, "X", DEFAULT)
    row = measure(tables, DEFAULT, ids=["refund_rate"]).collect().row(0, named=True)
    notes = ";".join(code for code in row["note"].split(";") if code != "mature_part")
    return row["value"], row["numerator"], row["denominator"], notes


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param([taobao_orders()], (0.3, 3, 10, "orders_only"), id="orders alone"),
        pytest.param([taobao_orders(), old_items()], (0.3, 3, 10, ""), id="and the old item list"),
        pytest.param(
            [taobao_orders(none="")],
            (0.3, 3, 10, "orders_only"),
            id="a blank among amounts is none",
        ),
        pytest.param(
            [taobao_orders(None)],
            (None, 0, 0, "untold_refunds;orders_only"),
            id="orders without the column",
        ),
        pytest.param(
            [taobao_orders("", "")],
            (None, 0, 0, "untold_refunds;orders_only"),
            id="a column that is blank throughout",
        ),
        pytest.param(
            [taobao_orders(None), items({4: "20.00"}, {4: "退款成功"})],
            (0.1, 1, 10, ""),
            id="the items tell",
        ),
        pytest.param(
            [taobao_orders(None), items(None, {4: "退款成功", 5: "退款关闭"})],
            (0.1, 1, 10, ""),
            id="the items' states tell",
        ),
        pytest.param(
            [items({4: "20.00", 5: "0.00"}, {4: "退款成功", 5: "退款成功"})],
            (0.1, 1, 10, ""),
            id="an exchange has an amount of 0",
        ),
        pytest.param(
            [taobao_orders(), items()], (0.3, 3, 10, ""), id="items without, orders with the column"
        ),
        pytest.param(
            [taobao_orders(None), applications("5", "6")],
            (0.2, 2, 10, "orders_only"),
            id="the refund file tells",
        ),
        pytest.param(
            [taobao_orders(), applications("3", "6")],
            (0.4, 4, 10, "orders_only"),
            id="orders and refund file fill each other's gaps",
        ),
        pytest.param(
            [taobao_orders(), old_items(), applications("3", "6")],
            (0.4, 4, 10, ""),
            id="three files",
        ),
        pytest.param([jd()], (None, 0, 0, "untold_refunds"), id="JD"),
        pytest.param([jd(), applications("1")], (0.1, 1, 10, ""), id="JD and a refund file"),
        pytest.param(
            [pinduoduo(dict.fromkeys(range(4), BACK), TOOK)], (0.4, 4, 10, ""), id="Pinduoduo"
        ),
        pytest.param(
            [
                pinduoduo(
                    {0: {"订单状态": "已发货，退款成功"}, 1: {"订单状态": "未发货，退款成功"}},
                    {"订单状态": "已收货"},
                )
            ],
            (0.2, 2, 10, ""),
            id="Pinduoduo without 售后状态",
        ),
        pytest.param(
            [douyin({0: "退款成功", 1: "售后关闭", 2: "退款成功", 3: "退款成功", 5: "换货成功"})],
            (0.15, 3, 20, ""),
            id="Douyin",
        ),
        pytest.param([douyin({})], (0.0, 0, 20, ""), id="Douyin, nobody asked"),
        pytest.param(
            [
                shopify(
                    {
                        1: {"Financial Status": "refunded", "Refunded Amount": "50.00"},
                        2: {"Financial Status": "partially_refunded", "Refunded Amount": "20.00"},
                    },
                    {"Financial Status": "paid", "Refunded Amount": "0.00"},
                )
            ],
            (0.15, 3, 20, ""),
            id="Shopify",
        ),
        pytest.param(
            [
                shopify(
                    {1: {"Financial Status": "refunded"}, 2: {"Financial Status": "refunded"}},
                    {"Financial Status": "paid"},
                )
            ],
            (0.2, 4, 20, ""),
            id="Shopify without Refunded Amount",
        ),
        pytest.param(
            [
                shopify(
                    {1: {"Financial Status": "partially_refunded"}}, {"Financial Status": "paid"}
                )
            ],
            (None, 0, 0, "untold_refunds"),
            id="Shopify, how much a part was is not told",
        ),
    ],
)
def test_whichever_file_tells_of_refunds(files: list[File], told: Told, tmp_path: Path) -> None:
    for nth, turned in enumerate(permutations(files)):
        store = tmp_path / str(nth)
        imported(store, *turned)
        assert rate(store) == told


def test_where_no_file_tells_nothing_is_judged_and_the_rows_say_why(store: Path) -> None:
    imported(store, jd())
    tables = opened(store, "X", DEFAULT)
    days = measure(tables, DEFAULT, ids=["refund_rate"], by="day").collect()
    assert days.drop_nulls("value").is_empty()
    row = judged(tables, DEFAULT).row(by_predicate=pl.col("family") == "refunds_asked", named=True)
    assert (row["verdict"], row["value"]) == ("too_few", None)
    span = {"first": days["start"][0], "last": days["end"][-1]}
    behind = rows_behind("refund_rate", tables, DEFAULT, **span).collect()
    assert behind["counted"].to_list() == [False] * 12
    assert behind["left_out"].unique().to_list() == ["untold_refund"]
