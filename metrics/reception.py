"""Chat lines as the metrics count them: filtered buyers gone, robots known, agents filled in."""

import dataframely as dy
import polars as pl

from store.schemas import Messages
from store.settings import ShopSettings


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
