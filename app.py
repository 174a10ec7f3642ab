"""Entry point: page settings, navigation, shared filters; no numbers."""

from pathlib import Path

import streamlit as st

from metrics.ratings.counted import DSR_WINDOW
from pages.shared import banner, door, drill, filters, wording
from store.errors import StoreError
from store.lake import store_path
from store.logbook import keep_log

keep_log(store_path())
filters.adopt_link()
_ = wording.words()
# A file of ours: a Material icon in the browser's tab would be fetched from the internet.
icon = Path(__file__).parent / "pages" / "shared" / "icon.svg"
st.set_page_config(
    page_title=_("Store health"), page_icon=str(icon), layout="wide", initial_sidebar_state=312
)
door.keep()

page = st.navigation(
    {
        _("Overview"): [
            st.Page(
                "pages/overview/today.py",
                title=_("Health today"),
                icon=":material/monitor_heart:",
                url_path="home",
                default=True,
                help=_("Six numbers, each with its target, its trend and a verdict."),
            ),
            # The default page answers at "/" only; a link may also spell its name.
            st.Page(
                "pages/overview/today.py",
                title=_("Health today"),
                icon=":material/monitor_heart:",
                url_path="today",
                visibility="hidden",
            ),
            st.Page(
                "pages/overview/review.py",
                title=_("Weekly review"),
                icon=":material/groups:",
                url_path="review",
                help=_("What changed, why, where it goes, and what to do: the week as an agenda."),
            ),
            st.Page(
                "pages/overview/wall.py",
                title=_("Shared screen"),
                icon=":material/slideshow:",
                url_path="wall",
                visibility="hidden",
            ),
        ],
        _("Service"): [
            st.Page(
                "pages/service/inquiries.py",
                title=_("Inquiries"),
                icon=":material/shopping_cart_checkout:",
                url_path="inquiries",
                help=_("How many of the buyers who asked before buying paid, and where they left."),
            ),
            st.Page(
                "pages/service/replies.py",
                title=_("Replies"),
                icon=":material/forum:",
                url_path="replies",
                help=_("Who was answered, how fast, by whom and at what hour."),
            ),
            st.Page(
                "pages/service/agents.py",
                title=_("Agents"),
                icon=":material/support_agent:",
                url_path="agents",
                help=_("Who truly stands out from the team, and who cannot be told apart."),
            ),
            st.Page(
                "pages/service/cases.py",
                title=_("Case book"),
                icon=":material/menu_book:",
                url_path="cases",
                help=_("Conversations to read, what happened in them, and the cases marked."),
            ),
        ],
        _("Sales"): [
            st.Page(
                "pages/sales/unit_price.py",
                title=_("Unit price"),
                icon=":material/payments:",
                url_path="unit-price",
                help=_("What a paying buyer spends, and what it is made of."),
            ),
            st.Page(
                "pages/sales/refunds.py",
                title=_("Refunds"),
                icon=":material/assignment_return:",
                url_path="refunds",
                help=_("Refunds asked for, kept, lost, and still open."),
            ),
        ],
        _("Score"): [
            st.Page(
                "pages/score/dsr.py",
                title=_("DSR"),
                icon=":material/star_half:",
                url_path="dsr",
                help=_("The three {days}-day scores, what they rest on and what they need.").format(
                    days=DSR_WINDOW.days
                ),
            ),
            st.Page(
                "pages/score/forecast.py",
                title=_("DSR forecast"),
                icon=":material/timeline:",
                url_path="forecast",
                help=_("Where the scores are going, why, and which orders are worth a call."),
            ),
        ],
        _("Records"): [
            st.Page(
                "pages/records/uploads.py",
                title=_("Uploads"),
                icon=":material/upload_file:",
                url_path="uploads",
                help=_("Bring in export files, see which days are covered, take an upload back."),
            ),
            st.Page(
                "pages/records/settings.py",
                title=_("Settings"),
                icon=":material/tune:",
                url_path="settings",
                help=_("Targets, working hours, counting rules and agents of the shop."),
            ),
        ],
    },
    expanded=True,
)
with st.sidebar:
    filters.show()
banner.show()
st.title(page.title)
try:
    page.run()
except StoreError as error:
    st.error(wording.refusal(error), icon=":material/error:")
drill.show(filters.shop())
