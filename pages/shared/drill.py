"""From a number to the rows behind it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import polars as pl
import streamlit as st

from metrics.catalog import BY_ID
from metrics.views.row_cuts import Cut
from metrics.views.row_lists import newest_rows, rows_by_rule
from metrics.views.rows import LEFT_OUT
from pages.shared import loaders, masking, tables, wording
from told.mark import mark
from told.tables import Column, Kind

#: Rows listed at most; the counts above the list are of all rows.
LISTED = 2000
KINDS: dict[str, str] = {
    "buyer_day": mark("Buyer and day"),
    "round": mark("Round"),
    "inquiry": mark("Inquiry"),
    "order": mark("Order"),
    "refund": mark("Refund"),
    "rating": mark("Rating"),
}
#: What the amount of a row is where it is no money, by the subject of its metric.
AMOUNTS: dict[str, tuple[str, Kind]] = {
    "reply": (mark("Seconds"), "seconds"),
    "dsr": (mark("Stars"), "count"),
}


class Part(NamedTuple):
    """One bar, cell or slice that can be opened: its name on screen, and which rows it is."""

    told: str
    metric_id: str
    cut: Cut


class Asked(NamedTuple):
    """Which rows to show."""

    metric_id: str
    first: date
    last: date
    agent: str | None = None
    cut: Cut = ()
    told: str = ""


def ask(metric_id: str, first: date, last: date, agent: str | None = None) -> None:
    """Have the rows behind a metric's value shown at the end of the next run; for callbacks."""
    st.session_state["drill_asked"] = Asked(metric_id, first, last, agent)


def ask_part(part: Part, first: date, last: date) -> None:
    """The same for one bar, cell or slice of a page."""
    told, metric_id, cut = part
    st.session_state["drill_asked"] = Asked(metric_id, first, last, cut=cut, told=told)


def ask_by_bar(chart_key: str, parts: Sequence[Part], first: date, last: date) -> None:
    """The same for the bar, column or cell just picked in a chart drawn from these parts."""
    points = st.session_state[chart_key].selection.points
    if points:
        ask_part(parts[points[0]["point_index"]], first, last)


def ask_day(metric_id: str, x: str) -> None:
    """The same for a day as a chart's point tells it."""
    day = date.fromisoformat(x[:10])
    ask(metric_id, day, day)


def ask_by_point(chart_key: str, metric_id: str) -> None:
    """The same for the day just picked in the chart of this key."""
    points = st.session_state[chart_key].selection.points
    if points:
        ask_day(metric_id, str(points[0]["x"]))


def button(metric_id: str, first: date, last: date, *, key: str, agent: str | None = None) -> None:
    """A small button that opens the rows behind a value."""
    _ = wording.words()
    st.button(
        _("Rows behind it"),
        icon=":material/manage_search:",
        type="tertiary",
        key=key,
        on_click=ask,
        args=(metric_id, first, last, agent),
    )


def show(shop: str) -> None:
    """Open the rows asked for, if any; called once at the end of a run."""
    asked = st.session_state.pop("drill_asked", None)
    if asked is None:
        return
    _ = wording.words()
    told = asked.told or wording.metric_name(asked.metric_id)
    title = _("{metric}: rows behind it").format(metric=told)
    st.dialog(title, width="large")(_body)(shop, asked)


def _body(shop: str, asked: Asked) -> None:
    _, settings = wording.words(), loaders.settings(shop)
    metric_id, first, last, agent, cut, _told = asked
    span = wording.day(first) if first == last else f"{wording.day(first)} – {wording.day(last)}"
    st.caption(_("; ").join([span, agent] if agent else [span]))
    # A band of waits counts rounds that no single convention counts.
    if not (cut and BY_ID[metric_id].subject == "reply"):
        st.caption(wording.definition(metric_id))
    # The name on screen is no part of what is looked up.
    wanted = {name: value for name, value in asked._asdict().items() if name != "told"}
    sums = loaders.counted(rows_by_rule, shop, **wanted)
    totals = {counted: sum(sums.filter(counted=counted)["rows"]) for counted in (True, False)}
    if sums.is_empty():
        st.info(_("No rows lie behind this value."))
        return
    names = {
        True: _("Counted: {n}").format(n=wording.count(totals[True])),
        False: _("Left out: {n}").format(n=wording.count(totals[False])),
    }
    which = st.segmented_control(
        _("Which rows"),
        [counted for counted in (True, False) if totals[counted]],
        default=bool(totals[True]),
        format_func=names.__getitem__,
        required=True,
        key="drill_which",
        label_visibility="collapsed",
    )
    if not which:
        for code, rows in sums.filter(~pl.col("counted")).select("left_out", "rows").iter_rows():
            rule = _(LEFT_OUT.get(code, code))
            st.markdown("- " + _("{name}: {said}").format(name=rule, said=wording.count(rows)))
    listed = loaders.counted(newest_rows, shop, **wanted, counted=bool(which), most=LISTED)
    if totals[bool(which)] > LISTED:
        st.caption(
            _("The newest {n} rows are listed; choose a shorter period to see the others.").format(
                n=wording.count(LISTED)
            )
        )
    readable = _readable(listed, mask=settings.mask_buyers)
    tables.show(
        readable,
        _columns(readable, metric_id),
        key="drill",
        alt=_("Rows behind the value"),
        file_name=f"{metric_id}-{first}-{last}",
    )


def _readable(rows: pl.DataFrame, *, mask: bool) -> pl.DataFrame:
    """Codes in words, buyers masked; a buyer's name inside a subject is masked with it."""
    _ = wording.words()
    kinds = {code: _(name) for code, name in KINDS.items()}
    rules = {code: _(name) for code, name in LEFT_OUT.items()}
    personal = pl.col("kind").is_in(["buyer_day", "round", "inquiry"])
    return masking.buyers(
        rows.with_columns(
            subject=pl.when(~personal).then("subject"),
            kind=pl.col("kind").replace(kinds),
            left_out=pl.col("left_out").replace(rules),
        ),
        mask=mask,
    )


def _columns(rows: pl.DataFrame, metric_id: str) -> list[Column]:
    """What to show of the rows: no column that this kind of row leaves empty."""
    _, metric = wording.words(), BY_ID[metric_id]
    subject = "reply" if metric.unit == "seconds" else metric.subject
    label, kind = AMOUNTS.get(subject, (wording.amount_heading(), wording.spoken().money_kind))
    columns = [
        Column("day", _("Day"), "day"),
        Column("at", _("Time"), "time"),
        Column("kind", _("What")),
        Column("subject", _("Number")),
        Column("buyer", _("Buyer")),
        Column("agent", _("Agent")),
        Column("amount", _(label), kind),
        Column("left_out", _("Left out because")),
    ]
    return [column for column in columns if rows[column.name].is_not_null().any()]
