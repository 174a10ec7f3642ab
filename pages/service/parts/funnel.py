"""Parts of the inquiries page."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import polars as pl
import streamlit as st

from charts.funnel import funnel as funnel_chart
from charts.heat import heat_map
from metrics.sales.cohorts import funnel as funnel_of
from metrics.sales.cohorts import inquiry_hours, projected
from pages.shared import counts, drill, loaders, tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from pages.shared.setting_names import ATTRIBUTIONS, WEEKDAYS, WINDOWS
from store.settings import ShopSettings
from told.tables import Column

METRIC = "inquiry_conversion"
#: Per column of the funnel's table the step whose rows it opens.
OPENS = {
    "inquiries": "inquiries",
    "ordered": "ordered",
    "lost_before_ordering": "ordered",
    "paid": "paid",
    "ordered_not_paid": "paid",
    "conversion": "paid",
}


def convention(settings: ShopSettings) -> str:
    """The rules in use, printed beside the numbers."""
    _ = wording.words()
    return _("{window} · after-sale window {days} days · {attribution}").format(
        window=_(WINDOWS[settings.conversion_window]),
        days=settings.after_sale_days,
        attribution=_(ATTRIBUTIONS[settings.attribution]),
    )


def funnel(view: View) -> None:
    """Inquiries, ordered, paid, and the two losses."""
    _ = wording.words()
    row = funnel_of(_settled(view)).collect().row(0, named=True)
    if not row["inquiries"]:
        st.caption(_("No inquiry of this period is final yet."))
        return
    steps = {"inquiries": _("Inquiries"), "ordered": _("Ordered"), "paid": _("Paid")}
    parts = [drill.Part(name, METRIC, (("step", step),)) for step, name in steps.items()]
    st.plotly_chart(
        funnel_chart(
            list(steps.values()),
            [row["inquiries"], row["ordered"], row["paid"]],
            x_title=_("Buyer-days"),
        ),
        key="inquiries_funnel",
        on_select=partial(drill.ask_by_bar, "inquiries_funnel", parts, view.first, view.last),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("Funnel from inquiry to payment"),
    )
    lost = _(
        "{lost} left before ordering; {unpaid} ordered and did not pay: those are worth a reminder."
    ).format(
        lost=wording.count(row["lost_before_ordering"]),
        unpaid=wording.count(row["ordered_not_paid"]),
    )
    st.caption(
        wording.sentences(lost, _("Click a step to see its inquiries and those lost before it."))
    )


def projection(view: View) -> None:
    """What the open cohorts have come to so far, and what they will come to as usual."""
    _ = wording.words()
    known, final = _final(view)
    projection = projected(_cohorts(view), as_of=known, mature_until=final)
    still_open = projection.filter("immature", _of_period(view)).collect()
    if still_open.is_empty():
        return
    st.caption(
        _("Days still open, and what they come to if the other buyers pay as they usually do:")
    )
    tables.show(
        still_open,
        [
            Column("day", _("Inquiry day"), "day"),
            Column("inquiries", _("Inquiries"), "count"),
            Column("paid", _("Paid so far"), "count"),
            Column("so_far", _("Conversion so far (%)"), "share"),
            Column("projection", _("Expected (%)"), "share"),
        ],
        key="inquiries_projection",
        alt=_("Open inquiry days with their expected conversion"),
        file_name=f"open-inquiries-{view.last}",
    )


def new_and_returning(view: View) -> None:
    """First-time buyers against those who bought before."""
    _ = wording.words()
    rows = funnel_of(_settled(view), by=("returning",)).collect()
    by_kind = {row["returning"]: row["conversion"] for row in rows.to_dicts()}
    st.subheader(
        _("New buyers convert at {new}, returning ones at {old}").format(
            new=wording.figure(by_kind.get(False), "share"),
            old=wording.figure(by_kind.get(True), "share"),
        )
    )
    kind = (
        pl.when("returning").then(pl.lit(_("Returning buyers"))).otherwise(pl.lit(_("New buyers")))
    )
    named = rows.with_columns(kind=kind)
    tables.show(
        named,
        [
            Column("kind", _("New or returning")),
            Column("inquiries", _("Inquiries"), "count"),
            Column("ordered", _("Ordered"), "count"),
            Column("paid", _("Paid"), "count"),
            Column("lost_before_ordering", _("Lost before ordering"), "count"),
            Column("ordered_not_paid", _("Ordered, not paid"), "count"),
            Column("conversion", _("Conversion (%)"), "share"),
        ],
        key="inquiries_returning",
        alt=_("Funnel of new and of returning buyers"),
        file_name=f"new-returning-{view.first}-{view.last}",
        on_pick=partial(_ask_kind, view, named.select("kind", "returning").rows()),
    )
    st.caption(_("Click a figure to see its rows."))


def hours(view: View) -> None:
    """When buyers ask: weekday by hour."""
    _ = wording.words()
    rows = inquiry_hours(_cohorts(view).filter(_of_period(view))).collect()
    busiest = rows.sort("inquiries", descending=True).row(0, named=True)
    names = [_(day) for day in WEEKDAYS]
    st.subheader(
        _("Most inquiries come on {day} at {hour}:00").format(
            day=names[busiest["weekday"] - 1], hour=busiest["hour"]
        )
    )
    which = st.segmented_control(
        _("Show"),
        ("inquiries", "conversion"),
        default="inquiries",
        format_func={"inquiries": _("Inquiries"), "conversion": _("Conversion (%)")}.__getitem__,
        required=True,
        key="inquiries_hours_show",
        label_visibility="collapsed",
    )
    grid = rows.partition_by("weekday", maintain_order=True)
    st.plotly_chart(
        heat_map(
            [day[which].to_list() for day in grid],
            x=[str(hour) for hour in range(24)],
            y=names,
            x_title=_("Hour of the buyer's first line"),
            value_title=_("Inquiries") if which == "inquiries" else _("Conversion (%)"),
            value_format=",d" if which == "inquiries" else ".0%",
            counts=[day["inquiries"].to_list() for day in grid],
        ),
        key="inquiries_hours",
        on_select=partial(_ask_hour, view, names),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("Inquiries by weekday and hour"),
    )
    st.caption(" · ".join([_span(view.first, view.last), _("Click a cell to see its inquiries.")]))


def _cohorts(view: View) -> pl.LazyFrame:
    """The inquiries of the period and of four weeks before it: a few thousand rows."""
    return loaders.counted(
        counts.inquiry_cohorts, view.shop, first=view.first, last=view.last
    ).lazy()


def _of_period(view: View) -> pl.Expr:
    return pl.col("day").is_between(view.first, view.last)


def _settled(view: View) -> pl.LazyFrame:
    """The inquiries of the period whose windows have closed."""
    return _cohorts(view).filter(_of_period(view), pl.col("day") <= _final(view)[1])


def _final(view: View) -> tuple[date, date]:
    """Up to when inquiries are known, and up to when their windows have closed."""
    known, final = loaders.counted(counts.inquiries_final, view.shop).row(0)
    return known or view.last, final or view.last


def _ask_kind(view: View, kinds: Sequence[tuple[str, bool]], row: int, column: str) -> None:
    told, returning = kinds[row]
    cut = (("step", OPENS.get(column, "inquiries")), ("returning", returning))
    drill.ask_part(drill.Part(told, METRIC, cut), view.first, view.last)


def _ask_hour(view: View, weekdays: Sequence[str]) -> None:
    points = st.session_state["inquiries_hours"].selection.points
    if points:
        day, hour = str(points[0]["y"]), int(points[0]["x"])
        cut = (("weekday", weekdays.index(day) + 1), ("hour", hour))
        drill.ask_part(drill.Part(f"{day} {hour}:00", METRIC, cut), view.first, view.last)


def _span(first: date, last: date) -> str:
    return f"{wording.day(first)} – {wording.day(last)}"
