"""Parts of the agents page: who is outside, the scorecard, the funnel, the places."""

from typing import Any

import numpy as np
import polars as pl
import streamlit as st

from charts.control_funnel import control_funnel
from metrics.agents.changes import most_improved
from metrics.agents.reading import equal_places, outside_limits
from metrics.agents.scorecard import FEWEST, funnel
from metrics.agents.units import JUDGED_AS
from metrics.catalog import BY_ID
from pages.service.parts import agent_rows
from pages.shared import linked, tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from told.language import DASH
from told.mark import mark
from told.tables import Column

CASES = "pages/service/cases.py"
#: Word, icon and colour of each verdict on an agent's figure.
VERDICTS: dict[str, tuple[str, str, Any]] = {
    "better": (mark("Better than chance explains"), ":material/trending_up:", "blue"),
    "worse": (mark("Worse than chance explains"), ":material/priority_high:", "red"),
    "inside": (mark("Within chance"), ":material/check_circle:", "gray"),
    "too_few": (mark("Too few"), ":material/hourglass_empty:", "gray"),
    "no_team": (mark("No team to compare with"), ":material/group_off:", "gray"),
}
#: Points at which the funnel's edges are drawn.
STEPS = 60


def outside(scores: pl.DataFrame) -> None:
    """Who stands out from the team beyond chance, agent by agent, in one sentence each."""
    _, out = wording.words(), outside_limits(scores)
    if not scores["verdict"].is_in(["inside", "better", "worse"]).any():
        st.info(
            _("Too little, or fewer than three agents, to compare: figures are shown as they are."),
            icon=":material/group_off:",
        )
        return
    names = out["name"].unique(maintain_order=True).to_list()
    tested = scores.filter(pl.col("verdict").is_in(["inside", "better", "worse"])).height
    if not names:
        st.subheader(_("Nobody stands out from the team"))
    else:
        st.subheader(
            _("{n} of {all} agents stand out from the team").format(
                n=len(names), all=scores["agent"].n_unique()
            )
        )
    with st.grid("auto", min_column_width=320):
        for name in names:
            _standing_out(name, out.filter(name=name))
    st.caption(
        _(
            "Of {n} figures only those are named that chance does not explain: the limits allow "
            "for how much an agent's days and buyers differ, and for so many figures being looked "
            "at at once. Everybody else cannot be told apart."
        ).format(n=wording.count(tested))
    )


def _standing_out(name: str, rows: pl.DataFrame) -> None:
    _ = wording.words()
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"**{name}**")
        for verdict in ("worse", "better"):
            some = rows.filter(verdict=verdict)
            if some.is_empty():
                continue
            word, icon, colour = VERDICTS[verdict]
            st.badge(_(word), icon=icon, color=colour)
            st.markdown(
                "\n".join(
                    _("- {metric} {value}, team {team} (n {n})").format(
                        metric=wording.metric_name(row["metric"]),
                        value=agent_rows.figure(row),
                        team=agent_rows.figure(row, "team"),
                        n=wording.count(row["n"]),
                    )
                    for row in some.to_dicts()
                )
            )


def chosen_agent(scores: pl.DataFrame) -> str:
    """The agent picked, who also stands in the address."""
    _ = wording.words()
    names = agent_rows.names(scores)
    linked.adopt("agent", "agents_agent", names)
    picked: str = st.selectbox(
        _("Agent"),
        list(names),
        format_func=lambda agent: names.get(agent, agent),
        key="agents_agent",
        width=320,
    )
    linked.tell("agent", "agents_agent", picked)
    return picked


