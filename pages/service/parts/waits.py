"""Parts of the replies page that need chat lines."""

from functools import partial

import polars as pl
import streamlit as st

from charts.distribution import distribution as distribution_chart
from charts.hours import hour_columns
from metrics.chats.waits import WAIT_BANDS
from metrics.views.limits import FEWEST_OBSERVATIONS
from pages.shared import counts, drill, loaders, tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from told.tables import Column

#: The metric whose rows are rounds at any hour; a cut says which of them count.
ROUNDS = "response_time_median"


def distribution(view: View) -> None:
    """How many rounds waited how long."""
    _, names = wording.words(), _bands()
    working = st.toggle(_("Only inside the shop's working hours"), key="replies_working")
    rows = loaders.counted(
        counts.waits_in_bands, view.shop, first=view.first, last=view.last, working=working
    )
    if not rows["total"].sum():
        st.caption(_("No round was opened in these days."))
        return
    named = rows.with_columns(
        name=pl.col("band").cast(pl.String).replace_strict(names, return_dtype=pl.String)
    )
    top = named.sort("rounds", descending=True).row(0, named=True)
    st.subheader(
        _("Most often a buyer waits: {band} ({share} of the rounds)").format(
            band=top["name"], share=wording.figure(top["share"], "share")
        )
    )
    parts = [
        drill.Part(name, ROUNDS, (("band", band), ("working", working)))
        for band, name in names.items()
    ]
    st.plotly_chart(
        distribution_chart(
            named["name"].to_list(),
            named["share"].to_list(),
            counts=named["rounds"].to_list(),
            x_title=_("Share of the rounds (%)"),
            y_title=_("Wait for a human answer"),
            quiet=(names["none"],),
        ),
        key="replies_bands",
        on_select=partial(drill.ask_by_bar, "replies_bands", parts, view.first, view.last),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("Rounds by how long the buyer waited"),
    )
    st.caption(_("Click a bar to see its rounds."))
    with st.expander(_("Figures"), icon=":material/table_rows:"):
        tables.show(
            named,
            [
                Column("name", _("Wait")),
                Column("rounds", _("Rounds"), "count"),
                Column("share", _("Share of the rounds (%)"), "share"),
            ],
            key="replies_bands",
            alt=_("Rounds by how long the buyer waited"),
            file_name=f"waits-{view.first}-{view.last}",
        )


def hours(view: View) -> None:
    """Load and speed by hour of the day, against the working hours."""
    _ = wording.words()
    rows = loaders.counted(counts.waits_over_hours, view.shop, first=view.first, last=view.last)
    # Nobody is surprised that the night waits; the news is inside the working hours.
    slow = rows.filter(pl.col("inside") >= FEWEST_OBSERVATIONS).drop_nulls("mean_s")
    if slow.is_empty():
        st.subheader(_("Hour by hour"))
    else:
        slow = slow.sort("mean_s", descending=True)
        st.subheader(
            _("In working hours replies are slowest from {hour}:00: {wait} on average").format(
                hour=slow["hour"][0], wait=wording.figure(slow["mean_s"][0], "seconds")
            )
        )
    parts = [drill.Part(f"{hour}:00", ROUNDS, (("hour", hour),)) for hour in rows["hour"]]
    st.plotly_chart(
        hour_columns(
            rows["hour"].to_list(),
            rows["mean_s"].to_list(),
            counts=rows["rounds"].to_list(),
            inside=[bool(inside) for inside in rows["inside"].fill_null(0)],
            x_title=_("Hour in which the buyer asked"),
            y_title=_("Average wait (seconds)"),
            words=(_("in working hours"), _("outside working hours")),
        ),
        key="replies_hours",
        on_select=partial(drill.ask_by_bar, "replies_hours", parts, view.first, view.last),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("Average wait by hour of the day"),
    )
    capped = _(
        "Waits are capped at 600 seconds; unanswered rounds count 600, as the platform does."
    )
    st.caption(wording.sentences(capped, _("Click a bar to see its rounds.")))
    with st.expander(_("Figures per hour"), icon=":material/table_rows:"):
        tables.show(
            rows,
            [
                Column("hour", _("Hour"), "count"),
                Column("rounds", _("Rounds"), "count"),
                Column("answered", _("Answered"), "count"),
                Column("mean_s", _("Average wait (seconds)"), "seconds"),
                Column("median_s", _("Median wait (seconds)"), "seconds"),
                Column("within_three_minutes", _("Within three minutes (%)"), "share"),
            ],
            key="replies_hours",
            alt=_("Rounds and waits by hour"),
            file_name=f"hours-{view.first}-{view.last}",
        )


def _bands() -> dict[str, str]:
    _ = wording.words()
    names = {
        "up_to_15": _("≤ 15 s"),
        "up_to_30": _("≤ 30 s"),
        "up_to_60": _("≤ 60 s"),
        "up_to_180": _("≤ 3 min"),
        "up_to_600": _("≤ 10 min"),
        "longer": _("> 10 min"),
        "none": _("no human answer"),
    }
    return {band: names[band] for band in WAIT_BANDS}
