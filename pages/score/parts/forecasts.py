"""Fitted forecasts and backtests, learned once per state of the store.

A fitted forecast answers every question of the page, so it is kept whole and shared by all
sessions (nobody changes it), keyed like everything that is read: versions, shop, rules, day.
"""

from datetime import date, timedelta

import polars as pl
import streamlit as st

from metrics.forecast.backtest import backtest
from metrics.forecast.scores import (
    FittedForecast,
    fitted,
    newest_day,
)
from opening import forecast_inputs, opened
from pages.shared import loaders
from store.lake import store_path
from store.settings import ShopSettings

#: Days between the origins of the page's backtest, and what a shop must have to learn from.
EVERY = timedelta(days=7)
LEARNING = timedelta(days=30)


def last_known(shop: str, until: date) -> date | None:
    """The newest day with a rating that the files cover, not after ``until``."""
    feeds = ("ratings", "rating_days", "rating_snapshots")
    known = loaders.as_of(shop)
    day = next((known[feed] for feed in feeds if feed in known), None)
    return None if day is None else min(day, until)


def learned(shop: str, as_of: date) -> FittedForecast:
    """The forecast as of a day."""
    rules = loaders.settings(shop)
    return _learned(str(store_path()), loaders.version(), shop, rules, as_of)


def tested(shop: str) -> pl.DataFrame:
    """The shop's own backtest from weekly origins, with a bar while it runs."""
    rules = loaders.settings(shop)
    return _tested(str(store_path()), loaders.version(), shop, rules)


@st.cache_resource(max_entries=4, show_spinner="…", hash_funcs=loaders.BY_CONTENT)
def _learned(
    store: str, at: loaders.Version, shop: str, settings: ShopSettings, as_of: date
) -> FittedForecast:
    return fitted(forecast_inputs(opened(store, shop, settings), settings), settings, as_of=as_of)


@st.cache_data(max_entries=4, show_spinner=False, hash_funcs=loaders.BY_CONTENT)
def _tested(store: str, at: loaders.Version, shop: str, settings: ShopSettings) -> pl.DataFrame:
    inputs = forecast_inputs(opened(store, shop, settings), settings)
    last = newest_day(inputs)
    first = inputs.ratings["rated_at"].dt.date().min() or inputs.rating_days["day"].min()
    if last is None or not isinstance(first, date):
        return backtest(inputs, settings, origins=[])
    weeks = max((last - first - LEARNING) // EVERY, 0)
    origins = [last - EVERY * back for back in range(weeks, 0, -1)]
    bar = st.progress(0.0)

    def advance(done: int, of: int) -> None:
        bar.progress(done / of)

    tested = backtest(inputs, settings, origins=origins, progress=advance)
    bar.empty()
    return tested
