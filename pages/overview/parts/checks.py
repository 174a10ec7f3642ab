"""The families of metrics with their verdicts: a sentence over all, cards, tables."""

from datetime import timedelta
from typing import Any

import polars as pl
import streamlit as st

from metrics.catalog import BY_ID
from pages.shared import cards, loaders, tables, viewer, wording
from pages.shared.empty import TABLE_NAMES
from pages.shared.filters import View
from pages.shared.folds import fold
from store.lake import store_path
from team.entries import take_out, write
from team.kinds import KnownMatter
from told.tables import Column

#: Cards shown even on a quiet morning.
FEWEST_CARDS = 6
GRAVITY = {"act": 0, "watch": 1, "fine": 2, "too_few": 3}
#: A matter marked as known is looked at again after so many days, unless another day is chosen.
LOOK_AGAIN = timedelta(days=14)


def freshness(view: View) -> str:
    """Until when the files reach; tables that end earlier are named."""
    _, days = wording.words(), loaders.as_of(view.shop)
    reached = {name: min(days[name], view.last) for name in TABLE_NAMES if name in days}
    newest = max(reached.values())
    told = _("Data to {day}").format(day=wording.day(newest))
    older = [
        _("{table} to {day}").format(table=_(TABLE_NAMES[name]), day=wording.day(day))
        for name, day in reached.items()
        if day < newest
    ]
    return _("{told} ({older})").format(told=told, older=_(", ").join(older)) if older else told


def summary(judged: pl.DataFrame) -> str:
    """How the shop stands, in one sentence."""
    _ = wording.words()
    counts = {name: judged.filter(verdict=name).height for name in GRAVITY}
    if not judged.height - counts["too_few"]:
        return _("Too little is known yet to judge anything")
    if not counts["act"] + counts["watch"]:
        return _("Nothing needs you: all {n} checks are fine").format(n=counts["fine"])
    told = {
        "act": _("{n} to act on"),
        "watch": _("{n} to watch"),
        "fine": _("{n} fine"),
    }
    parts = [words.format(n=counts[name]) for name, words in told.items() if counts[name]]
    return " · ".join(parts)


def _by_gravity(judged: pl.DataFrame) -> list[dict[str, Any]]:
    return sorted(judged.to_dicts(), key=lambda row: GRAVITY[row["verdict"]])


def cards_of(view: View, judged: pl.DataFrame, lines: pl.DataFrame) -> None:
    """A card a family, the gravest first; what has no file is left to the table."""
    rows = [row for row in _by_gravity(judged) if row["day"] is not None]
    loud = sum(GRAVITY[row["verdict"]] < GRAVITY["fine"] for row in rows)
    with st.grid(3, min_column_width=300):
        for row in rows[: max(loud, FEWEST_CARDS)]:
            line = lines.filter(pl.col("metric") == row["metric"])
            with cards.verdict_card(row, line, key=f"today_{row['family']}"):
                if row["verdict"] in ("act", "watch") or row["known_until"]:
                    _known(view, row)


def _known(view: View, row: dict[str, Any]) -> None:
    """Say that somebody is at work on it, or take that back."""
    _, family = wording.words(), row["family"]
    if row["known_until"]:
        st.button(
            _("Tell me again"),
            icon=":material/notifications_active:",
            key=f"today_loud_{family}",
            on_click=take_out,
            args=(store_path(), view.shop, KnownMatter, family),
            kwargs={"by": viewer.name()},
        )
        return
    with (
        st.popover(_("Being worked on"), icon=":material/engineering:"),
        st.form(f"today_known_{family}", border=False),
    ):
        st.text_area(_("What is being done"), key=f"today_why_{family}", max_chars=500)
        st.date_input(
            _("Look at it again on"), row["day"] + LOOK_AGAIN, key=f"today_until_{family}"
        )
        st.form_submit_button(
            _("Save"), type="primary", icon=":material/save:", on_click=_keep, args=(view, family)
        )


def _keep(view: View, family: str) -> None:
    matter = KnownMatter(
        subject=family,
        by=viewer.name(),
        text=str(st.session_state[f"today_why_{family}"] or "").strip(),
        until=st.session_state[f"today_until_{family}"],
    )
    write(store_path(), view.shop, matter)


def table(view: View, judged: pl.DataFrame) -> None:
    """Every family with its verdict."""
    _, spoken = wording.words(), wording.spoken()
    st.subheader(_("All checks"))
    words = {code: _(word) for code, (word, _icon, _colour) in cards.VERDICTS.items()}
    rows = [
        {
            "name": spoken.family_name(row["family"]),
            "word": words[row["verdict"]],
            "since": row["since"],
            "why": spoken.sentence(row),
        }
        for row in _by_gravity(judged)
    ]
    schema = {"name": pl.String, "word": pl.String, "since": pl.Date, "why": pl.String}
    tables.show(
        pl.DataFrame(rows, schema=schema),
        [
            Column("name", _("Check")),
            Column("word", _("Verdict")),
            Column("since", _("Since"), "day"),
            Column("why", _("Why")),
        ],
        key="today_checks",
        alt=_("Every check with its verdict, the gravest first"),
        file_name=f"checks-{view.last}",
    )


def details(view: View, lines: pl.DataFrame) -> None:
    """Every metric of the last final day: what stands behind the families."""
    _ = wording.words()
    opened = fold(
        _("All numbers of the last final day"), key="today_numbers", icon=":material/list:"
    )
    if not opened.open:
        return
    with opened:
        last = lines.unique("metric", keep="last", maintain_order=True)
        rows = [
            {
                "name": wording.metric_name(row["metric"]),
                "value": wording.figure(row["value"], BY_ID[row["metric"]].unit),
                "day": row["day"],
                "n": row["n"],
                "note": wording.notes(row["note"]),
            }
            for row in last.to_dicts()
        ]
        texts = dict.fromkeys(("name", "value", "note"), pl.String)
        schema = {**texts, "day": pl.Date, "n": pl.Float64}
        tables.show(
            pl.DataFrame(rows, schema=schema),
            [
                Column("name", _("Metric")),
                Column("value", _("Value")),
                Column("day", _("Day"), "day"),
                Column("n", _("n"), "count"),
                Column("note", _("Note")),
            ],
            key="today_numbers_table",
            alt=_("Every metric of its last final day"),
            file_name=f"numbers-{view.last}",
        )
