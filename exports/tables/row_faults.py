"""Rows that say nothing, told in the file's own words before keys are made of the others.

What a row must say is stated by ``store.schemas``; the store's door asks it of every import.
"""

from collections.abc import Callable

import polars as pl

from exports.cells.set_aside import Aside
from store.door import saying_rules


def row_faults(rows: pl.DataFrame, table: str, heading: Callable[[str], str]) -> list[Aside]:
    """The rows that say nothing.

    Args:
        rows: The rows as read, ours by name; a column the file lacks is null.
        table: The table they are for.
        heading: Our column's heading in the file.
    """
    faults = []
    for rule in saying_rules(table):
        absent = set(rule.holds.meta.root_names()) - set(rows.columns)
        known = rows.with_columns(pl.lit(None).alias(name) for name in absent)
        silent = known.select(~rule.holds.fill_null(True)).to_series()
        if silent.any():
            at = silent.arg_true()
            values = rows[rule.column] if rule.column in rows.columns else rows[:, 0]
            told = values.gather(at).cast(pl.String)
            faults.append(Aside(at, heading(rule.column), told, rule.reason))
    return faults
