import streamlit as st

from pages.service.parts import feeds, waits
from pages.shared import breakdown, cards, empty, loaders, wording

CONVENTIONS = (
    "within_three_minutes",
    "response_time_platform",
    "response_time_tool",
    "response_time_median",
    "response_time_p90",
    "first_response_time",
)
COUNTS = ("reply_rate", "slow_conversations", "answer_ratio")

_ = wording.words()
view = empty.view_of("messages", "service_days")
settings = loaders.settings(view.shop)
rows = loaders.measured(view.shop, (*COUNTS, *CONVENTIONS), view.first, view.last, "period")
robots = (
    _("A robot's reply counts for the reply rate")
    if settings.robot_counts_as_reply
    else _("Only humans count for the reply rate")
)
st.caption(robots)
cards.value_cards(rows, COUNTS, settings.targets, key="replies")
st.subheader(_("One wait, several averages"))
st.caption(
    _(
        "The platform caps a wait at 600 seconds and counts unanswered rounds as 600, from 08:00 "
        "to 23:00; tools leave both out, at any hour; the median ignores how long the longest are."
    )
)
cards.value_cards(rows, CONVENTIONS, settings.targets, key="replies")

shown = st.segmented_control(
    _("Per day and per agent"),
    ("reply_rate", *CONVENTIONS),
    default="reply_rate",
    format_func=wording.metric_name,
    required=True,
    key="replies_metric",
    label_visibility="collapsed",
    persist_state="session",
)
breakdown.by_day(shown, view, key="replies", peers=True)
others = tuple(name for name in (*COUNTS, *CONVENTIONS) if name != shown)
breakdown.by_agent((shown, *others), view, key="replies")
if "messages" not in loaders.as_of(view.shop):
    st.caption(_("Upload chat records to see how long buyers wait, hour by hour."))
    st.stop()
waits.distribution(view)
waits.hours(view)
feeds.side_by_side(view, "reply", key="replies")
