"""Small frames, built by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import dataframely as dy
import polars as pl

from opening import recipes
from store.schemas import EVENT_TIMES, FED_TABLES, Coverage
from store.settings import ShopSettings
from store.shop_tables import Recipe, ShopTables

SHOP = "shop"
MAY_1 = datetime(2024, 5, 1)
NINE = MAY_1 + timedelta(hours=9)

#: What a row says unless a test says otherwise.
DEFAULTS: dict[str, dict[str, Any]] = {
    "messages": {"agent": "", "text": "…", "nth": 0},
    "service_days": {"scope": "agent", "agent": "", "layout": "test"},
    "orders": {"paid_is_net": False, "status": "finished", "platform": "taobao"},
    "order_items": {"status": "finished"},
    "refunds": {"outcome": "open", "status_text": "…"},
    "ratings": {"nth": 0},
    "rating_days": {"source": "template", "item_id": ""},
    "rating_snapshots": {},
    "reviews": {"item_id": ""},
}


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """A validated table of literal rows; columns a row leaves out take the defaults or null."""
    schema = FED_TABLES[name]
    full = [{"shop": SHOP, **DEFAULTS[name], **row} for row in rows]
    columns = schema.column_names()
    for row in full:
        assert not set(row) - set(columns), f"{name} has no column {set(row) - set(columns)}"
    if not full:
        return _empty(name)
    frame = pl.DataFrame(
        {column: [row.get(column) for row in full] for column in columns},
        schema=_empty(name).schema,
    )
    return schema.validate(frame, cast=True)


@cache
def _empty(name: str) -> pl.DataFrame:
    """Validated once: most shops of tests have rows in one or two of all the tables."""
    schema = FED_TABLES[name]
    return schema.validate(schema.create_empty(), cast=True)


def covered(name: str, frame: pl.DataFrame) -> list[tuple[str, date, bool]]:
    """Every day from a table's first event to its last."""
    if frame.is_empty():
        return []
    times = pl.coalesce(EVENT_TIMES[name]).cast(pl.Date)
    first, last = frame.select(times.min().alias("first"), times.max().alias("last")).row(0)
    if first is None:
        return []
    return [(name, day, True) for day in pl.date_range(first, last, eager=True)]


def coverage(*rows: tuple[str, date, bool]) -> dy.DataFrame[Coverage]:
    """One row per (table, day, whole)."""
    return Coverage.validate(
        pl.DataFrame(rows, schema=Coverage.create_empty().schema, orient="row"), cast=True
    )


def shop_tables(
    *, covers: Mapping[str, tuple[date, date]] | None = None, **tables: Iterable[Mapping[str, Any]]
) -> ShopTables:
    """One shop of literal rows; ``covers`` widens what a table's files cover."""
    frames = {name: table(name, tables.get(name, ())) for name in FED_TABLES}
    spans = covers or {}
    rows = [
        row
        for name, frame in frames.items()
        for row in (
            [(name, day, True) for day in pl.date_range(*spans[name], eager=True)]
            if name in spans
            else covered(name, frame)
        )
    ]
    lazy: dict[str, Any] = {name: frame.lazy() for name, frame in frames.items()}
    return ShopTables(shop=SHOP, coverage=coverage(*rows), **lazy)


def condensed(tables: ShopTables, settings: ShopSettings) -> ShopTables:
    """The same shop as a store opens it: with all that is kept of its rows, months apart."""
    for recipe in recipes(settings):
        made = [recipe.make(tables, *span) for span in _spans(tables, recipe)]
        frames = {
            name: pl.concat([part[name].collect() for part in made]).lazy()
            for name in recipe.frames
            if made
        }
        if frames:
            tables = replace(tables, condensed={**tables.condensed, recipe: frames})
    return tables


def _spans(tables: ShopTables, recipe: Recipe) -> list[tuple[date, date]]:
    lead = recipe.sources[0]
    rows = getattr(tables, lead.table).collect()
    if recipe.apart != "months":
        return [(date.min, date.max)] if rows.height else []
    times = rows.select(lead.moments)
    days = pl.concat([times[moment].rename("day") for moment in lead.moments]).dt.date()
    firsts = days.drop_nulls().dt.month_start().unique().sort()
    return list(zip(firsts, firsts.dt.month_end(), strict=True))
