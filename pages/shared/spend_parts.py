"""Parts of the unit price page."""

from typing import Literal

import polars as pl
import streamlit as st

from pages.shared import counts, loaders, tables, wording
from pages.shared.filters import View
from pages.shared.wording import mark
from reports.tables import Column

SLICES = {
    "served": mark("Served: after a conversation"),
    "silent": mark("Silent: without a conversation"),
    "new": mark("First order"),
    "returning": mark("Bought before"),
    "unknown": mark("Not known"),
}


def slices(view: View, cut: Literal["served", "returning"]) -> None:
    """The shop's sales in two slices that add up."""
    _ = wording.words()
    rows = loaders.counted(
        counts.spending_slices, view.shop, first=view.first, last=view.last, cut=cut
    )
    known = {row["slice"]: row for row in rows.to_dicts()}
    if cut not in known:
        st.caption(
            _("No order of this period can be joined to a conversation.")
            if cut == "served"
            else _("No buyer of this period bought before, as far as the files tell.")
        )
    else:
        told = (
            _("{share} of the sales came after a conversation, at {price} per buyer")
            if cut == "served"
            else _("{share} of the sales came from buyers who had bought before, at {price} each")
        )
        st.subheader(
            told.format(
                share=wording.figure(known[cut]["amount_share"], "share"),
                price=wording.figure(known[cut]["unit_price"], "yuan"),
            )
        )
    names = {name: _(word) for name, word in SLICES.items()}
    tables.show(
        rows.with_columns(pl.col("slice").replace(names)),
        [
            Column("slice", _("Sales")),
            Column("orders", _("Paid orders"), "count"),
            Column("buyers", _("Buyers"), "count"),
            Column("amount", _("Amount (yuan)"), "yuan"),
            Column("amount_share", _("Share of the amount (%)"), "share"),
            Column("unit_price", _("Per buyer (yuan)"), "yuan"),
            Column("order_price", _("Per order (yuan)"), "yuan"),
        ],
        key=f"price_{cut}",
        alt=_("Sales in slices"),
        file_name=f"sales-{cut}-{view.first}-{view.last}",
    )
