"""Chat lines beside performance tables, where a shop has both."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from metrics.catalog import BY_ID
from metrics.views.feeds_compared import Subject
from pages.shared import breakdown, counts, loaders, tables, wording
from pages.shared.filters import View
from told.tables import Column


def side_by_side(view: View, subject: Subject, /, *, key: str) -> None:
    """Both feeds' figures of the days both cover, and how far they are apart; else nothing."""
    if not {"messages", "service_days"} <= loaders.as_of(view.shop).keys():
        return
    _ = wording.words()
    span = {"subject": subject, "first": view.first, "last": view.last}
    days = loaders.counted(counts.days_of_both_feeds, view.shop, **span)
    if days.is_empty():
        return
    st.subheader(
        _("Chats and performance tables side by side, days with both: {n}").format(
            n=wording.count(days.height)
        )
    )
    st.caption(
        _(
            "Chats win where both exist. They may differ: the tables come from the platform or a "
            "tool, which treat robots, transfers, filtered buyers, hours and midnight in their own "
            "way."
        )
    )
    names = {"period": _("Whole period"), "agent": _("Per agent"), "day": _("Per day")}
    by = st.segmented_control(
        _("Compare"),
        list(names),
        default="period",
        format_func=names.__getitem__,
        required=True,
        key=f"{key}_feeds_by",
        label_visibility="collapsed",
    )
    rows = loaders.counted(counts.both_feeds, view.shop, **span, by=by)
    if rows.is_empty():
        st.caption(_("No figure of these days stands in both."))
        return
    _table(rows, view, by=str(by), key=key)


def _table(rows: pl.DataFrame, view: View, *, by: str, key: str) -> None:
    _ = wording.words()
    cut = {
        "agent": [Column("name", _("Agent"))],
        "day": [Column("day", _("Day"), "day")],
    }.get(by, [])
    tables.show(
        breakdown.named(_spoken(rows), view),
        [
            *cut,
            Column("metric", _("Metric")),
            Column("chats", _("Chats")),
            Column("tables", _("Performance tables")),
            Column("apart", _("Difference (chats − tables)")),
            Column("messages_n", _("n in chats"), "count"),
            Column("service_days_n", _("n in tables"), "count"),
        ],
        key=f"{key}_feeds",
        alt=_("Chats and performance tables side by side"),
        file_name=f"{key}-feeds-{view.first}-{view.last}",
    )


def _spoken(rows: pl.DataFrame) -> pl.DataFrame:
    """Figures with their own units; a difference of shares is in percentage points."""
    spoken = [_row(row) for row in rows.to_dicts()]
    text = dict.fromkeys(("metric", "chats", "tables", "apart"), pl.String)
    words = pl.DataFrame(spoken, schema=text)
    return rows.drop("metric").hstack(words)


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    unit = BY_ID[row["metric"]].unit
    return {
        "metric": wording.metric_name(row["metric"]),
        "chats": wording.figure(row["messages"], unit),
        "tables": wording.figure(row["service_days"], unit),
        "apart": wording.spoken().difference(row["difference"], unit),
    }
