"""Parts of the weekly review page."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import polars as pl
import streamlit as st

from metrics.catalog import BY_ID
from metrics.views.review import week_name
from pages.shared import tables, viewer, wording
from reports.review.offline import offline_html
from reports.review.points import Number, Point
from reports.review.weekly import Review, freeze
from reports.review.workbook import review_xlsx
from store.lake import store_path
from team.entries import write
from team.kinds import Action
from told.language import LANGUAGES, Language
from told.spoken import Spoken
from told.tables import Column

WALL = "pages/overview/wall.py"
COLOURS = {"better": ":blue[{}]", "worse": ":red[{}]", "": "{}"}


def pace() -> int:
    """Seconds that the shared screen shows each slide; 0 where somebody turns them."""
    _ = wording.words()
    return st.number_input(
        _("Seconds per slide (0 = by hand)"),
        min_value=0,
        max_value=600,
        value=0,
        step=5,
        key="review_auto",
        width=260,
        help=_("For the shared screen."),
    )


def head(review: Review, *, seconds: int) -> None:
    """What can be done with the whole review: freeze it, show it, take it along."""
    _, name = wording.words(), review.name
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(
            _("Freeze this week") if review.frozen is None else _("Freeze it anew"),
            icon=":material/ac_unit:",
            key="review_freeze",
            help=_("Keeps the numbers as you see them now; later changes are shown beside them."),
        ):
            freeze(store_path(), review, by=viewer.name())
            st.rerun()
        st.page_link(
            WALL,
            label=_("Shared screen"),
            icon=":material/slideshow:",
            query_params={"week": name, "slide": "1", "auto": str(seconds)},
        )
        st.download_button(
            _("Save as one HTML file"),
            lambda: offline_html(review, languages=_languages()).encode(),
            file_name=f"review-{name}.html",
            mime="text/html",
            icon=":material/download:",
            type="tertiary",
            key="review_html",
            on_click="ignore",
        )
        st.download_button(
            _("Save as XLSX"),
            lambda: review_xlsx(review, language=wording.tongue()),
            file_name=f"review-{name}.xlsx",
            mime=tables.XLSX,
            icon=":material/download:",
            type="tertiary",
            key="review_xlsx",
            on_click="ignore",
        )


def _languages() -> tuple[Language, ...]:
    """All languages, the session's own first."""
    own = wording.tongue()
    return (own, *(each for each in LANGUAGES if each != own))


def point(place: int, point: Point) -> None:
    """One agenda point: finding, numbers, sentences, chart, tables."""
    st.subheader(f"{place}. {point.title}")
    st.markdown(wording.plain(point.finding))
    if point.numbers:
        with st.grid(3, min_column_width=240):
            for number in point.numbers:
                _number(number)
    if point.lines:
        st.markdown("\n".join(f"- {wording.plain(line)}" for line in point.lines))
    if point.figure is not None:
        st.plotly_chart(
            point.figure,
            key=f"review_{point.code}_chart",
            config={"displayModeBar": False},
            alt=point.alt,
        )
    for at, table in enumerate(point.tables):
        if table.frame.height:
            with st.expander(table.name, icon=":material/table_rows:"):
                tables.show(
                    table.frame,
                    table.columns,
                    key=f"review_{point.code}_{at}",
                    alt=table.name,
                    file_name=f"review-{point.code}-{at + 1}",
                )


def _number(number: Number) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(wording.plain(number.label), number.value)
        st.caption(COLOURS[number.state].format(wording.plain(number.note)))


def then_and_now(review: Review) -> None:
    """What the meeting saw beside what the same weeks come to now."""
    if review.frozen is None:
        return
    _, spoken = wording.words(), wording.spoken()
    rows = review.then_and_now()
    moved = rows.filter(
        (pl.col("difference").abs() > 1e-9) | (pl.col("then").is_null() != pl.col("now").is_null())
    )
    with st.container(border=True):
        st.markdown(
            _(":material/ac_unit: **Frozen** on {at} UTC by {by}, files to {day}.").format(
                at=f"{review.frozen.at:%Y-%m-%d %H:%M}",
                by=wording.plain(review.frozen.by),
                day=wording.day(review.frozen.as_of),
            )
        )
        if moved.is_empty():
            st.caption(_("No number of that meeting has changed since."))
            return
        told = _("{n} numbers of that meeting have changed since.")
        st.caption(told.format(n=wording.count(moved.height)))
        shown = pl.DataFrame(
            [_then_now(row, spoken) for row in moved.to_dicts()],
            schema=dict.fromkeys(("name", "week", "then", "now", "difference"), pl.String),
            orient="row",
        )
        tables.show(
            shown,
            [
                Column("name", _("Number")),
                Column("week", _("Week")),
                Column("then", _("Then")),
                Column("now", _("Now")),
                Column("difference", _("Difference")),
            ],
            key="review_then_now",
            alt=_("Numbers of the meeting, then and now"),
            file_name=f"review-{review.name}-then-and-now",
        )


def _then_now(row: Mapping[str, Any], spoken: Spoken) -> dict[str, str]:
    unit = BY_ID[row["metric"]].unit
    return {
        "name": spoken.metric_name(row["metric"]),
        "week": week_name(row["week"]),
        "then": spoken.figure(row["then"], unit),
        "now": spoken.figure(row["now"], unit),
        "difference": spoken.difference(row["difference"], unit),
    }


def actions(review: Review) -> None:
    """Tick what is done, write down what is agreed."""
    _ = wording.words()
    for row in review.actions.to_dicts():
        until = _(", due {day}").format(day=wording.day(row["due"])) if row["due"] else ""
        carried = "" if row["week"] == review.name else f" · {row['week']}"
        st.checkbox(
            wording.plain(f"{row['text']} — {row['owner']}{until}{carried}"),
            value=row["done"],
            key=f"review_action_{review.name}_{row['subject']}",
            on_change=_tick,
            args=(review, row),
        )
    with st.form("review_action", clear_on_submit=True, border=True):
        text = st.text_input(_("What is to be done"), key="review_action_text")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            owner = st.text_input(_("Owner"), key="review_action_owner")
            due = st.date_input(
                _("Due"),
                value=review.sunday + timedelta(days=7),
                format="YYYY-MM-DD",
                key="review_action_due",
            )
            pressed = st.form_submit_button(_("Add action"), icon=":material/add_task:")
    if pressed and text.strip():
        action = Action(
            subject=uuid4().hex,
            by=viewer.name(),
            week=review.name,
            text=text.strip(),
            owner=owner.strip(),
            due=due if isinstance(due, date) else None,
        )
        write(store_path(), review.shop, action)
        st.rerun()


def _tick(review: Review, row: Mapping[str, Any]) -> None:
    done = bool(st.session_state[f"review_action_{review.name}_{row['subject']}"])
    action = Action(
        subject=row["subject"],
        by=viewer.name(),
        week=row["week"],
        text=row["text"],
        owner=row["owner"],
        due=row["due"],
        done_in=review.name if done else None,
    )
    write(store_path(), review.shop, action)
