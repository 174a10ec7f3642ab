"""Rounds: a buyer asks, somebody answers. Every response time is read off them."""

import polars as pl

from metrics.chats.reception import AGENT, BUYER, ROBOT, new_buyer_day

#: How a round ended: by a human the same day, by nobody, or by a robot alone.
ROUND_STATES = ("answered", "unanswered", "robot_only")
#: The platform times rounds that open from 08:00:00 to 22:59:59 (guide).
PLATFORM_HOURS = (8, 22)


def rounds(lines: pl.LazyFrame, /) -> pl.LazyFrame:
    """Every wait of a buyer for a human answer.

    A round opens with the first buyer line after the last human reply of the day (or since
    midnight) and closes with the next human line of the same day. A round still open at midnight
    is unanswered; where a robot wrote at or after its opening, ``robot_only``.

    Args:
        lines: Rows of ``metrics.chats.reception.ordered_lines``.

    Returns:
        One row per round, buyers together, oldest first: ``buyer``, ``day``, ``agent`` (whom the
        opening line addressed, "" if unknown), ``opened_at``, ``replied_at`` and ``replier``
        (null unless answered), ``wait_s`` (seconds, null unless answered), ``state``, ``first``
        (the round that the buyer's first line of the day opened; every received buyer-day has
        exactly one), ``in_platform_hours``.
    """
    who = pl.col("who")
    robots = (who == ROBOT).cum_sum()
    robots_by_midnight = pl.when(pl.col("closes")).then(robots).backward_fill()
    # Lines of one side in a row are one turn. Once only turns are left, a buyer's turn is a
    # round, and the turn after it, if it is still the same buyer and day, is the answer.
    turns = (
        lines.with_columns(robot_later=robots_by_midnight > robots)
        .filter((who == BUYER) | (who == AGENT))
        .with_columns(opens_day=new_buyer_day())
        .filter(pl.col("opens_day") | (who != who.shift()))
        .with_columns(
            # The first buyer line opens a round even where an agent greeted before it.
            first=pl.col("opens_day") | pl.col("opens_day").shift(fill_value=True),
            answered=~pl.col("opens_day").shift(-1, fill_value=True),
            next_at=pl.col("sent_at").shift(-1),
            next_agent=pl.col("agent").shift(-1),
        )
        .filter(who == BUYER)
    )
    answered, opened_at = pl.col("answered"), pl.col("sent_at")
    states = pl.Enum(ROUND_STATES)
    alone = pl.when("robot_later").then(pl.lit("robot_only", states))
    wait = pl.col("next_at") - opened_at
    return turns.select(
        "buyer",
        "day",
        "agent",
        opened_at=opened_at,
        replied_at=pl.when(answered).then("next_at"),
        replier=pl.when(answered).then("next_agent"),
        wait_s=pl.when(answered).then(wait.dt.total_microseconds() / 1_000_000),
        state=pl.when(answered)
        .then(pl.lit("answered", states))
        .otherwise(alone.otherwise(pl.lit("unanswered", states))),
        first="first",
        in_platform_hours=opened_at.dt.hour().is_between(*PLATFORM_HOURS),
    )
