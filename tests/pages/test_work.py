import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metrics.work.lists import WORK_KINDS
from store.notes import history, notes, write_note
from store.settings import ShopSettings
from store.shop_settings import load_settings, save_settings
from tests.pages.shops import DAY, HOUR, MAY_1, fill, opened, said, trading

#: Day 12 of ``trading``: waiter-11 asked at nine and was not answered.
WAITER = "unanswered|waiter-11|2024-05-12"


def round_of(at: AppTest, kind: str = "unanswered") -> AppTest:
    """The page run with one list open: a test's session closes expanders with every change."""
    at.run()
    assert not at.exception, at.exception
    return unfolded(at, kind)


def unfolded(at: AppTest, kind: str = "unanswered") -> AppTest:
    """The page, as it was run last, with one of its lists open."""
    at.session_state["handover" if kind == "handover" else f"work_{kind}"] = True
    at.run()
    assert not at.exception, at.exception
    return at


def header(at: AppTest, name: str) -> str:
    return next(each.label for each in at.expander if name in each.label)


def day_round(store: Path, kind: str = "unanswered") -> AppTest:
    fill(store, trading())
    return unfolded(opened(lang="en"), kind)


def test_headers_tell_count_value_age_and_deadline(store: Path) -> None:
    at = day_round(store)
    assert header(at, "not answered") == (
        "**Asked, not answered** · 1 to do · up to ¥20.00 at the usual ¥20.00 each · oldest 15 h"
    )
    assert header(at, "Open refunds") == "**Open refunds** · 1 to do · ¥20.00 · oldest 14 h"
    assert header(at, "Ordered") == "**Ordered, not paid** · nothing to do"


@pytest.mark.parametrize(
    ("language", "name", "lacking"),
    [
        (
            "en",
            "Paid, shipment late",
            ": needs a file that is not here yet (Orders with shipping times).",
        ),
        ("zh", "超时未发货", "：还缺少文件（带发货时间的订单），上传后即可显示。"),
    ],
)
def test_late_parcels_need_a_file_that_tells_of_shipping(
    language: str, name: str, lacking: str, store: Path
) -> None:
    bare = {"status": "paid", "shipped_at": None}
    fill(store, {"orders": [row | bare for row in trading()["orders"]]})
    at = opened(lang=language)
    assert name + lacking in said(at)
    assert not any(name in each.label for each in at.expander)


def test_only_the_opened_list_shows_its_rows(store: Path) -> None:
    fill(store, trading())
    at = opened(lang="en")
    assert not at.checkbox
    round_of(at)
    assert [box.label for box in at.checkbox] == ["Nobody answered; 15 h to midnight"]
    assert r"**w\*\*\*1** · ann · since 5/12/24" in said(at)
    assert at.text[0].value == "Buyer 05-12 09:00  …"


def test_a_thing_to_do_tells_what_is_at_stake(store: Path) -> None:
    at = day_round(store, "open_refund")
    assert "**a\\*\\*\\*1**" in said(at)
    assert any(one.value.endswith(" · ¥20.00") for one in at.caption)


def test_a_tick_stays_through_a_rerun_and_the_same_file_again(store: Path) -> None:
    at = day_round(store)
    at.checkbox[0].check()
    round_of(at)
    assert at.checkbox[0].value
    assert notes(store, "shop", "work")["subject"].to_list() == [WAITER]
    later = {"buyer": "new", "sent_at": MAY_1 + 11 * DAY, "sender": "buyer", "agent": "ann"}
    fill(store, {"messages": [*trading()["messages"], later]})
    again = unfolded(opened(lang="en"))
    assert [box.value for box in again.checkbox] == [False, True]
    assert "1 to do" in header(again, "not answered")


def test_what_is_done_moves_to_the_end_and_can_be_hidden_and_undone(store: Path) -> None:
    fill(store, trading())
    other = {"buyer": "new", "sent_at": MAY_1 + 11 * DAY + 20 * HOUR, "sender": "buyer"}
    fill(store, {"messages": [other]})
    at = unfolded(opened(lang="en"))
    first, second = (box.label for box in at.checkbox)
    at.checkbox[0].check()
    round_of(at)
    assert [box.label for box in at.checkbox] == [second, first]
    at.toggle(key="work_hide_unanswered").set_value(True)
    round_of(at)
    assert [box.label for box in at.checkbox] == [second]
    at.button(key="work_undo_unanswered").click()
    round_of(at)
    assert [(box.label, box.value) for box in at.checkbox] == [(first, False), (second, False)]


