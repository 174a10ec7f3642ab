"""The own kinds of files: listed, changed, deleted, brought back, saved as a file."""

import polars as pl
import streamlit as st

from exports.layouts import Layout
from intake import own_layouts
from intake.layout_files import layout_file
from intake.own_layouts import Kept, NameTakenError
from pages.records.parts import mapping_form, own_names
from pages.shared import tables, viewer, wording
from pages.shared.empty import TABLE_NAMES
from store.lake import store_path
from told.tables import Column

#: Where the session keeps the layout that is being changed, and the one just deleted.
_OPEN, _GONE = "own_open", "own_gone"


def show() -> None:
    """The list, and what can be done to one of it."""
    _, kept = wording.words(), own_layouts.kept(store_path())
    _undo()
    if not kept:
        st.caption(
            _(
                "None yet. When a file is not known, match its columns once above; its kind is "
                "listed here, and such files are known from then on."
            )
        )
        return
    st.caption(_("Files with these headings are known in every shop of this store."))
    tables.show(
        _listed(kept),
        [
            Column("name", _("Name")),
            Column("table", _("Table")),
            Column("headings", _("Headings")),
            Column("files", _("Files read"), "count"),
            Column("at", _("When (UTC)"), "time"),
            Column("by", _("By")),
        ],
        key="own_list",
        alt=_("Own kinds of files"),
        file_name="own-layouts",
    )
    layouts = {one.layout.id: one.layout for one in kept}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen: str = st.selectbox(
            _("Kind of file"),
            list(layouts),
            format_func=lambda layout: layouts[layout].name,
            key="own_chosen",
        )
        _buttons(layouts[chosen])
    if st.session_state.get(_OPEN) == chosen:
        _change(layouts[chosen])


def _listed(kept: list[Kept]) -> pl.DataFrame:
    _, read = wording.words(), own_layouts.files_read(store_path())
    rows = [
        {
            "name": one.layout.name,
            "table": _(TABLE_NAMES[one.layout.table]),
            "headings": _(", ").join(one.layout.header),
            "files": read.get(one.layout.id, 0),
            "at": one.at,
            "by": one.by,
        }
        for one in kept
    ]
    return pl.DataFrame(rows)


def _buttons(layout: Layout) -> None:
    _ = wording.words()
    st.button(_("Change…"), icon=":material/edit:", key="own_edit", on_click=_open, args=(layout,))
    st.button(
        _("Delete"), icon=":material/delete:", key="own_delete", on_click=_delete, args=(layout,)
    )
    st.download_button(
        _("Save as file"),
        layout_file(layout),
        file_name=f"{layout.name}.toml",
        mime="application/toml",
        icon=":material/download:",
        help=_("For another store: store-health import --map FILE.toml"),
        key="own_file",
        on_click="ignore",
    )


def _open(layout: Layout) -> None:
    st.session_state[_OPEN] = layout.id


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _delete(layout: Layout) -> None:
    own_layouts.forget_layout(store_path(), layout.id, viewer.name())
    _close()
    st.session_state[_GONE] = layout.id


def _undo() -> None:
    """After a deletion: what became of it, and the way back."""
    _, gone = wording.words(), st.session_state.get(_GONE)
    names = own_layouts.layout_names(store_path())
    if gone not in names:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(
            _("“{name}” was deleted. Rows already read by it stay.").format(
                name=wording.plain(names[gone])
            ),
            icon=":material/check:",
        )
        st.button(
            _("Undo"), icon=":material/undo:", key="own_undo", on_click=_bring_back, args=(gone,)
        )


def _bring_back(layout_id: str) -> None:
    st.session_state.pop(_GONE, None)
    try:
        own_layouts.bring_back(store_path(), layout_id, viewer.name())
    except NameTakenError:
        own_names.say_taken(own_layouts.layout_names(store_path())[layout_id])


def _change(layout: Layout) -> None:
    """The form of a layout, filled; saved as a whole."""
    _ = wording.words()
    with st.container(border=True):
        changed = mapping_form.edit(layout)
        with st.container(horizontal=True):
            pressed = st.button(_("Save"), type="primary", disabled=changed is None, key="own_save")
            st.button(_("Cancel"), key="own_cancel", on_click=_close)
        if not pressed or changed is None:
            return
        try:
            own_layouts.keep_layout(store_path(), changed, viewer.name())
        except NameTakenError:
            own_names.taken(changed.name)
            return
    _close()
    st.session_state["uploads_said"] = _("“{name}” was saved; it holds for the next files.").format(
        name=wording.plain(changed.name)
    )
    st.rerun()
