"""What a table's rows need beyond their cells: lines folded into orders, keys, derived columns."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from exports.chats.rows import finish_messages
from exports.layouts import Layout
from exports.result import Remark
from exports.scores.rows import finish_rating_days, finish_ratings, finish_reviews
from exports.tables.orders import finish_items, finish_orders, finish_refunds
from exports.tables.service import finish_service_days
from store.schemas import FED_TABLES, reached


@dataclass(frozen=True)
class Finished:
    """A table's rows, one per key, and what is to be remarked on."""

    rows: pl.DataFrame
    remarks: tuple[Remark, ...]


Finisher = Callable[[pl.DataFrame, Layout, frozenset[str]], tuple[pl.DataFrame, list[Remark]]]

#: Per table, what is done to its accepted rows; a table without an entry needs nothing.
#: A finisher takes the rows, the layout and the names of the columns the file really had.
FINISHERS: dict[str, Finisher] = {
    "orders": finish_orders,
    "order_items": finish_items,
    "refunds": finish_refunds,
    "messages": finish_messages,
    "service_days": finish_service_days,
    "ratings": finish_ratings,
    "rating_days": finish_rating_days,
    "reviews": finish_reviews,
}
#: Tables whose finisher numbers equal rows: no two of them share a key.
_NUMBERED = ("messages", "ratings")


def finish(rows: pl.DataFrame, layout: Layout, *, present: frozenset[str]) -> Finished:
    """Rows as the table wants them, one per key (:func:`last_of_key`)."""
    finisher = FINISHERS.get(layout.table)
    rows, remarks = finisher(rows, layout, present) if finisher else (rows, [])
    once = rows if layout.table in _NUMBERED else last_of_key(rows, layout.table)
    if once.height < rows.height:
        remarks = [*remarks, Remark("repeated_rows", {"count": rows.height - once.height})]
    return Finished(once, tuple(remarks))


def last_of_key(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Of the rows of every key the one that got furthest, the last of those; in file order."""
    keys = [name for name in FED_TABLES[table].primary_key() if name in rows.columns]
    keys += ["shop_name"] * ("shop_name" in rows.columns)
    if not keys or rows[keys[0]].n_unique() == rows.height:
        return rows  # the usual case, told by one column
    far = reached(table)
    if far is not None and rows.select(keys).is_duplicated().any():
        # What the file has no column for says nothing.
        absent = {name: pl.lit(None) for name in far.meta.root_names() if name not in rows.columns}
        known = rows.with_columns(**absent).with_columns(far=far)
        rows = rows.filter(
            known.select(pl.col("far") == pl.col("far").max().over(keys)).to_series()
        )
    return rows.unique(keys, keep="last", maintain_order=True)
