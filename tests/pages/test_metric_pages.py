from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from store.settings import ShopSettings
from store.shop_settings import save_settings
from tests.pages.shops import PAGES, fill, gone_to, opened, said, trading


def shown(at: AppTest, label: str) -> str:
    return str(next(metric.value for metric in at.metric if metric.label == label))


def shop(store: Path, page: str, **link: str) -> AppTest:
    fill(store, trading())
    return opened(page, **{"lang": "en", **link})


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_survives_another_period(page: str, language: str, store: Path) -> None:
    fill(store, trading())
    at = gone_to(opened(lang=language), page)
    for preset in ("7", "last_month", "own"):
        at.selectbox(key="filters_period").set_value(preset).run()
        assert not at.exception


def test_health_counts_the_checks_and_gives_each_a_sentence(store: Path) -> None:
    at = shop(store, "overview/today")
    assert len(at.metric) == 6
    assert shown(at, "Reply rate") == "50.0%"
    assert at.subheader[0].value == "Too little is known yet to judge anything"
    assert "50.0% in the 12 days to May 12: too few to say more." in said(at)


def test_a_matter_that_is_being_worked_on_is_quiet_until_its_day(store: Path) -> None:
    stars = [{"order_id": f"o{n}", "buyer": f"b{n}", "rated_at": datetime(2024, 3, 1 + n % 28, 9),
              "service": 3 + n % 3} for n in range(90)]  # fmt: skip
    fill(store, {"ratings": stars})
    at = opened("overview/today", lang="en")
    assert "4.00, below the target of 4.80" in said(at)
    at.text_area(key="today_why_dsr_service").set_value("a new colleague")
    at.date_input(key="today_until_dsr_service").set_value(date(2024, 5, 1))
    next(button for button in at.button if button.label == "Save").click().run()
    assert "Known and being worked on, to be looked at again on May 1." in said(at)
    at.button(key="today_loud_dsr_service").click().run()
    assert "Known and being worked on" not in said(at)


def test_inquiries_show_the_funnel_of_final_days(store: Path) -> None:
    at = shop(store, "service/inquiries")
    # 12 days, the last four still open: 8 askers who paid, 8 waiters who did not.
    assert shown(at, "Inquiry conversion") == "50.0%"
    assert "8 left before ordering; 0 ordered and did not pay" in said(at)
    assert len(at.get("plotly_chart")) == 4


def test_replies_show_every_convention(store: Path) -> None:
    at = shop(store, "service/replies")
    assert shown(at, "Reply rate") == "50.0%"
    # One wait of 60 seconds and one unanswered that counts 600.
    assert shown(at, "Average response (platform)") == "5 min 30 s"
    assert shown(at, "Average response (tools)") == "1 min"
    at.segmented_control(key="replies_metric").set_value("response_time_tool").run()
    assert not at.exception
    assert any("Average response (tools)" in str(head.value) for head in at.subheader)


def test_unit_price_without_buyers_falls_back_to_the_price_per_order(store: Path) -> None:
    orders = [row | {"buyer": None} for row in trading()["orders"]]
    fill(store, {"orders": orders})
    at = opened("sales/unit_price", lang="en")
    assert shown(at, "Customer unit price") == "—"
    assert shown(at, "Price per order") == "¥20.00"
    assert "the order file has no buyer column" in said(at)


def test_health_says_why_a_number_has_no_value(store: Path) -> None:
    orders = [row | {"buyer": None} for row in trading()["orders"]]
    fill(store, {"orders": orders})
    at = opened("overview/today", lang="en")
    # Price per order speaks for spending where nobody is named.
    assert shown(at, "Price per order") == "¥20.00"
    at.session_state["today_numbers"] = True
    at.run()
    (numbers,) = (table.value for table in at.dataframe if "Metric" in table.value.columns)
    notes = dict(zip(numbers["Metric"], numbers["Note"], strict=True))
    assert notes["Customer unit price"].startswith("the order file has no buyer column")


