import streamlit as st

from pages.service.parts import feeds, funnel
from pages.shared import breakdown, cards, empty, loaders, wording

_ = wording.words()
view = empty.view_of("messages", "service_days")
settings = loaders.settings(view.shop)
st.caption(funnel.convention(settings))
rows = loaders.measured(view.shop, ("inquiry_conversion",), view.first, view.last, "period")
has_lines = {"messages", "orders"} <= loaders.as_of(view.shop).keys()

left, right = st.columns([1, 2])
with left:
    cards.value_card(
        rows.row(0, named=True),
        key="inquiries_card",
        target=settings.targets.get("inquiry_conversion"),
    )
if has_lines:
    with right:
        funnel.funnel(view)
breakdown.by_day("inquiry_conversion", view, key="inquiries", peers=True)
if has_lines:
    funnel.projection(view)
breakdown.by_agent(("inquiry_conversion",), view, key="inquiries")
if not has_lines:
    st.caption(_("Upload chats and orders to see the funnel, new buyers and the hours."))
    st.stop()
funnel.new_and_returning(view)
funnel.hours(view)
feeds.side_by_side(view, "inquiry", key="inquiries")