def card(view: View, scores: pl.DataFrame, agent: str) -> None:
    """Every figure of one agent with its interval, its team, its past and what can be said."""
    _ = wording.words()
    mine = scores.filter(agent=agent)
    name = mine["name"][0]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(_("Scorecard of {name}").format(name=name), width="content")
        st.page_link(
            CASES,
            label=_("Read conversations"),
            icon=":material/menu_book:",
            query_params={"agent": agent},
        )
    _volumes(view, mine, agent)
    moved = agent_rows.moved(view).filter(agent=agent).select("metric", "before", change="verdict")
    told = mine.join(moved, on="metric", how="left", maintain_order="left")
    tables.show(
        pl.DataFrame([_told(row) for row in told.to_dicts()]),
        [
            Column("metric", _("Figure")),
            Column("value", _("Their value")),
            Column("interval", _("95 % interval")),
            Column("n", _("n"), "count"),
            Column("team", _("The others")),
            Column("verdict", _("Against the team")),
            Column("place", _("Place")),
            Column("before", _("Days before")),
            Column("change", _("Against the past")),
        ],
        key="agents_card",
        alt=_("Scorecard of {name}").format(name=name),
        file_name=f"agent-{agent}-{view.first}-{view.last}",
        height="content",
    )
    notes: dict[str, list[str]] = {how: [] for how in JUDGED_AS.values()}
    for metric in mine["metric"]:
        if metric in JUDGED_AS:
            notes[JUDGED_AS[metric]].append(wording.metric_name(metric))
    said = [
        _("{name}: {said}").format(name=_(", ").join(metrics), said=_(how))
        for how, metrics in notes.items()
        if metrics
    ]
    if said:
        st.caption(_("Compared: {how}.").format(how=_("; ").join(said)))


CHANGES = {
    "improved": mark("Improved"),
    "declined": mark("Declined"),
    "steady": mark("No sure change"),
    "too_few": mark("Too few"),
}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """One line of the scorecard in words."""
    _ = wording.words()
    low, high = (agent_rows.figure(row, end) for end in ("low", "high"))
    verdict, change = VERDICTS[row["verdict"]][0], CHANGES.get(row["change"] or "")
    return {
        "metric": wording.metric_name(row["metric"]),
        "value": agent_rows.figure(row),
        "interval": DASH if row["low"] is None else f"{low} – {high}",
        "n": row["n"],
        "team": agent_rows.figure(row, "team"),
        "verdict": _(verdict),
        "place": DASH if row["rank_from"] is None else _place(row["rank_from"], row["rank_to"]),
        "before": agent_rows.figure(row, "before"),
        "change": _(change) if change else DASH,
    }


def _place(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}–{last}"


def _volumes(view: View, mine: pl.DataFrame, agent: str) -> None:
    """What an agent had to do and sold: counts, which nobody is judged by."""
    _ = wording.words()
    counts = {row["metric"]: row["n"] for row in mine.to_dicts()}
    sold = agent_rows.sales(view).filter(agent=agent)
    orders, sales = sold.select("orders", "sales").sum().row(0) if sold.height else (None, None)
    told = _("Attributed orders: {n}").format(n=wording.count(orders))
    figures = [
        (_("Buyers received"), wording.count(counts.get("reply_rate")), None),
        (_("Inquiries"), wording.count(counts.get("inquiry_conversion")), None),
        (_("Attributed sales"), wording.figure(sales, "money"), told),
        (_("Refund cases decided"), wording.count(counts.get("refund_retention")), None),
    ]
    with st.grid(4, min_column_width=220):
        for label, figure, beside in figures:
            st.metric(
                label,
                figure,
                beside,
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
            )


def chosen_metric(scores: pl.DataFrame) -> str:
    """The figure whose funnel and places are shown."""
    _ = wording.words()
    ids = scores["metric"].unique(maintain_order=True).to_list()
    picked: str = st.selectbox(
        _("Figure"),
        ids,
        index=ids.index("reply_rate") if "reply_rate" in ids else 0,
        format_func=wording.metric_name,
        key="agents_metric",
        width=320,
        persist_state="session",
    )
    return picked


