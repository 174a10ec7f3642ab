from datetime import timedelta

import streamlit as st

from metrics.ratings.counted import DSR_WINDOW
from pages.score.parts import scores
from pages.shared import counts, empty, loaders, wording

#: Days drawn: as many as the score itself looks back.
BACK = DSR_WINDOW - timedelta(days=1)

_ = wording.words()
view = empty.view_of("ratings", "rating_days", "rating_snapshots")
days = loaders.counted(counts.dsr_days, view.shop, first=view.last - BACK, last=view.last)
newest = scores.newest(days)
if newest.is_empty():
    empty.stop(
        _("No rating lies in the {days} days before {day}.").format(
            days=DSR_WINDOW.days, day=wording.day(view.last)
        ),
        title=_("No score yet"),
    )
st.caption(scores.convention(view, newest))
scores.score_cards(view, newest)
scores.lines(view, days)
scores.star_mix(view)
