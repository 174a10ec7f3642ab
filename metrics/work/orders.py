"""The work that orders leave: to be paid, to be shipped, refunds to decide, after-sale that ends.

Each list stands at a midnight, ``now``; ``metrics.work.lists`` brings them into one form.
"""

from datetime import datetime, timedelta

import polars as pl

from metrics.forecast.order_facts import USUAL_PROMISE
from metrics.kit.days import hours
from metrics.refunds.cases import with_agent
from metrics.refunds.words import is_complaint
from store.settings import ShopSettings
from store.shop_tables import ShopTables

#: A complaint wants an answer within so long (guide).
COMPLAINT_ANSWER = timedelta(hours=48)
#: After-sale applications end so long after receipt; the last days are listed (guide).
AFTER_SALE = timedelta(days=15)
AFTER_SALE_NOTICE = timedelta(days=2)


def unpaid_orders(tables: ShopTables, settings: ShopSettings, /, *, now: datetime) -> pl.LazyFrame:
    """Orders that close by themselves unless they are paid."""
    closes = timedelta(hours=settings.unpaid_close_hours)
    return tables.orders.filter(
        pl.col("paid_at").is_null(),
        pl.col("status") == "unpaid",
        pl.col("created_at") < now,
        pl.col("created_at") > now - closes,
    ).select(
        "order_id",
        "buyer",
        subject="order_id",
        at="created_at",
        deadline=pl.col("created_at") + closes,
        amount_fen=pl.coalesce("total_fen", "goods_payable_fen"),
        reason=pl.lit("closes_in_hours"),
        number=hours(pl.col("created_at") + closes - pl.lit(now)),
    )


def late_shipments(tables: ShopTables, settings: ShopSettings, /, *, now: datetime) -> pl.LazyFrame:
    """Paid orders not shipped by the time promised, or by the usual one where none is named."""
    orders = tables.orders.filter(
        pl.col("paid_at") < now,
        pl.col("shipped_at").is_null() | (pl.col("shipped_at") >= now),
        pl.col("status").is_in(["paid", "part_shipped"]),
    )
    # "Paid" says nothing of the parcel where every order stays so.
    told = tells_of_shipping(tables).filter("told")
    waiting = orders.join(told, how="cross").drop("told").cache()
    promised = (
        tables.order_items.join(waiting, on="order_id", how="semi")
        .group_by("order_id")
        .agg(item_ship_by=pl.col("ship_by").min())
    )
    return (
        waiting.join(promised, on="order_id", how="left", validate="1:1")
        .with_columns(promise=pl.coalesce("ship_by", "item_ship_by"))
        .with_columns(deadline=pl.coalesce("promise", pl.col("paid_at") + USUAL_PROMISE))
        .filter(pl.col("deadline") < now)
        .select(
            "order_id",
            "buyer",
            "deadline",
            subject="order_id",
            at="paid_at",
            amount_fen="paid_fen",
            reason=pl.when(pl.col("promise").is_null())
            .then(pl.lit("late_by_usual"))
            .otherwise(pl.lit("late_hours")),
            number=hours(pl.lit(now) - pl.col("deadline")),
        )
    )


def tells_of_shipping(tables: ShopTables, /) -> pl.LazyFrame:
    """Whether the order files tell of shipping at all: one row, ``told``.

    Some know the payment only; there an order that looks unshipped may long have arrived.
    """
    shipped = pl.col("status").is_in(["part_shipped", "shipped", "finished"])
    return tables.orders.select(told=(pl.col("shipped_at").is_not_null() | shipped).any())


def open_refunds(tables: ShopTables, settings: ShopSettings, /, *, now: datetime) -> pl.LazyFrame:
    """Applications not decided yet; a complaint wants its answer within 48 hours."""
    complaint = is_complaint().fill_null(False)
    deadline = (
        pl.when(complaint)
        .then(pl.min_horizontal("due_at", pl.col("asked_at") + COMPLAINT_ANSWER))
        .otherwise("due_at")
    )
    open_ones = tables.refunds.filter(pl.col("outcome") == "open", pl.col("asked_at") < now)
    known = with_agent(
        open_ones.with_columns(deadline=deadline, complaint=complaint),
        tables,
        settings,
        key="refund_id",
    )
    return known.select(
        "order_id",
        "buyer",
        "agent",
        "deadline",
        "amount_fen",
        subject="refund_id",
        at="asked_at",
        reason=pl.when("complaint").then(pl.lit("complaint")).otherwise(pl.lit("refund_waits")),
        number=hours(pl.col("deadline") - pl.lit(now)),
    )


def after_sale_closing(
    tables: ShopTables, settings: ShopSettings, /, *, now: datetime
) -> pl.LazyFrame:
    """Finished orders with an application once refused, whose after-sale time ends soon.

    Only these are listed: for the others nothing is to be done.
    """
    deadline = pl.col("received_at") + AFTER_SALE
    closing = tables.orders.filter(
        pl.col("status") == "finished",
        deadline.is_between(now, now + AFTER_SALE_NOTICE, "right"),
    ).cache()
    closed = tables.refunds.filter(pl.col("outcome") == "closed").select("order_id").unique()
    by_item = (
        tables.order_items.select("order_id", "item_order_id")
        .join(closing, on="order_id", how="semi")
        .join(closed, left_on="item_order_id", right_on="order_id", how="semi")
    )
    concerned = pl.concat([closed, by_item.select("order_id")]).unique()
    return closing.join(concerned, on="order_id", how="semi").select(
        "order_id",
        "buyer",
        subject="order_id",
        at="received_at",
        deadline=deadline,
        amount_fen="paid_fen",
        reason=pl.lit("refund_was_closed"),
        number=hours(deadline - pl.lit(now)),
    )