def funnel_plot(view: View, scores: pl.DataFrame, metric: str) -> None:
    """Every agent by size and value, with the limits that chance does not cross."""
    _, mine = wording.words(), scores.filter(metric=metric)
    sizes = mine["n"].drop_nulls()
    most = float(str(sizes.max() or 1)) * 1.15
    steps = np.linspace(max(most / STEPS, 5), most, STEPS).tolist()
    judged = scores.with_columns(value="judged")
    limits = funnel(agent_rows.totals(view), judged, metric, steps=steps)
    if limits.is_empty():
        st.caption(_("No limits: fewer than three agents have {n} observations.").format(n=FEWEST))
        return
    points = mine.filter(pl.col("judged").is_not_null()).select(
        "name", "n", value="judged", outside=pl.col("verdict").is_in(["better", "worse"])
    )
    title, form = _axis(metric)
    st.plotly_chart(
        control_funnel(
            points,
            limits,
            x_title=_("Counted: {what}").format(what=_(BY_ID[metric].denominator)),
            y_title=title,
            y_format=form,
            words=(_("the team"), _("limit of chance")),
        ),
        key="agents_funnel",
        config=QUIET_BAR,
        alt=_("{name}: agents against the limits of chance").format(
            name=wording.metric_name(metric)
        ),
    )
    st.caption(
        _(
            "The fewer the observations, the wider the limits. A diamond outside them is named "
            "above; where a point lies inside them says nothing."
        )
    )


def _axis(metric: str) -> tuple[str, str]:
    """What the judged figure is; quantiles are judged by a share."""
    _ = wording.words()
    if metric in ("response_time_median", "response_time_p90"):
        return _("Waits longer than the middle agent's (%)"), ".0%"
    if metric == "slow_conversations":
        return _("Slow conversations (% of the buyers)"), ".1%"
    return wording.axis(metric)


def places(scores: pl.DataFrame, metric: str) -> None:
    """Which places each agent may hold, the ones who cannot be told apart together."""
    _, rows = wording.words(), scores.filter(metric=metric).drop_nulls("rank_from")
    if rows.is_empty():
        return
    lines = []
    for first, last, names in equal_places(rows).iter_rows():
        span, all_names = _place(first, last), _(", ").join(names)
        lines.append(_("- Place {span}: {names}").format(span=span, names=all_names))
    st.markdown(
        _("**Places that cannot be ruled out** ({metric})").format(
            metric=wording.metric_name(metric)
        )
    )
    st.markdown("\n".join(lines))
    with st.expander(_("Figures per agent"), icon=":material/table_rows:"):
        told = rows.sort("rank_from", "rank_to", "name")
        tables.show(
            pl.DataFrame([{**_told({"before": None, "change": None, **row}), "name": row["name"]}
                          for row in told.to_dicts()]),
            [
                Column("name", _("Agent")),
                Column("value", _("Their value")),
                Column("interval", _("95 % interval")),
                Column("n", _("n"), "count"),
                Column("place", _("Place")),
                Column("verdict", _("Against the team")),
            ],
            key="agents_places",
            alt=_("Places that cannot be ruled out"),
            file_name=f"agents-{metric}",
        )  # fmt: skip


def improved(view: View) -> None:
    """Who got better against their own past, if anybody did beyond chance."""
    _, rows = wording.words(), agent_rows.moved(view)
    past = agent_rows.before(view)
    span = f"{wording.day(past.first)} – {wording.day(past.last)}"
    best = most_improved(rows)
    if not rows["verdict"].is_in(["improved", "declined", "steady"]).any():
        st.subheader(_("Most improved"))
        st.caption(_("The files tell too little of the days before ({span}).").format(span=span))
        return
    if best.is_empty():
        st.subheader(_("Nobody's improvement stands out from chance"))
    else:
        st.subheader(
            _("Most improved: {name} ({metric})").format(
                name=best["name"][0], metric=wording.metric_name(best["metric"][0])
            )
        )
    for row in best.to_dicts():
        st.markdown(
            _("- {name}: {metric} from {before} to {now} (n {n_before} and {n})").format(
                name=row["name"],
                metric=wording.metric_name(row["metric"]),
                before=agent_rows.figure(row, "before"),
                now=agent_rows.figure(row, "now"),
                n_before=wording.count(row["n_before"]),
                n=wording.count(row["n"]),
            )
        )
    st.caption(
        _(
            "Against the agent's own days before ({span}), less what the other agents' figures "
            "did meanwhile."
        ).format(span=span)
    )
