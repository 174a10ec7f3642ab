"""The morning round in a real browser: tick, upload again, come back."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from store.notes import notes
from tests.pages.shops import DAY, MAY_1, fill, trading

pytestmark = pytest.mark.browser
#: Milliseconds a page may take on a busy machine.
LIMIT = 90_000


def opened_list(page: Page, app: str, kind: str) -> Locator:
    """A work list of the first page, opened."""
    page.goto(f"{app}/?lang=en")
    box = page.locator(f".st-key-work_{kind}")
    expect(box).to_be_visible(timeout=LIMIT)
    box.locator("summary").click()
    expect(box.get_by_role("checkbox").first).to_be_attached(timeout=LIMIT)
    return box


def test_a_tick_and_its_note_outlive_another_upload(app: str, page: Page, store: Path) -> None:
    fill(store, trading())
    box = opened_list(page, app, "unanswered")
    expect(box.locator("summary")).to_contain_text("1 to do")
    name = page.get_by_label("Your name")
    name.fill("Ann Lee")
    name.press("Enter")
    note = box.get_by_label("Note")
    note.fill("called back")
    note.press("Enter")
    expect(box.get_by_text("Ann Lee")).to_be_visible(timeout=LIMIT)
    box.get_by_text("Nobody answered").click()
    # The list stays open although its header has changed.
    expect(box.locator("summary")).to_contain_text("all 1 done", timeout=LIMIT)
    expect(box.get_by_role("checkbox", name="Nobody answered")).to_be_checked()
    # No buyer's name stands anywhere in the page, not even in its markup.
    assert "waiter-11" not in page.content()

    later = {"buyer": "new", "sent_at": MAY_1 + 11 * DAY, "sender": "buyer", "agent": "ann"}
    fill(store, {"messages": [*trading()["messages"], later]})
    box = opened_list(page, app, "unanswered")
    expect(box.locator("summary")).to_contain_text("1 to do")
    rows = box.get_by_role("checkbox", name="Nobody answered")
    expect(rows).to_have_count(2)
    expect(rows.first).not_to_be_checked()
    expect(rows.last).to_be_checked()
    expect(box.get_by_label("Note").last).to_have_value("called back")

    box.get_by_text("Nobody answered").last.click()
    expect(box.locator("summary")).to_contain_text("2 to do", timeout=LIMIT)
    kept = notes(store, "shop", "work").row(0, named=True)
    assert (kept["done"], kept["text"]) == (False, "called back")


def test_a_hand_over_note_is_there_in_the_morning(app: str, page: Page, store: Path) -> None:
    fill(store, trading())
    page.goto(f"{app}/?lang=en")
    box = page.locator(".st-key-handover")
    expect(box).to_be_visible(timeout=LIMIT)
    box.locator("summary").click()
    box.get_by_label("What the next shift must know").fill("parcel 0003 is lost")
    box.get_by_role("button", name="Save", exact=True).click()
    expect(box.locator("summary")).not_to_contain_text("not written yet", timeout=LIMIT)
    page.reload()
    expect(box).to_be_visible(timeout=LIMIT)
    box.locator("summary").click()
    text = box.get_by_label("What the next shift must know")
    expect(text).to_have_value("parcel 0003 is lost", timeout=LIMIT)
