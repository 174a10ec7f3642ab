"""A file whose headings nobody knows: said once in the form, recognised ever after."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from store.tables import scan, shops
from tests.browser.screen import choose, grid, settled, told
from told.language import translator

pytestmark = pytest.mark.browser
#: Our column, as the form names it -> the file's heading.
MEANINGS = {
    "Order number": "Auftrag",
    "Rated at": "Bewertet am",
    "As described": "Ware",
    "Service attitude": "Bedienung",
    "Logistics": "Versand",
}


def rated(*orders: int) -> bytes:
    """An export of somebody else's back office: stars of these orders."""
    head = "Auftrag;Kundin;Bewertet am;Ware;Bedienung;Versand"
    lines = [f"9{n:011};kd{n};2025-03-{n:02} 10:00:00;5;4;3" for n in orders]
    return "\r\n".join([head, *lines, ""]).encode("utf-8-sig")


def test_unknown_headings_are_mapped_once_and_known_from_then_on(
    page: Page, store: Path, app: str
) -> None:
    page.goto(f"{app}/uploads?lang=en")
    _drop(page, "bewertungen.csv", rated(*range(1, 13)))
    expect(page.get_by_role("alert").filter(has_text="bewertungen.csv")).to_be_visible()
    expect(page.get_by_role("button", name="Accept 0 files")).to_be_disabled()
    _map(page)
    accept = page.get_by_role("button", name="Accept 1 files")
    expect(accept).to_be_enabled()
    settled(page)
    assert _preview(page) == [("bewertungen.csv", "12", "0")]
    accept.click()
    expect(page.get_by_text("1 files were added to")).to_be_visible()
    (shop,) = shops(str(store))
    assert scan(str(store), "ratings", shop).collect().height == 12
    (row,) = told(store, "--metric", "dsr_service")
    assert (row["value"], row["denominator"]) == (4.0, 12)

    _drop(page, "bewertungen-neu.csv", rated(*range(11, 16)))
    expect(accept).to_be_enabled()
    settled(page)
    assert _preview(page) == [("bewertungen-neu.csv", "3", "0")]
    accept.click()
    expect(page.get_by_text("1 files were added to")).to_be_visible()
    settled(page)
    assert scan(str(store), "ratings", shop).collect().height == 15


def test_words_of_a_status_are_asked_for_and_a_wrong_answer_writes_nothing(
    page: Page, store: Path, app: str
) -> None:
    head = "Auftrag;Angelegt;Betrag;Stand;Ort"
    place = "浙江省 杭州市 示例路1号 13800138000"
    lines = [f"9{n:011};2025-03-{n:02} 10:00:00;8.00;fertig;{place}" for n in (1, 2)]
    page.goto(f"{app}/uploads?lang=en")
    _drop(page, "auftraege.csv", "\r\n".join([head, *lines]).encode())
    boxes = page.get_by_test_id("stSelectbox")
    choose(page, boxes.filter(has_text="What the file holds"), "Orders")
    wrong = {"Order number *": "Auftrag", "Order created *": "Stand"}
    for ours, theirs in {**wrong, "Order status": "Stand", "Region": "Ort"}.items():
        choose(page, boxes.filter(has=page.get_by_text(ours, exact=True)), theirs)
    save = page.get_by_role("button", name="Remember and read")
    save.click()
    expect(page.get_by_text("not one of its 2 rows could be taken")).to_be_visible()
    expect(page.get_by_role("button", name="Accept 0 files")).to_be_disabled()
    assert shops(str(store)) == []
    choose(page, boxes.filter(has=page.get_by_text("Order created *", exact=True)), "Angelegt")
    choose(page, boxes.filter(has=page.get_by_text("fertig", exact=True)), "trade successful")
    save.click()
    accept = page.get_by_role("button", name="Accept 1 files")
    expect(accept).to_be_enabled()
    settled(page)
    assert _preview(page) == [("auftraege.csv", "2", "0")]
    accept.click()
    expect(page.get_by_text("1 files were added to")).to_be_visible()
    (shop,) = shops(str(store))
    orders = scan(str(store), "orders", shop).collect()
    assert orders.select("status", "region").rows() == [("finished", "浙江省")] * 2


def _drop(page: Page, name: str, content: bytes) -> None:
    settled(page)
    file = FilePayload(name=name, mimeType="text/csv", buffer=content)
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.get_by_role("heading", name="Before anything is written")).to_be_visible()
    settled(page)


def _map(page: Page) -> None:
    """Say what each column is, forget one that is needed, be told, and say it."""
    boxes = page.get_by_test_id("stSelectbox")
    choose(page, boxes.filter(has_text="What the file holds"), "Ratings")
    save = page.get_by_role("button", name="Remember and read")
    for number, (ours, theirs) in enumerate(MEANINGS.items()):
        if number == 1:
            save.click()
            expect(page.get_by_text("Choose a column for")).to_be_visible()
        label = page.get_by_text(ours, exact=True).or_(page.get_by_text(f"{ours} *", exact=True))
        choose(page, boxes.filter(has=label), theirs)
    save.click()
    expect(save).to_be_hidden()
    settled(page)


def _preview(page: Page) -> list[tuple[str, str, str]]:
    _ = translator("en")
    head, *rows = grid(page, _("What the files would change"))
    file, new, aside = (head.index(name) for name in ("File", "New", "Set aside"))
    return [(row[file], row[new], row[aside]) for row in rows]