def test_where_no_file_tells_of_refunds_the_rate_is_a_dash_with_the_reason(store: Path) -> None:
    fill(store, {"orders": trading(30)["orders"]})
    at = opened("sales/refunds", lang="en", from_="2024-05-01", to="2024-05-30")
    assert shown(at, "Refund rate") == "—"
    assert "no file tells of refunds" in said(at)


def test_refunds_name_what_became_of_the_cases(store: Path) -> None:
    fill(store, trading(30))
    at = opened("sales/refunds", lang="en", from_="2024-05-01", to="2024-05-30")
    assert shown(at, "Refund retention") == "100.0%"
    assert "1 cases of the final days: Retained 1" in said(at)


@pytest.mark.parametrize(
    ("language", "caption"),
    [
        ("en", "Click a figure to see its cases. Whose doing"),
        ("zh", "点数字可查看对应的退款单。原因归"),
    ],
)
def test_a_space_parts_sentences_in_english_only(language: str, caption: str, store: Path) -> None:
    fill(store, trading(30))
    at = opened("sales/refunds", lang=language, from_="2024-05-01", to="2024-05-30")
    assert caption in said(at)


def test_dsr_tells_what_the_target_needs(store: Path) -> None:
    at = shop(store, "score/dsr")
    assert [metric.value for metric in at.metric] == ["5.00", "4.00", "3.00"]
    # 12 ratings of 4 stars: (4.8 * 12 - 48) / 0.2 = 48.
    assert "48 ratings of 5 ★ lift it to 4.8." in said(at)


def test_a_card_opens_to_the_rows_behind_it_with_buyers_hidden(store: Path) -> None:
    at = shop(store, "service/replies", from_="2024-05-01", to="2024-05-02")
    at.button(key="replies_response_time_tool_rows").click().run()
    assert not at.exception
    assert sorted(at.dataframe[-1].value["Buyer"]) == ["a***0", "a***1"]
    # The two that nobody answered are no part of the tools' average.
    assert at.segmented_control(key="drill_which").options == ["Counted: 2", "Left out: 2"]


def test_names_are_shown_where_the_shop_allows_it(store: Path) -> None:
    fill(store, trading())
    save_settings(store, "shop", ShopSettings(mask_buyers=False), "test")
    at = opened("service/replies", lang="en", from_="2024-05-01", to="2024-05-01")
    at.button(key="replies_reply_rate_rows").click().run()
    assert "asker-00" in list(at.dataframe[-1].value["Buyer"])


def test_an_agents_own_name_replaces_the_account(store: Path) -> None:
    fill(store, trading())
    named = ShopSettings.model_validate({"agents": [{"account": "ann", "display": "Ann Lee"}]})
    save_settings(store, "shop", named, "test")
    at = opened("service/replies", lang="en")
    assert any("Ann Lee" in frame.value.to_numpy() for frame in at.dataframe)


def test_a_new_upload_shows_without_a_restart(store: Path) -> None:
    rows = trading()
    fill(store, {"messages": rows["messages"][:3]})
    at = opened("service/replies", lang="en")
    assert shown(at, "Reply rate") == "50.0%"
    answer = rows["messages"][2] | {"sender": "agent", "sent_at": rows["messages"][1]["sent_at"]}
    fill(store, {"messages": [answer]})
    at.run()
    assert not at.exception
    assert shown(at, "Reply rate") == "100.0%"


def test_same_day_shipping_has_a_card_and_its_rows(store: Path) -> None:
    rows = trading()
    for nth, order in enumerate(rows["orders"]):
        order["shipped_at"] = order["paid_at"] + timedelta(days=nth % 2)
    fill(store, rows)
    at = opened("sales/unit_price", lang="en")
    # Every other of twelve orders left at once; the last day is not final yet.
    assert shown(at, "Same-day shipping rate") == "54.5%"
    assert "orders paid from 16:00 on, the next day" in said(at)
    at.button(key="shipping_same_day_shipping_rate_rows").click().run()
    assert not at.exception
    assert at.segmented_control(key="drill_which").options == ["Counted: 11", "Left out: 1"]
