"""The upper half of the uploads page: choose files, see what they would change."""

from datetime import date

import polars as pl
import streamlit as st

from exports.chats.texts import TEXT_LAYOUTS
from exports.errors import (
    AmbiguousLayoutError,
    DayUnknownError,
    ExportError,
    NoRowsError,
    NothingTakenError,
    UnknownLayoutError,
)
from exports.reasons import REASONS, REMARKS
from exports.refusals import UnknownChatTextError, ZoneUnclearError
from intake import batch
from intake.batch import DEFAULT_SHOP
from intake.own_layouts import layout_names
from metrics.catalog import METRICS
from pages.records.parts import mapping_form, staging
from pages.records.parts.column_names import COLUMN_NAMES
from pages.records.parts.staging import Staged
from pages.shared import loaders, tables, wording
from pages.shared.empty import TABLE_NAMES
from sample_data import SAMPLE_SHOP
from store.lake import store_path
from store.settings import time_zones
from told.tables import Column


def shop_field() -> str | None:
    """The shop that the files belong to: one of the store's, a new name, or what they say."""
    _ = wording.words()
    own = [name for name in loaders.shop_names() if name != SAMPLE_SHOP]
    by_file = _("As the files say")
    # Beside the sample shop alone, rows that name no shop would join the sample.
    asked_first = [by_file] if own or not loaders.shop_names() else [DEFAULT_SHOP]
    chosen = st.selectbox(
        _("Shop these files belong to"),
        [*asked_first, *own],
        accept_new_options=True,
        help=_("Choose a shop, or type the name of a new one."),
        key="uploads_shop",
    )
    return None if chosen == by_file else (chosen or "").strip() or None


def take_files(shop: str | None) -> None:
    """Read every file dropped in, one after the other, then let go of their bytes."""
    _, turn = wording.words(), st.session_state.setdefault("uploads_turn", 0)
    dropped = st.file_uploader(
        _("Export files (CSV, XLSX, XLS, ZIP or chat TXT), as many as you like"),
        accept_multiple_files=True,
        key=f"uploads_files_{turn}",
        help=_("As the platform gave them; there is no need to open or convert them."),
    )
    if not dropped:
        return
    bar = st.progress(0.0)
    for done, file in enumerate(dropped):
        bar.progress(done / len(dropped), _("Reading {file}").format(file=file.name))
        staging.read(file.name, file.getvalue(), shop=shop)
    # A new key empties the uploader, and with it the session's copy of the bytes.
    st.session_state["uploads_turn"] = turn + 1
    st.rerun()


def show(shop: str | None) -> None:
    """What each waiting file would change, with what was noticed and what is set aside."""
    _ = wording.words()
    waiting = staging.files()
    readable = [staged for staged in waiting if staged.previews]
    if readable:
        changes = _changes(readable)
        older = [Column("behind", _("Older than known"), "count")] * bool(changes["behind"].sum())
        tables.show(
            changes,
            [
                Column("file", _("File")),
                Column("shop", _("Shop")),
                Column("table", _("Table")),
                Column("layout", _("Layout")),
                Column("first", _("First day"), "day"),
                Column("last", _("Last day"), "day"),
                Column("new", _("New"), "count"),
                Column("updated", _("Updated"), "count"),
                Column("unchanged", _("Unchanged"), "count"),
                *older,
                Column("set_aside", _("Set aside"), "count"),
            ],
            key="uploads_preview",
            alt=_("What the files would change"),
            file_name="preview",
        )
    for staged in waiting:
        _behind(staged)
        if staged.known:
            st.info(
                _("{file}: the same file was uploaded before; there is nothing to add.").format(
                    file=staged.name
                ),
                icon=":material/done_all:",
            )
        if staged.error:
            _refused(staged, shop)
        _remarks(staged)
    for name, other in staging.twins().items():
        st.info(
            _("{file}: holds the same bytes as {other}; it is taken once.").format(
                file=name, other=other
            ),
            icon=":material/done_all:",
        )
    _set_aside(readable)


def _changes(readable: list[Staged]) -> pl.DataFrame:
    _, names = wording.words(), layout_names(store_path())
    rows = [
        {
            "file": f"{staged.name} · {part.sheet}" if part.sheet else staged.name,
            "shop": shop,
            "table": _(TABLE_NAMES[part.table]),
            "layout": _(names.get(part.layout, part.layout)),
            "first": part.first_day,
            "last": part.last_day,
            "new": part.new,
            "updated": part.updated,
            "unchanged": part.unchanged,
            "behind": part.behind,
            "set_aside": part.set_aside,
        }
        for staged in readable
        for shop, part in staged.previews
    ]
    counts = dict.fromkeys(("new", "updated", "unchanged", "behind", "set_aside"), pl.Int64)
    return pl.DataFrame(rows, schema_overrides={"first": pl.Date, "last": pl.Date, **counts})


def _behind(staged: Staged) -> None:
    """How many rows are older than what is known."""
    _, older = wording.words(), sum(change.behind for _shop, change in staged.previews)
    if older and not staged.known:
        st.info(
            _(
                "{file}: {n} rows are older than what is known, such as an unpaid order that is "
                "paid by now. Those that are there stay as they are."
            ).format(file=staged.name, n=wording.count(older)),
            icon=":material/history:",
        )


