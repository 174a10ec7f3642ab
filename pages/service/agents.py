import streamlit as st

from pages.service.parts import agent_load, agent_rows, scorecard
from pages.shared import empty, wording

_ = wording.words()
view = empty.view_of("messages", "service_days")
scores = agent_rows.scores(view)
if scores.is_empty():
    empty.stop(
        _("No agent is named in the files of these days; choose others, or upload more."),
        title=_("Nobody to show"),
    )
scorecard.outside(scores)
agent = scorecard.chosen_agent(scores)
scorecard.card(view, scores, agent)
st.subheader(_("Who is truly outside"))
metric = scorecard.chosen_metric(scores)
scorecard.funnel_plot(view, scores, metric)
scorecard.places(scores, metric)
scorecard.improved(view)
agent_load.show(view)
