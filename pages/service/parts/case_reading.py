"""Parts of the case book: whom to read, the sample, the conversation, the outcome."""

from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from metrics.agents.reading import to_read
from metrics.cases.sample import stage
from metrics.chats.reply_facts import QUICK
from pages.service.parts import agent_rows, case_form, cases
from pages.shared import linked, loaders, masking, wording
from pages.shared.filters import View
from told import language
from told.mark import mark

#: What each kind of the sample is called.
KINDS = {
    "bad_rating": mark("Bad rating"),
    "unanswered": mark("Not answered"),
    "slow": mark("Slow"),
    "lost": mark("Asked, did not buy"),
    "good": mark("Good"),
}
STAGES = {
    "pre_sale": mark("Before the sale"),
    "in_sale": mark("Paid, not arrived"),
    "after_sale": mark("After the sale"),
}
EVENTS = {
    "ordered": mark("Order placed"),
    "paid": mark("Paid"),
    "shipped": mark("Parcel sent"),
    "received": mark("Received"),
    "refund_asked": mark("Asked for a refund"),
    "refund_ended": mark("Refund settled"),
    "rated": mark("Rated"),
}
OUTCOMES = {"success": mark("refunded"), "closed": mark("closed"), "open": mark("open")}
AVATARS = {
    "buyer": ":material/person:",
    "agent": ":material/support_agent:",
    "robot": ":material/smart_toy:",
    "system": ":material/info:",
}
SENDERS = {
    "buyer": mark("Buyer"),
    "agent": mark("Agent"),
    "robot": mark("Robot"),
    "system": mark("System"),
}
#: Most seeds anybody will try.
SEEDS = 9999
#: Pixels of a long conversation, and how many lines need no scrolling.
CHAT_HEIGHT, FITS = 620, 7
#: Events shown before and after the conversation.
EARLIER, LATER = 3, 10


def suggested(scores: pl.DataFrame) -> None:
    """Whose conversations to read first, and why."""
    _, rows = wording.words(), to_read(scores)
    if rows.is_empty():
        st.caption(_("Nobody is below the team; any conversation will do."))
        return
    lines = []
    for row in rows.to_dicts():
        why = [wording.metric_name(metric) for metric in row["metrics"] or []]
        if row["rate"] is not None and "reply_rate" not in (row["metrics"] or []):
            why.append(
                _("reply rate {rate}, team {team}: within chance").format(
                    rate=wording.figure(row["rate"], "share"),
                    team=wording.figure(row["team_rate"], "share"),
                )
            )
        said = _("{name}: {said}").format(name=f"**{row['name']}**", said=_(", ").join(why))
        lines.append(f"- {said}")
    with st.expander(_("Whom to read first"), expanded=True, icon=":material/menu_book:"):
        st.markdown("\n".join(lines))


def asked(scores: pl.DataFrame) -> tuple[str, int]:
    """Agent and seed, both in the address, so that a link draws the same conversations."""
    _ = wording.words()
    names = agent_rows.names(scores)
    first = [agent for agent in to_read(scores)["agent"].to_list() if agent in names]
    order = [*first, *(agent for agent in names if agent not in first)]
    linked.adopt("agent", "cases_agent", order)
    linked.adopt("seed", "cases_seed", range(1, SEEDS + 1))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        agent = st.selectbox(
            _("Agent"),
            order,
            format_func=lambda account: names.get(account, account),
            key="cases_agent",
            width=240,
        )
        seed = st.number_input(
            _("Draw number"),
            min_value=1,
            max_value=SEEDS,
            key="cases_seed",
            width=150,
            help=_("The same agent, days and number draw the same conversations."),
        )
        st.button(
            _("Draw others"), icon=":material/casino:", key="cases_redraw", on_click=_next_seed
        )
    linked.tell("agent", "cases_agent", agent)
    linked.tell("seed", "cases_seed", int(seed or 1))
    return agent, int(seed or 1)


def _next_seed() -> None:
    st.session_state["cases_seed"] = int(st.session_state.get("cases_seed") or 1) % SEEDS + 1


def show(view: View, agent: str, seed: int, drawn: pl.DataFrame) -> None:
    """The sample on the left, the conversation picked in the middle, what is known beside it."""
    _ = wording.words()
    if drawn.is_empty():
        st.caption(_("No conversation of this agent in these days is worth a sample."))
        return
    mask = loaders.settings(view.shop).mask_buyers
    hidden = masking.buyers(drawn, mask=mask)["buyer"].to_list()
    rows = drawn.to_dicts()
    listed, read, beside = st.columns([1.4, 1.7, 1.5], gap="medium")
    with listed:
        place = st.radio(
            _("{n} conversations").format(n=len(rows)),
            list(range(len(rows))),
            format_func=lambda place: _line(rows[place], hidden[place]),
            key=f"cases_read_{view.shop}_{agent}_{seed}_{view.first}_{view.last}",
            help=_("The time is the longest wait for an answer."),
        )
    row, buyer = rows[place or 0], hidden[place or 0]
    lines = cases.lines(view.shop, row["buyer"], row["day"])
    story = cases.story(view.shop, row["buyer"], row["day"])
    with read:
        _head(row, buyer, lines, story)
        chat(lines, row["buyer"], buyer)
    with beside:
        found = cases.found(view.shop, row["buyer"], row["day"])
        findings(found)
        outcome(story)
        case_form.show(view.shop, row, agent, found)