#: What stands in remarks by a name of ours: columns by theirs, metrics by their message.
_NAMES = COLUMN_NAMES | {metric.name: metric.name for metric in METRICS}


def _remarks(staged: Staged) -> None:
    _, sentences = wording.words(), REMARKS | batch.REMARKS
    remarks = [remark for reading in staged.readings for remark in reading.remarks]
    for remark in [*staged.plan.remarks, *remarks]:
        params = {name: _named(value) for name, value in remark.params.items()}
        said = _(sentences[remark.code]).format(**params)
        st.caption(":material/info: " + _("{name}: {said}").format(name=staged.name, said=said))
    for reading in staged.readings:
        if reading.unknown_headers:
            heads = _(", ").join(reading.unknown_headers)
            st.caption(
                _(":material/info: {file}: columns that are not needed: {columns}").format(
                    file=staged.name, columns=heads
                )
            )


def _named(value: object) -> object:
    """A remark's value with our columns and an error in words; everything else as it is."""
    _ = wording.words()
    if isinstance(value, ExportError):
        return staging.spoken(value)
    if not isinstance(value, str):
        return value
    parts = value.split(", ")
    return _(", ").join(_(_NAMES[part]) if part in _NAMES else part for part in parts)


def _set_aside(readable: list[Staged]) -> None:
    """Rows that could not be read, with the reason in words."""
    _ = wording.words()
    parts = [
        reading.rejected.select("source_row", "column", "value", "reason").select(
            pl.lit(staged.name).alias("file"), pl.all()
        )
        for staged in readable
        for reading in staged.readings
        if reading.rejected.height
    ]
    if not parts:
        return
    rows = pl.concat(parts)
    reasons = {code: _(sentence) for code, sentence in REASONS.items()}
    # The rows of a file of which none is taken are no rest of anything.
    all_lost = any(staged.error for staged in readable)
    title = (
        _("{n} rows are set aside")
        if all_lost
        else _("{n} rows are set aside; the others are taken")
    )
    title = title.format(n=wording.count(rows.height))
    with st.expander(title, icon=":material/rule:"):
        tables.show(
            rows.with_columns(pl.col("reason").replace(reasons)),
            [
                Column("file", _("File")),
                Column("source_row", _("Row"), "count"),
                Column("column", _("Column")),
                Column("value", _("Value")),
                Column("reason", _("Reason")),
            ],
            key="uploads_rejected",
            alt=_("Rows set aside"),
            file_name="set-aside",
        )


def _refused(staged: Staged, shop: str | None) -> None:
    """Why a file was refused, and what can be said to have it read all the same."""
    error = staged.error
    assert error is not None
    st.error(staging.spoken(error), icon=":material/error:")
    match error:
        case AmbiguousLayoutError():
            _ask_layout(staged, shop, error.params)
        case DayUnknownError():
            _ask_day(staged, shop)
        case ZoneUnclearError():
            _ask_zone(staged, shop, error)
        case UnknownChatTextError():
            _ask_layout(staged, shop, {"candidates": ", ".join(TEXT_LAYOUTS)})
        case UnknownLayoutError():
            mapping_form.show(staged, shop)
        case NothingTakenError() | NoRowsError() if staged.by_own_layout:
            mapping_form.show(staged, shop)


def _ask_layout(staged: Staged, shop: str | None, params: dict[str, object]) -> None:
    _ = wording.words()
    names = {layout: _(name) for layout, name in layout_names(store_path()).items()}
    candidates = [part.strip() for part in str(params.get("candidates", "")).split(",")]
    known = [layout for layout in candidates if layout in names] or list(names)
    with st.form(f"uploads_layout_{staged.key}"):
        chosen = st.selectbox(_("This file is"), known, format_func=names.__getitem__)
        if st.form_submit_button(_("Read again")):
            staging.read(staged.name, staged.content, shop=shop, layout=chosen)
            st.rerun()


def _ask_day(staged: Staged, shop: str | None) -> None:
    _ = wording.words()
    with st.form(f"uploads_day_{staged.key}"):
        day: date | None = st.date_input(_("Day of the figures"), None, format="YYYY-MM-DD")
        if st.form_submit_button(_("Read again")) and day:
            staging.read(staged.name, staged.content, shop=shop, day=day)
            st.rerun()


def _ask_zone(staged: Staged, shop: str | None, error: ZoneUnclearError) -> None:
    """Which of the zones that fit the shop is in; it holds for all files that wait for it."""
    _ = wording.words()
    others = [zone for zone in time_zones() if zone not in error.choices]
    with st.form(f"uploads_zone_{staged.key}"):
        chosen = st.selectbox(
            _("Time zone of the shop"),
            [*error.choices, *others],
            help=_("Those that fit the times of the file stand first."),
        )
        if st.form_submit_button(_("Read again")):
            for other in [one for one in staging.files() if isinstance(one.error, type(error))]:
                staging.read(other.name, other.content, shop=shop, zone=chosen)
            st.rerun()
