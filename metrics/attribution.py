"""Which agent an order is owed to, and which orders were sold without a conversation."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import polars as pl

from metrics.conversations import Conversations, conversations
from metrics.days import during, on_days
from store.recipes import Frames, Recipe, Source
from store.schemas import ShopTables
from store.settings import Attribution, ShopSettings

#: definitions.md section 4: the conversion window is the inquiry day and the three days after it,
#: so a moment looks back to midnight three days before its own day.
CONVERSION_DAYS = timedelta(days=3)

#: The moments whose last human line an order is attributed by, best first.
MOMENTS: dict[Attribution, tuple[str, ...]] = {
    "order": ("created_at",),
    "payment": ("paid_at",),
    "order_first": ("created_at", "paid_at"),
}


def named_buyer() -> pl.Expr:
    """Whether a row's ``buyer`` can be joined: named at all, and not blurred with a ``*``."""
    return pl.col("buyer").is_not_null() & ~pl.col("buyer").str.contains("*", literal=True)


def served_orders(orders: pl.LazyFrame, talks: Conversations, /) -> pl.LazyFrame:
    """Whether each paid order was sold after a conversation.

    An order is served when its buyer wrote on the payment day or one of the three days before it
    and not later than the payment; the other paid orders are silent.

    Args:
        orders: Rows of the orders table.
        talks: Conversations from three days before the first payment.

    Returns:
        One row per paid order of a known buyer, in no order: ``order_id``, ``served``.
    """
    known = orders.select("order_id", "buyer", at="paid_at").filter(named_buyer())
    known = known.drop_nulls("at")
    # A buyer's first lines of each day will do: what they wrote later that day adds nothing.
    lines = talks.first_lines.join(known, on="buyer", how="semi")
    asked = last_line(known, lines.rename({"first_line_at": "sent_at"}), key="order_id")
    return (
        known.select("order_id")
        .join(asked.select("order_id", served=True), on="order_id", how="left", validate="1:1")
        .with_columns(pl.col("served").fill_null(False))
    )


def selling_agents(
    orders: pl.LazyFrame, talks: Conversations, settings: ShopSettings, /
) -> pl.LazyFrame:
    """The agent each order is owed to, for those that have one.

    The agent is the one with the last human line to the order's buyer from midnight three days
    before the moment up to the moment itself: the order's creation, its payment, or the first
    of the two that finds an agent (``settings.attribution``).

    Args:
        orders: Rows of the orders table.
        talks: Conversations from three days before the first of their moments.
        settings: Which moment of an order counts.

    Returns:
        One row per order with an agent, in no order: ``order_id``, ``agent``.
    """
    known = orders.select("order_id", "buyer", "created_at", "paid_at").filter(named_buyer())
    human = talks.human_lines.join(known, on="buyer", how="semi")
    moments = MOMENTS[settings.attribution]
    # All moments at once: putting the lines in order is most of the work.
    asked = [
        known.select("order_id", "buyer", at=moment, place=pl.lit(place))
        for place, moment in enumerate(moments)
    ]
    found = last_line(pl.concat(asked), human, key=["order_id", "place"])
    return found.sort("place").unique("order_id", keep="first", maintain_order=True).drop("place")


