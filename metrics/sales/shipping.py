"""Whether paid orders leave in time: the same-day shipping rate (当日发货率)."""

from datetime import date, timedelta

import polars as pl

from metrics.kit.counting import measured_from_facts
from metrics.kit.coverage import after_final, covered_span
from metrics.kit.days import during
from metrics.kit.metric import Metric
from metrics.kit.needs import PAYMENT_TIME, SETTLED_DAY, SHIPPING_TIME, settled_on, untold_payment
from metrics.kit.periods import FEN_PER_UNIT
from metrics.refunds.cases import named_orders
from metrics.refunds.words import refunded
from metrics.sales.settled import sellers
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

#: States that an order reaches only by being shipped.
SHIPPED = ("shipped", "finished")


def facts(
    _metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    by_agent: bool = False,
) -> pl.LazyFrame:
    """Orders by the day of payment, and whether they left by the end of the day they were due.

    Due is the day of payment, or the next for orders paid at or after the cut-off hour
    (``settings.shipping_cutoff_hour``). Left out is an order that was wholly refunded before it
    was shipped, whose due day is not over yet, or of which no file tells when it was shipped. By
    agent it belongs to whom the sale is owed to.

    Returns:
        The columns of ``metrics.kit.metric.FACTS`` (``subject``: the order; ``amount``: money
        paid), and ``reason`` ("no_shipping_times" or "no_payment_time" of an order whose file
        gives none).
    """
    covered = covered_span(tables, METRIC)
    late = pl.col("paid_at").dt.hour() >= settings.shipping_cutoff_hour
    due = pl.col("day") + pl.duration(days=late.cast(pl.Int64))
    why_not = {
        "no_payment_time": pl.col("paid_at").is_null(),
        "refunded_first": pl.col("refunded_first"),
        "no_shipping_time": pl.col("untold"),
        "not_due": due > covered[1] if covered else pl.lit(True),
    }
    left_out = pl.coalesce(pl.when(why).then(pl.lit(code)) for code, why in why_not.items())
    undated = tables.orders.filter(settled_on(first, last)).filter(untold_payment())
    undated = undated.with_columns(day=SETTLED_DAY)
    rows = pl.concat([_paid_orders(tables, first, last), undated], how="diagonal")
    if by_agent:
        owed = sellers(tables, settings, first=first, last=last)
        rows = rows.join(owed, on="order_id", validate="1:1")
    else:
        rows = rows.with_columns(agent=pl.lit(None, dtype=pl.String))
    in_time = (pl.col("shipped_at").dt.date() <= due).fill_null(value=False)
    return rows.with_columns(left_out=left_out).select(
        "day",
        "buyer",
        "agent",
        "left_out",
        at=pl.coalesce("paid_at", "created_at"),
        kind=pl.lit("order"),
        subject="order_id",
        amount=pl.col("paid_fen") / FEN_PER_UNIT,
        numerator=in_time.cast(pl.Int64),
        denominator=pl.lit(1),
        reason=pl.when(pl.col("left_out") == "no_payment_time")
        .then(pl.lit("no_payment_time"))
        .when(pl.col("left_out") == "no_shipping_time")
        .then(pl.lit("no_shipping_times")),
    )


def _paid_orders(tables: ShopTables, first: date, last: date) -> pl.LazyFrame:
    """Orders paid on some days with ``shipped_at``, ``refunded_first`` and ``untold``."""
    paid = tables.orders.filter(during("paid_at", first, last)).cache()
    shipped_at = pl.coalesce("shipped_at", "items_shipped_at")
    paid = paid.join(_items_shipped(tables, paid), on="order_id", how="left", validate="1:1")
    paid = paid.with_columns(day=pl.col("paid_at").dt.date(), shipped_at=shipped_at).cache()
    known, left = pl.col("shipped_at").is_not_null(), pl.col("status").is_in(SHIPPED)
    # A file without the column tells of no order when it left; of those that have not left it
    # would tell nothing else. Such a day, or shop, would show its late orders only.
    unheard = (left & ~known).any().over("day") & ~known.any().over("day")
    times = [table.select(pl.col("shipped_at")) for table in (tables.orders, tables.order_items)]
    any_told = pl.concat(times).select(told=pl.col("shipped_at").is_not_null().any())
    refunds = _refunded_before(tables, paid)
    gross = pl.col("paid_fen") + pl.when("paid_is_net").then("refund_fen").fill_null(0)
    wholly = pl.any_horizontal(
        pl.col("refunded_fen") >= gross,
        ~known & (pl.col("refund_fen") >= gross),
    ) & (gross > 0)
    return (
        paid.join(refunds, on="order_id", how="left", validate="1:1")
        .join(any_told, how="cross")
        .with_columns(
            # What was paid and closed without having left was paid back.
            refunded_first=wholly.fill_null(value=False)
            | (~known & (pl.col("status") == "closed")),
            untold=~known & (left | unheard | ~pl.col("told")),
        )
    )


def _items_shipped(tables: ShopTables, paid: pl.LazyFrame) -> pl.LazyFrame:
    """When the last item left, of orders whose own row does not tell and whose items all do."""
    silent = paid.filter(pl.col("shipped_at").is_null())
    each = pl.col("shipped_at")
    return (
        tables.order_items.filter(pl.col("status") != "closed")
        .join(silent, on="order_id", how="semi")
        .group_by("order_id")
        .agg(items_shipped_at=pl.when(each.is_not_null().all()).then(each.max()))
    )


def _refunded_before(tables: ShopTables, paid: pl.LazyFrame) -> pl.LazyFrame:
    """Money paid back on paid orders before they were shipped: ``order_id``, ``refunded_fen``."""
    done = tables.refunds.filter(refunded()).select(
        "order_id", "amount_fen", back_at=pl.coalesce("ended_at", "asked_at")
    )
    done = done.cache()
    parents = named_orders(tables, done).select("order_id", "parent")
    return (
        done.join(parents, on="order_id", validate="m:1")
        .select("amount_fen", "back_at", order_id="parent")
        .join(paid.select("order_id", "shipped_at"), on="order_id", validate="m:1")
        .filter(pl.col("shipped_at").is_null() | (pl.col("back_at") < pl.col("shipped_at")))
        .group_by("order_id")
        .agg(refunded_fen=pl.col("amount_fen").sum())
    )


METRIC = Metric(
    id="same_day_shipping_rate",
    subject="spend",
    family="shipping",
    name=_("Same-day shipping rate"),
    unit="share",
    better="higher",
    numerator=_("orders shipped by the end of the day they were due"),
    denominator=_("paid orders whose due day is over"),
    definition=_(
        "Of the orders paid on a day, the share shipped that day, or the next for those paid at or "
        "after the cut-off hour. Orders wholly refunded before they were shipped are left out."
    ),
    source="ours",
    feeds=(("orders",),),
    needs=(PAYMENT_TIME, SHIPPING_TIME),
    missing="no_orders",
    # What is paid late in the day is due the next.
    maturity=timedelta(days=1),
    open_days=after_final,
    settings=("shipping_cutoff_hour", "attribution", "filtered_buyers", "robot_agents"),
    left_out={
        "no_payment_time": _("its file gives no payment time"),
        "refunded_first": _("wholly refunded before it was shipped"),
        "no_shipping_time": _("no file tells when it was shipped"),
        "not_due": _("its due day is not over yet"),
    },
    notes={"no_shipping_times": _("the files give no shipping times (发货时间, Fulfilled at)")},
    facts=facts,
    measured=measured_from_facts,
)
