"""Parts of the DSR page."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from charts.distribution import stacked_shares
from charts.palette import STARS
from charts.trend import trends
from metrics.catalog import NOTES
from metrics.ratings.counted import DSR_WINDOW
from metrics.ratings.snapshots import newest_industry, newest_printed
from metrics.ratings.stars import (
    MOST_STARS,
    five_star_needed,
    raters_between,
    room_left,
    standing,
    versus_industry,
)
from pages.shared import counts, drill, loaders, tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from pages.shared.setting_names import DSR_DAY_RULES, DSR_WINDOWS
from store.schemas import DSR_DIMENSIONS
from store.settings import Industry
from told.names import DIMENSIONS
from told.tables import Column


def newest(days: pl.DataFrame) -> pl.DataFrame:
    """The newest row with a score of each dimension, in the platform's order."""
    scored = days.drop_nulls("score").sort("day")
    last = scored.unique("dimension", keep="last", maintain_order=True)
    order = pl.Enum(DSR_DIMENSIONS)
    return last.sort(pl.col("dimension").cast(order))


def convention(view: View, rows: pl.DataFrame) -> str:
    """Window, day rule and feed in use, printed beside the numbers."""
    _, settings = wording.words(), loaders.settings(view.shop)
    feeds = _(", ").join(_(NOTES[feed]) for feed in rows["feed"].unique().sort())
    return " · ".join(
        [
            _(DSR_WINDOWS[settings.dsr_window]).format(days=DSR_WINDOW.days),
            _(DSR_DAY_RULES[settings.dsr_day]),
            feeds,
        ]
    )


def score_cards(view: View, rows: pl.DataFrame) -> None:
    """One card per dimension: the score three ways, the industry, what the target needs."""
    industry = _industry(view)
    with st.grid(3, min_column_width=280):
        for row in rows.to_dicts():
            _card(view, row, industry.get(row["dimension"]))


def lines(view: View, days: pl.DataFrame) -> None:
    """The three rolling scores; a click lists the ratings in the window of that day."""
    _, settings = wording.words(), loaders.settings(view.shop)
    st.subheader(_lines_finding(days))
    names = {name: _(DIMENSIONS[name]) for name in DSR_DIMENSIONS}
    target = settings.targets.get("dsr_service")
    st.plotly_chart(
        trends(
            days,
            x="day",
            y="score",
            by="dimension",
            names=names,
            y_title=_("DSR (stars, {days} days)").format(days=DSR_WINDOW.days),
            y_format=".3f",
            target=target,
            target_label=_("target {target}").format(target=wording.figure(target, "score")),
        ),
        key="dsr_lines",
        on_select=partial(_ask_line, view),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("The three scores over {days} days").format(days=DSR_WINDOW.days),
    )
    with st.expander(_("Figures per day"), icon=":material/table_rows:"):
        tables.show(
            days.with_columns(name=pl.col("dimension").replace(names)),
            [
                Column("day", _("Day"), "day"),
                Column("name", _("Dimension")),
                Column("score", _("Score"), "score"),
                Column("stars", _("Stars in the window"), "count"),
                Column("count", _("Ratings in the window"), "count"),
            ],
            key="dsr_days",
            alt=_("The three scores per day"),
            file_name=f"dsr-{view.last}",
        )


def star_mix(view: View) -> None:
    """How the window's ratings split into 1 to 5 stars."""
    _ = wording.words()
    rows = loaders.counted(counts.dsr_mix, view.shop, last=view.last)
    if not rows["count"].sum():
        st.caption(_("Only rating rows tell the mix of stars; upload them to see it."))
        return
    low = int(rows.filter(pl.col("stars") <= 2)["count"].sum())
    told = _("{n} marks of one or two stars weigh on the scores")
    st.subheader(told.format(n=wording.count(low)))
    by_stars = {stars: rows.filter(pl.col("stars") == stars) for stars in range(5, 0, -1)}
    st.plotly_chart(
        stacked_shares(
            [_(DIMENSIONS[name]) for name in DSR_DIMENSIONS],
            [(f"{stars} ★", part["share"].to_list()) for stars, part in by_stars.items()],
            x_title=_("Share of the ratings (%)"),
            hover_counts=[part["count"].to_list() for part in by_stars.values()],
            colours=STARS,
        ),
        key="dsr_mix",
        on_select=partial(_ask_stars, view),
        selection_mode="points",
        config=QUIET_BAR,
        alt=_("Ratings by stars"),
    )
    st.caption(_("Click a bar to see its ratings."))
    with st.expander(_("Figures"), icon=":material/table_rows:"):
        names = {name: _(word) for name, word in DIMENSIONS.items()}
        tables.show(
            rows.with_columns(pl.col("dimension").replace(names)),
            [
                Column("dimension", _("Dimension")),
                Column("stars", _("Stars"), "count"),
                Column("count", _("Ratings"), "count"),
                Column("share", _("Share of the ratings (%)"), "share"),
            ],
            key="dsr_mix",
            alt=_("Ratings by stars"),
            file_name=f"dsr-stars-{view.last}",
        )


