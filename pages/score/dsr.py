from datetime import timedelta

import streamlit as st

from pages.score.parts import scores
from pages.shared import counts, empty, loaders, wording

#: Days drawn: as many as the score itself looks back.
BACK = timedelta(days=179)

_ = wording.words()
view = empty.view_of("ratings", "rating_days", "rating_snapshots")
days = loaders.counted(counts.dsr_days, view.shop, first=view.last - BACK, last=view.last)
newest = scores.newest(days)
if newest.is_empty():
    empty.stop(
        _("No rating lies in the 180 days before {day}.").format(day=wording.day(view.last)),
        title=_("No score yet"),
    )
st.caption(scores.convention(view, newest))
scores.score_cards(view, newest)
scores.lines(view, days)
scores.star_mix(view)
