"""What is said of own layouts wherever they are made or changed."""

import streamlit as st

from exports.layouts import Layout
from pages.shared import wording


def taken(name: str) -> None:
    """Another layout has the name already."""
    st.error(_is_taken(name), icon=":material/error:")


def say_taken(name: str) -> None:
    """Have the next run say that another layout has the name already."""
    st.session_state["uploads_failed"] = _is_taken(name)


def _is_taken(name: str) -> str:
    _ = wording.words()
    told = _("Another kind of file is called “{name}”. Give this one a name of its own.")
    return told.format(name=wording.plain(name))


def say_replaced(layout: Layout, earlier: Layout | None) -> None:
    """Have the next run say whose place a layout took."""
    _ = wording.words()
    if earlier is not None:
        st.session_state["uploads_said"] = _(
            "“{name}” takes the place of “{earlier}”: their files have the same headings."
        ).format(name=wording.plain(layout.name), earlier=wording.plain(earlier.name))
