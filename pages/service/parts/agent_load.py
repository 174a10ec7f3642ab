"""The part of the agents page about work: how much, when, and why one has more."""

from typing import Any

import polars as pl
import streamlit as st

from charts.heat import heat_map
from metrics.agents.load import load_by_hour, workload
from pages.shared import breakdown, loaders, tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from told.mark import mark
from told.tables import Column

HOURS = range(24)
#: What the factor that parts a load from the middle agent's means, above and below it.
CAUSES: dict[str, tuple[str, str]] = {
    "days": (mark("more days at work"), mark("fewer days at work")),
    "hours_per_day": (mark("longer shifts"), mark("shorter shifts")),
    "received_per_hour": (mark("busier hours"), mark("quieter hours")),
}


def show(view: View) -> None:
    """Buyers per agent, taken apart, and the hours they came in."""
    _ = wording.words()
    rows = loaders.counted(workload, view.shop, first=view.first, last=view.last)
    if rows.is_empty():
        return
    named = breakdown.named(rows, view)
    st.subheader(_("Workload and its cause"))
    told = [sentence for row in named.to_dicts() if (sentence := _sentence(row))]
    st.markdown("\n".join(told) or _("Nobody has a tenth more or less than the middle agent."))
    if "messages" in loaders.as_of(view.shop):
        _hours(view)
    else:
        st.caption(_("Upload chat records to see shifts, hours and buyers served at once."))
    with st.expander(_("Workload in figures"), icon=":material/table_rows:"):
        tables.show(
            named,
            [
                Column("name", _("Agent")),
                Column("received", _("Buyers received"), "count"),
                Column("days", _("Days at work"), "count"),
                Column("hours_per_day", _("Hours a day"), "number"),
                Column("received_per_hour", _("Buyers an hour"), "number"),
                Column("at_once", _("Buyers at once"), "number"),
                Column("shared", _("Shared with another agent (%)"), "share"),
            ],
            key="agents_load",
            alt=_("Workload per agent"),
            file_name=f"workload-{view.first}-{view.last}",
        )
        st.caption(
            _(
                "An hour counts when the agent wrote or was written to. At once: buyers who wrote "
                "in the same ten minutes. Shared: transfers and second agents."
            )
        )


def _sentence(row: dict[str, Any]) -> str:
    if row["cause"] is None:
        return ""
    _ = wording.words()
    cause = CAUSES[row["cause"]][0 if row["cause_ratio"] > 1 else 1]
    return _("- {name} received {n} buyers, the middle agent {team}: {cause} (× {ratio}).").format(
        name=row["name"],
        n=wording.count(row["received"]),
        team=wording.count(row["team_received"]),
        cause=_(cause),
        ratio=wording.figure(row["cause_ratio"], "per_message"),
    )


def _hours(view: View) -> None:
    _ = wording.words()
    rows = loaders.counted(load_by_hour, view.shop, first=view.first, last=view.last)
    named = breakdown.named(rows, view)
    names = named["name"].unique(maintain_order=True).to_list()
    grid = [_row(named.filter(name=name)) for name in names]
    st.plotly_chart(
        heat_map(
            grid,
            x=[str(hour) for hour in HOURS],
            y=names,
            x_title=_("Hour of the day"),
            value_title=_("Buyers"),
            value_format=",.0f",
            height=100 + 34 * len(names),
        ),
        key="agents_hours",
        config=QUIET_BAR,
        alt=_("Buyers of each agent by hour of the day"),
    )


def _row(mine: pl.DataFrame) -> list[float | None]:
    """Buyers in each hour of the day, null where none wrote."""
    hours = pl.Series("hour", HOURS, mine.schema["hour"]).to_frame()
    return hours.join(mine, on="hour", how="left", maintain_order="left")["buyers"].to_list()
