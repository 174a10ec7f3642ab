"""How soon paid orders leave, on the page of what buyers pay."""

import streamlit as st

from pages.shared import breakdown, cards, loaders, wording
from pages.shared.filters import View

RATE = "same_day_shipping_rate"


def show(view: View) -> None:
    """The same-day shipping rate over the period, by day and by agent, with its rule."""
    _, settings = wording.words(), loaders.settings(view.shop)
    st.subheader(_("Shipping"))
    st.caption(
        _("Due on the day of payment; orders paid from {hour}:00 on, the next day").format(
            hour=f"{settings.shipping_cutoff_hour:02}"
        )
    )
    rows = loaders.measured(view.shop, (RATE,), view.first, view.last, "period")
    cards.value_cards(rows, (RATE,), settings.targets, key="shipping")
    breakdown.by_day(RATE, view, key="shipping")
    breakdown.by_agent((RATE,), view, key="shipping")
