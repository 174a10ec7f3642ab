"""Small tables that people write row by row: settings and notes.

Rows are only ever added, so two people who write at once both keep what they wrote.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import dataframely as dy
import polars as pl
from deltalake.exceptions import CommitFailedError

from store.errors import CONTESTED, StoreError
from store.lake import LakeTable, Snapshot, Store, columns_of, join, removals
from store.ledger import ATTEMPTS, lock, pause, read_ledger

#: Past this many files the table is written anew as one.
MANY_FILES = 40


def jotted(store: Store, name: str, schema: type[dy.Schema]) -> pl.DataFrame:
    """Every row ever written, oldest first."""
    table = _table(store, name, schema)
    newest = table.latest()
    return table.empty if newest is None else _read(table, newest)


def jottings_version(store: Store, name: str) -> int:
    """The number of the table's newest version; 0 before the first row."""
    newest = LakeTable(join(store, name), ()).latest()
    return newest.version if newest else 0


def append(store: Store, name: str, schema: type[dy.Schema], rows: Mapping[str, Any]) -> None:
    """Add one row, stamped with the time of writing (``saved_at``, UTC)."""
    # Refuses a store of a newer program before anything is written.
    read_ledger(store)
    table = _table(store, name, schema)
    for attempt in range(ATTEMPTS):
        try:
            with lock(store):
                _append(table, schema, rows)
            return
        except CommitFailedError:
            pause(attempt)
    raise StoreError(CONTESTED, store=str(store), attempts=ATTEMPTS)


def _append(table: LakeTable, schema: type[dy.Schema], row: Mapping[str, Any]) -> None:
    newest = table.latest() or Snapshot(0, "")
    there = _read(table, newest)
    stamped = {**row, "saved_at": _after(there["saved_at"].max())}
    added = schema.validate(pl.DataFrame([stamped], schema=dict(table.schema)), cast=True)
    files = table.files(newest.version)
    crowded = files.height >= MANY_FILES
    actions = table.write(pl.concat([there, added]) if crowded else added, folder="rows")
    table.commit(
        [*actions, *(removals(files, ()) if crowded else ())], onto=newest.version, note={}
    )


def _after(last: Any) -> datetime:
    """Now, or a moment after the last row: some clocks stand still for milliseconds."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return now if last is None else max(now, last + timedelta(microseconds=1))


def _table(store: Store, name: str, schema: type[dy.Schema]) -> LakeTable:
    return LakeTable(join(store, name), columns_of(schema))


@lru_cache(maxsize=16)
def _read(table: LakeTable, at: Snapshot) -> pl.DataFrame:
    paths = table.files(at.version)["path"].to_list()
    return table.scan(paths).sort("saved_at").collect()
