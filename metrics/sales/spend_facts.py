"""The orders behind what buyers spend, and the metrics that are made of them."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import polars as pl

from metrics.kit.buyers import item_identity
from metrics.kit.days import during
from metrics.kit.metric import Metric
from metrics.kit.needs import (
    AMOUNT,
    BUYER,
    ITEM_NAMES,
    PAYMENT_TIME,
    PIECES,
    Need,
    settled_on,
    untold_payment,
)
from metrics.kit.periods import FEN_PER_UNIT
from metrics.sales.settled import sellers
from metrics.sales.spend import (
    FALLBACK,
    PER_BUYER,
    crossed_buyers,
    measured,
    payments,
    with_item_pieces,
)
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

#: Metrics that need to know how many pieces an order holds.
PER_PIECE = ("pieces_per_buyer", "piece_price")
#: Why an order does not count, by code.
LEFT_OUT: dict[str, str] = {
    "no_payment_time": _("its file gives no payment time"),
    "not_paid": _("not paid"),
    "no_amount": _("the file gives no amount"),
    "no_buyer": _("the file names no buyer"),
    "no_money_left": _("nothing left after refunds"),
    "no_pieces": _("the files do not tell how many pieces"),
    "no_items": _("no item file lists this order"),
    "untold_refund": _("no file tells whether it was refunded"),
}


def facts(
    metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    by_agent: bool = False,
) -> pl.LazyFrame:
    """Orders paid on some days, and those created on them that were never paid.

    A buyer is counted once: on the first of their orders of these days that counts (by agent,
    on the first that is owed to the agent). See ``metrics.kit.metric.Facts``.

    Returns:
        The columns of ``FACTS`` (``subject``: the order; ``amount``: money).
    """
    span = {"first": first, "last": last}
    return facts_of((metric_id,), tables, settings, **span, by_agent=by_agent)[metric_id]


def facts_of(
    ids: Sequence[str],
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    by_agent: bool = False,
) -> dict[str, pl.LazyFrame]:
    """``facts`` of several metrics, which share what takes time."""
    rows = _orders(ids, tables, settings, first=first, last=last, by_agent=by_agent)
    rows = rows.cache() if len(ids) > 1 else rows
    keys = ["agent", "buyer"] if by_agent else ["buyer"]
    return {metric_id: _facts(rows, metric_id, tables, keys) for metric_id in ids}


def _orders(
    ids: Sequence[str],
    tables: ShopTables,
    settings: ShopSettings,
    *,
    first: date,
    last: date,
    by_agent: bool,
) -> pl.LazyFrame:
    """Orders settled on some days with what was paid for them, and by agent whom they are owed."""
    paid = payments(tables, settings).filter(during("paid_at", first, last))
    if not set(PER_PIECE).isdisjoint(ids):
        paid = with_item_pieces(paid, tables)
    rows = (
        tables.orders.select("order_id", "buyer", "created_at", "paid_at", "paid_fen", "status")
        .filter(settled_on(first, last))
        .with_columns(at=pl.coalesce("paid_at", "created_at"), untold=untold_payment())
        .join(
            paid.select("order_id", "left_fen", "has_money", "pieces"),
            on="order_id",
            how="left",
            validate="1:1",
        )
    )
    if "cross_sell_rate" in ids:
        named = tables.order_items.filter(item_identity().is_not_null())
        listed = named.select("order_id", in_items=pl.lit(True)).unique()
        rows = rows.join(listed, on="order_id", how="left", validate="1:1")
    if not by_agent:
        return rows.with_columns(agent=pl.lit(None, dtype=pl.String))
    owed = sellers(tables, settings, first=first, last=last)
    return rows.join(owed, on="order_id", validate="1:1")


def _facts(
    rows: pl.LazyFrame, metric_id: str, tables: ShopTables, keys: Sequence[str]
) -> pl.LazyFrame:
    rows = rows.with_columns(left_out=_left_out(metric_id))
    counts = pl.col("left_out").is_null()
    if metric_id in PER_BUYER:
        place = pl.int_range(pl.len()).over(keys, order_by=[~counts, "at", "order_id"])
        rows = rows.with_columns(once=counts & (place == 0))
    if metric_id == "cross_sell_rate":
        crossed = crossed_buyers(rows.filter(counts), tables, keys=keys)
        rows = rows.join(crossed, on=list(keys), how="left", validate="m:1")
    numerator, denominator = _adds(metric_id)
    amount = "left_fen" if metric_id == "unit_price" else "paid_fen"
    return rows.select(
        "at",
        "buyer",
        "agent",
        day=pl.col("at").dt.date(),
        kind=pl.lit("order"),
        subject="order_id",
        amount=pl.col(amount) / FEN_PER_UNIT,
        numerator=numerator,
        denominator=denominator,
        left_out="left_out",
    )


def _left_out(metric_id: str) -> pl.Expr:
    """Why an order does not count for a metric."""
    rules = {
        "no_payment_time": pl.col("untold"),
        "not_paid": pl.col("paid_at").is_null(),
        "no_amount": pl.col("paid_fen").is_null(),
    }
    if metric_id in PER_BUYER:
        rules["no_buyer"] = pl.col("buyer").is_null()
    if metric_id == "unit_price":
        rules["untold_refund"] = pl.col("has_money").is_null()
        rules["no_money_left"] = ~pl.col("has_money")
    if metric_id in PER_PIECE:
        rules["no_pieces"] = pl.col("pieces").is_null()
    if metric_id == "cross_sell_rate":
        rules["no_items"] = pl.col("in_items").is_null()
    return pl.coalesce(*(pl.when(holds).then(pl.lit(code)) for code, holds in rules.items()))


def _adds(metric_id: str) -> tuple[pl.Expr, pl.Expr]:
    """What an order adds to numerator and denominator; money in fen."""
    match metric_id:
        case "unit_price":
            return pl.col("left_fen"), pl.col("once").cast(pl.Int64)
        case "order_price":
            return pl.col("paid_fen"), pl.lit(1)
        case "pieces_per_buyer":
            return pl.col("pieces").cast(pl.Int64), pl.col("once").cast(pl.Int64)
        case "piece_price":
            return pl.col("paid_fen"), pl.col("pieces").cast(pl.Int64)
        case _:
            crossed = pl.col("crossed").fill_null(value=False)
            return (crossed & pl.col("once")).cast(pl.Int64), pl.col("once").cast(pl.Int64)


#: What performance tables must tell instead of orders.
SERVICE_SALES = tuple(Need("no_sales", (("service_days", column),)) for column in FALLBACK)
#: They decide whose an order is.
_SETTINGS = ("attribution", "filtered_buyers", "robot_agents")
_metric = partial(
    Metric,
    subject="spend",
    family="spend",
    feeds=(("orders",),),
    missing="no_orders",
    settings=_SETTINGS,
    takes_part_days=True,
    left_out=LEFT_OUT,
    facts=facts,
    measured=measured,
)
METRICS: tuple[Metric, ...] = (
    _metric(
        id="unit_price",
        name=_("Customer unit price"),
        unit="money",
        better="higher",
        numerator=_("amount paid"),
        denominator=_("different paying buyers of the period"),
        definition=_(
            "What a paying buyer spent over the whole period. Different buyers of the period are "
            "counted, so a month is not the sum of its days."
        ),
        source="export",
        additive=False,
        needs=(PAYMENT_TIME, AMOUNT, BUYER, *SERVICE_SALES),
        feeds=(("orders",), ("service_days",)),
        settings=("unit_price_without_refunded", *_SETTINGS),
        in_fen=("numerator",),
    ),
    _metric(
        id="order_price",
        name=_("Price per order"),
        unit="money",
        better="higher",
        numerator=_("amount paid"),
        denominator=_("paid orders"),
        definition=_("What a paid order was worth, dated by payment."),
        needs=(PAYMENT_TIME, AMOUNT),
        source="export",
        in_fen=("numerator",),
    ),
    _metric(
        id="pieces_per_buyer",
        name=_("Pieces per buyer"),
        unit="pieces",
        better="higher",
        numerator=_("pieces in paid orders"),
        denominator=_("different paying buyers of the period"),
        definition=_("How many pieces a paying buyer took over the whole period."),
        needs=(PAYMENT_TIME, AMOUNT, BUYER, PIECES),
        source="export",
        additive=False,
    ),
    _metric(
        id="piece_price",
        name=_("Price per piece"),
        unit="money",
        better="higher",
        numerator=_("amount paid"),
        denominator=_("pieces in paid orders"),
        definition=_("What one piece brought in, over the paid orders."),
        needs=(PAYMENT_TIME, AMOUNT, PIECES),
        source="export",
        in_fen=("numerator",),
    ),
    _metric(
        id="cross_sell_rate",
        name=_("Cross-sell rate"),
        unit="share",
        better="higher",
        numerator=_("paying buyers with two or more different items"),
        denominator=_("different paying buyers of the period"),
        definition=_("Of the paying buyers, the share who took two or more different items."),
        needs=(PAYMENT_TIME, AMOUNT, BUYER, ITEM_NAMES),
        source="ours",
        additive=False,
    ),
)
