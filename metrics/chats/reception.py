"""Chat lines as the metrics count them, in order of conversation."""

from datetime import date
from typing import cast

import dataframely as dy
import polars as pl

from metrics.kit.days import during
from store.schemas import Messages
from store.settings import ShopSettings

#: Who wrote a line, in the order in which lines of one second are read: a question comes before
#: the robot that reacts to it, and both before the agent.
BUYER, ROBOT, SYSTEM, AGENT = 0, 1, 2, 3

# One line as one number of 127 bits, from its most significant part: what ``_packed`` writes and
# ``_unpacked`` reads. Sorting one such number is twice as fast as sorting its parts, and moving
# it about is cheaper than moving them.
_AGENT_BITS = 24
_TIE_BITS = 16
_WHO_BITS = 2
_MICROSECOND_BITS = 53  # up to the year 2255


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


def within(
    messages: dy.LazyFrame[Messages], first: date | None, last: date | None
) -> dy.LazyFrame[Messages]:
    """The chat lines of some days, both included; without a bound where none is given."""
    lines = messages.filter(during("sent_at", first, last))
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
    # Names become numbers within this plan only; numbers shared by all plans would never be freed.
    buyers, agents = (pl.Categorical(pl.Categories.random()) for _ in range(2))
    lines = (
        counted_lines(messages, settings)
        .select(_packed(buyers, agents).sort())
        .select(**_unpacked(buyers, agents))
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


def _packed(buyers: pl.Categorical, agents: pl.Categorical) -> pl.Expr:
    """One number per line that sorts by buyer, time and who wrote, and holds the agent.

    Lines of one second and side come in an order by the hash of the agent's name: any order will
    do, but it must be the same on every run.
    """
    sender, agent = pl.col("sender"), pl.col("agent")
    human = pl.when(sender == "buyer").then(BUYER).when(sender == "agent").then(AGENT)
    tie = pl.when(agent != "").then(agent.hash() // 2 ** (64 - _TIE_BITS)).otherwise(0)
    packed = pl.col("buyer").cast(buyers).to_physical().cast(pl.Int128)
    for part, bits in (
        (pl.col("sent_at").to_physical(), _MICROSECOND_BITS),
        (human.when(sender == "robot").then(ROBOT).otherwise(SYSTEM), _WHO_BITS),
        (tie, _TIE_BITS),
        (agent.cast(agents).to_physical(), _AGENT_BITS),
    ):
        packed = packed * pl.lit(2**bits) + part
    return packed.alias("packed")


def _unpacked(buyers: pl.Categorical, agents: pl.Categorical) -> dict[str, pl.Expr]:
    """The parts of ``packed``: ``buyer``, ``sent_at``, ``who``, ``agent``."""

    def part(skipped: int, bits: int) -> pl.Expr:
        return pl.col("packed") // pl.lit(2**skipped, pl.Int128) % pl.lit(2**bits)

    below_moment = _AGENT_BITS + _TIE_BITS + _WHO_BITS
    buyer = part(below_moment + _MICROSECOND_BITS, 32)
    moment = part(below_moment, _MICROSECOND_BITS).cast(pl.Int64)
    return {
        "buyer": buyer.cast(pl.UInt32).cat.to(buyers),
        "sent_at": moment.cast(pl.Datetime("us")),
        "who": part(_AGENT_BITS + _TIE_BITS, _WHO_BITS).cast(pl.Int8),
        "agent": part(0, _AGENT_BITS).cast(pl.UInt32).cat.to(agents),
    }
