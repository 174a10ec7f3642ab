"""The weekly review page: freezing, actions, the link to the shared screen."""

from pathlib import Path

import pytest

from store.notes import notes
from tests.pages.shops import fill, opened, said, trading

WEEK = "2024-W19"


@pytest.fixture
def shop(store: Path) -> Path:
    fill(store, trading(days=21))
    return store


def test_a_link_opens_its_week(shop: Path) -> None:
    at = opened(lang="en", week=WEEK)
    at.switch_page("pages/overview/review.py").run()
    assert at.selectbox(key="review_week").value == WEEK
    at.selectbox(key="review_week").select("2024-W20").run()
    assert not at.exception
    assert at.query_params["week"] == "2024-W20"
    assert [heading.value.split(".")[0] for heading in at.subheader][:6] == list("123456")


def test_freezing_keeps_the_numbers(shop: Path) -> None:
    at = opened("overview/review", lang="en")
    assert "Frozen" not in said(at)
    at.button(key="review_freeze").click().run()
    assert not at.exception
    assert "**Frozen** on" in said(at)
    assert "No number of that meeting has changed since." in said(at)
    assert notes(shop, "shop", "week")["subject"].to_list() == ["2024-W20"]


def test_an_action_is_written_and_ticked(shop: Path) -> None:
    at = opened("overview/review", lang="en")
    at.text_input(key="review_action_text").input("Call *the* supplier")
    at.text_input(key="review_action_owner").input("ann")
    (add,) = [button for button in at.button if button.label == "Add action"]
    add.click().run()
    assert not at.exception
    assert notes(shop, "shop", "action").select("text", "done").rows() == [
        ("Call *the* supplier", False)
    ]
    (box,) = at.checkbox
    assert box.label.startswith(r"Call \*the\* supplier — ann, due")
    box.check().run()
    assert not at.exception
    assert notes(shop, "shop", "action")["done"].to_list() == [True]
    assert "0 actions are open, 0 of them carried over." in said(at)


def test_a_shop_without_a_whole_week_is_told_so(store: Path) -> None:
    fill(store, trading(days=5))
    at = opened("overview/review", lang="en")
    assert "A review needs a whole week" in said(at)


def test_the_shared_screen_runs(shop: Path) -> None:
    at = opened("overview/wall", lang="en")
    assert at.query_params["week"] == "2024-W20"
