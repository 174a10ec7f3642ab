"""The two bridges of the forecast page: why the score moved, and what will move it."""

from datetime import date, timedelta
from functools import partial

import polars as pl
import streamlit as st

from charts.bridge import bridge
from metrics.forecast.scores import FittedForecast
from metrics.ratings.bridge import bridge_rows, change_bridge
from pages.score.parts.ahead import SOURCES
from pages.shared import loaders, masking, tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from store.schemas import DSR_DIMENSIONS
from told.mark import mark
from told.names import DIMENSIONS
from told.tables import Column

#: Steps of the bridge from yesterday, by part of the change.
PARTS: dict[str, str] = {
    "new": mark("New ratings"),
    "expired": mark("Expired"),
    "capped": mark("Pushed out by the monthly cap"),
}
#: Days ahead that the other bridge can reach.
AHEAD = (1, 7, 15, 30)


def show(view: View, fit: FittedForecast, coming: pl.DataFrame, dimension: str) -> None:
    """Yesterday to today, and today to a day ahead."""
    _ = wording.words()
    left, right = st.columns(2)
    with left:
        _yesterday(view, fit, dimension)
    with right:
        _ahead(fit, coming, dimension)


def _yesterday(view: View, fit: FittedForecast, dimension: str) -> None:
    _, before = wording.words(), fit.as_of - timedelta(days=1)
    steps = change_bridge(fit.entries, before, fit.as_of).filter(pl.col("dimension") == dimension)
    if steps.is_empty():
        st.caption(_("There was no score the day before."))
        return
    st.subheader(_yesterday_finding(steps))
    parts = [(_(PARTS[part]), change / 100) for part, change in _changes(steps)]
    first = steps.row(0, named=True)
    st.plotly_chart(
        bridge(
            (f"{before.month}/{before.day}", first["score_before"]),
            parts,
            f"{fit.as_of.month}/{fit.as_of.day}",
            x_title=_("{name} (stars)").format(name=_(DIMENSIONS[dimension])),
            x_format=".4f",
        ),
        key="forecast_yesterday",
        on_select=partial(_ask_part, fit, before),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("From yesterday's score to today's"),
    )
    _rows_behind(view, fit, before)


def _changes(steps: pl.DataFrame) -> list[tuple[str, float]]:
    return list(zip(steps["part"], steps["hundredths"], strict=True))


def _yesterday_finding(steps: pl.DataFrame) -> str:
    """What weighed most, in hundredths of a star."""
    _, changes = wording.words(), dict(_changes(steps))
    total = sum(changes.values())
    part = max(changes, key=lambda name: abs(changes[name]))
    if not changes[part]:
        return _("Nothing changed since yesterday")
    told = _("Since yesterday {total} hundredths, most by: {part}")
    return told.format(total=f"{total:+.2f}".replace("-", "−"), part=_(PARTS[part]))


def _ask_part(fit: FittedForecast, before: date) -> None:
    points = st.session_state["forecast_yesterday"].selection.points
    names = list(PARTS)
    if points and points[0]["curve_number"] < len(names):
        st.session_state["forecast_part"] = names[points[0]["curve_number"]]


def _rows_behind(view: View, fit: FittedForecast, before: date) -> None:
    """The ratings behind the bar just clicked, or behind all three."""
    _, picked = wording.words(), st.session_state.get("forecast_part")
    with st.expander(
        _("Ratings behind it"), icon=":material/manage_search:", expanded=picked is not None
    ):
        rows = bridge_rows(fit.spans, before, fit.as_of)
        if picked:
            rows = rows.filter(pl.col("part") == picked)
        if rows.is_empty():
            st.caption(_("No single ratings are known for this change."))
            return
        words = {part: _(word) for part, word in PARTS.items()}
        tables.show(
            masking.buyers(
                rows.with_columns(pl.col("part").replace(words)),
                mask=loaders.settings(view.shop).mask_buyers,
            ),
            [
                Column("part", _("Part")),
                Column("rated_at", _("Rated at"), "time"),
                Column("order_id", _("Order")),
                Column("buyer", _("Buyer")),
                *(Column(name, _(DIMENSIONS[name]), "count") for name in DSR_DIMENSIONS),
            ],
            key="forecast_bridge_rows",
            alt=_("Ratings behind the change"),
            file_name=f"score-change-{fit.as_of}",
        )


def _ahead(fit: FittedForecast, coming: pl.DataFrame, dimension: str) -> None:
    _ = wording.words()
    # The choice stands below, so that both bridges begin at the same height.
    above = st.container()
    days = st.segmented_control(
        _("Days ahead"),
        AHEAD,
        default=7,
        format_func=lambda days: _("+{days} d").format(days=days),
        required=True,
        key="forecast_ahead",
        label_visibility="collapsed",
    )
    goal = fit.as_of + timedelta(days=days)
    row = coming.filter(pl.col("dimension") == dimension, pl.col("day") == goal).row(0, named=True)
    source = max(SOURCES, key=lambda name: abs(row[name]))
    with above:
        st.subheader(
            _("Until {day} most by: {part}").format(day=wording.day(goal), part=_(SOURCES[source]))
        )
        st.plotly_chart(
            bridge(
                (f"{fit.as_of.month}/{fit.as_of.day}", fit.score_today(dimension)),
                [(_(word), row[name]) for name, word in SOURCES.items()],
                f"{goal.month}/{goal.day}",
                x_title=_("{name} (stars)").format(name=_(DIMENSIONS[dimension])),
                x_format=".4f",
            ),
            key="forecast_ahead_bridge",
            config=QUIET_BAR,
            alt=_("From today's score to the expected one"),
        )
