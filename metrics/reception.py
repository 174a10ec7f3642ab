"""Chat lines as the metrics count them, in order of conversation."""

from datetime import date, timedelta
from typing import cast

import dataframely as dy
import polars as pl

from store.schemas import Messages
from store.settings import ShopSettings

#: Who wrote a line, in the order in which lines of one second are read: a question comes before
#: the robot that reacts to it, and both before the agent.
BUYER, ROBOT, SYSTEM, AGENT = 0, 1, 2, 3

# Integer keys: names are looked up once, then compared as numbers.
_BUYER_NAME = pl.Categorical(pl.Categories("store_health.buyer"))
_AGENT_NAME = pl.Categorical(pl.Categories("store_health.agent"))


def counted_lines(messages: dy.LazyFrame[Messages], settings: ShopSettings, /) -> pl.LazyFrame:
    """Chat lines that count, by the shop's settings.

    Conversations of filtered buyers are left out, and senders that the shop calls robots are
    robots although the file calls them agents. The text is not read.

    Returns:
        One row per line, in no particular order: ``buyer``, ``sent_at``, ``sender``, ``agent``
        ("" where unknown).
    """
    lines = messages.select("buyer", "sent_at", "sender", "agent")
    if settings.filtered_buyers:
        lines = lines.filter(~pl.col("buyer").is_in(settings.filtered_buyers))
    if settings.robot_agents:
        renamed = (pl.col("sender") == "agent") & pl.col("agent").is_in(settings.robot_agents)
        lines = lines.with_columns(
            sender=pl.when(renamed).then(pl.lit("robot")).otherwise("sender")
        )
    return lines


def within(messages: dy.LazyFrame[Messages], first: date, last: date) -> dy.LazyFrame[Messages]:
    """The chat lines of some days, both included."""
    opens, closes = pl.lit(first).cast(pl.Datetime("us")), pl.lit(last + timedelta(days=1))
    sent_at = pl.col("sent_at")
    lines = messages.filter(sent_at >= opens, sent_at < closes.cast(pl.Datetime("us")))
    return cast("dy.LazyFrame[Messages]", lines)  # still whole rows of the table


def ordered_lines(messages: dy.LazyFrame[Messages], settings: ShopSettings, /) -> pl.LazyFrame:
    """The lines that count, buyer by buyer and in time; buyer lines know whom they address.

    A buyer line without an agent takes the agent of the previous line of the same buyer and day
    that has one, else of the next.

    Returns:
        One row per line, all lines of a buyer together, oldest first: ``buyer`` and ``agent``
        (Categorical; agent "" where nobody is known), ``day``, ``sent_at``, ``who`` (``BUYER``,
        ``ROBOT``, ``SYSTEM`` or ``AGENT``), ``closes`` (last line of its buyer-day).
    """
    sender = pl.col("sender")
    who = pl.when(sender == "buyer").then(BUYER).when(sender == "agent").then(AGENT)
    lines = (
        counted_lines(messages, settings)
        .select(
            pl.col("buyer").cast(_BUYER_NAME),
            "sent_at",
            who.when(sender == "robot").then(ROBOT).otherwise(SYSTEM).cast(pl.Int8).alias("who"),
            pl.col("agent").cast(_AGENT_NAME),
            tie=pl.when(pl.col("agent") != "").then(pl.col("agent").hash() // 2**40).otherwise(0),
        )
        .sort(_reading_order())
        .with_columns(day=pl.col("sent_at").dt.date())
        .with_columns(closes=new_buyer_day().shift(-1, fill_value=True))
    )
    named = pl.col("agent") != ""
    before = pl.when(named | new_buyer_day()).then("agent").forward_fill()
    after = pl.when(named | pl.col("closes")).then("agent").backward_fill()
    addressed = pl.when(before != "").then(before).otherwise(after)
    return lines.select(
        "buyer",
        "day",
        "sent_at",
        "who",
        "closes",
        agent=pl.when(pl.col("who") == BUYER).then(addressed).otherwise("agent"),
    )


def new_buyer_day() -> pl.Expr:
    """Whether a row is the first of its buyer and day, in a frame ordered by both."""
    buyer, day = pl.col("buyer"), pl.col("day")
    return ((buyer != buyer.shift()) | (day != day.shift())).fill_null(True)


def _reading_order() -> pl.Expr:
    """One number per line that sorts by buyer, time, who wrote, and the agent's name.

    Sorting one 128-bit number is more than twice as fast as sorting four columns. It holds the
    buyer (32 bits), the microsecond (53 bits, up to the year 2255), who wrote (2 bits) and, so
    that lines of one second come in one order on every run, 24 bits of the agent name's hash.
    """
    buyer = pl.col("buyer").to_physical().cast(pl.Int128)
    moment = buyer * 2**53 + pl.col("sent_at").to_physical()
    return (moment * 4 + pl.col("who")) * 2**24 + pl.col("tie")


def agent_days(lines: pl.LazyFrame, settings: ShopSettings, /) -> pl.LazyFrame:
    """Which agents received which buyers on which days, and whether they answered.

    An agent receives a buyer who writes to them. They answer with a valid reply at or after the
    buyer's first line to them, before midnight: a human line, or a robot's under their name where
    the shop counts robots.

    Args:
        lines: Rows of ``ordered_lines``.
        settings: Whether a robot's reply counts.

    Returns:
        One row per buyer, day and agent who received them, in no order: ``buyer``, ``day``,
        ``agent``, ``answered``.
    """
    who, sent_at = pl.col("who"), pl.col("sent_at")
    valid = (who == AGENT) | (who == ROBOT) if settings.robot_counts_as_reply else who == AGENT
    asked_at, replied_at = pl.col("asked_at"), pl.col("replied_at")
    return (
        lines.filter(pl.col("agent") != "", who != SYSTEM)
        .group_by("buyer", "day", "agent")
        .agg(
            asked_at=sent_at.filter(who == BUYER).min(),
            replied_at=sent_at.filter(valid).max(),
        )
        .filter(asked_at.is_not_null())
        .select("buyer", "day", "agent", answered=(replied_at >= asked_at).fill_null(False))
    )
