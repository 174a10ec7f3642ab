"""Bars, cells and slices open to their rows; both feeds and the order files are told apart."""

from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics.views.row_cuts import Cut
from pages.shared.drill import Asked
from store.settings import ShopSettings
from store.shop_settings import load_settings, save_settings
from tests.pages.shops import fill, opened, said, trading

FIRST, LAST = date(2024, 5, 1), date(2024, 5, 12)


def picked(at: AppTest, metric_id: str, cut: Cut, told: str) -> AppTest:
    """What a click on a chart or table asks for; AppTest cannot click those itself."""
    at.session_state["drill_asked"] = Asked(metric_id, FIRST, LAST, cut=cut, told=told)
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("page", "metric_id", "cut", "options"),
    [
        (
            "service/inquiries",
            "inquiry_conversion",
            (("step", "paid"),),
            # 8 final days with two askers each, of whom one pays.
            ["Counted: 8", "Left out: 8"],
        ),
        # Every day at nine, whether final or not; the fourth of May 2024 was a Saturday.
        (
            "service/inquiries",
            "inquiry_conversion",
            (("weekday", 6), ("hour", 9)),
            ["Counted: 4"],
        ),
        ("service/replies", "response_time_median", (("band", "none"),), ["Counted: 12"]),
        ("service/replies", "response_time_median", (("hour", 9),), ["Counted: 24"]),
        ("sales/unit_price", "order_price", (("served", "served"),), ["Counted: 12"]),
        ("sales/refunds", "refund_retention", (("state", "open"),), ["Left out: 1"]),
        ("score/dsr", "dsr_service", (("stars", 4),), ["Counted: 12"]),
    ],
    ids=["funnel", "heat map", "band", "hour", "slice", "state", "stars"],
)
def test_a_part_opens_to_its_rows(
    page: str, metric_id: str, cut: Cut, options: list[str], store: Path
) -> None:
    fill(store, trading())
    at = opened(page, lang="en", from_="2024-05-01", to="2024-05-12")
    picked(at, metric_id, cut, "This part")
    assert at.segmented_control(key="drill_which").options == options
    buyers = [name for name in at.dataframe[-1].value["Buyer"] if name]
    assert all("***" in name for name in buyers)


def test_lost_inquiries_say_why(store: Path) -> None:
    fill(store, trading())
    at = opened("service/inquiries", lang="en", from_="2024-05-01", to="2024-05-12")
    picked(at, "inquiry_conversion", (("step", "paid"),), "Paid")
    asked = Asked("inquiry_conversion", FIRST, LAST, cut=(("step", "paid"),), told="Paid")
    at.session_state["drill_asked"] = asked
    at.segmented_control(key="drill_which").set_value(False).run()
    assert "left before ordering: 8" in said(at)


def test_both_feeds_stand_side_by_side_and_agree_or_differ(store: Path) -> None:
    rows = trading()
    day = {"day": FIRST, "agent": "ann", "received_users": 4, "unreplied_users": 1}
    fill(store, {**rows, "service_days": [day]})
    at = opened("service/replies", lang="en", from_="2024-05-01", to="2024-05-12")
    assert "Chats and performance tables side by side, days with both: 1" in said(at)
    table = at.dataframe[-1].value
    assert table["Difference (chats − tables)"].to_list() == ["−25.0 points"]
    at.segmented_control(key="replies_feeds_by").set_value("agent").run()
    assert not at.exception
    assert at.dataframe[-1].value["Agent"].to_list() == ["ann"]


def test_order_files_speak_for_themselves(store: Path) -> None:
    orders = [row | {"buyer": None, "refund_fen": 0} for row in trading()["orders"]]
    orders[0] |= {"refund_fen": 500}
    fill(store, {"orders": [*orders, {"order_id": "x", "created_at": orders[0]["created_at"]}]})
    at = opened("sales/unit_price", lang="en", from_="2024-05-01", to="2024-05-02")
    assert "3 orders placed; 1 never paid; 2 paid, ¥35.00 net of refunds (¥40.00 gross)" in said(at)
    assert "13 orders placed; 1 never paid; 12 paid, ¥235.00 net" in said(at)
    assert "1 refunds of ¥5.00" in said(at)
    assert "The order files name no buyer, so the sales cannot be split." in said(at)
    at.selectbox(key="filters_period").set_value("28").run()
    assert "all from" not in said(at)


def test_every_reason_of_the_files_can_be_placed(store: Path) -> None:
    rows = trading()
    rows["refunds"][0] |= {"reason": "不喜欢"}
    fill(store, rows)
    save_settings(store, "shop", ShopSettings(refund_reasons={"其他": "ours"}), "test")
    at = opened("records/settings", lang="en")
    at.segmented_control(key="settings_part").set_value("reasons").run()
    listed = at.dataframe[-1].value
    assert dict(zip(listed["reason"], listed["class"], strict=True)) == {
        "不喜欢": "The buyer's",
        "其他": "Ours",
    }
    at.session_state["settings_reasons_rows"] = {"edited_rows": {0: {"class": "Ours"}}}
    at.run()
    at.button[-1].click().run()
    assert not at.exception
    assert load_settings(store, "shop").refund_reasons == {"不喜欢": "ours", "其他": "ours"}
