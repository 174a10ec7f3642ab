"""Marking a conversation as a case."""

from typing import Any

import polars as pl
import streamlit as st

from pages.service.parts import cases
from pages.shared import viewer, wording
from told.mark import mark

MERITS = {"learn": mark("To learn from"), "good": mark("Good example")}
#: Tags offered; a team adds its own.
TAGS = (
    mark("waiting"),
    mark("tone"),
    mark("product knowledge"),
    mark("recommendation"),
    mark("after-sale"),
    mark("follow-up"),
)


def show(shop: str, row: dict[str, Any], agent: str, found: pl.DataFrame) -> None:
    """The form that marks the conversation shown, filled with what was saved before.

    Args:
        shop: The shop.
        row: The conversation: ``buyer`` and ``day``.
        agent: Whose conversation it is.
        found: What the rules found in it.
    """
    _ = wording.words()
    key = cases.key(row["buyer"], row["day"])
    kept = cases.book(shop).filter(subject=key)
    before = kept.to_dicts()[0] if kept.height else {}
    key = cases.handle(key)
    st.markdown(_("**Mark as a case**"))
    rules = ["", *found["rule"].unique(maintain_order=True).to_list()]
    if before.get("rule") and before["rule"] not in rules:
        rules.append(before["rule"])
    good = found.height > 0 and bool((found["merit"] == "good").all())
    with st.form(f"cases_form_{key}", border=True):
        viewer.ask()
        merit = st.segmented_control(
            _("What it shows"),
            list(MERITS),
            default=before.get("merit") or ("good" if good else "learn"),
            format_func=lambda name: _(MERITS[name]),
            key=f"cases_merit_{key}",
            required=True,
        )
        rule = st.selectbox(
            _("Finding"),
            rules,
            index=rules.index(before["rule"]) if before.get("rule") else min(1, len(rules) - 1),
            format_func=lambda name: cases.rule_name(name) if name else _("none of these"),
            key=f"cases_rule_{key}",
        )
        offered = [_(tag) for tag in TAGS]
        tags = st.multiselect(
            _("Tags"),
            [*offered, *(tag for tag in before.get("tags", []) if tag not in offered)],
            default=before.get("tags", []),
            accept_new_options=True,
            placeholder=_("Pick or write"),
            key=f"cases_tags_{key}",
        )
        better = st.text_area(
            _("Better wording"),
            before.get("better", ""),
            key=f"cases_better_{key}",
            placeholder=_("How this could have been said"),
            max_chars=1000,
        )
        text = st.text_input(
            _("What to learn from it"), before.get("text", ""), key=f"cases_text_{key}"
        )
        discuss = st.checkbox(
            _("Discuss in the weekly review"),
            bool(before.get("discuss")),
            key=f"cases_discuss_{key}",
        )
        if not st.form_submit_button(
            _("Save the case"), type="primary", icon=":material/bookmark_add:"
        ):
            return
    cases.mark(
        shop,
        row["buyer"],
        row["day"],
        by=viewer.name(),
        text=text.strip(),
        fields={
            "agent": agent,
            "rule": rule,
            "tags": tags,
            "better": better.strip(),
            "merit": merit,
            "discuss": discuss,
        },
    )
    st.toast(_("Saved in the case book"), icon=":material/bookmark_added:")
