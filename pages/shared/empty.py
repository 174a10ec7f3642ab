"""What a page says when there is nothing to show: the reason and the next step."""

from typing import NoReturn

import streamlit as st

from pages.shared import filters, loaders, wording
from pages.shared.filters import View
from told.mark import mark

UPLOADS = "pages/records/uploads.py"

#: What each table is called on screen; msgids.
TABLE_NAMES: dict[str, str] = {
    "messages": mark("Chats"),
    "service_days": mark("Agent performance tables"),
    "orders": mark("Orders"),
    "order_items": mark("Order items"),
    "refunds": mark("Refunds"),
    "ratings": mark("Ratings"),
    "rating_days": mark("Daily DSR scores"),
    "rating_snapshots": mark("DSR snapshots"),
    "reviews": mark("Text reviews"),
}


def stop(sentence: str, *, title: str) -> NoReturn:
    """Say why the page is empty, offer the uploads page, and end the run."""
    _ = wording.words()
    st.info(sentence, title=title, icon=":material/inbox:")
    st.page_link(UPLOADS, label=_("Go to uploads"), icon=":material/upload_file:")
    st.stop()


def view_of(*tables: str) -> View:
    """The sidebar's shop and period, once one of these tables has rows; else the page ends here.

    Args:
        tables: The tables any of which feeds the page.
    """
    _ = wording.words()
    view = filters.view()
    if view is None:
        stop(
            _("Upload the export files of your shop; the numbers appear at once."),
            title=_("No files yet"),
        )
    if not any(table in loaders.as_of(view.shop) for table in tables):
        names = _(", ").join(_(TABLE_NAMES[table]) for table in tables)
        stop(
            _("This page is made from: {tables}. {shop} has none of them yet.").format(
                tables=names, shop=view.shop
            ),
            title=_("The files for this page are missing"),
        )
    return view
