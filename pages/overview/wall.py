import streamlit as st

from metrics.views.review import week_name
from pages.overview.parts import reviews
from pages.overview.parts.wall import slides
from pages.shared import empty, linked, loaders, wording
from pages.shared.empty import TABLE_NAMES
from reports.review.agenda import agenda
from store.lake import store_path
from store.notes import notes_version

REVIEW = "pages/overview/review.py"
#: How often the screen looks for new data.
EVERY = "10s"

_ = wording.words()
view = empty.view_of(*TABLE_NAMES)
names = reviews.weeks(view.shop)
if not names:
    st.switch_page(REVIEW)
reviews.adopt_link(names, "wall_week")
name = str(st.session_state["wall_week"])
linked.tell("week", "wall_week", name)
settings = loaders.settings(view.shop)
review = reviews.review(view.shop, name)
points = agenda(
    review,
    wording.spoken(),
    mask_buyers=True,
    mask_agents=settings.mask_agents_on_wall,
)
foot = f"{view.shop} · {week_name(review.counted.week)}"
if slides.show(points, foot=foot, key="wall"):
    link = {key: value for key, value in st.query_params.items() if key not in ("slide", "auto")}
    st.switch_page(REVIEW, query_params=link)

seen = (loaders.version(), notes_version(store_path()))


@st.fragment(run_every=EVERY)
def _refresh() -> None:
    """Show new data as soon as somebody brings them in."""
    if (loaders.version(), notes_version(store_path())) != seen:
        st.rerun()


_refresh()
