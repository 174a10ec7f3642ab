"""Shop, period and language: chosen in the sidebar, carried in the address.

``?shop=…&from=…&to=…&lang=zh|en`` always stands there in full, so that a link shows a colleague
the same thing whatever their browser's language and whatever was uploaded since.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from pages.shared import linked, loaders, wording
from told.language import LANGUAGE_NAMES, LANGUAGES

PRESETS = ("7", "28", "90", "180", "month", "last_month", "own")
_PARAMS = ("shop", "from", "to", "lang")
#: Of the sidebar's widgets the one that is there with any store.
_KEY = "filters_language"


@dataclass(frozen=True)
class View:
    """What the sidebar says to look at."""

    shop: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """Length of the period, both ends included."""
        return (self.last - self.first).days + 1


def view() -> View | None:
    """The shop and period of this run; None where the store has no shop or no day yet."""
    chosen: View | None = st.session_state.get("filters_view")
    return chosen


def shop() -> str:
    """The shop chosen, also where it has no day yet; "" while the store has none."""
    return str(st.session_state.get("filters_shop", ""))


def choose_shop(name: str) -> None:
    """Have the next run look at this shop; for a page that has just added or removed one."""
    st.session_state["filters_next_shop"] = name


def adopt_link() -> None:
    """Take over what the address says, unless it is what this session wrote there itself."""
    asked = linked.news(_PARAMS, _KEY)
    if asked.get("lang") in LANGUAGES:
        st.session_state["filters_language"] = asked["lang"]
    if "shop" in asked:
        st.session_state["filters_shop"] = asked["shop"]
    days = _parsed(asked.get("from")), _parsed(asked.get("to"))
    if days[0] and days[1] and days[0] <= days[1]:
        st.session_state["filters_period"] = "own"
        st.session_state["filters_days"] = days


def show() -> None:
    """The widgets, and the address brought up to date with them."""
    _ = wording.words()
    shop = _shop()
    if shop:
        st.session_state["filters_currency"] = loaders.settings(shop).paid_in
    covered = sorted(loaders.as_of(shop).values()) if shop else []
    chosen = View(shop, *_period(covered[-1])) if shop and covered else None
    st.session_state.setdefault("filters_language", wording.tongue())
    st.segmented_control(
        _("Language"),
        LANGUAGES,
        format_func=LANGUAGE_NAMES.__getitem__,
        key="filters_language",
        required=True,
        label_visibility="collapsed",
    )
    st.session_state["filters_view"] = chosen
    _write_link(chosen)


def _shop() -> str:
    _, names = wording.words(), loaders.shop_names()
    if wanted := st.session_state.pop("filters_next_shop", None):
        st.session_state["filters_shop"] = wanted
    if not names:
        return ""
    if st.session_state.get("filters_shop") not in names:
        st.session_state["filters_shop"] = names[0]
    return st.selectbox(_("Shop"), names, key="filters_shop", disabled=len(names) == 1)


def _period(newest: date) -> tuple[date, date]:
    _ = wording.words()
    names = {
        "7": _("Last 7 days"),
        "28": _("Last 28 days"),
        "90": _("Last 90 days"),
        "180": _("Last 180 days"),
        "month": _("This month"),
        "last_month": _("Last month"),
        "own": _("Own dates"),
    }
    st.session_state.setdefault("filters_period", "28")
    preset = st.selectbox(
        _("Period"),
        PRESETS,
        format_func=names.__getitem__,
        key="filters_period",
        help=_("Counted back from the last day that your files cover, not from today."),
    )
    if preset != "own":
        return spanned(preset, newest)
    st.session_state.setdefault("filters_days", spanned("28", newest))
    days = st.date_input(_("Days"), key="filters_days", format="YYYY-MM-DD")
    # While the second end is still being picked the first one stands for both.
    return (days[0], days[-1]) if isinstance(days, tuple) and days else spanned("28", newest)


def spanned(preset: str, newest: date) -> tuple[date, date]:
    """First and last day of a preset that ends on, or lies around, the newest day.

    >>> spanned("7", date(2025, 3, 10))
    (datetime.date(2025, 3, 4), datetime.date(2025, 3, 10))
    >>> spanned("last_month", date(2025, 3, 10))
    (datetime.date(2025, 2, 1), datetime.date(2025, 2, 28))
    """
    month = newest.replace(day=1)
    if preset == "month":
        return month, newest
    if preset == "last_month":
        end = month - timedelta(days=1)
        return end.replace(day=1), end
    return newest - timedelta(days=int(preset) - 1), newest


def _write_link(chosen: View | None) -> None:
    link: dict[str, str] = {"lang": wording.tongue()}
    if chosen:
        link |= {
            "shop": chosen.shop,
            "from": chosen.first.isoformat(),
            "to": chosen.last.isoformat(),
        }
    linked.write(link, _KEY)


def _parsed(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
