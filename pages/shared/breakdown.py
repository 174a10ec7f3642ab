"""One metric cut by day and by agent, the same way on every page."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import polars as pl
import streamlit as st

from charts.ranked import ranked_bars
from charts.trend import trend
from metrics.catalog import BY_ID
from metrics.kit.metric import Unit
from metrics.kit.ratio import with_interval
from metrics.views.limits import FEWEST_OBSERVATIONS
from pages.shared import counts, drill, loaders, tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from told.mark import mark
from told.tables import Column, Kind

KINDS: dict[str, Kind] = {
    "share": "share",
    "seconds": "seconds",
    "score": "score",
    "pieces": "number",
    "per_message": "number",
    "buyer_days": "count",
}


def kind_of(unit: Unit) -> Kind:
    """How a column of values of this unit is written."""
    return wording.spoken().money_kind if unit == "money" else KINDS[unit]


PEERS = {"peer_mean": mark("peers, mean"), "peer_best": mark("peers, best")}


def by_day(metric_id: str, view: View, /, *, key: str, peers: bool = False) -> None:
    """The metric's days with its target; a click on a day lists the rows behind it.

    Args:
        metric_id: Which metric.
        view: Shop and period.
        key: Page-prefixed.
        peers: Whether to draw what the platform prints for shops of the same trade.
    """
    _, (y_title, y_format) = wording.words(), wording.axis(metric_id)
    days = loaders.measured(view.shop, (metric_id,), view.first, view.last, "day")
    name = wording.metric_name(metric_id)
    st.subheader(_finding(metric_id, view) or name)
    if days["value"].is_null().all():
        st.caption(_("No day of this period has a value."))
        return
    target = loaders.settings(view.shop).targets.get(metric_id)
    chart = f"{key}_days"
    st.plotly_chart(
        trend(
            days,
            x="start",
            y="value",
            y_title=y_title,
            y_format=y_format,
            n="denominator",
            immature="immature",
            target=target,
            target_label=_("target {target}").format(
                target=wording.figure(target, BY_ID[metric_id].unit)
            ),
            references=_peers(metric_id, view) if peers else None,
        ),
        key=chart,
        on_select=partial(drill.ask_by_point, chart, metric_id),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("{name} per day").format(name=name),
    )
    if days["immature"].any():
        st.caption(_("Dotted: days whose value still changes. Click a day to see its rows."))
    else:
        st.caption(_("Click a day to see its rows."))
    with st.expander(_("Figures per day"), icon=":material/table_rows:"):
        tables.show(
            _told(days),
            _columns(metric_id, Column("start", _("Day"), "day")),
            key=f"{key}_days",
            alt=_("{name} per day").format(name=name),
            file_name=f"{metric_id}-{view.first}-{view.last}",
        )


def by_agent(ids: Sequence[str], view: View, /, *, key: str) -> None:
    """The first metric's agents as bars with the shop's line, all metrics in a table.

    Args:
        ids: Metrics, the one drawn first.
        view: Shop and period.
        key: Page-prefixed.
    """
    _, lead = wording.words(), ids[0]
    rows = loaders.measured(view.shop, tuple(ids), view.first, view.last, "agent")
    drawn = _drawn(rows, lead, view)
    if drawn.is_empty():
        st.subheader(_("Per agent"))
        st.caption(_("Your files do not tell this per agent."))
        return
    st.subheader(_agents_finding(drawn, lead))
    shop = loaders.measured(view.shop, (lead,), view.first, view.last, "period")["value"][0]
    x_title, x_format = wording.axis(lead)
    is_share, chart = BY_ID[lead].unit == "share", f"{key}_agents"
    st.plotly_chart(
        ranked_bars(
            drawn,
            name="name",
            value="value",
            x_title=x_title,
            x_format=x_format,
            n="denominator",
            low="low" if is_share else None,
            high="high" if is_share else None,
            shop=shop,
            shop_label=_("the whole shop"),
            few="few",
        ),
        key=chart,
        on_select=partial(_ask_agent, chart, lead, view, drawn["agent"].to_list()),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("{name} per agent").format(name=wording.metric_name(lead)),
    )
    grey = _("Grey: fewer than {n} observations. Click a bar to see its rows.")
    told = grey if drawn["few"].any() else _("Click a bar to see its rows.")
    st.caption(told.format(n=FEWEST_OBSERVATIONS))
    with st.expander(_("Figures per agent"), icon=":material/table_rows:"):
        _agent_table(rows, ids, view, key=key)


def named(rows: pl.DataFrame, view: View) -> pl.DataFrame:
    """The rows with ``name``: what the shop calls the agent, else the sub-account."""
    agents = loaders.settings(view.shop).agents
    names = {agent.account: agent.display for agent in agents if agent.display}
    return rows.with_columns(name=pl.col("agent").replace(names))


def _drawn(rows: pl.DataFrame, lead: str, view: View) -> pl.DataFrame:
    down = BY_ID[lead].better != "lower"
    mine = rows.filter(pl.col("metric") == lead, pl.col("value").is_not_null())
    few = pl.col("denominator") < FEWEST_OBSERVATIONS
    return (
        named(with_interval(mine), view)
        .with_columns(few=few)
        .sort("few", "value", "agent", descending=[False, down, False])
    )


def _agents_finding(drawn: pl.DataFrame, lead: str) -> str:
    _, unit, sure = wording.words(), BY_ID[lead].unit, drawn.filter(~pl.col("few"))
    if sure.height < 2:
        return _("Per agent: too few observations to compare")
    best, last = sure.row(0, named=True), sure.row(-1, named=True)
    return _("{best} leads with {high}, {last} is last with {low}").format(
        best=best["name"],
        high=wording.figure(best["value"], unit),
        last=last["name"],
        low=wording.figure(last["value"], unit),
    )


def _agent_table(rows: pl.DataFrame, ids: Sequence[str], view: View, *, key: str) -> None:
    """One row per agent; per metric its value and what it was divided by."""
    _, present = wording.words(), [name for name in ids if name in rows["metric"]]
    wide = rows.pivot("metric", index="agent", values=["value", "denominator"], sort_columns=False)
    columns = [Column("name", _("Agent"))]
    for metric_id in present:
        name, kind = wording.metric_name(metric_id), kind_of(BY_ID[metric_id].unit)
        columns += [
            Column(f"value_{metric_id}", wording.axis(metric_id)[0], kind),
            Column(f"denominator_{metric_id}", _("{name}: n").format(name=name), "count"),
        ]
    tables.show(
        named(wide, view).sort("name"),
        columns,
        key=f"{key}_agents",
        alt=_("Figures per agent"),
        file_name=f"agents-{view.first}-{view.last}",
    )


def _ask_agent(chart: str, metric_id: str, view: View, agents: Sequence[str]) -> None:
    points = st.session_state[chart].selection.points
    if points:
        drill.ask(metric_id, view.first, view.last, agents[points[0]["point_index"]])


def _finding(metric_id: str, view: View) -> str:
    """How the later half of the period compares with the earlier one; "" where it cannot."""
    _, unit = wording.words(), BY_ID[metric_id].unit
    half = view.first + timedelta(days=view.days // 2)
    spans = ((view.first, half - timedelta(days=1)), (half, view.last))
    if view.days < 2:
        return ""
    values = [
        loaders.measured(view.shop, (metric_id,), first, last, "period")["value"][0]
        for first, last in spans
    ]
    early, late = (wording.figure(value, unit) for value in values)
    if None in values:
        return ""
    name = wording.metric_name(metric_id)
    if early == late:
        return _("{name} stayed at {value}").format(name=name, value=late)
    rose = values[1] > values[0]
    told = (
        _("{name} rose from {early} in the first half of the days to {late} in the second")
        if rose
        else _("{name} fell from {early} in the first half of the days to {late} in the second")
    )
    return told.format(name=name, early=early, late=late)


def _peers(metric_id: str, view: View) -> dict[str, float]:
    _ = wording.words()
    printed = loaders.counted(
        counts.peer_values, view.shop, first=view.first, last=view.last
    ).filter(pl.col("metric") == metric_id)
    values = dict(printed.select("scope", "value").iter_rows())
    return {_(name): values[scope] for scope, name in PEERS.items() if scope in values}


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """Codes of notes in words."""
    return rows.with_columns(note=pl.Series([wording.notes(note) for note in rows["note"]]))


def _columns(metric_id: str, head: Column) -> list[Column]:
    _, metric = wording.words(), BY_ID[metric_id]
    additive: Kind = wording.spoken().money_kind if metric.unit == "money" else "count"
    return [
        head,
        Column("value", wording.axis(metric_id)[0], kind_of(metric.unit)),
        Column("numerator", metric.told("numerator", _), additive),
        Column("denominator", metric.told("denominator", _), "count"),
        Column("note", _("Note")),
    ]
