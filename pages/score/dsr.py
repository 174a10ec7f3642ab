from datetime import timedelta

import streamlit as st

from pages.shared import counts, dsr_parts, empty, loaders, wording

#: Days drawn: as many as the score itself looks back.
BACK = timedelta(days=179)

_ = wording.words()
view = empty.view_of("ratings", "rating_days", "rating_snapshots")
days = loaders.counted(counts.dsr_days, view.shop, first=view.last - BACK, last=view.last)
newest = dsr_parts.newest(days)
if newest.is_empty():
    empty.stop(
        _("No rating lies in the 180 days before {day}.").format(day=wording.day(view.last)),
        title=_("No score yet"),
    )
st.caption(dsr_parts.convention(view, newest))
dsr_parts.score_cards(view, newest)
dsr_parts.lines(view, days)
dsr_parts.star_mix(view)
