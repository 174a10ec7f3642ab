"""A store filled with a benchmark shop, as imports would have left it."""

import hashlib
from pathlib import Path

import polars as pl

from benchmarks.worlds import TABLES, Size, world_folder
from exports.result import Reading, day_span, no_rejected, shaped
from intake.batch import prepare
from store.schemas import EVENT_TIMES
from store.uploads import commit

SHOP = "大店"


def reading(table: str, rows: pl.DataFrame) -> Reading:
    """Rows of a table as ``exports`` would give them."""
    numbered = rows.drop("shop", strict=False).with_columns(
        source_row=pl.int_range(2, pl.len() + 2, dtype=pl.Int64)
    )
    full = shaped(table, numbered)
    first, last = day_span(table, full)
    return Reading(table, "benchmark", "", "", full, no_rejected(), first_day=first, last_day=last)


def add(store: Path, name: str, *readings: Reading) -> str:
    """Commit readings as one upload; the name stands for its bytes."""
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    return commit(
        store, readings, shop=SHOP, file_name=name, sha256=sha256, uploaded_by="benchmark"
    )


def shop_store(size: Size) -> Path:
    """Folder of a store that holds the shop of this size, filled now if it is not there."""
    world = world_folder(size)
    store, done = world / "store", world / "store.filled"
    if not done.exists():
        for table in TABLES:
            # Month by month, as a shop would: twenty million lines do not fit into one file.
            rows = pl.scan_parquet(world / f"{table}.parquet")
            time = EVENT_TIMES[table][0]
            months = rows.select(pl.col(time).dt.truncate("1mo").unique().sort()).collect()
            for month in months.to_series().drop_nulls():
                part = rows.filter(pl.col(time).dt.truncate("1mo") == month).collect()
                add(store, f"{table} {month:%Y-%m}", reading(table, part))
        done.touch()
    # As an import leaves it; a store of an earlier program is brought up to date.
    prepare(store, [SHOP])
    return store
