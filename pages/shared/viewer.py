"""Who looks at the page, as uploads, settings and notes record it."""

import streamlit as st

from pages.shared import wording


def name() -> str:
    """The e-mail address of who logged in, else the name given; "app" where nobody said."""
    given = str(st.session_state.get("viewer_name") or "").strip()
    return str(st.user.get("email") or given or "app")


def ask() -> None:
    """A field for one's name, where nobody has to log in; it stays for the session."""
    if st.user.get("email"):
        return
    _ = wording.words()
    st.text_input(
        _("Your name"),
        key="viewer_name",
        placeholder=_("Your name, kept with what you write"),
        label_visibility="collapsed",
        persist_state="session",
        icon=":material/person:",
        width=320,
        max_chars=40,
    )
