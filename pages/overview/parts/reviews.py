"""Weekly reviews for pages: the week in the address, counts kept per state of the store."""

from datetime import date

import streamlit as st

from metrics.views.review import reviewable_weeks, week_name, week_named
from opening import opened
from pages.shared import linked, loaders, wording
from reports.review.weekly import Counted, Review, counted_week, noted
from store.lake import store_path
from store.settings import ShopSettings
from store.tables import shop_tables


def weeks(shop: str) -> list[str]:
    """The weeks that the shop's files cover to their end, newest first, as 2025-W46."""
    return [week_name(monday) for monday in _weeks(str(store_path()), loaders.version(), shop)]


def adopt_link(names: list[str], key: str) -> None:
    """Have the week chosen that the address asks for, else the one before, else the newest."""
    linked.adopt("week", key, names)
    if st.session_state.get(key) not in names:
        st.session_state[key] = names[0]


def review(shop: str, name: str) -> Review:
    """The review of a week: counts from the cache, notes as they stand now."""
    settings = loaders.settings(shop)
    with st.spinner(wording.words()("Putting the week together…")):
        counted = _counted(
            str(store_path()),
            loaders.version(),
            shop,
            settings,
            week_named(name),
        )
    return noted(store_path(), shop, settings, counted)


@st.cache_data(max_entries=32, show_spinner=False)
def _weeks(store: str, at: loaders.Version, shop: str) -> list[date]:
    return reviewable_weeks(shop_tables(store, shop))


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=loaders.BY_CONTENT)
def _counted(
    store: str, at: loaders.Version, shop: str, settings: ShopSettings, week: date
) -> Counted:
    return counted_week(opened(store, shop, settings), settings, week=week)
