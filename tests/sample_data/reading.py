"""Generated files, read the way the product reads them."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from exports.reading import read_file
from store.schemas import FED_TABLES, Coverage
from store.shop_tables import ShopTables

SHOP = "示例店"


@cache
def read_shop(folder: Path) -> tuple[dict[str, pl.DataFrame], tuple[tuple[str, date], ...]]:
    """Rows of every table in a folder of exports, and the days that their files cover."""
    rows: dict[str, list[pl.DataFrame]] = {}
    covered: set[tuple[str, date]] = set()
    for path in sorted(folder.iterdir()):
        if path.suffix == ".json":
            continue
        for reading in read_file(path.name, path.read_bytes()):
            assert reading.rejected.is_empty(), f"{path.name}: {reading.rejected}"
            assert reading.emptied.is_empty(), f"{path.name}: {reading.emptied}"
            assert reading.unknown_headers == (), path.name
            rows.setdefault(reading.table, []).append(reading.rows)
            if reading.first_day and reading.last_day:
                span = pl.date_range(reading.first_day, reading.last_day, eager=True)
                covered |= {(reading.table, day) for day in span}
    return {table: _typed(table, parts) for table, parts in rows.items()}, tuple(sorted(covered))


def shop_tables_of(folder: Path) -> ShopTables:
    """A folder of exports as the metrics see it."""
    frames, covered = read_shop(folder)
    lazy: dict[str, Any] = {
        name: frames[name].lazy() if name in frames else schema.create_empty().lazy()
        for name, schema in FED_TABLES.items()
    }
    days = [(table, day, True) for table, day in covered]
    coverage = pl.DataFrame(days, schema=Coverage.create_empty().schema, orient="row")
    return ShopTables(shop=SHOP, coverage=Coverage.validate(coverage, cast=True), **lazy)


def _typed(table: str, parts: list[pl.DataFrame]) -> pl.DataFrame:
    schema = FED_TABLES[table]
    columns = schema.column_names()
    rows = pl.concat(parts, how="diagonal_relaxed").with_columns(shop=pl.lit(SHOP))
    rows = rows.with_columns(
        pl.lit(None).alias(name) for name in columns if name not in rows.columns
    )
    rows = rows.unique(schema.primary_key(), keep="last", maintain_order=True)
    return schema.validate(rows.select(columns), cast=True)
