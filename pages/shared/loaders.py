"""What pages read: cached by the tables' versions, the shop, the days and the settings.

Keys go in and small collected frames come out, never frames in: Streamlit's cache tells apart
large frames by a few rows only. What is cached is data, never a sentence, because the cache is
shared by sessions of both languages.
"""

from collections.abc import Callable, Hashable
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from metrics.catalog import METRICS
from metrics.chats.conversations import conversations
from metrics.kit.coverage import last_days
from metrics.kit.periods import By
from metrics.measure import measure
from metrics.views.limits import charted
from opening import judged, opened
from pages.shared import wording
from store.lake import store_path
from store.schemas import FED_TABLES
from store.settings import ShopSettings
from store.shop_settings import load_settings
from store.sides import speakers
from store.tables import shop_tables, shops, versions
from team.known import known_matters

#: Metrics by subject, in catalogue order.
_IDS = {
    subject: tuple(metric.id for metric in METRICS if metric.subject == subject)
    for subject in dict.fromkeys(metric.subject for metric in METRICS)
}
Counted = pl.LazyFrame | pl.DataFrame
#: How a cached function tells settings apart: by all that they say. For ``hash_funcs=``.
BY_CONTENT: dict[str | type[Any], Callable[[Any], Any]] = {
    ShopSettings: ShopSettings.model_dump_json
}
#: The versions of all tables: changes with every upload and withdrawal.
Version = tuple[int, ...]


def version() -> Version:
    """What the store holds now, as a cache key."""
    return versions(store_path(), tuple(FED_TABLES))


def shop_names() -> list[str]:
    """The shops of the store."""
    return _shop_names(str(store_path()), version())


def settings(shop: str) -> ShopSettings:
    """The shop's settings as they are now."""
    return load_settings(store_path(), shop)


def coverage(shop: str) -> pl.DataFrame:
    """Which days each table of the shop covers: ``table, day, whole``."""
    return _coverage(str(store_path()), version(), shop)


def as_of(shop: str) -> dict[str, date]:
    """Per table the last day its files cover whole (docs/numbers.md, "As-of day")."""
    return last_days(coverage(shop))


def agent_accounts(shop: str) -> list[str]:
    """Every sub-account that the shop's chats and performance tables name."""
    return _agent_accounts(str(store_path()), version(), shop)


def undecided_speakers(shop: str) -> list[str]:
    """Who speaks in chats of which nothing says who serves, most lines first."""
    return _undecided_speakers(str(store_path()), version(), shop)


def measured(
    shop: str, ids: tuple[str, ...], first: date | None, last: date | None, by: By
) -> pl.DataFrame:
    """Rows of ``metrics.measure`` for the shop."""
    rules = settings(shop)
    with st.spinner(wording.words()("Counting…")):
        return _measured(str(store_path()), version(), shop, rules, ids, first, last, by)


def health(shop: str, until: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Verdict of every family on its last final day, and the 28 days before it of every metric.

    Returns:
        ``metrics.views.health.verdicts.verdicts`` over all families, and
        ``metrics.views.limits.charted`` over all metrics.
    """
    _, rules = wording.words(), settings(shop)
    known = tuple(sorted(known_matters(store_path(), shop).items()))
    with st.spinner(_("Checking every number…")):
        return _health(str(store_path()), version(), shop, rules, until, known)


def counted(compute: Callable[..., Counted], shop: str, **options: Hashable) -> pl.DataFrame:
    """What ``compute(tables, settings, **options)`` finds in the shop, collected.

    Args:
        compute: A named function of a metrics module; its name is part of the cache key.
        shop: The shop.
        options: Its keyword arguments.
    """
    rules = settings(shop)
    name = f"{compute.__module__}.{compute.__qualname__}"
    asked = tuple(sorted(options.items()))
    with st.spinner(wording.words()("Counting…")):
        return _counted(str(store_path()), version(), shop, rules, name, asked, compute)


@st.cache_data(max_entries=16, show_spinner=False)
def _shop_names(store: str, at: Version) -> list[str]:
    return shops(store)


@st.cache_data(max_entries=32, show_spinner=False)
def _coverage(store: str, at: Version, shop: str) -> pl.DataFrame:
    return shop_tables(store, shop).coverage


@st.cache_data(max_entries=32, show_spinner=False)
def _agent_accounts(store: str, at: Version, shop: str) -> list[str]:
    rules = load_settings(store, shop)
    read = opened(store, shop, rules)
    talks = conversations(read, rules)
    named = pl.concat(
        [talks.contacts.select(pl.col("agent").cast(pl.String)), read.service_days.select("agent")]
    )
    return named.unique().filter(pl.col("agent") != "").sort("agent").collect()["agent"].to_list()


@st.cache_data(max_entries=32, show_spinner=False)
def _undecided_speakers(store: str, at: Version, shop: str) -> list[str]:
    return speakers(shop_tables(store, shop).undecided)


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=BY_CONTENT)
def _measured(
    store: str,
    at: Version,
    shop: str,
    rules: ShopSettings,
    ids: tuple[str, ...],
    first: date | None,
    last: date | None,
    by: By,
) -> pl.DataFrame:
    read = opened(store, shop, rules)
    return measure(read, rules, ids=ids, first=first, last=last, by=by).collect()


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=BY_CONTENT)
def _counted(
    store: str,
    at: Version,
    shop: str,
    rules: ShopSettings,
    name: str,
    options: tuple[tuple[str, Hashable], ...],
    _compute: Callable[..., Counted],
) -> pl.DataFrame:
    read = opened(store, shop, rules)
    return _compute(read, rules, **dict(options)).lazy().collect()


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=BY_CONTENT)
def _health(
    store: str,
    at: Version,
    shop: str,
    rules: ShopSettings,
    until: date,
    known: tuple[tuple[str, date], ...],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    read = opened(store, shop, rules)
    # Subject by subject: one plan over all metrics makes more work than it saves.
    lines = (charted(read, rules, ids=ids, until=until).collect() for ids in _IDS.values())
    return judged(read, rules, until=until, known=dict(known)), pl.concat(lines)
