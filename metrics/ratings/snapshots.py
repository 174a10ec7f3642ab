"""What the seller page printed of the scores, as snapshots and daily files tell it."""

from datetime import date

import polars as pl

from store.settings import ShopSettings
from store.shop_tables import ShopTables


def newest_printed(tables: ShopTables, settings: ShopSettings, *, last: date) -> pl.LazyFrame:
    """The newest line of the seller page up to a day, per dimension.

    Args:
        tables: The shop's tables.
        settings: Moves nothing here; what a page asks for takes it.
        last: No line of a later day counts.

    Returns:
        One row per dimension that was ever printed, in the order of its name; the columns of
        ``store.schemas.RatingSnapshots``.
    """
    return _newest(tables.rating_snapshots.filter(pl.col("day") <= last))


def newest_industry(tables: ShopTables, settings: ShopSettings, *, last: date) -> pl.LazyFrame:
    """The newest line of the seller page that names the industry's mean, per dimension.

    A younger line without that mean is passed over. Columns and order as ``newest_printed``.
    """
    named = pl.col("industry_mean").is_not_null()
    return _newest(tables.rating_snapshots.filter(pl.col("day") <= last, named))


def _newest(printed: pl.LazyFrame) -> pl.LazyFrame:
    return printed.sort("day").group_by("dimension").agg(pl.all().last()).sort("dimension")
