"""Whom the app serves: nobody but this machine, unless whoever started it wants it so."""

import streamlit as st

from pages.shared import wording
from pages.shared.exposure import CONSENT, consented, is_loopback


def keep() -> None:
    """End the page with a sentence where others could reach it and nobody agreed to that."""
    address = st.get_option("server.address")
    if is_loopback(address) or consented():
        return
    _ = wording.words()
    st.error(
        _(
            "Nothing is shown: this app has no login, and the server listens on {address}, so "
            "everybody who reaches this machine would see the shop's buyers, orders and chats. "
            "Start it with store-health app, or with --server.address 127.0.0.1. If others are "
            "meant to see all of it: store-health app --address {address} --i-know, or {consent}=1 "
            "in the environment of streamlit run."
        ).format(address=address or "0.0.0.0", consent=CONSENT),
        icon=":material/lock:",
    )
    st.stop()
