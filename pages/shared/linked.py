"""Choices in the address: always there in full, so that a link means the same tomorrow.

``bind="query-params"`` leaves a default out of the address, and here the default depends on the
data: whom to read first today is another agent next week.
"""

from collections.abc import Collection, Mapping

import streamlit as st


def news(names: Collection[str], key: str) -> dict[str, str]:
    """What the address says under these names, unless this session wrote or read it already.

    Args:
        names: Names in the address.
        key: Key of a widget that shows one of the choices. While the session does not know it
            (``st.switch_page`` forgets what widgets hold) the address is news in any case.
    """
    asked = {name: st.query_params[name] for name in names if name in st.query_params}
    if key in st.session_state and asked == st.session_state.get(f"{key}_told"):
        return {}
    st.session_state[f"{key}_told"] = asked
    return asked


def write(link: Mapping[str, str], key: str) -> None:
    """Have the address say this, and remember that it was this session that wrote it."""
    if any(st.query_params.get(name) != value for name, value in link.items()):
        st.query_params.update(link)
    st.session_state[f"{key}_told"] = dict(link)


def adopt(name: str, key: str, options: Collection[str | int]) -> None:
    """Take over what the address says, unless it is what this page wrote there itself.

    Args:
        name: Name in the address.
        key: Key of the widget that shows the choice.
        options: What may be chosen; anything else in the address is passed over.
    """
    asked = news([name], key).get(name)
    known = {str(option): option for option in options}
    if asked in known:
        st.session_state[key] = known[asked]


def tell(name: str, key: str, choice: str | int) -> None:
    """Have the address say what is chosen."""
    write({name: str(choice)}, key)
