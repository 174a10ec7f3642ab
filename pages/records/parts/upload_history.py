"""The lower half of the uploads page: covered days, past uploads, templates."""

from datetime import timedelta
from itertools import dropwhile
from typing import get_args

import polars as pl
import streamlit as st

from charts.heat import MISSING, PART, WHOLE, coverage_calendar
from exports.templates import TemplateTable, template_file
from intake.own_layouts import layout_names
from pages.records.parts import left_out
from pages.shared import loaders, tables, wording
from pages.shared.empty import TABLE_NAMES
from store.errors import StoreError
from store.lake import store_path
from store.uploads import of_cell, rejected, uploads, withdraw
from told.tables import Column

#: Days drawn at most; older ones are told in words.
DRAWN = timedelta(days=400)


def coverage(shop: str) -> None:
    """Which days each table has: one row of cells per table."""
    _, days = wording.words(), loaders.coverage(shop)
    if days.is_empty():
        st.caption(_("No day is covered yet."))
        return
    first, last = days.select(pl.min("day"), pl.max("day").alias("last")).row(0)
    shown_from = max(first, last - DRAWN)
    calendar = pl.date_range(shown_from, last, eager=True).to_list()
    names = [table for table in TABLE_NAMES if table in days["table"]]
    states = []
    for table in names:
        whole = dict(days.filter(pl.col("table") == table).select("day", "whole").iter_rows())
        states.append(
            [MISSING if day not in whole else WHOLE if whole[day] else PART for day in calendar]
        )
    st.plotly_chart(
        coverage_calendar(
            states,
            days=calendar,
            tables=[_(TABLE_NAMES[table]) for table in names],
            words=(_("no file"), _("part of the day"), _("the whole day")),
        ),
        key="uploads_coverage",
        alt=_("Days covered per table"),
        config={"displayModeBar": False},
    )
    # Days before a table's first file are no gap; days after its last file are.
    gaps = {
        _(TABLE_NAMES[table]): sum(state == MISSING for state in dropwhile(_is_missing, row))
        for table, row in zip(names, states, strict=True)
    }
    said = _(", ").join(
        _("days missing in {table}: {n}").format(table=table, n=n) for table, n in gaps.items() if n
    )
    span = f"{wording.day(first)} – {wording.day(last)}"
    st.caption(_("; ").join([span, said or _("no day is missing")]))


def _is_missing(state: int) -> bool:
    return state == MISSING


def show(shop: str) -> None:
    """The uploads, newest first, with what can be done to one."""
    _, held = wording.words(), uploads(store_path(), shop)
    if held.is_empty():
        st.caption(_("No upload yet."))
        return
    names = {layout: _(name) for layout, name in layout_names(store_path()).items()}
    listed = held.sort("sequence", "table", descending=[True, False]).with_columns(
        table=pl.col("table").replace({table: _(name) for table, name in TABLE_NAMES.items()}),
        layout=pl.col("layout")
        .str.split(",")
        .list.eval(pl.element().replace(names))
        .list.join(_(", ")),
    )
    tables.show(
        listed,
        [
            Column("upload_id", _("Upload")),
            Column("file_name", _("File")),
            Column("table", _("Table")),
            Column("layout", _("Layout")),
            Column("first_day", _("First day"), "day"),
            Column("last_day", _("Last day"), "day"),
            Column("rows_accepted", _("Accepted"), "count"),
            Column("rows_rejected", _("Set aside"), "count"),
            Column("uploaded_at", _("When (UTC)"), "time"),
            Column("uploaded_by", _("By")),
        ],
        key="uploads_list",
        alt=_("Uploads of this shop"),
        file_name="uploads",
    )
    files = dict(listed.select("upload_id", "file_name").unique(maintain_order=True).iter_rows())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            _("Upload"),
            list(files),
            format_func=lambda upload_id: f"{files[upload_id]} · {upload_id}",
            key="uploads_chosen",
        )
        if st.button(_("Withdraw…"), icon=":material/undo:", key="uploads_withdraw"):
            title = _("Take back {file}?").format(file=files[chosen])
            st.dialog(title)(_confirm)(chosen, files[chosen])
    _rejected(chosen)


def templates() -> None:
    """Empty files to fill by hand, for what no platform exports."""
    _ = wording.words()
    st.caption(_("For data that no back office exports. Fill in one row per line and upload it."))
    with st.container(horizontal=True):
        for table in get_args(TemplateTable):
            name, content = template_file(table, wording.tongue(), "xlsx")
            st.download_button(
                _(TABLE_NAMES[table]),
                content,
                file_name=name,
                mime=tables.XLSX,
                icon=":material/download:",
                key=f"uploads_template_{table}",
                on_click="ignore",
            )


def _confirm(upload_id: str, file_name: str) -> None:
    _ = wording.words()
    st.write(
        _(
            "Its rows go, and rows it had replaced come back. Other uploads stay as they are. "
            "You can upload the file again."
        )
    )
    if st.button(
        _("Withdraw"),
        type="primary",
        icon=":material/undo:",
        key="uploads_withdraw_sure",
        on_click=_withdraw,
        args=(upload_id, file_name),
    ):
        # A dialog runs alone: only a run of the whole page closes it and says what was done.
        st.rerun()


def _withdraw(upload_id: str, file_name: str) -> None:
    _ = wording.words()
    try:
        withdraw(store_path(), upload_id)
    except StoreError as error:
        st.session_state["uploads_failed"] = wording.refusal(error)
    else:
        st.session_state["uploads_said"] = _("{file} was taken back.").format(file=file_name)


def _rejected(upload_id: str) -> None:
    """What an upload left out, to be mended and uploaded again."""
    _, lines = wording.words(), rejected(store_path(), upload_id)
    aside, emptied = lines.filter(~of_cell()), lines.filter(of_cell())
    if aside.height:
        st.markdown(_("Rows of this upload that were set aside: {n}").format(n=aside.height))
        left_out.show(aside, key="uploads_set_aside", name=f"set-aside-{upload_id}")
    if emptied.height:
        st.markdown(
            _("Cells of this upload that were emptied, in rows that were taken: {n}").format(
                n=emptied.height
            )
        )
        left_out.show(emptied, key="uploads_emptied", name=f"emptied-{upload_id}", cells=True)
