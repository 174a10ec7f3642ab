"""A file whose headings nobody knows: said once in the form, recognised ever after."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from store.tables import scan, shops
from tests.browser.screen import choose, grid, keyed, settled, told
from told.language import translator

pytestmark = pytest.mark.browser
#: Counts what a person clicks.
COUNT = """window.clicks = 0;
addEventListener('click', (event) => { window.clicks += event.isTrusted ? 1 : 0 }, true)"""


def ordered(*orders: int) -> bytes:
    """An export of somebody else's back office: these orders, every fifth of them waiting."""
    head = "单号,顾客,下单日期,付款日期,实付(元),进展,备注"
    lines = [
        f"A{n:06},kd{n},2025-03-{n % 28 + 1:02} 10:00:00,"
        + (f"2025-03-{n % 28 + 1:02} 10:05:00,10.00,搞定," if n % 5 else ",,等着,")
        for n in orders
    ]
    return "\r\n".join([head, *lines, ""]).encode("gb18030")


def test_an_unknown_order_list_is_read_whole_in_under_ten_clicks_and_its_kind_changed_and_deleted(
    page: Page, store: Path, app: str
) -> None:
    page.add_init_script(COUNT)
    page.goto(f"{app}/uploads?lang=en")
    _drop(page, "orders.csv", ordered(*range(1, 61)))
    expect(page.get_by_text("60 of 60 rows will be read")).to_be_visible()
    boxes = page.get_by_test_id("stSelectbox")
    choose(page, boxes.filter(has=page.get_by_text("搞定", exact=True)), "trade successful")
    choose(page, boxes.filter(has=page.get_by_text("等着", exact=True)), "waiting for payment")
    page.get_by_role("button", name="Remember and read").click()
    accept = page.get_by_role("button", name="Accept 1 files")
    expect(accept).to_be_enabled()
    settled(page)
    assert _preview(page) == [("orders.csv", "orders", "60", "0")]
    accept.click()
    expect(page.get_by_text("1 files were added to")).to_be_visible()
    settled(page)
    # The file itself is chosen by two more.
    assert page.evaluate("window.clicks") + 2 < 10
    (shop,) = shops(str(store))
    states = scan(str(store), "orders", shop).collect()["status"].to_list()
    assert sorted(states) == ["finished"] * 48 + ["unpaid"] * 12
    (row,) = told(store, "--metric", "order_price")
    assert (row["value"], row["denominator"]) == (10.0, 48)

    keyed(page, "own_edit").get_by_role("button").click()
    name = page.get_by_role("textbox", name="Name of this kind of file")
    name.fill("Web shop")
    name.press("Enter")
    settled(page)
    keyed(page, "own_save").get_by_role("button").click()
    expect(page.get_by_text("“Web shop” was saved")).to_be_visible()
    _drop(page, "more.csv", ordered(*range(58, 64)))
    expect(accept).to_be_enabled()
    settled(page)
    assert _preview(page) == [("more.csv", "Web shop", "3", "0")]
    page.get_by_role("button", name="Discard").click()
    settled(page)

    keyed(page, "own_delete").get_by_role("button").click()
    expect(page.get_by_text("“Web shop” was deleted")).to_be_visible()
    _drop(page, "more.csv", ordered(*range(58, 64)))
    expect(page.get_by_text("6 of 6 rows will be read")).to_be_visible()


def test_words_of_a_status_are_asked_for_and_a_wrong_answer_cannot_be_saved(
    page: Page, store: Path, app: str
) -> None:
    head = "Auftrag;Angelegt;Betrag;Stand;Ort"
    place = "浙江省 杭州市 示例路1号 13800138000"
    lines = [f"9{n:011};2025-03-{n:02} 10:00:00;8.00;fertig;{place}" for n in (1, 2)]
    page.goto(f"{app}/uploads?lang=en")
    _drop(page, "auftraege.csv", "\r\n".join([head, *lines]).encode())
    boxes = page.get_by_test_id("stSelectbox")
    created = boxes.filter(has=page.get_by_text("Order created *", exact=True))
    choose(page, created, "Stand")
    expect(page.get_by_text("0 of 2 rows will be read; set aside: 2 × not a time")).to_be_visible()
    save = page.get_by_role("button", name="Remember and read")
    assert save.is_disabled()
    assert page.get_by_role("button", name="Accept 0 files").is_disabled()
    choose(page, created, "Angelegt")
    choose(page, boxes.filter(has=page.get_by_text("Region", exact=True)), "Ort")
    choose(page, boxes.filter(has=page.get_by_text("fertig", exact=True)), "trade successful")
    expect(page.get_by_text("2 of 2 rows will be read")).to_be_visible()
    save.click()
    accept = page.get_by_role("button", name="Accept 1 files")
    expect(accept).to_be_enabled()
    settled(page)
    assert _preview(page) == [("auftraege.csv", "auftraege", "2", "0")]
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


def _preview(page: Page) -> list[tuple[str, ...]]:
    _ = translator("en")
    head, *rows = grid(page, _("What the files would change"))
    places = [head.index(name) for name in ("File", "Layout", "New", "Set aside")]
    return [tuple(row[place] for place in places) for row in rows]