def _line(row: dict[str, Any], buyer: str) -> str:
    _ = wording.words()
    kind = KINDS[row["stratum"]]
    said = " · ".join(wording.plain(part) for part in (_(kind), f"{row['day']:%m-%d}", buyer))
    if row["longest_s"] is not None:
        # A line never breaks inside the time.
        wait = language.duration(row["longest_s"], wording.tongue()).replace(" ", "\u00a0")
        return f"{said} · :material/hourglass_top: {wait}"
    return said


def _head(row: dict[str, Any], buyer: str, lines: pl.DataFrame, story: pl.DataFrame) -> None:
    _ = wording.words()
    first: datetime = lines["sent_at"].min() or datetime.combine(row["day"], datetime.min.time())  # type: ignore[assignment]
    kind = KINDS[row["stratum"]]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{wording.plain(buyer)}** · {wording.day(row['day'])}")
        st.badge(_(STAGES[stage(story, first)]), color="blue")
        st.badge(_(kind), color="gray")


def chat(lines: pl.DataFrame, buyer: str, shown: str, *, key: str = "read") -> None:
    """A conversation as people read it: who, when, what, and how long it took to answer.

    Args:
        lines: Rows of ``metrics.cases.sample.conversation``.
        buyer: The buyer's name, hidden inside the text too.
        shown: How the name is shown.
        key: Tells two conversations of one page apart.
    """
    _ = wording.words()
    height: Any = CHAT_HEIGHT if lines.height > FITS else "content"
    with st.container(height=height, border=True, key=f"cases_chat_{key}", autoscroll=False):
        for block in _blocks(lines):
            first = block[0]
            name = shown if first["sender"] == "buyer" else first["agent"]
            with st.chat_message(first["sender"], avatar=AVATARS[first["sender"]]):
                who = SENDERS[first["sender"]]
                said = f"{_(who)} {name} · {first['sent_at']:%H:%M:%S}"
                st.caption(wording.plain(said))
                _wait(first)
                for line in block:
                    text = wording.plain(line["text"].replace(buyer, shown))
                    if first["sender"] in ("robot", "system"):
                        st.markdown(f":gray[{text}]")
                    else:
                        st.markdown(text)


def _blocks(lines: pl.DataFrame) -> list[list[dict[str, Any]]]:
    """Lines of one sender in a row, as one bubble."""
    blocks: list[list[dict[str, Any]]] = []
    for line in lines.to_dicts():
        last = blocks[-1][0] if blocks else None
        if last and (last["sender"], last["agent"]) == (line["sender"], line["agent"]):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _wait(line: dict[str, Any]) -> None:
    """How long the buyer had waited, loudly where it was too long."""
    _ = wording.words()
    if line["open"]:
        st.badge(_("no answer that day"), icon=":material/hourglass_disabled:", color="gray")
    if line["wait_s"] is None:
        return
    wait = language.duration(line["wait_s"], wording.tongue())
    said = _("after {wait}").format(wait=wait)
    if line["wait_s"] > QUICK.total_seconds():
        st.badge(said, icon=":material/schedule:", color="red")
    else:
        st.caption(said)


def findings(found: pl.DataFrame) -> None:
    """What the rules noticed, each with the line it rests on."""
    _ = wording.words()
    st.markdown(
        _("**Noticed**"),
        help=_(
            "Rules about words and waits find these; about nine of ten are right, and about one of "
            "ten goes unseen. Read the line itself before you talk to anyone."
        ),
    )
    if found.is_empty():
        st.caption(_("The rules notice nothing here; read for yourself."))
    for row in found.to_dicts():
        good = row["merit"] == "good"
        st.badge(
            cases.rule_name(row["rule"]),
            icon=":material/thumb_up:" if good else ":material/error:",
            color="blue" if good else "orange",
        )
        st.caption(wording.plain(f"{row['opened_at']:%H:%M:%S} {_short(row['text'])}"))


def _short(text: str, *, width: int = 60) -> str:
    flat = text.replace("\n", " / ")
    return flat if len(flat) <= width else f"{flat[:width]}…"


def outcome(story: pl.DataFrame) -> None:
    """The orders, refunds and ratings before and after the conversation."""
    _ = wording.words()
    st.markdown(_("**What followed**"))
    later = story.filter("after").head(LATER)
    if later.is_empty():
        st.caption(_("No order, refund or rating in the 30 days after."))
    st.markdown("\n".join(_event(row) for row in later.to_dicts()))
    earlier = story.filter(~pl.col("after")).tail(EARLIER)
    if earlier.height:
        st.markdown(_("**Before it**"))
        st.markdown("\n".join(_event(row) for row in earlier.to_dicts()))


def _event(row: dict[str, Any]) -> str:
    _ = wording.words()
    event, outcome = EVENTS[row["kind"]], OUTCOMES.get(row["words"] or "", "")
    parts = [f"{row['at']:%m-%d %H:%M}", _(event)]
    if row["kind"] == "rated":
        stars = wording.count(row["amount"])
        parts.append(_("service {stars} ★").format(stars=stars) if row["amount"] else "")
    elif row["amount"] is not None:
        parts.append(wording.spoken().money(row["amount"]))
    words = row["words"] or ""
    parts.append(_(outcome) if outcome else _short(words, width=24))
    return "- " + wording.plain(" · ".join(part for part in parts if part))
