"""What several commands share: the store they open, the shop they speak of, days."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

if TYPE_CHECKING:
    from store.settings import ShopSettings
    from store.shop_tables import ShopTables

P = ParamSpec("P")

#: Where ``app.py`` and Streamlit's settings lie.
ROOT = Path(__file__).parents[1]
#: No shop's files speak of earlier or later days; calendars end some way beyond.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)


class Day(click.ParamType[date]):
    """A day written like 2025-01-02."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day, or end the command with a sentence."""
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it like 2025-01-02", param, ctx)
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail(f"{day} lies outside {FIRST_DAY} to {LAST_DAY}", param, ctx)
        return day


class Zone(click.ParamType[str]):
    """A time zone written like Asia/Shanghai."""

    name = "ZONE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the name, or end the command with a sentence."""
        from store.settings import time_zones

        if value not in time_zones():
            self.fail(f"{value!r} is no time zone; write it like Asia/Shanghai", param, ctx)
        return str(value)


class Currency(click.ParamType[str]):
    """A currency by its ISO code; nothing for none."""

    name = "CODE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read the code in any case, or end the command with a sentence."""
        from store.currency import is_currency

        code = str(value).strip().upper()
        if code and not is_currency(code):
            self.fail(f"{value!r} is no currency; write its ISO code like EUR", param, ctx)
        return code


def store_option(command: Callable[P, None]) -> Callable[..., None]:
    """Give a command ``--store`` and open that store, healing what a crash left."""

    # Named apart from every argument: a command's own folder must not become its store.
    @click.option("--store", "store_folder", metavar="DIR", help="Folder of the store.")
    @wraps(command)
    def opened(*args: Any, store_folder: str | None, **options: Any) -> None:
        from store.errors import StoreError
        from store.lake import store_path
        from store.logbook import keep_log

        folder = store_folder or store_path()
        keep_log(folder)
        try:
            command(folder, *args, **options)  # type: ignore[arg-type]
        except StoreError as error:
            raise click.UsageError(str(error)) from error

    return opened


def opened_shops(
    store: str, shop: str | None, changes: tuple[str, ...] = ()
) -> list[tuple["ShopTables", "ShopSettings"]]:
    """The shops asked for, each with its rules as changed for this once."""
    from opening import opened
    from store.shop_settings import load_settings
    from store.tables import shops

    held = shops(store)
    if not held:
        raise click.UsageError(f"The store {store} is empty; import files first.")
    if shop and shop not in held:
        raise click.UsageError(f"The store has no shop {shop!r}; it has {', '.join(held)}.")
    names = [shop] if shop else held
    rules = {name: _rules(load_settings(store, name), changes) for name in names}
    return [(opened(store, name, rules[name]), rules[name]) for name in names]


def _rules(settings: "ShopSettings", changes: tuple[str, ...]) -> "ShopSettings":
    from store.settings import changed

    try:
        return changed(settings, changes)
    except ValueError as error:
        raise click.UsageError(f"--set: {error}") from error


def one_shop(
    store: str, shop: str | None, changes: tuple[str, ...]
) -> tuple["ShopTables", "ShopSettings"]:
    """The shop asked for, or the store's only one, with its rules as changed for this once."""
    found = opened_shops(store, shop, changes)
    if len(found) > 1:
        names = ", ".join(tables.shop for tables, _ in found)
        raise click.UsageError(f"The store has several shops; choose one with --shop: {names}")
    return found[0]
