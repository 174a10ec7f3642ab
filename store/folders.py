"""Which Delta tables a store holds, and what their rows carry besides the schema's columns."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from store.lake import LakeTable, Store, columns_of, join
from store.records import Rejected
from store.schemas import EVENT_TIMES, FED_TABLES

#: Where a row came from and which of two rows with one key wins.
PROVENANCE: dict[str, Any] = {
    "month": pl.String(),
    "upload_id": pl.String(),
    "sequence": pl.Int64(),
    "source_row": pl.Int64(),
}
PARTITIONS = ("shop", "month")
#: Month of a row that no column dates.
UNDATED = "undated"


def keys(table: str) -> list[str]:
    """The columns that name a row within its shop."""
    return [column for column in FED_TABLES[table].primary_key() if column != "shop"]


def values(table: str) -> list[str]:
    """The columns that a later upload may change."""
    key = FED_TABLES[table].primary_key()
    return [column for column in FED_TABLES[table].column_names() if column not in key]


def is_dated_by_key(table: str) -> bool:
    """Whether a row's key says when it happened, so that its month never changes."""
    return set(EVENT_TIMES[table]) <= set(keys(table))


def event_time(table: str) -> pl.Expr:
    """When a row happened, by the best column it fills."""
    return pl.coalesce(EVENT_TIMES[table])


def log_table(store: Store, table: str) -> LakeTable:
    """Every accepted row of every upload; the files of one upload carry its id in their names."""
    return _table(store, "log", table)


def current_table(store: Store, table: str) -> LakeTable:
    """One row per key: the one that got furthest, of equally far ones the latest upload's."""
    return _table(store, "current", table)


def rejected_table(store: Store) -> LakeTable:
    """Every row set aside, with its reason and its cells."""
    return LakeTable(join(store, "log", "rejected"), columns_of(Rejected), ("shop",))


def pinned_tables(store: Store) -> Iterator[tuple[str, str, LakeTable]]:
    """Every table whose version the ledger pins: name, kind (``log`` or ``current``), table."""
    for name in FED_TABLES:
        yield name, "log", log_table(store, name)
        yield name, "current", current_table(store, name)
    yield "rejected", "log", rejected_table(store)


def _table(store: Store, kind: str, table: str) -> LakeTable:
    ranged = dict.fromkeys((*EVENT_TIMES[table], keys(table)[0], "upload_id"))
    columns = (*columns_of(FED_TABLES[table]), *PROVENANCE.items())
    return LakeTable(join(store, kind, table), columns, PARTITIONS, tuple(ranged))
