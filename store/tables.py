"""Reading the store: a shop's tables as the metrics see them, and what they cover."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import dataframely as dy
import polars as pl

from store.condensed import condensed
from store.folders import PROVENANCE, current_table
from store.lake import Store, join
from store.ledger import Ledger, read_ledger
from store.schemas import FED_TABLES, Coverage
from store.shop_settings import load_settings, settings_version
from store.shop_tables import Recipe, ShopTables
from store.sides import decided, may_hold_open, undecided


def shops(store: Store) -> list[str]:
    """The shops that have uploads, in the order they first came."""
    return read_ledger(store).uploads["shop"].unique(maintain_order=True).to_list()


def shop_tables(
    store: Store,
    shop: str,
    *,
    recipes: Sequence[Recipe] = (),
    serving: Sequence[str] | None = None,
) -> ShopTables:
    """One shop's tables as of the newest upload: lazy, typed, and empty where never imported.

    All of them belong to the same uploads, however many imports finish while they are read.

    Args:
        store: The store.
        shop: The shop.
        recipes: What to keep of the rows; a later recipe may build upon an earlier one.
        serving: The accounts of agents, where they are not those of the shop's settings.
    """
    ledger = read_ledger(store)
    # The stored files hold exactly the schema's types, so nothing is cast or checked again.
    lazy: dict[str, Any] = {name: _scan(store, ledger, name, shop) for name in FED_TABLES}
    tables = ShopTables(shop=shop, coverage=_covered(store, ledger, shop), **lazy)
    if _may_hold_open(store, ledger, shop):
        accounts = load_settings(store, shop).serving if serving is None else serving
        tables = _with_sides(tables, accounts)
    for recipe in recipes:
        tables = condensed(store, ledger, tables, recipe)
    return tables


def scan(store: Store, table: str, shop: str, *, provenance: bool = False) -> pl.LazyFrame:
    """One table of one shop, one row per key, in no promised order.

    Args:
        store: The store.
        table: Name of the table.
        shop: The shop.
        provenance: Also give ``month, upload_id, sequence, source_row`` of each row.
    """
    return _scan(store, read_ledger(store), table, shop, provenance=provenance)


def coverage(store: Store, shop: str) -> dy.DataFrame[Coverage]:
    """The shop days that the files of each table cover, by table and day.

    A day that was not over, in the shop's time zone, when its file was uploaded is not whole.
    """
    return _covered(store, read_ledger(store), shop)


def versions(store: Store, tables: tuple[str, ...] | list[str]) -> tuple[int, ...]:
    """Numbers that change whenever what is read from these tables may change.

    The key of cached page loaders: nothing is scanned. Settings count with every table, for they
    change what is made of it.
    """
    ledger = read_ledger(store)
    touched = (ledger.pin(table).touched for table in tables)
    return (ledger.store_id, settings_version(store), *touched)


def _scan(
    store: Store, ledger: Ledger, table: str, shop: str, *, provenance: bool = False
) -> pl.LazyFrame:
    place = current_table(store, table)
    files = place.files(ledger.pin(table).current).filter(shop=shop)
    columns = FED_TABLES[table].column_names()
    rows = place.scan(files["path"].sort().to_list())
    # A constant costs nothing; the stored column would be read.
    return rows.with_columns(shop=pl.lit(shop)).select(
        *columns, *(PROVENANCE if provenance else ())
    )


def _covered(store: Store, ledger: Ledger, shop: str) -> dy.DataFrame[Coverage]:
    if ledger.snapshot is None:
        return Coverage.create_empty()
    zone = load_settings(store, shop).time_zone
    return _spans(join(store), ledger.store_id, ledger.version, shop, zone, _Uploads(ledger))


def _may_hold_open(store: Store, ledger: Ledger, shop: str) -> bool:
    files = current_table(store, "messages").files(ledger.pin("messages").current)
    return bool(files.filter(may_hold_open(pl.col("min.buyer")), shop=shop).height)


def _with_sides(tables: ShopTables, serving: Sequence[str]) -> ShopTables:
    messages: Any = decided(tables.messages, serving)
    return replace(
        tables,
        messages=messages,
        serving=tuple(sorted(serving)),
        undecided=undecided(tables.messages, serving).collect(),
    )


class _Uploads:
    """Carries a ledger into a cached function without being part of its key."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Uploads)


@lru_cache(maxsize=64)
def _spans(
    store: str, store_id: int, version: int, shop: str, zone: str, uploads: _Uploads
) -> dy.DataFrame[Coverage]:
    uploaded_day = (
        pl.col("uploaded_at").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
    )
    until = pl.max_horizontal("last_day", "seen_until")
    days = (
        uploads.ledger.uploads.filter(pl.col("shop") == shop, pl.col("first_day").is_not_null())
        .select("table", "last_day", uploaded=uploaded_day, day=pl.date_ranges("first_day", until))
        .explode("day")
        .group_by("table", "day")
        .agg(
            whole=(
                (pl.col("day") < pl.col("uploaded")) & (pl.col("day") <= pl.col("last_day"))
            ).any()
        )
        .sort("table", "day")
    )
    return Coverage.validate(days, cast=True)
