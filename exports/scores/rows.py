"""Ratings and reviews beyond their cells: keys, and scores that stand side by side in a row."""

import polars as pl

from exports.layouts import Layout
from exports.result import Remark


def finish_ratings(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """Ratings with ``nth``: 0 for the first, 1 for the second of an order in one second.

    Files of other marketplaces rate every item of an order, often by the day only.
    """
    nth = pl.col("order_id").cum_count().over("order_id", "rated_at") - 1
    return rows.with_columns(nth=nth.cast(pl.Int16)), []


def finish_rating_days(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """Daily scores as the template has them: of the whole shop unless an item is named."""
    item = pl.col("item_id").fill_null("") if "item_id" in present else pl.lit("")
    return rows.with_columns(source=pl.lit("template"), item_id=item), []


def finish_reviews(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """Reviews whose unknown buyer, item or text is "", as their key wants it."""
    blank = [
        (pl.col(name).fill_null("") if name in present else pl.lit("")).alias(name)
        for name in ("buyer", "item_id", "text")
    ]
    return rows.with_columns(blank), []
