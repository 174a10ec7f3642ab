"""The shops that the benchmarks measure: drawn once, kept as files, the same on every machine."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import polars as pl

from sample_data.plan import Plan
from sample_data.world import draw_world
from store.schemas import EVENT_TIMES, FED_TABLES
from store.shop_tables import ShopTables

TABLES = ("messages", "orders", "order_items", "refunds", "ratings")
NEVER_IMPORTED: dict[str, Any] = {
    name: schema.create_empty().lazy() for name, schema in FED_TABLES.items() if name not in TABLES
}


@dataclass(frozen=True)
class Size:
    """How large a shop is: chat lines and orders of so many days."""

    name: str
    days: int
    orders: int
    #: None: as many as the orders bring along.
    messages: int | None

    def times(self, factor: float) -> "Size":
        """The same days with so many times the trade."""
        messages = round(self.messages * factor) if self.messages else None
        return Size(f"{self.name}x{factor:g}", self.days, round(self.orders * factor), messages)

    def plan(self) -> Plan:
        """The sample shop of this size."""
        per_day = self.orders / self.days
        if self.messages is None:
            return Plan(days=self.days, orders_per_day=per_day, chat_days=65)
        # The generator may leave out a conversation but never adds one.
        return Plan(days=self.days, orders_per_day=per_day, messages=self.messages)


SIZES = {
    "S": Size("S", 200, 6_000, None),
    "M": Size("M", 180, 300_000, 3_000_000),
    "L": Size("L", 180, 2_000_000, 20_000_000),
}
#: Growth is measured from here, doubling three times.
GROWTH = Size("G", 180, 60_000, 600_000)


def kept_folder() -> Path:
    """Where the shops are kept: ``$STORE_HEALTH_BENCHMARKS``, else the user's cache."""
    named = os.environ.get("STORE_HEALTH_BENCHMARKS")
    return Path(named) if named else platformdirs.user_cache_path("store-health") / "benchmarks"


def world_folder(size: Size) -> Path:
    """Folder with ``<table>.parquet`` of a shop of this size, drawn now if it is not there."""
    folder = kept_folder() / size.name
    if not (folder / "rows.json").exists():
        _draw(folder, size)
    return folder


def rows(folder: Path) -> dict[str, int]:
    """Rows of each table."""
    counted: dict[str, int] = json.loads((folder / "rows.json").read_text())
    return counted


def _draw(folder: Path, size: Size) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    world = draw_world(size.plan())
    counted, covered = {}, []
    for table in TABLES:
        frame = world.frames[table]
        frame.write_parquet(folder / f"{table}.parquet", compression="zstd", row_group_size=250_000)
        counted[table] = frame.height
        day = pl.coalesce(EVENT_TIMES[table]).dt.date()
        ends = frame.select(first=day.min(), last=day.max())
        covered.append(ends.select(pl.lit(table).alias("table"), pl.date_ranges("first", "last")))
    days = pl.concat(covered).explode("first").rename({"first": "day"})
    days.with_columns(whole=True).write_parquet(folder / "coverage.parquet")
    # Written last: its presence says that the folder is whole.
    (folder / "rows.json").write_text(json.dumps(counted))


def tables(folder: Path) -> ShopTables:
    """The shop as the metrics see it, straight from the Parquet files."""
    lazy: dict[str, Any] = {name: pl.scan_parquet(folder / f"{name}.parquet") for name in TABLES}
    covered: Any = pl.read_parquet(folder / "coverage.parquet")
    return ShopTables(shop="示例店", coverage=covered, **lazy, **NEVER_IMPORTED)
