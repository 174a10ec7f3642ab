"""A page's own choices in the address: always there, so that a link means the same tomorrow.

``bind="query-params"`` leaves a default out of the address, and here the default depends on the
data: whom to read first today is another agent next week.
"""

from collections.abc import Collection

import streamlit as st


def adopt(name: str, key: str, options: Collection[str | int]) -> None:
    """Take over what the address says, unless it is what this page wrote there itself.

    Args:
        name: Name in the address.
        key: Key of the widget that shows the choice.
        options: What may be chosen; anything else in the address is passed over.
    """
    asked = st.query_params.get(name)
    if asked is None or (key in st.session_state and asked == st.session_state.get(f"{key}_told")):
        return
    known = {str(option): option for option in options}
    if asked in known:
        st.session_state[key] = known[asked]


def tell(name: str, key: str, choice: str | int) -> None:
    """Have the address say what is chosen."""
    if st.query_params.get(name) != str(choice):
        st.query_params[name] = str(choice)
    st.session_state[f"{key}_told"] = str(choice)
