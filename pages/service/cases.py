import streamlit as st

from pages.service.parts import agent_rows, case_book, case_reading, cases
from pages.shared import empty, loaders, wording

_ = wording.words()
view = empty.view_of("messages", "service_days")
if "messages" not in loaders.as_of(view.shop):
    st.info(
        _(
            "The case book reads chat lines, and this shop has only performance tables. They say "
            "how often and how fast agents answer, not what they write."
        ),
        title=_("Chat records are missing"),
        icon=":material/inbox:",
    )
    st.page_link(empty.UPLOADS, label=_("Go to uploads"), icon=":material/upload_file:")
    case_book.show(view)
    st.stop()
scores = agent_rows.scores(view)
if scores.is_empty():
    empty.stop(
        _("No agent is named in the chat lines of these days; choose others, or upload more."),
        title=_("Nobody to show"),
    )
case_reading.suggested(scores)
agent, seed = case_reading.asked(scores)
drawn = cases.sample(view, agent, seed)
case_reading.show(view, agent, seed, drawn)
case_book.show(view)
