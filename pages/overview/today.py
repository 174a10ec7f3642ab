import polars as pl
import streamlit as st

from metrics.catalog import METRIC_IDS
from metrics.views.health import DSR_SCORES, HEADLINES
from pages.overview.parts import work_lists
from pages.shared import cards, empty, loaders, tables, wording
from pages.shared.empty import TABLE_NAMES
from told.tables import Column

GRAVITY = {"act": 0, "watch": 1, "fine": 2, "too_few": 3}

_ = wording.words()
view = empty.view_of(*TABLE_NAMES)
days = loaders.as_of(view.shop)
st.caption(
    _("As of: {days}").format(
        days=_(", ").join(
            _("{table} to {day}").format(
                table=_(name), day=wording.day(min(days[table], view.last))
            )
            for table, name in TABLE_NAMES.items()
            if table in days
        )
    )
)

judged, lines = loaders.health(view.shop, view.last)
checks = judged.filter(pl.col("verdict") != "too_few")
fine = checks.filter(pl.col("verdict") == "fine").height
st.subheader(_("{n} of {m} checks are fine").format(n=fine, m=checks.height))

rows = {row["metric"]: row for row in judged.to_dicts()}
worst_dsr = min(
    DSR_SCORES, key=lambda name: (GRAVITY[rows[name]["verdict"]], rows[name]["value"] or 5)
)
with st.grid(3, min_column_width=300):
    for metric_id in (*HEADLINES, worst_dsr):
        line = lines.filter(pl.col("metric") == metric_id)
        cards.verdict_card(rows[metric_id], line, key=f"today_{metric_id}")

st.subheader(_("All checks"))
words = {code: _(word) for code, (word, _icon, _colour) in cards.VERDICTS.items()}
listed = judged.with_columns(
    name=pl.col("metric").replace({name: wording.metric_name(name) for name in METRIC_IDS}),
    word=pl.col("verdict").replace(words),
    why=pl.Series([cards.sentence(row) for row in judged.to_dicts()], dtype=pl.String),
    place=pl.col("verdict").replace_strict(GRAVITY, return_dtype=pl.Int8),
).sort("place", maintain_order=True)
tables.show(
    listed,
    [
        Column("name", _("Check")),
        Column("word", _("Verdict")),
        Column("why", _("Why")),
        Column("day", _("Day"), "day"),
        Column("n", _("n"), "count"),
    ],
    key="today_checks",
    alt=_("Every check with its verdict, the gravest first"),
    file_name=f"checks-{view.last}",
)
work_lists.show(view)
