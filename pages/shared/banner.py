"""The mark of the sample shop, so that nobody takes its numbers for their own."""

import streamlit as st

from pages.shared import filters, wording
from pages.shared.empty import UPLOADS
from sample_data import SAMPLE_SHOP


def show() -> None:
    """Above every page of the sample shop: what it is, and the way to one's own."""
    if filters.shop() != SAMPLE_SHOP:
        return
    _ = wording.words()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            _(":material/science: **Sample shop.** Invented figures, in the files' real formats."),
            width="stretch",
        )
        if st.button(
            _("Start with my own shop"), icon=":material/upload_file:", key="banner_own_shop"
        ):
            st.switch_page(UPLOADS)