def test_a_note_is_kept_in_the_name_of_who_logged_in(store: Path) -> None:
    at = day_round(store)
    next(field for field in at.text_input if field.label == "Note").set_value("called back")
    round_of(at)
    row = notes(store, "shop", "work").row(0, named=True)
    # The address that AppTest logs in with.
    who = "test@example.com"
    assert (row["text"], row["done"], row["saved_by"]) == ("called back", False, who)
    assert who in said(at)


def test_a_colleagues_tick_shows_in_a_session_already_open(store: Path) -> None:
    at = day_round(store)
    write_note(store, "shop", "work", WAITER, by="wu", done=True, text="done by me")
    round_of(at)
    assert at.checkbox[0].value
    assert next(field for field in at.text_input if field.label == "Note").value == "done by me"


def test_a_list_without_its_file_says_which(store: Path) -> None:
    fill(store, {"messages": trading()["messages"]})
    told = said(opened(lang="en"))
    assert "Open refunds: needs a file that is not here yet (Refunds)." in told
    assert (
        "Bad ratings and reviews: needs a file that is not here yet (Ratings or Text reviews)."
        in told
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", WORK_KINDS)
def test_every_list_opens(kind: str, language: str, store: Path) -> None:
    fill(store, trading())
    at = unfolded(opened(lang=language), kind)
    assert said(at)


def test_names_hidden_by_the_shop_are_hidden_in_the_talk_too(store: Path) -> None:
    rows = trading()
    rows["messages"][-1]["text"] = "this is waiter-11, hello"
    fill(store, rows)
    at = unfolded(opened(lang="en"))
    assert at.text[0].value == "Buyer 05-12 09:00  this is w***1, hello"
    save_settings(store, "shop", ShopSettings(mask_buyers=False), "test")
    round_of(at)
    assert "**waiter-11**" in said(at)


def test_markup_in_a_name_is_not_read(store: Path) -> None:
    fill(store, {"messages": [{"buyer": "[a](b)", "sent_at": MAY_1, "sender": "buyer"}]})
    save_settings(store, "shop", ShopSettings(mask_buyers=False), "test")
    at = unfolded(opened(lang="en"))
    assert r"**\[a\](b)**" in said(at)


def test_a_hand_over_note_is_kept_with_what_is_open(store: Path) -> None:
    at = day_round(store, "handover")
    at.text_area[0].set_value("parcel 0003 is lost")
    next(button for button in at.button if button.label == "Save").click()
    round_of(at, "handover")
    row = notes(store, "shop", "handover").row(0, named=True)
    assert (row["subject"], row["text"]) == ("2024-05-12", "parcel 0003 is lost")
    assert json.loads(row["fields"])["open"]["unanswered"] == 1
    next_day = unfolded(opened(lang="en", from_="2024-05-01", to="2024-05-13"), "handover")
    assert any(text.value == "parcel 0003 is lost" for text in next_day.text)
    assert len(history(store, "shop", "handover")) == 1


def test_the_hand_over_counts_what_is_left_from_the_day_before(store: Path) -> None:
    fill(store, trading())
    subject = "unanswered|waiter-10|2024-05-11"
    write_note(store, "shop", "work", subject, by="wu", done=True)
    at = unfolded(opened(lang="en"), "handover")
    left = at.dataframe[-1].value
    row = left[left["List"] == "Asked, not answered"]
    assert row[["Listed", "Ticked", "Not ticked"]].to_numpy().tolist() == [[1, 1, 0]]


def test_the_closing_of_unpaid_orders_is_a_setting(store: Path) -> None:
    fill(store, trading())
    at = opened("records/settings", lang="en")
    at.number_input(key="settings_unpaid_close_hours").set_value(48)
    next(button for button in at.button if button.label == "Save").click().run()
    assert not at.exception
    assert load_settings(store, "shop").unpaid_close_hours == 48
