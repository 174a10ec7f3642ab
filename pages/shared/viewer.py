"""Who looks at the page, as uploads, settings and notes record it."""

import streamlit as st


def name() -> str:
    """The e-mail address of who logged in; "app" where nobody has to."""
    return str(st.user.get("email") or "app")
