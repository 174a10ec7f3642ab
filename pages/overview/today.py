import streamlit as st

from pages.overview.parts import checks, work_lists
from pages.shared import empty, loaders, wording
from pages.shared.empty import TABLE_NAMES

_ = wording.words()
view = empty.view_of(*TABLE_NAMES)
days = loaders.as_of(view.shop)
st.caption(
    _("As of: {days}").format(
        days=_(", ").join(
            _("{table} to {day}").format(
                table=_(name), day=wording.day(min(days[table], view.last))
            )
            for table, name in TABLE_NAMES.items()
            if table in days
        )
    )
)
judged, lines = loaders.health(view.shop, view.last)
st.subheader(checks.summary(judged))
checks.cards_of(view, judged, lines)
checks.table(view, judged)
checks.details(view, lines)
work_lists.show(view)
