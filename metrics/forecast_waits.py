"""How long the buyers of an order waited for an answer, as the forecast reads it."""

import polars as pl

from store.schemas import ShopTables
from store.settings import ShopSettings


def waits_of_trades(
    tables: ShopTables, settings: ShopSettings, trades: pl.LazyFrame
) -> pl.LazyFrame:
    """Waits around an order: ``trade``, ``at`` (when the wait was over), ``wait_s``."""
    return trades.select(
        "trade", at=pl.col("paid_at"), wait_s=pl.lit(None, dtype=pl.Float64)
    ).filter(pl.lit(False))