def _card(view: View, row: Mapping[str, Any], industry: Industry | None) -> None:
    _, dimension = wording.words(), row["dimension"]
    metric_id, score = f"dsr_{dimension}", row["score"]
    target = loaders.settings(view.shop).targets.get(metric_id)
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(_(DIMENSIONS[dimension]), f"{score:.2f}", help=wording.definition(metric_id))
        st.caption(
            _("exact {exact} · shop page {short} · n {n} · {day}").format(
                exact=f"{score:.4f}",
                short=f"{score:.1f}",
                n=wording.count(row["count"]),
                day=wording.day(row["day"]),
            )
        )
        if industry is not None:
            st.markdown(_against(score, industry))
        if target is not None:
            st.markdown(_needed(row, target, view))
        drill.button(metric_id, row["day"], row["day"], key=f"dsr_{dimension}_rows")


def _against(score: float, industry: Industry) -> str:
    """Above or below the industry, in words and as the seller page counts it."""
    _, share = wording.words(), versus_industry(score, industry)
    if not share:
        return _("level with the industry's {mean}").format(mean=f"{industry.mean:.2f}")
    told = _("{share} above the industry ({mean})")
    if share < 0:
        told = _("{share} below the industry ({mean})")
    return told.format(share=wording.figure(abs(share), "share"), mean=f"{industry.mean:.2f}")


def _needed(row: Mapping[str, Any], target: float, view: View) -> str:
    """What the target asks for, or what it can bear."""
    _, stars, count = wording.words(), row["stars"], row["count"]
    goal = f"{target:g}"
    if stars is None:
        return _printed_gap(row, view)
    match standing(stars, count, target):
        case "reached":
            rooms = _(" or ").join(
                # Joined by spaces at which no line ends.
                f"{wording.count(room)}\u00a0×\u00a0{rating}\u00a0★"
                for rating in range(1, 5)
                if (room := room_left(stars, count, target, rating)) is not None
            )
            return _("Holds {goal}. Room before it is lost: {rooms}.").format(
                goal=goal, rooms=rooms
            )
        case "reachable":
            return _("{n} ratings of 5 ★ lift it to {goal}.").format(
                n=wording.count(five_star_needed(stars, count, target)), goal=goal
            )
        case "out_of_reach":
            return _("{goal} is out of reach: one lower rating is in the window.").format(goal=goal)
        case _:
            return _("No rating lies in the window.")


def _printed_gap(row: Mapping[str, Any], view: View) -> str:
    """The seller page's own gap of 5-star ratings, and what it tells of their number."""
    _ = wording.words()
    printed = loaders.counted(newest_printed, view.shop, last=row["day"])
    mine = printed.filter(pl.col("dimension") == row["dimension"])
    if mine.is_empty() or mine["five_star_gap"][0] is None or mine["target"][0] is None:
        return _("The snapshot does not tell how many ratings stand behind the score.")
    gap, target = mine["five_star_gap"][0], mine["target"][0]
    between = raters_between(gap, target, row["score"])
    told = _("The seller page asks for {n} ratings of 5 ★ to reach {goal}.").format(
        n=wording.count(gap), goal=f"{target:g}"
    )
    if between is None:
        return told
    low, high = between
    most = wording.count(high) if high is not None else "∞"
    makes = _("That makes {low} to {high} ratings in the window.")
    return wording.sentences(told, makes.format(low=wording.count(low), high=most))


def _industry(view: View) -> dict[str, Industry]:
    """Per dimension the industry's figures: those printed by the seller page, else the settings."""
    known = dict(loaders.settings(view.shop).industry)
    printed = loaders.counted(newest_industry, view.shop, last=view.last)
    for row in printed.to_dicts():
        bounds = {"best": row["industry_best"], "worst": row["industry_worst"]}
        known[row["dimension"]] = Industry(
            mean=row["industry_mean"], **{name: end for name, end in bounds.items() if end}
        )
    return known


def _lines_finding(days: pl.DataFrame) -> str:
    """Which of the three scores is the lowest now."""
    _, last = wording.words(), newest(days).sort("score")
    low, score = last.select("dimension", "score").row(0)
    return _("{dimension} is the lowest of the three: {score}").format(
        dimension=_(DIMENSIONS[low]), score=f"{score:.2f}"
    )


def _ask_stars(view: View) -> None:
    _, points = wording.words(), st.session_state["dsr_mix"].selection.points
    if points:
        dimension = DSR_DIMENSIONS[points[0]["point_index"]]
        stars = MOST_STARS - points[0]["curve_number"]
        told = f"{_(DIMENSIONS[dimension])} {stars} ★"
        part = drill.Part(told, f"dsr_{dimension}", (("stars", stars),))
        drill.ask_part(part, view.last, view.last)


def _ask_line(view: View) -> None:
    points = st.session_state["dsr_lines"].selection.points
    if points:
        dimension = DSR_DIMENSIONS[points[0]["curve_number"]]
        drill.ask_day(f"dsr_{dimension}", str(points[0]["x"]))
