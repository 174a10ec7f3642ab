"""A shop opened to be counted: the one way from a store to the metrics."""

import polars as pl

from metrics.catalog import METRICS
from metrics.chats import conversations
from metrics.forecast import inputs
from metrics.forecast.inputs import ForecastInputs
from metrics.kit.needs import Column, Need
from metrics.ratings import counted
from metrics.refunds import cases
from metrics.sales import inquiry, settled
from store.lake import Store
from store.settings import ShopSettings
from store.shop_tables import Recipe, ShopTables
from store.tables import shop_tables

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
    return shop_tables(store, shop, recipes=recipes(settings), serving=settings.serving)


def forecast_inputs(tables: ShopTables, settings: ShopSettings) -> ForecastInputs:
    """What a forecast of the shop's scores is learned from, collected at once.

    Everything the files know; a forecast as of a day cuts out what was not known then.
    """
    frames = inputs.forecast_inputs(tables, settings)
    return ForecastInputs(**dict(zip(frames, pl.collect_all(frames.values()), strict=True)))


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
