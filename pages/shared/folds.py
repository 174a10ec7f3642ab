"""Parts of a page that open on demand, under headers that tell numbers."""

from typing import Any

import streamlit as st


def fold(label: str, /, *, key: str, icon: str) -> Any:
    """An expander that stays as it is when its label changes; its body runs only while open.

    Streamlit takes an expander with another label for another expander, which begins closed: a
    list would close under the hand of who ticks a row in it and so changes its count.

    Args:
        label: May change from run to run.
        key: Page-prefixed; holds whether it is open.
        icon: Beside the label.

    Returns:
        The expander; draw into it if its ``open`` is true.
    """
    if st.session_state.get(f"{key}_label") != label:
        st.session_state[key] = bool(st.session_state.get(key, False))
        st.session_state[f"{key}_label"] = label
    return st.expander(label, key=key, icon=icon, on_change="rerun")
