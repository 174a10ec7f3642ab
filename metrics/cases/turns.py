"""Conversations as turns: all lines that one side wrote in a row."""

import dataframely as dy
import polars as pl

from store.schemas import Messages

CONVERSATION = ("buyer", "day")
#: Characters that carry no words: spaces, punctuation, and the seller's ritual address.
_NO_WORDS = r"^(?:亲亲?|亲爱的)|[\s\p{P}\p{S}]"


def turns(messages: dy.LazyFrame[Messages], /) -> pl.LazyFrame:
    """Turns of buyers and human agents, robots and system lines passed over.

    A conversation is a buyer-day. An agent's turn waits from the first line of the buyer's turn
    before it, as a round does (docs/numbers.md, "Rounds and reply times").

    Returns:
        One row per turn, by buyer, day and time: ``buyer``, ``day``, ``turn`` (0 for the first),
        ``side`` ("buyer" or "agent"; the sides alternate), ``agent``, ``opened_at``, ``text``
        (lines joined by a line break), ``characters`` (without spaces and punctuation),
        ``wait_s`` (null in a buyer's turn and in an agent's opening one), ``place`` ("first" of
        its side or "later") and ``closes`` (true for the conversation's last turn).
    """
    lines = (
        messages.filter(pl.col("sender").is_in(["buyer", "agent"]))
        .select("buyer", "sent_at", "nth", "agent", "text", side="sender")
        .with_columns(day=pl.col("sent_at").dt.date())
        # Of one second, the buyer's line comes first: nobody answers what is not yet asked.
        .sort("buyer", "sent_at", pl.col("side") == "agent", "nth", maintain_order=True)
    )
    starts = pl.struct(*CONVERSATION, "side").rle_id()
    spoken = (
        lines.with_columns(block=starts)
        .group_by("block", maintain_order=True)
        .agg(
            pl.col(*CONVERSATION, "side").first(),
            pl.col("agent").last(),
            opened_at=pl.col("sent_at").first(),
            text=pl.col("text").str.join("\n"),
        )
    )
    here = pl.col("buyer").rle_id(), pl.col("day")
    return (
        spoken.with_columns(
            turn=pl.int_range(pl.len()).over(*here),
            characters=pl.col("text").str.replace_all(_NO_WORDS, "").str.len_chars(),
            asked_at=pl.col("opened_at").shift(1).over(*here),
            closes=pl.int_range(pl.len()).over(*here) == pl.len().over(*here) - 1,
        )
        .with_columns(
            wait_s=pl.when(pl.col("side") == "agent").then(
                (pl.col("opened_at") - pl.col("asked_at")).dt.total_seconds()
            ),
            # Sides alternate, so each side's first turn is the conversation's first or second.
            place=pl.when(pl.col("turn") < 2).then(pl.lit("first")).otherwise(pl.lit("later")),
        )
        .drop("block", "asked_at")
        .sort("buyer", "day", "turn")
    )
