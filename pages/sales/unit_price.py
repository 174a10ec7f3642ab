import streamlit as st

from pages.sales.parts import shipping, spend_cuts
from pages.shared import breakdown, cards, empty, loaders, wording

IDS = ("unit_price", "order_price", "pieces_per_buyer", "piece_price", "cross_sell_rate")

_ = wording.words()
view = empty.view_of("orders", "service_days")
settings = loaders.settings(view.shop)
st.caption(
    _("Successful refunds subtracted, buyers with nothing left not counted")
    if settings.unit_price_without_refunded
    else _("All paid orders as the platform counts them, refunds not subtracted")
)
rows = loaders.measured(view.shop, IDS, view.first, view.last, "period")
cards.value_cards(rows, IDS, settings.targets, key="price", width=180)
if "orders" in loaders.as_of(view.shop):
    spend_cuts.order_file(view)
by_id = {row["metric"]: row for row in rows.to_dicts()}
# Without buyers' names the price per order is the best there is, under its own name.
lead = "unit_price" if by_id["unit_price"]["value"] is not None else "order_price"
breakdown.by_day(lead, view, key="price")
breakdown.by_agent((lead, *(name for name in IDS if name != lead)), view, key="price")
if "orders" in loaders.as_of(view.shop):
    spend_cuts.slices(view, "served")
    spend_cuts.slices(view, "returning")
    shipping.show(view)
