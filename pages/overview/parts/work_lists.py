"""The daily round: per kind of work a list to go through, tick and note."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from metrics.work.lists import WORK_KINDS, WorkKind
from pages.overview.parts import hand_over, work_rows
from pages.overview.parts.work_rows import Standing
from pages.shared import breakdown, loaders, masking, tables, viewer, wording
from pages.shared.empty import TABLE_NAMES
from pages.shared.filters import View
from pages.shared.folds import fold
from told import language
from told.mark import mark
from told.tables import Column
from told.work_words import KIND_NAMES, hours, reason

FORECAST = "pages/score/forecast.py"
ICONS: dict[WorkKind, str] = {
    "unanswered": ":material/mark_chat_unread:",
    "unpaid_order": ":material/hourglass_top:",
    "lost_inquiry": ":material/person_search:",
    "late_shipment": ":material/local_shipping:",
    "open_refund": ":material/assignment_return:",
    "bad_rating": ":material/thumb_down:",
    "after_sale_closing": ":material/event_busy:",
}
#: What each source of ``metrics.work.lists.WORK_SOURCES`` is called on screen; msgids.
SOURCE_NAMES = {**TABLE_NAMES, "shipping": mark("Orders with shipping times")}
SENDERS = {"buyer": mark("Buyer"), "agent": mark("Agent"), "robot": mark("Robot")}
#: Rows on one page of a list.
PAGE = 8


def show(view: View) -> None:
    """The lists of the shop as they stand at the end of the period shown."""
    _ = wording.words()
    st.subheader(_("To do today"))
    with st.container(horizontal=True, vertical_alignment="center"):
        viewer.ask()
        st.page_link(
            FORECAST, label=_("Pending ratings worth a call"), icon=":material/phone_in_talk:"
        )
    _lists(view)
    hand_over.show(view)


@st.fragment
def _lists(view: View) -> None:
    """Every list behind its header; only an opened one reads conversations."""
    _ = wording.words()
    st.caption(
        _("Ages and hours left are counted from the end of {day}, where your files end.").format(
            day=wording.day(view.last)
        )
    )
    absent: list[str] = []
    for kind in WORK_KINDS:
        if lacking := work_rows.missing(kind, view.shop):
            absent.append(_lacking(kind, lacking))
            continue
        day = work_rows.day_of(kind, view)
        rows = work_rows.listed(kind, view.shop, day)
        usual = work_rows.usual_spend(kind, view.shop, day)
        label = _header(work_rows.standing(kind, rows, usual=usual), day, view.last)
        opened = fold(label, key=f"work_{kind}", icon=ICONS[kind])
        if opened.open:
            with opened:
                _body(kind, view, day, rows)
    for sentence in absent:
        st.caption(sentence)


def _lacking(kind: WorkKind, lacking: list[tuple[str, ...]]) -> str:
    _ = wording.words()
    files = _("; ").join(
        _(" or ").join(_(SOURCE_NAMES[name]) for name in any_of) for any_of in lacking
    )
    return _("{list}: needs a file that is not here yet ({files}).").format(
        list=_(KIND_NAMES[kind]), files=files
    )


def _header(told: Standing, day: date, last: date) -> str:
    """Count, value at stake, oldest age and next deadline of what is left."""
    _, spoken = wording.words(), wording.spoken()
    parts = [f"**{_(KIND_NAMES[told.kind])}**"]
    if told.left:
        parts.append(_("{n} to do").format(n=wording.count(told.left)))
    else:
        parts.append(_("all {n} done").format(n=told.listed) if told.listed else _("nothing to do"))
    if told.amount is not None:
        amount = spoken.money(told.amount)
        usual = _("up to {amount} at the usual {each} each").format(
            amount=amount, each=spoken.money(told.usual)
        )
        parts.append(usual if told.usual else amount)
    if told.oldest_hours is not None:
        parts.append(_("oldest {span}").format(span=hours(told.oldest_hours, spoken)))
    if told.overdue:
        parts.append(_("{n} past their deadline").format(n=wording.count(told.overdue)))
    if told.next_hours is not None:
        parts.append(_("next deadline in {span}").format(span=hours(told.next_hours, spoken)))
    if day != last:
        parts.append(_("as of {day}").format(day=wording.day(day)))
    return " · ".join(parts)


def _body(kind: WorkKind, view: View, day: date, rows: pl.DataFrame) -> None:
    _ = wording.words()
    if rows.is_empty():
        st.caption(_("Nothing to do in this list."))
        return
    told = _told(kind, view, day, rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        hide = st.toggle(_("Hide what is done"), key=f"work_hide_{kind}", persist_state="session")
        tables.downloads(told, _columns(), key=f"work_{kind}", file_name=f"{kind}-{day}")
    _undo(kind, view.shop, told)
    shown = told.filter(~pl.col("done")) if hide else told
    pages = max(1, -(-shown.height // PAGE))
    at = 1
    if pages > 1:
        at = min(st.pagination(pages, key=f"work_page_{kind}"), pages)
    for row in shown.slice((at - 1) * PAGE, PAGE).to_dicts():
        _item(row, view.shop)


def _told(kind: WorkKind, view: View, day: date, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in words: buyers masked, agents by their names, the end of the conversation."""
    settings, spoken = loaders.settings(view.shop), wording.spoken()
    known = dict(work_rows.talks(kind, view.shop, day).iter_rows())
    named = breakdown.named(rows, view)
    hidden = masking.buyers(named, mask=settings.mask_buyers)["buyer"].to_list()
    zone = ZoneInfo(settings.time_zone)
    told = []
    for row, shown in zip(named.to_dicts(), hidden, strict=True):
        talk = _talk(known.get(row["buyer"]) or [])
        if row["buyer"] and settings.mask_buyers:
            talk = talk.replace(row["buyer"], shown)
        told.append(
            {
                "why": reason(row, spoken),
                "buyer": shown,
                "talk": talk,
                "amount": None if row["amount_fen"] is None else row["amount_fen"] / 100,
                "by": "" if row["saved_by"] in (None, "app") else row["saved_by"],
                "noted_at": _local(row["saved_at"], zone),
            }
        )
    words = pl.DataFrame(
        told,
        schema={
            **dict.fromkeys(("why", "buyer", "talk"), pl.String),
            "amount": pl.Float64,
            "by": pl.String,
            "noted_at": pl.Datetime("us"),
        },
    )
    return named.drop("buyer").hstack(words)


