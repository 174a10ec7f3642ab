"""One metric in a box: the number, how sure it is, what it means, its line, its rows."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from charts.trend import trend
from metrics.catalog import BY_ID
from metrics.views.limits import OBSERVED_BY
from pages.shared import drill, wording
from told import language
from told.mark import mark

#: Word, icon and colour of each verdict; the colours are those of the theme.
VERDICTS: dict[str, tuple[str, str, Any]] = {
    "fine": (mark("Fine"), ":material/check_circle:", "blue"),
    "watch": (mark("Watch"), ":material/visibility:", "orange"),
    "act": (mark("Act"), ":material/priority_high:", "red"),
    "too_few": (mark("Too few"), ":material/hourglass_empty:", "gray"),
}
QUIET_BAR = {"displayModeBar": False}


def verdict_card(verdict: Mapping[str, Any], line: pl.DataFrame, /, *, key: str) -> DeltaGenerator:
    """A family of metrics: value, n, target, verdict sentence, 28 days, rows behind it.

    Args:
        verdict: A row of ``metrics.views.health.verdicts.verdicts`` that a file feeds.
        line: The headline's rows of ``metrics.views.limits.charted``.
        key: Page-prefixed.

    Returns:
        The card, for what the page adds to it.
    """
    metric_id: str = verdict["metric"]
    card = st.container(border=True, height="stretch", gap="xsmall")
    with card:
        st.metric(
            wording.metric_name(metric_id),
            wording.figure(verdict["value"], BY_ID[metric_id].unit),
            help=wording.definition(metric_id),
        )
        _word(verdict)
        st.markdown(wording.spoken().sentence(verdict))
        if line["value"].drop_nulls().len() >= 2:
            _line(metric_id, line, verdict, key=key)
            drill.button(metric_id, verdict["first"], verdict["day"], key=f"{key}_rows")
    return card


def _word(verdict: Mapping[str, Any]) -> None:
    _ = wording.words()
    word, icon, colour = VERDICTS[verdict["verdict"]]
    parts = []
    if verdict["n"]:
        parts.append(_("n {n}").format(n=wording.count(verdict["n"])))
    if verdict["target"] is not None:
        target = wording.figure(verdict["target"], BY_ID[verdict["metric"]].unit)
        parts.append(_("target {target}").format(target=target))
    if verdict["since"] is not None and verdict["verdict"] in ("act", "watch"):
        parts.append(
            _("known since {day}").format(
                day=language.brief_day(verdict["since"], wording.tongue())
            )
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(_(word), icon=icon, color=colour)
        st.caption(" · ".join(parts))


def _line(metric_id: str, line: pl.DataFrame, verdict: Mapping[str, Any], *, key: str) -> None:
    _, (title, form) = wording.words(), wording.axis(metric_id)
    chart = f"{key}_chart"
    st.plotly_chart(
        trend(
            line,
            x="day",
            y="value",
            y_title="",
            y_format=form,
            n="n",
            low="low",
            high="high",
            target=verdict["target"],
            height=150,
        ),
        key=chart,
        on_select=partial(drill.ask_by_point, chart, metric_id),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("{name}, last 28 days with the usual range").format(name=title),
    )


def value_card(row: Mapping[str, Any], /, *, key: str, target: float | None = None) -> None:
    """A metric over the chosen period: value, counts, what must be known of it, its rows.

    Args:
        row: A row of ``metrics.measure``, by="period".
        key: Page-prefixed.
        target: The shop's target, where it set one.
    """
    _, metric_id = wording.words(), row["metric"]
    unit = BY_ID[metric_id].unit
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(
            wording.metric_name(metric_id),
            wording.figure(row["value"], unit),
            help=wording.definition(metric_id),
        )
        parts = [_n(metric_id, row["denominator"])]
        if target is not None:
            parts.append(_("target {target}").format(target=wording.figure(target, unit)))
        st.caption(" · ".join(parts))
        if said := wording.notes(row["note"]):
            st.caption(said)
        drill.button(metric_id, row["start"], row["end"], key=f"{key}_rows")


def _n(metric_id: str, denominator: float | None) -> str:
    """What the value was divided by: a number of things, or money."""
    _ = wording.words()
    if metric_id in OBSERVED_BY:
        return _("of {amount}").format(amount=wording.figure(denominator, "money"))
    return _("n {n}").format(n=wording.count(denominator))


def value_cards(
    rows: pl.DataFrame,
    ids: Sequence[str],
    targets: Mapping[str, float],
    /,
    *,
    key: str,
    width: int = 280,
) -> None:
    """Cards of several metrics over the period, in the order of ``ids``, each so wide or wider."""
    by_id = {row["metric"]: row for row in rows.to_dicts()}
    with st.grid("auto", min_column_width=width):
        for metric_id in ids:
            if metric_id in by_id:
                value_card(
                    by_id[metric_id], key=f"{key}_{metric_id}", target=targets.get(metric_id)
                )
