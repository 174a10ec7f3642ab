"""What a metric cannot be told without, and which orders do not tell whether they were paid."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from metrics.kit.days import during
from told.mark import mark as _

#: A column of a table: ("orders", "paid_at").
Column = tuple[str, str]


@dataclass(frozen=True)
class Need:
    """One thing that the files of a feed must tell: any one of some columns is enough."""

    #: What is said where none of them is filled, a code of ``REASONS``.
    reason: str
    columns: tuple[Column, ...]


#: Why there is no number although there are files, by code; the headings are those of exports.
REASONS: dict[str, str] = {
    "no_payment_time": _(
        "the files give no payment time (订单付款时间, 支付完成时间, 付款确认时间, 订单成交时间, "
        "Paid at), so no order counts as paid"
    ),
    "no_amount": _(
        "the order files give no amount paid (买家实际支付金额, 订单应付金额, 应付金额, "
        "用户实付金额(元), Total)"
    ),
    "no_pieces": _(
        "no file tells how many pieces (宝贝总数量, 购买数量, 商品数量, 订购数量, "
        "商品数量(件), Lineitem quantity)"
    ),
    "no_item_names": _(
        "the item files do not tell one item from another (商品ID, 商家编码, 标题, Lineitem name)"
    ),
    "no_outcome": _("the refund file does not tell how refunds ended (退款状态, 售后状态)"),
    "no_refund_amount": _("the refund file gives no amounts (买家退款金额, 退商品金额（元）)"),
    "no_end_time": _(
        "the refund file does not tell when refunds ended (退款完结时间, 售后完结时间)"
    ),
    "no_dimension": _(
        "no rating file gives this dimension (描述相符, 服务态度, 物流服务; "
        "description, service, logistics)"
    ),
    "no_counts_of_buyers": _(
        "the performance tables do not tell how many buyers were received (接待人数)"
    ),
    "no_unanswered": _("the performance tables have neither 未回复人数 nor 回复率"),
    "no_average_response": _("the performance tables have no average response (平均响应时长)"),
    "no_three_minutes": _("the performance tables have no 3分钟人工响应率"),
    "no_first_response": _("the performance tables have no 首次响应时长"),
    "no_slow_buyers": _("the performance tables have no 慢响应人数"),
    "no_lines": _("the performance tables have neither the lines of both sides nor 答问比"),
    "no_inquiries": _("the performance tables have no 询单人数"),
    "no_paid_buyers": _("the performance tables have neither 最终付款人数 nor 询单最终付款转化率"),
    "no_sales": _("the performance tables have no sales and their buyers (销售额, 销售人数)"),
    "chat_only": _("performance tables cannot tell this; it needs chat lines"),
}
PAYMENT_TIME = Need("no_payment_time", (("orders", "paid_at"),))
AMOUNT = Need("no_amount", (("orders", "paid_fen"),))
BUYER = Need("no_buyer", (("orders", "buyer"),))
PIECES = Need("no_pieces", (("orders", "pieces"), ("order_items", "quantity")))
ITEM_NAMES = Need(
    "no_item_names",
    (("order_items", "item_id"), ("order_items", "merchant_code"), ("order_items", "title")),
)
SHIPPING_TIME = Need("no_shipping_times", (("orders", "shipped_at"), ("order_items", "shipped_at")))
REFUNDS_TOLD = Need(
    "untold_refunds",
    (("orders", "refund_fen"), ("order_items", "refund_fen"), ("refunds", "outcome")),
)
OUTCOME = Need("no_outcome", (("refunds", "outcome"),))
#: States that an order reaches only by being paid.
PAID_STATES = ("paid", "part_shipped", "shipped", "finished")
_MAY_BE_PAID = pl.col("status").is_in([*PAID_STATES, "unknown"])
SETTLED_DAY = pl.coalesce("paid_at", "created_at").dt.date()


def settled_on(first: date | None, last: date | None) -> pl.Expr:
    """Whether an order was paid on some days, or created on them and never paid."""
    unpaid = pl.col("paid_at").is_null() & during("created_at", first, last)
    return during("paid_at", first, last) | unpaid


def untold_payment() -> pl.Expr:
    """Whether no file tells when an order or item was paid, among all those of its day.

    A payment time is missing where no order of a day has one although the state of some says
    that they were paid, or no state is known. Where others of the day have one, an order without
    was not paid (or is paid on delivery). To be asked of whole days of settlement.
    """
    told = pl.col("paid_at").is_not_null().any().over(SETTLED_DAY)
    return ~told & _MAY_BE_PAID


def payment_gaps(orders: pl.LazyFrame, first: date, last: date, /) -> pl.LazyFrame:
    """Days of settlement on which orders do not tell what counts.

    Returns:
        One row per day with an order, in no order: ``day``, ``no_payment_time`` (there are
        orders of ``untold_payment``), ``no_amount`` (a paid order has none).
    """
    told = pl.col("paid_at").is_not_null()
    return (
        orders.filter(settled_on(first, last))
        .group_by(day=SETTLED_DAY)
        .agg(
            no_payment_time=~told.any() & _MAY_BE_PAID.any(),
            no_amount=(told & pl.col("paid_fen").is_null()).any(),
        )
    )
