import streamlit as st

from metrics.views.review import WEEK, week_named
from pages.overview.parts import review_parts, reviews
from pages.shared import empty, linked, loaders, wording
from pages.shared.empty import TABLE_NAMES
from reports.review.agenda import agenda

_ = wording.words()
view = empty.view_of(*TABLE_NAMES)
names = reviews.weeks(view.shop)
if not names:
    empty.stop(
        _("A review needs a whole week, Monday to Sunday, covered by your files."),
        title=_("No whole week yet"),
    )
reviews.adopt_link(names, "review_week")


def _span(name: str) -> str:
    monday = week_named(name)
    sunday = monday + WEEK - WEEK / 7
    return f"{name} · {monday.month}/{monday.day}–{sunday.month}/{sunday.day}"


with st.container(horizontal=True, vertical_alignment="bottom"):
    name = st.selectbox(_("Week"), names, format_func=_span, key="review_week", width=280)
    seconds = review_parts.pace()
linked.tell("week", "review_week", name)
review = reviews.review(view.shop, name)
review_parts.head(review, seconds=seconds)
review_parts.then_and_now(review)
mask = loaders.settings(view.shop).mask_buyers
for place, point in enumerate(agenda(review, wording.spoken(), mask_buyers=mask), start=1):
    review_parts.point(place, point)
review_parts.actions(review)
