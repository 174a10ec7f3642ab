"""Marking a conversation as a case."""

from typing import Any

import polars as pl
import streamlit as st

from pages.service.parts import cases
from pages.shared import viewer, wording
from store.lake import store_path
from team.entries import write
from team.kinds import Case, Merit
from told.mark import mark

MERITS: dict[Merit, str] = {"learn": mark("To learn from"), "good": mark("Good example")}
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
    subject = Case.subject_of(row["buyer"], row["day"])
    kept = next((case for case in cases.marked(shop) if case.subject == subject), None)
    before = kept or Case(subject=subject, by=viewer.name())
    key = cases.handle(subject)
    st.markdown(_("**Mark as a case**"))
    rules = ["", *found["rule"].unique(maintain_order=True).to_list()]
    if before.rule not in rules:
        rules.append(before.rule)
    good = found.height > 0 and bool((found["merit"] == "good").all())
    with st.form(f"cases_form_{key}", border=True):
        viewer.ask()
        merit = st.segmented_control(
            _("What it shows"),
            list(MERITS),
            default=kept.merit if kept else ("good" if good else "learn"),
            format_func=lambda name: _(MERITS[name]),
            key=f"cases_merit_{key}",
            required=True,
        )
        rule = st.selectbox(
            _("Finding"),
            rules,
            index=rules.index(before.rule) if before.rule else min(1, len(rules) - 1),
            format_func=lambda name: cases.rule_name(name) if name else _("none of these"),
            key=f"cases_rule_{key}",
        )
        offered = [_(tag) for tag in TAGS]
        tags = st.multiselect(
            _("Tags"),
            [*offered, *(tag for tag in before.tags if tag not in offered)],
            default=list(before.tags),
            accept_new_options=True,
            placeholder=_("Pick or write"),
            key=f"cases_tags_{key}",
        )
        better = st.text_area(
            _("Better wording"),
            before.better,
            key=f"cases_better_{key}",
            placeholder=_("How this could have been said"),
            max_chars=1000,
        )
        text = st.text_input(_("What to learn from it"), before.text, key=f"cases_text_{key}")
        discuss = st.checkbox(
            _("Discuss in the weekly review"), before.discuss, key=f"cases_discuss_{key}"
        )
        if not st.form_submit_button(
            _("Save the case"), type="primary", icon=":material/bookmark_add:"
        ):
            return
    case = Case(
        subject=subject,
        by=viewer.name(),
        text=text.strip(),
        buyer=row["buyer"],
        day=row["day"],
        agent=agent,
        rule=rule,
        tags=tuple(tags),
        better=better.strip(),
        merit=merit,
        discuss=discuss,
    )
    write(store_path(), shop, case)
    st.toast(_("Saved in the case book"), icon=":material/bookmark_added:")
