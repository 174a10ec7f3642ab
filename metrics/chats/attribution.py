"""Which agent an order is owed to, and which orders were sold without a conversation."""

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from metrics.chats.conversations import Conversations
from metrics.kit.buyers import named_buyer
from store.settings import Attribution, ShopSettings

#: The conversion window is the inquiry day and the three days after it (docs/numbers.md, "Inquiry
#: conversion"), so a moment looks back to midnight three days before its own day.
CONVERSION_DAYS = timedelta(days=3)

#: The moments whose last human line an order is attributed by, best first.
MOMENTS: dict[Attribution, tuple[str, ...]] = {
    "order": ("created_at",),
    "payment": ("paid_at",),
    "order_first": ("created_at", "paid_at"),
}


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
    moments = MOMENTS[settings.attribution]
    found = moment_agents(orders, talks, moments)
    return found.select("order_id", agent=pl.coalesce(f"{moment}_agent" for moment in moments))


def moment_agents(
    orders: pl.LazyFrame, talks: Conversations, moments: Sequence[str], /
) -> pl.LazyFrame:
    """Who wrote last to the buyer of each order before some of its moments.

    Args:
        orders: Rows of the orders table.
        talks: Conversations from three days before the first of their moments.
        moments: Of "created_at" and "paid_at".

    Returns:
        One row per order with any such agent, in no order: ``order_id`` and per moment
        ``<moment>_agent``.
    """
    known = orders.select("order_id", "buyer", *moments).filter(named_buyer()).cache()
    human = talks.human_lines.join(known, on="buyer", how="semi")
    # All moments at once: putting the lines in order is most of the work.
    asked = [
        known.select("order_id", "buyer", at=moment, place=pl.lit(place))
        for place, moment in enumerate(moments)
    ]
    found = last_line(pl.concat(asked), human, key=["order_id", "place"])
    agents = [
        pl.when(pl.col("place") == place).then("agent").alias(f"{moment}_agent")
        for place, moment in enumerate(moments)
    ]
    return found.select("order_id", *agents).group_by("order_id").agg(pl.exclude("order_id").max())


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
