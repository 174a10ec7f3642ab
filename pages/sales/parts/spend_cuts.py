"""Parts of the unit price page."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

import polars as pl
import streamlit as st

from pages.shared import counts, drill, loaders, tables, wording
from pages.shared.filters import View
from told.mark import mark
from told.tables import Column

SLICES = {
    "served": mark("Served: after a conversation"),
    "silent": mark("Silent: without a conversation"),
    "new": mark("First order"),
    "returning": mark("Bought before"),
    "unknown": mark("Not known"),
}


def order_file(view: View) -> None:
    """What the order files say by themselves: of the period's orders, and of all there are."""
    _ = wording.words()
    asked = loaders.counted(counts.order_totals, view.shop, first=view.first, last=view.last)
    whole = loaders.counted(counts.order_totals, view.shop)
    lines = []
    if asked["orders"].item():
        lines.append(_("**Order files, this period:** {parts}").format(parts=_facts(asked)))
    if whole["orders"].item() != asked["orders"].item():
        told = _("**Order files, all from {first} to {last}:** {parts}").format(
            first=wording.day(whole["first"].item()),
            last=wording.day(whole["last"].item()),
            parts=_facts(whole),
        )
        lines.append(told)
    st.markdown("\n\n".join(lines))


def _facts(totals: pl.DataFrame) -> str:
    _, row = wording.words(), totals.row(0, named=True)
    parts = [_("{n} orders placed").format(n=wording.count(row["orders"]))]
    if row["paid"] is not None:
        parts += [
            _("{n} never paid").format(n=wording.count(row["unpaid"])),
            _("{n} paid, {net} net of refunds ({gross} gross)").format(
                n=wording.count(row["paid"]),
                net=wording.figure(row["net"], "money"),
                gross=wording.figure(row["gross"], "money"),
            ),
        ]
    if row["refunds"] is not None:
        parts.append(
            _("{n} refunds of {amount}").format(
                n=wording.count(row["refunds"]), amount=wording.figure(row["refunded"], "money")
            )
        )
    return _("; ").join(parts)


def slices(view: View, cut: Literal["served", "returning"]) -> None:
    """The shop's sales in two slices that add up."""
    _ = wording.words()
    rows = loaders.counted(
        counts.spending_slices, view.shop, first=view.first, last=view.last, cut=cut
    )
    if set(rows["slice"]) <= {"unknown"}:
        # The same holds for both cuts; once is enough.
        if cut == "served":
            st.caption(_("The order files name no buyer, so the sales cannot be split."))
        return
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
                price=wording.figure(known[cut]["unit_price"], "money"),
            )
        )
    names = {name: _(word) for name, word in SLICES.items()}
    parts = [
        drill.Part(names.get(name, name), "order_price", ((cut, name),)) for name in rows["slice"]
    ]
    sign, money = wording.spoken().sign, wording.spoken().money_kind
    tables.show(
        rows.with_columns(pl.col("slice").replace(names)),
        [
            Column("slice", _("Sales")),
            Column("orders", _("Paid orders"), "count"),
            Column("buyers", _("Buyers"), "count"),
            Column("amount", wording.amount_heading(), money),
            Column("amount_share", _("Share of the amount (%)"), "share"),
            Column("unit_price", _("Per buyer ({currency})").format(currency=sign), money),
            Column("order_price", _("Per order ({currency})").format(currency=sign), money),
        ],
        key=f"price_{cut}",
        alt=_("Sales in slices"),
        file_name=f"sales-{cut}-{view.first}-{view.last}",
        on_pick=partial(_ask_slice, view, parts),
    )
    st.caption(_("Click a figure to see its orders."))


def _ask_slice(view: View, parts: Sequence[drill.Part], row: int, column: str) -> None:
    drill.ask_part(parts[row], view.first, view.last)
