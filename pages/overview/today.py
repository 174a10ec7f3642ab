import streamlit as st

from pages.overview.parts import checks, work_lists
from pages.shared import empty, loaders
from pages.shared.empty import TABLE_NAMES

view = empty.view_of(*TABLE_NAMES)
st.caption(checks.freshness(view))
judged, lines = loaders.health(view.shop, view.last)
st.subheader(checks.summary(judged))
checks.cards_of(view, judged, lines)
checks.table(view, judged)
checks.details(view, lines)
work_lists.show(view)
