"""The case book: every case marked, found by its words, read again."""

from typing import Any

import polars as pl
import streamlit as st

from pages.service.parts import case_reading, cases
from pages.service.parts.case_form import MERITS
from pages.shared import breakdown, loaders, masking, tables, viewer, wording
from pages.shared.filters import View
from store.lake import store_path
from team.entries import take_out
from team.kinds import Case
from told.tables import Column

#: Cases on one page.
PAGE = 8


def show(view: View) -> None:
    """Search field, the cases found, and each of them to open."""
    _, known = wording.words(), cases.book(view.shop)
    st.subheader(_("Case book: {n} cases").format(n=known.height))
    if known.is_empty():
        st.caption(_("Read a conversation and mark it as a case; it will stand here."))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            _("Search the cases"),
            key="cases_search",
            placeholder=_("Agent, tag, finding, words"),
            icon=":material/search:",
            width=320,
        )
        merit = st.segmented_control(
            _("What it shows"),
            list(MERITS),
            format_func=lambda name: _(MERITS[name]),
            key="cases_merit",
            label_visibility="collapsed",
        )
    found = cases.searched(known, words or "")
    if merit:
        found = found.filter(merit=merit)
    st.caption(_("{n} of {all} cases").format(n=found.height, all=known.height))
    told = _told(found, view)
    tables.downloads(told, _columns(), key="cases_book", file_name="case-book")
    pages, at = max(1, -(-told.height // PAGE)), 1
    if pages > 1:
        at = min(st.pagination(pages, key="cases_page"), pages)
    for row in told.slice((at - 1) * PAGE, PAGE).to_dicts():
        _case(row, view)


def _told(found: pl.DataFrame, view: View) -> pl.DataFrame:
    """The cases in words."""
    _, mask = wording.words(), loaders.settings(view.shop).mask_buyers
    named = breakdown.named(found, view)
    return masking.buyers(
        named.with_columns(
            known=pl.col("buyer"),
            on=pl.col("day"),
            day=pl.col("day").dt.to_string().fill_null(""),
            handle=pl.Series([cases.handle(key) for key in found["subject"]], dtype=pl.String),
            finding=pl.Series(
                [cases.rule_name(rule) if rule else "" for rule in found["rule"]], dtype=pl.String
            ),
            shows=pl.Series([_(MERITS[merit]) for merit in found["merit"]], dtype=pl.String),
            tagged=pl.col("tags").list.join(_(", ")),
        ),
        mask=mask,
    )


def _case(row: dict[str, Any], view: View) -> None:
    _ = wording.words()
    title = " · ".join(
        part
        for part in (row["shows"], row["name"], row["day"], row["buyer"], row["finding"])
        if part
    )
    opened = st.expander(wording.plain(title), key=f"cases_case_{row['handle']}", on_change="rerun")
    if not opened.open:
        return
    with opened:
        for label, text in (
            (_("Tags"), row["tagged"]),
            (_("Better wording"), row["better"]),
            (_("What to learn from it"), row["text"]),
            (_("By"), "" if row["by"] == "app" else row["by"]),
        ):
            if text:
                st.markdown(f"**{label}**: {wording.plain(text)}")
        lines = cases.lines(view.shop, row["known"], row["on"]) if row["on"] else pl.DataFrame()
        if lines.height:
            case_reading.chat(lines, row["known"], row["buyer"], key=row["handle"])
        else:
            st.caption(_("The chat lines of that day are no longer in the store."))
        st.button(
            _("Take out of the case book"),
            icon=":material/bookmark_remove:",
            type="tertiary",
            key=f"cases_out_{row['handle']}",
            on_click=_take_out,
            args=(view.shop, row["subject"]),
        )


def _take_out(shop: str, subject: str) -> None:
    take_out(store_path(), shop, Case, subject, by=viewer.name())


def _columns() -> list[Column]:
    _ = wording.words()
    return [
        Column("shows", _("What it shows")),
        Column("name", _("Agent")),
        Column("day", _("Day")),
        Column("buyer", _("Buyer")),
        Column("finding", _("Finding")),
        Column("tagged", _("Tags")),
        Column("better", _("Better wording")),
        Column("text", _("What to learn from it")),
    ]
