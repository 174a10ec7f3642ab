"""What a row needs to say anything, where no single cell is required.

What cells may not say is stated by ``store.schemas`` and applied at the store's door.
"""

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from exports.cells.set_aside import Aside
from store.schemas import DSR_DIMENSIONS


class RowRule(NamedTuple):
    """A rule of a table's rows: broken where ``broken`` is true."""

    #: Which of our columns is shown as the one at fault.
    column: str
    broken: pl.Expr
    #: A code of ``exports.reasons``.
    reason: str


_score, _count = pl.col("score"), pl.col("count")

#: Per table; a column the file lacks is null.
ROW_RULES: dict[str, tuple[RowRule, ...]] = {
    "ratings": (
        RowRule(
            "description",
            pl.all_horizontal(pl.col(f"^({'|'.join(DSR_DIMENSIONS)})$").is_null()),
            "missing_value",
        ),
    ),
    "rating_days": (
        # Only 0 ratings have no score.
        RowRule("score", _score.is_null() & (_count.is_null() | (_count > 0)), "missing_value"),
    ),
}


def row_faults(rows: pl.DataFrame, table: str, heading: Callable[[str], str]) -> list[Aside]:
    """The rows that break a rule of their table.

    Args:
        rows: The rows as read, ours by name.
        table: The table they are for.
        heading: Our column's heading in the file.
    """
    faults = []
    for rule in ROW_RULES.get(table, ()):
        absent = set(rule.broken.meta.root_names()) - set(rows.columns)
        known = rows.with_columns(pl.lit(None).alias(name) for name in absent)
        broken = known.select(rule.broken.fill_null(False)).to_series()
        if broken.any():
            at = broken.arg_true()
            values = rows[rule.column] if rule.column in rows.columns else rows[:, 0]
            faults.append(
                Aside(at, heading(rule.column), values.gather(at).cast(pl.String), rule.reason)
            )
    return faults
