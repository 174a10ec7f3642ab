"""A shop opened to be counted: the one way from a store to the metrics."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

import polars as pl

from metrics.catalog import BY_ID, METRICS
from metrics.chats import conversations
from metrics.forecast import inputs
from metrics.forecast.inputs import ForecastInputs
from metrics.kit.events import events, spans
from metrics.kit.needs import Column, Need
from metrics.ratings import counted
from metrics.refunds import cases
from metrics.sales import inquiry, settled
from metrics.views.health.cells import cells
from metrics.views.health.families import FAMILIES, HEADLINE
from metrics.views.health.verdicts import verdicts
from store.errors import StoreError
from store.lake import Store
from store.settings import ShopSettings
from store.shop_tables import Recipe, ShopTables
from store.tables import shop_tables
from store.upgrade import upgrade

#: Seconds to wait for an import before a store of an earlier format is brought to this one.
_PATIENCE = 5.0

__all__ = ["Column", "Need", "forecast_inputs", "needed", "opened", "recipes"]


def opened(store: Store, shop: str, settings: ShopSettings) -> ShopTables:
    """A shop's tables, with what the metrics want to have kept of them by its rules.

    The first time after an import what it touched is made anew, which takes seconds for a month
    of a big shop; ``intake.prepare`` does it at once, so that nobody waits for it on a page.

    Args:
        store: The store.
        shop: The shop.
        settings: Its rules, perhaps changed for this once.
    """
    # Where nobody may write now, an earlier format is read as it is; a newer one is told below.
    with suppress(StoreError):
        upgrade(store, timeout=_PATIENCE)
    return shop_tables(store, shop, recipes=recipes(settings), serving=settings.serving)


def forecast_inputs(tables: ShopTables, settings: ShopSettings) -> ForecastInputs:
    """What a forecast of the shop's scores is learned from, collected at once.

    Everything the files know; a forecast as of a day cuts out what was not known then.
    """
    frames = inputs.forecast_inputs(tables, settings)
    return ForecastInputs(**dict(zip(frames, pl.collect_all(frames.values()), strict=True)))


def judged(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    until: date | None = None,
    known: Mapping[str, date] | None = None,
) -> pl.DataFrame:
    """Rows of ``metrics.views.health.verdicts.verdicts``: the one judgement of a shop.

    Args:
        tables: The shop's tables.
        settings: Its targets, and the rules that move numbers.
        until: Last day to look at; unset: each number's last final day.
        known: Families that are being worked on, with the day to look again.
    """
    # Subject by subject: one plan over all families makes more work than it saves.
    parts = [
        cells(tables, settings, until=until, families=families).collect()
        for families in _BY_SUBJECT
    ]
    daily = pl.concat(parts)
    days = daily["day"]
    left_out = events(settings, first=days.min(), last=days.max()) if daily.height else []  # type: ignore[arg-type]
    return verdicts(daily, targets=settings.targets, left_out=spans(left_out), known=known)


#: Families that read the same rows.
_BY_SUBJECT = tuple(
    tuple(family for family in FAMILIES if BY_ID[HEADLINE[family]].subject == subject)
    for subject in dict.fromkeys(BY_ID[HEADLINE[family]].subject for family in FAMILIES)
)


def recipes(settings: ShopSettings) -> tuple[Recipe, ...]:
    """All that is kept of a shop's rows, in the order in which it is made."""
    return (
        conversations.recipe(settings),
        # These two are made of the conversations.
        inquiry.recipe(settings),
        settled.recipe(settings),
        cases.recipe(),
        counted.recipe(),
        inputs.recipe(),
    )


def needed() -> dict[Need, tuple[str, ...]]:
    """Whatever a metric needs, with the names of all that do, what most need first."""
    names = {
        need: tuple(metric.name for metric in METRICS if need in metric.needs)
        for need in dict.fromkeys(need for metric in METRICS for need in metric.needs)
    }
    return dict(sorted(names.items(), key=lambda item: -len(item[1])))
