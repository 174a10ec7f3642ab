"""Work lists: what should be done today, each row with its reason and its deadline."""

from datetime import date, datetime, timedelta
from typing import Literal, Protocol

import polars as pl

from metrics.chats.conversations import conversations
from metrics.kit.buyers import named_buyer
from metrics.kit.days import hours
from metrics.work.chats import lost_inquiries, unanswered
from metrics.work.orders import after_sale_closing, late_shipments, open_refunds, unpaid_orders
from metrics.work.ratings import bad_ratings
from store.settings import ShopSettings
from store.shop_tables import ShopTables

WorkKind = Literal[
    "lost_inquiry",
    "unpaid_order",
    "unanswered",
    "open_refund",
    "after_sale_closing",
    "bad_rating",
    "late_shipment",
]
WORK_KINDS: tuple[WorkKind, ...] = (
    "unanswered",
    "unpaid_order",
    "lost_inquiry",
    "late_shipment",
    "open_refund",
    "bad_rating",
    "after_sale_closing",
)
#: The tables without which a list cannot be made: one of each tuple must be there. "shipping" is
#: the orders of a shop whose files tell of shipping (``metrics.work.orders``).
WORK_SOURCES: dict[WorkKind, tuple[tuple[str, ...], ...]] = {
    "unanswered": (("messages",),),
    "unpaid_order": (("orders",),),
    "lost_inquiry": (("messages",), ("orders",)),
    "late_shipment": (("shipping",),),
    "open_refund": (("refunds",),),
    "bad_rating": (("ratings", "reviews"),),
    "after_sale_closing": (("orders",), ("refunds",)),
}
#: How far back the agent is looked for who last wrote to a buyer (ours).
LAST_WRITER_AGE = timedelta(days=30)

#: Columns of every work list, in this order.
WORK: dict[str, type[pl.DataType] | pl.DataType] = {
    "kind": pl.String,
    "subject": pl.String,
    "buyer": pl.String,
    "agent": pl.String,
    "order_id": pl.String,
    "at": pl.Datetime("us"),
    "age_hours": pl.Float64,
    "deadline": pl.Datetime("us"),
    "hours_left": pl.Float64,
    "amount_fen": pl.Int64,
    "reason": pl.String,
    "number": pl.Float64,
    "warmth": pl.Int8,
    "text": pl.String,
}


def work(
    kind: WorkKind, tables: ShopTables, settings: ShopSettings, /, *, as_of: date
) -> pl.LazyFrame:
    """One work list as of the end of a day, without what the files tell was settled since.

    Args:
        kind: Which list.
        tables: The shop's tables.
        settings: The shop's rules.
        as_of: The day; deadlines count from the midnight that ends it.

    Returns:
        One row per thing to do, most urgent first (lost inquiries: the warmest, then the newest):
        ``kind``, ``subject`` (stable, for ticks), ``buyer``, ``agent`` (whose it is, else who last
        wrote to the buyer), ``order_id``, ``at`` (since when), ``age_hours``, ``deadline``,
        ``hours_left`` (negative when past), ``amount_fen`` (at stake), ``reason`` (codes of the
        page's wording, joined by ";"), ``number`` (that the reason speaks of), ``warmth`` (how
        many signs of wanting to buy; lost inquiries only), ``text`` (what the buyer wrote;
        ratings only).
    """
    now = datetime.combine(as_of + timedelta(days=1), datetime.min.time())
    # Cached by hand: the optimiser would make the list twice, once to see who wrote to its buyers.
    rows = _LISTS[kind](tables, settings, now=now).cache()
    missing = [name for name in WORK if name not in rows.collect_schema().names()]
    rows = rows.with_columns(pl.lit(None, WORK[name]).alias(name) for name in missing)
    newest_first = pl.when(pl.col("warmth").is_not_null()).then(-pl.col("at").to_physical())
    return (
        _with_last_writer(rows, tables, settings, now)
        .with_columns(
            kind=pl.lit(kind),
            age_hours=hours(pl.lit(now) - pl.col("at")),
            hours_left=hours(pl.col("deadline") - pl.lit(now)),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in WORK.items())
        .sort(
            "warmth",
            newest_first,
            "deadline",
            "at",
            "subject",
            descending=[True, False, False, False, False],
            nulls_last=True,
        )
    )


def _with_last_writer(
    rows: pl.LazyFrame, tables: ShopTables, settings: ShopSettings, now: datetime
) -> pl.LazyFrame:
    """Fill ``agent`` where nobody is named: who of the humans last wrote to the buyer."""
    recent = pl.col("sent_at").is_between(now - LAST_WRITER_AGE, now, "left")
    talks = conversations(tables, settings, first=(now - LAST_WRITER_AGE).date(), last=now.date())
    writers = (
        talks.human_lines.filter(recent)
        .join(rows.filter(named_buyer()).select("buyer").unique(), on="buyer", how="semi")
        .sort("sent_at", "agent")
        .group_by("buyer")
        .agg(writer=pl.col("agent").last())
    )
    named = pl.when(pl.col("agent") != "").then("agent")
    return (
        rows.join(writers, on="buyer", how="left", validate="m:1")
        .with_columns(agent=pl.coalesce(named, "writer"))
        .drop("writer")
    )


class _List(Protocol):
    """A list as it stands at a midnight: some of the columns of ``WORK``, in no order."""

    def __call__(
        self, tables: ShopTables, settings: ShopSettings, /, *, now: datetime
    ) -> pl.LazyFrame: ...


_LISTS: dict[WorkKind, _List] = {
    "unanswered": unanswered,
    "unpaid_order": unpaid_orders,
    "lost_inquiry": lost_inquiries,
    "late_shipment": late_shipments,
    "open_refund": open_refunds,
    "bad_rating": bad_ratings,
    "after_sale_closing": after_sale_closing,
}
