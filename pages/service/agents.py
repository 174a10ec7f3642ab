import streamlit as st

from pages.shared import agent_load_parts, agent_parts, agent_rows, empty, wording

_ = wording.words()
view = empty.view_of("messages", "service_days")
scores = agent_rows.scores(view)
if scores.is_empty():
    empty.stop(
        _("No agent is named in the files of these days; choose others, or upload more."),
        title=_("Nobody to show"),
    )
agent_parts.outside(scores)
agent = agent_parts.chosen_agent(scores)
agent_parts.card(view, scores, agent)
st.subheader(_("Who is truly outside"))
metric = agent_parts.chosen_metric(scores)
agent_parts.funnel_plot(view, scores, metric)
agent_parts.places(scores, metric)
agent_parts.improved(view)
agent_load_parts.show(view)
