"""The hand-over note of a day: what the next shift must know, and what is still open."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from metrics.work.lists import WORK_KINDS, WorkKind
from pages.overview.parts import work_rows
from pages.shared import loaders, tables, viewer, wording
from pages.shared.filters import View
from pages.shared.folds import fold
from store.lake import store_path
from team.entries import entries, write
from team.kinds import HandOver
from told import language
from told.tables import Column
from told.work_words import KIND_NAMES

#: Earlier notes shown.
EARLIER = 7


@st.fragment
def show(view: View) -> None:
    """The note of the period's last day behind its header."""
    _ = wording.words()
    kept = {note.subject: note for note in entries(store_path(), view.shop, HandOver)}
    now = kept.get(view.last.isoformat())
    title = _("Hand-over note for {day}").format(day=wording.day(view.last))
    state = _saved(now, view.shop) if now else _("not written yet")
    opened = fold(f"**{title}** · {state}", key="handover", icon=":material/sync_alt:")
    if not opened.open:
        return
    with opened:
        _form(view, now)
        _left_over(view)
        _earlier(view, kept)


def _form(view: View, now: HandOver | None) -> None:
    _, key = wording.words(), f"handover_text_{view.shop}_{view.last}"
    with st.form(f"handover_{view.last}", border=False):
        st.text_area(
            _("What the next shift must know"),
            now.text if now else "",
            key=key,
            placeholder=_("Promises made, parcels to chase, buyers to call back"),
            max_chars=4000,
        )
        st.form_submit_button(
            _("Save"), type="primary", icon=":material/save:", on_click=_keep, args=(view, key)
        )


def _keep(view: View, key: str) -> None:
    """Keep the note with what is open at this moment."""
    left: dict[str, int] = {kind: _counts(kind, view, view.last)[1] for kind in _kinds(view)}
    note = HandOver(
        subject=view.last.isoformat(),
        by=viewer.name(),
        text=str(st.session_state[key] or "").strip(),
        open=left,
    )
    write(store_path(), view.shop, note)


def _kinds(view: View) -> list[WorkKind]:
    return [kind for kind in WORK_KINDS if not work_rows.missing(kind, view.shop)]


def _counts(kind: WorkKind, view: View, day: date) -> tuple[int, int]:
    """Rows of a list as it stood at the end of a day, and those that nobody has ticked since."""
    until = min(day, work_rows.day_of(kind, view))
    told = work_rows.standing(kind, work_rows.listed(kind, view.shop, until))
    return told.listed, told.left


def _left_over(view: View) -> None:
    """Yesterday's lists: ticked and not ticked."""
    _, before = wording.words(), view.last - timedelta(days=1)
    rows = []
    for kind in _kinds(view):
        listed, left = _counts(kind, view, before)
        rows.append(
            {"list": _(KIND_NAMES[kind]), "listed": listed, "done": listed - left, "left": left}
        )
    counted = pl.DataFrame(rows, schema={"list": pl.String, **_COUNTS})
    total = int(counted["left"].sum())
    st.markdown(
        _("**Still open from {day}: {n}**").format(day=wording.day(before), n=wording.count(total))
    )
    st.caption(
        _("What was paid, answered or decided since, as the files tell, is no longer listed.")
    )
    tables.show(
        counted,
        [
            Column("list", _("List")),
            Column("listed", _("Listed"), "count"),
            Column("done", _("Ticked"), "count"),
            Column("left", _("Not ticked"), "count"),
        ],
        key="handover_left",
        alt=_("What is still open from the day before, per list"),
        file_name=f"hand-over-{view.last}",
    )


_COUNTS = dict.fromkeys(("listed", "done", "left"), pl.Int64)


def _earlier(view: View, kept: dict[str, HandOver]) -> None:
    """The notes of the days before, the newest first."""
    _ = wording.words()
    days = sorted((day for day in kept if day < view.last.isoformat()), reverse=True)[:EARLIER]
    if not days:
        return
    st.markdown(_("**Earlier notes**"))
    for day in days:
        note = kept[day]
        left = sum(note.open.values())
        with st.container(border=True, gap="xsmall"):
            parts = [
                wording.day(date.fromisoformat(day)),
                _saved(note, view.shop),
                _("{n} open when it was written").format(n=wording.count(left)),
            ]
            st.caption(" · ".join(parts))
            st.text(note.text or "—")


def _saved(note: HandOver, shop: str) -> str:
    """By whom and when, on the shop's clock."""
    zone = ZoneInfo(loaders.settings(shop).time_zone)
    moment = note.at and note.at.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    when = language.moment(moment, wording.tongue())
    return when if note.by == "app" else f"{note.by} · {when}"
