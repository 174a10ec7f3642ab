from pathlib import Path

import pytest

from store.notes import write_note
from tests.pages.shops import PAGES, fill, opened, said, trading


@pytest.mark.parametrize("page", PAGES)
def test_before_the_first_upload_a_page_names_the_next_step(page: str) -> None:
    at = opened(page)
    assert at.info[0].value == "Upload the export files of your shop; the numbers appear at once."
    assert at.page_link[0].value == "Go to uploads"


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_page_whose_files_are_missing_says_which(page: str, store: Path) -> None:
    rows = [{"buyer": "ann", "rated_at": trading(1)["ratings"][0]["rated_at"], "text": "fine"}]
    fill(store, {"reviews": rows})
    assert "This page is made from" in opened(page).info[0].value


def test_a_link_carries_language_shop_and_days(store: Path) -> None:
    fill(store, trading(), shop="one")
    fill(store, trading(), shop="two")
    at = opened(lang="zh", shop="two", from_="2024-05-02", to="2024-05-03")
    assert at.title[0].value == "今日体检"
    assert at.selectbox(key="filters_shop").value == "two"
    assert at.query_params == {
        "lang": "zh",
        "shop": "two",
        "from": "2024-05-02",
        "to": "2024-05-03",
    }


def test_a_note_that_cannot_be_read_is_a_sentence_on_the_page_that_needs_it(store: Path) -> None:
    fill(store, trading())
    write_note(str(store), "shop", "case", "ann|2024-05-02", by="wu", fields={"discuss": "maybe"})
    (box,) = opened("service/cases").error
    assert box.value.startswith("What wu wrote on ")
    assert "discuss" in box.value
    assert not opened("records/settings").error


@pytest.mark.parametrize(
    ("browser", "title"),
    [
        pytest.param("zh-CN", "今日体检", id="Chinese browser"),
        pytest.param("de-DE", "Health today", id="any other browser"),
        pytest.param(None, "Health today", id="no browser language"),
    ],
)
def test_the_browser_decides_the_first_language(browser: str | None, title: str) -> None:
    at = opened()
    at.session_state["filters_language"] = None
    at.query_params.clear()
    at.context = {"locale": browser}
    at.session_state["filters_language_told"] = None
    at.run()
    assert at.title[0].value == title


def test_switching_the_language_switches_the_page_and_its_link() -> None:
    at = opened(lang="en")
    at.segmented_control(key="filters_language").set_value("zh").run()
    assert not at.exception
    assert at.title[0].value == "今日体检"
    assert at.query_params["lang"] == "zh"


def test_another_period_moves_the_link(store: Path) -> None:
    fill(store, trading())
    at = opened(lang="en")
    assert (at.query_params["from"], at.query_params["to"]) == ("2024-04-15", "2024-05-12")
    at.selectbox(key="filters_period").set_value("7").run()
    assert not at.exception
    assert (at.query_params["from"], at.query_params["to"]) == ("2024-05-06", "2024-05-12")


@pytest.mark.parametrize(
    "link",
    [
        pytest.param({"lang": "xx"}, id="language"),
        pytest.param({"shop": "nobody"}, id="shop"),
        pytest.param({"from_": "yesterday", "to": "2024-05-03"}, id="day"),
        pytest.param({"from_": "2024-05-03", "to": "2024-05-02"}, id="days turned round"),
    ],
)
def test_a_link_that_names_nonsense_shows_the_default(link: dict[str, str], store: Path) -> None:
    fill(store, trading())
    at = opened(**link)
    assert at.query_params["shop"] == "shop"
    assert at.query_params["to"] == "2024-05-12"


def test_the_sample_shop_is_marked_and_leads_to_uploads(store: Path) -> None:
    fill(store, trading(), shop="示例店铺")
    at = opened(lang="en")
    assert "Sample shop" in said(at)
    at.button(key="banner_own_shop").click().run()
    assert not at.exception
    assert at.title[0].value == "Uploads"


def test_ones_own_shop_is_not_marked(store: Path) -> None:
    fill(store, trading())
    assert "Sample shop" not in said(opened(lang="en"))
