"""Ratings and reviews beyond their cells: keys, and scores that stand side by side in a row."""

import polars as pl

from exports.layouts import Layout
from exports.result import Remark


def finish_ratings(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """Ratings with ``nth``: 0 for the first, 1 for the second of an order in one second.

    Files of other marketplaces rate every item of an order, often by the day only, in consecutive
    rows. A row that is met again further on stands twice in the file and counts once.
    """
    once = _without_repeats(rows)
    nth = pl.col("order_id").cum_count().over("order_id", "rated_at") - 1
    repeated = rows.height - once.height
    remarks = [Remark("repeated_lines", {"count": repeated})] if repeated else []
    return once.with_columns(nth=nth.cast(pl.Int16)), remarks


def _without_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    names = ["order_id", "rated_at"]
    if rows.select(pl.struct(names).n_unique()).item() == rows.height:
        return rows
    cells = [name for name in rows.columns if name != "source_row"]
    run = pl.struct(names).rle_id()
    again = rows.with_columns(run=run).select(pl.col("run") != pl.col("run").first().over(cells))
    return rows.filter(~again.to_series())


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
