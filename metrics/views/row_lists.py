"""The rows behind a number as a list is made of them: how many by which rule, and the newest."""

from datetime import date

import polars as pl

from metrics.views.row_cuts import Cut
from metrics.views.rows import rows_behind
from store.settings import ShopSettings
from store.shop_tables import ShopTables


def rows_by_rule(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    metric_id: str,
    first: date,
    last: date,
    agent: str | None = None,
    cut: Cut = (),
) -> pl.LazyFrame:
    """How many of the rows of ``metrics.views.rows.rows_behind`` count, and why the others do not.

    Returns:
        One row per rule that left rows out, and one for those counted: ``counted``, ``left_out``
        (null where counted), ``rows`` (count); the counted ones first, then the most frequent rule.
    """
    rows = rows_behind(metric_id, tables, settings, first=first, last=last, agent=agent, cut=cut)
    by_rule = rows.group_by("counted", "left_out").agg(rows=pl.len())
    return by_rule.sort("counted", "rows", "left_out", descending=[True, True, False])


def newest_rows(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    metric_id: str,
    first: date,
    last: date,
    counted: bool,
    most: int,
    agent: str | None = None,
    cut: Cut = (),
) -> pl.LazyFrame:
    """The newest rows of ``metrics.views.rows.rows_behind`` that count, or that do not.

    Args:
        tables: The shop's tables.
        settings: The shop's rules.
        metric_id: Which metric.
        first: First day, shop time.
        last: Last day, included.
        counted: Which of the two.
        most: So many rows at most.
        agent: Only this agent's rows; unset: the shop's.
        cut: Only the rows of one bar, cell or slice.
    """
    rows = rows_behind(metric_id, tables, settings, first=first, last=last, agent=agent, cut=cut)
    kept = rows.filter(pl.col("counted") == counted)
    return kept.sort("day", "at", descending=True).head(most)
