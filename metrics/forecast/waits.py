"""How long the buyers of an order waited for an answer, as the forecast reads it."""

from datetime import timedelta

import polars as pl

from metrics.chats.conversations import conversations
from store.settings import ShopSettings
from store.shop_tables import ShopTables

#: A question is about an order from so long before it was placed …
ASKED_BEFORE = timedelta(days=3)
#: … until so long after, by when its rating window has closed.
ASKED_AFTER = timedelta(days=45)
#: Shorter waits are no trouble.
SHORTEST_WAIT = 120.0
#: A question nobody answered that day counts as a wait of an hour.
UNANSWERED_WAIT = 3600.0


def waits_of_trades(
    tables: ShopTables, settings: ShopSettings, trades: pl.LazyFrame, /
) -> pl.LazyFrame:
    """Waits of over two minutes around an order, by the buyer's name.

    Returns:
        ``trade``, ``at`` (when the wait was over: the answer, else the end of the day) and
        ``wait_s``; sorted by time. A wait belongs to every order of the buyer whose days around
        it hold the question.
    """
    # The day itself may be the as-of day: a wait is known once it is over.
    midnight = pl.col("day").cast(pl.Datetime("us")) + timedelta(days=1, microseconds=-1)
    waits = (
        conversations(tables, settings)
        .rounds.filter(
            pl.col("state") != "robot_only", (pl.col("wait_s") > SHORTEST_WAIT).fill_null(True)
        )
        .select(
            buyer=pl.col("buyer").cast(pl.String),
            opened_at=pl.col("opened_at"),
            at=pl.coalesce("replied_at", midnight),
            wait_s=pl.col("wait_s").fill_null(UNANSWERED_WAIT),
        )
    )
    bought = trades.select("trade", "buyer", placed=pl.coalesce("created_at", "paid_at"))
    after = pl.col("opened_at") - pl.col("placed")
    return (
        bought.filter(pl.col("buyer").is_not_null(), pl.col("placed").is_not_null())
        .join(waits, on="buyer", how="inner")
        .filter(after.is_between(-ASKED_BEFORE, ASKED_AFTER))
        .select("trade", "at", "wait_s")
        .sort("at", "trade", "wait_s")
    )