def _talk(lines: list[dict[str, Any]]) -> str:
    _ = wording.words()
    return "\n".join(
        f"{_(SENDERS[line['sender']])} {line['sent_at']:%m-%d %H:%M}  {line['text']}"
        for line in lines
    )


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """A time of the store, which keeps UTC, as the shop's clock."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def _columns() -> list[Column]:
    _ = wording.words()
    return [
        Column("buyer", _("Buyer")),
        Column("name", _("Agent")),
        Column("order_id", _("Order number")),
        Column("at", _("Since"), "time"),
        Column("deadline", _("Deadline"), "time"),
        Column("hours_left", _("Hours left"), "number"),
        Column("amount", wording.amount_heading(), wording.spoken().money_kind),
        Column("why", _("Reason")),
        Column("text", _("What the buyer wrote")),
        Column("talk", _("Last lines")),
        Column("done", _("Done")),
        Column("note", _("Note")),
        Column("by", _("By")),
        Column("noted_at", _("Noted at"), "time"),
    ]


def _item(row: dict[str, Any], shop: str) -> None:
    """One thing to do: what, for whom, until when; a tick and a note."""
    _, key = wording.words(), _key(row["tick"])
    keys = f"work_done_{key}", f"work_note_{key}"
    for name, kept in zip(keys, (row["done"], row["note"]), strict=True):
        # The store is right: a colleague may have ticked it since.
        if st.session_state.get(name) != kept:
            st.session_state[name] = kept
    saved: dict[str, Any] = {"on_change": _save, "args": (shop, row["tick"], *keys)}
    with st.container(border=True), st.grid(2, min_column_width=300):
        with st.container(gap="xsmall"):
            # The label is read aloud as it is written, so the buyer's stars stand below it.
            st.checkbox(wording.plain(row["why"]), key=keys[0], wrap=True, **saved)
            st.caption(" · ".join(_facts(row)))
            st.text_input(
                _("Note"),
                key=keys[1],
                placeholder=_("Note"),
                label_visibility="collapsed",
                **saved,
            )
            if row["noted_at"]:
                moment = language.moment(row["noted_at"], wording.tongue())
                st.caption(wording.plain(" · ".join(filter(None, (row["by"], moment)))))
        with st.container(gap="xsmall"):
            # Plain text: what strangers wrote is never read as markup.
            if row["text"]:
                st.text(_("“{text}”").format(text=row["text"]))
            if row["talk"]:
                st.text(row["talk"])


def _facts(row: dict[str, Any]) -> list[str]:
    """Buyer, agent, order, since when, until when, amount: what is known of them."""
    _, spoken, tongue = wording.words(), wording.spoken(), wording.tongue()
    facts = [f"**{wording.plain(row['buyer'] or _('Buyer not named'))}**"]
    if row["name"]:
        facts.append(wording.plain(row["name"]))
    if row["order_id"]:
        facts.append(_("order {number}").format(number=wording.plain(row["order_id"])))
    facts.append(_("since {moment}").format(moment=language.moment(row["at"], tongue)))
    if row["deadline"]:
        left = row["hours_left"]
        told = _("until {moment} ({span} left)") if left >= 0 else _("until {moment} ({span} ago)")
        facts.append(
            told.format(
                moment=language.moment(row["deadline"], tongue), span=hours(abs(left), spoken)
            )
        )
    if row["amount"] is not None:
        facts.append(spoken.money(row["amount"]))
    return facts


def _save(shop: str, subject: str, done: str, note: str) -> None:
    """Keep what was just ticked or typed."""
    ticked = bool(st.session_state[done])
    work_rows.tick(shop, subject, done=ticked, text=str(st.session_state[note] or ""))
    st.session_state["work_last"] = (shop, subject) if ticked else None


def _undo(kind: WorkKind, shop: str, told: pl.DataFrame) -> None:
    """The way back for who ticked the wrong row: it has just moved to the end."""
    last = st.session_state.get("work_last")
    if last is None or last[0] != shop:
        return
    row = told.filter(pl.col("done"), tick=last[1])
    if row.is_empty():
        return
    _, ticked = wording.words(), row.row(0, named=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            _("Done: {buyer} · {reason}").format(
                buyer=wording.plain(ticked["buyer"] or _("Buyer not named")),
                reason=wording.plain(ticked["why"]),
            )
        )
        st.button(
            _("Undo"),
            icon=":material/undo:",
            type="tertiary",
            key=f"work_undo_{kind}",
            on_click=_untick,
            args=(shop, last[1], ticked["note"]),
        )


def _untick(shop: str, subject: str, note: str) -> None:
    work_rows.tick(shop, subject, done=False, text=note)
    st.session_state["work_last"] = None


def _key(subject: str) -> str:
    """A widget's key ends up in the page's markup, where no buyer's name may stand."""
    return hashlib.blake2b(subject.encode(), digest_size=8).hexdigest()