def sellers(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date | None = None,
    last: date | None = None,
    among: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """As ``selling_agents``, for the orders settled (paid, else created) on some days.

    Args:
        tables: The shop's tables.
        settings: Filtered buyers, robots, and which moment of an order counts.
        first: First day; unset: from the beginning.
        last: Last day, included; unset: to the end.
        among: The only orders that are asked for, by ``order_id``; unset: all of these days.
    """
    kept = _kept(tables, settings, first, last)
    if kept is None:
        orders = tables.orders.filter(_settled(first, last))
        if among is not None:
            orders = orders.join(among, on="order_id", how="semi")
        return selling_agents(orders, conversations(tables, settings, last=last), settings)
    if among is not None:
        kept = kept.join(among, on="order_id", how="semi")
    agents = [f"{moment}_agent" for moment in MOMENTS[settings.attribution]]
    return kept.select("order_id", agent=pl.coalesce(agents)).drop_nulls("agent")


def served(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """As ``served_orders``, for the orders paid on some days, both included."""
    kept = _kept(tables, settings, first, last)
    if kept is None:
        orders = tables.orders.filter(during("paid_at", first, last))
        talks = conversations(tables, settings, first=first - CONVERSION_DAYS, last=last)
        return served_orders(orders, talks)
    return kept.select("order_id", "served").drop_nulls("served")


def recipe(settings: ShopSettings, /) -> Recipe:
    """How a store keeps whom orders are owed to: what ``sellers`` and ``served`` read.

    One frame, ``sellers``: a row per order with a time, by ``day`` (of payment, else creation):
    ``order_id``, ``buyer``, ``created_at_agent`` and ``paid_at_agent`` (the agent who wrote last
    before that moment), ``served`` (null where not paid or the buyer is not known).
    """
    return Recipe(
        "sellers",
        edition=1,
        rules=settings.robot_agents,
        frames=("sellers",),
        # An order may have been created, and talked about, long before it was paid.
        sources=(
            Source("orders", ("paid_at", "created_at")),
            Source("messages", ("sent_at",), before=None),
        ),
        make=partial(_sellers, settings.robot_agents),
    )


def _sellers(robot_agents: tuple[str, ...], tables: ShopTables, first: date, last: date) -> Frames:
    rules = ShopSettings(robot_agents=robot_agents)
    columns = ("order_id", "buyer", "created_at", "paid_at")
    orders = tables.orders.select(columns).filter(_settled(first, last)).cache()
    rows = orders.select("order_id", "buyer", day=pl.coalesce("paid_at", "created_at").dt.date())
    talks = conversations(tables, rules, last=last)
    for moment in MOMENTS["order_first"]:
        moments = orders.select("order_id", "buyer", at=moment)
        agents = last_agent(moments, talks, key="order_id").rename({"agent": f"{moment}_agent"})
        rows = rows.join(agents, on="order_id", how="left", validate="1:1")
    asked = served_orders(orders, conversations(tables, rules, last=last))
    return {"sellers": rows.join(asked, on="order_id", how="left", validate="1:1").sort("day")}


def _kept(
    tables: ShopTables, settings: ShopSettings, first: date | None, last: date | None
) -> pl.LazyFrame | None:
    """Rows of the kept frame of some days, as if filtered buyers had never written."""
    kept = tables.condensed.get(recipe(settings))
    if kept is None:
        return None
    rows = kept["sellers"].filter(on_days(first, last))
    if not settings.filtered_buyers:
        return rows
    unheard = pl.col("buyer").is_in(settings.filtered_buyers).fill_null(False)
    found = [f"{moment}_agent" for moment in MOMENTS["order_first"]]
    return rows.with_columns(
        *(pl.when(~unheard).then(name).alias(name) for name in found),
        # Where nobody could tell, still nobody can.
        served=pl.when(pl.col("served").is_not_null()).then(pl.col("served") & ~unheard),
    )


def _settled(first: date | None, last: date | None) -> pl.Expr:
    unpaid = pl.col("paid_at").is_null() & during("created_at", first, last)
    return during("paid_at", first, last) | unpaid


def last_agent(moments: pl.LazyFrame, talks: Conversations, /, *, key: str) -> pl.LazyFrame:
    """The agent who wrote last to a buyer before a moment, if within the three days before it.

    Args:
        moments: ``key`` (unique), ``buyer``, ``at``; rows without a buyer or a time find nobody.
        talks: Conversations from three days before the first moment.
        key: Name of the column that identifies a moment.

    Returns:
        One row per moment that found an agent: the key and ``agent``, by the key.
    """
    moments = moments.filter(named_buyer())
    lines = talks.human_lines.join(moments, on="buyer", how="semi")
    return last_line(moments, lines, key=key).sort(key)


def last_line(
    moments: pl.LazyFrame, lines: pl.LazyFrame, /, *, key: str | Sequence[str]
) -> pl.LazyFrame:
    """The last of these lines at or before each moment, from midnight three days before it.

    Of lines of one second the last by agent name counts, so that a rerun names the same one.

    Returns:
        One row per moment with such a line, in no order: the key and the line's ``agent``.
    """
    names = [key] if isinstance(key, str) else key
    opens = pl.col("at").dt.truncate("1d") - CONVERSION_DAYS
    return (
        moments.select(*names, "buyer", "at")
        .drop_nulls("at")
        .sort("at")
        .join_asof(
            lines.select("buyer", "sent_at", "agent").sort("sent_at", "agent"),
            left_on="at",
            right_on="sent_at",
            by="buyer",
            coalesce=False,
            # Both sides are sorted just above; within a group polars cannot look.
            check_sortedness=False,
        )
        .filter(pl.col("sent_at") >= opens)
        .select(*names, "agent")
    )
