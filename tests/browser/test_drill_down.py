"""From a number to its rows: what was counted, what was left out, and by which rule."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from metrics.views.rows import LEFT_OUT
from sample_data import SAMPLE_SHOP
from store.tables import scan
from tests.browser.conftest import Visit
from tests.browser.screen import grid, keyed, settled, told
from told.language import number, translator

pytestmark = pytest.mark.browser
FIRST, LAST = "2025-11-01", "2025-11-14"
ROWS = "Rows behind the value"
MASKED = re.compile(r".\*\*\*.?")


def opened(visit: Visit, sample: str, path: str, lang: str = "zh") -> Page:
    return settled(visit(f"{sample}/{path}?lang={lang}&shop={SAMPLE_SHOP}&from={FIRST}&to={LAST}"))


def test_a_card_opens_to_counted_and_left_out_rows(
    sample: str, sample_store: Path, visit: Visit
) -> None:
    _, metric_id = translator("zh"), "response_time_platform"
    page = opened(visit, sample, "replies")
    (row,) = told(sample_store, "--metric", metric_id, "--from", FIRST, "--to", LAST)
    dialog = _rows_of(page, f"replies_{metric_id}_rows")
    counted = _("Counted: {n}").format(n=number(row["denominator"], "zh"))
    expect(dialog.get_by_text(counted)).to_be_visible()
    head, *listed = grid(page, _(ROWS), rows=40)
    days = {row[head.index(_("Day"))] for row in listed}
    assert days <= {f"2025-11-{day:02}" for day in range(1, 15)}
    assert head[-1] == _("Seconds")
    assert all(int(row[-1]) >= 0 for row in listed if row[-1])

    left = dialog.get_by_role("radio").or_(dialog.get_by_role("button"))
    left.filter(has_text=_("Left out: {n}").split("{")[0]).click()
    rule = dialog.get_by_role("listitem")
    expect(rule.first).to_be_visible()
    settled(page)
    sentences = dict(text.rsplit("：", 1) for text in rule.all_inner_texts())
    assert sentences.keys() <= {_(sentence) for sentence in LEFT_OUT.values()}
    head, *listed = grid(page, _(ROWS), rows=40)
    assert head[-1] == _("Left out because")
    assert {row[-1] for row in listed} <= sentences.keys()
    total = sum(int(count.replace(",", "")) for count in sentences.values())
    expect(dialog.get_by_text(_("Left out: {n}").format(n=number(total, "zh")))).to_have_count(1)


def test_buyers_are_masked_and_no_name_reaches_the_browser(
    sample: str, sample_store: Path, visit: Visit
) -> None:
    page = opened(visit, sample, "replies")
    frames: list[str] = []

    def hear(sent: str | bytes) -> None:
        frames.append(sent if isinstance(sent, str) else sent.decode(errors="replace"))

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    page.reload()
    settled(page)
    dialog = _rows_of(page, "replies_reply_rate_rows")
    expect(dialog.get_by_test_id("stDataFrame")).to_be_visible()
    head, *listed = grid(page, translator("zh")(ROWS), rows=40)
    buyers = [row[head.index(translator("zh")("Buyer"))] for row in listed]
    assert buyers
    assert all(MASKED.fullmatch(buyer) for buyer in buyers)
    seen = "".join(frames)
    assert "***" in seen
    held = scan(str(sample_store), "messages", SAMPLE_SHOP).select("buyer").unique().collect()
    assert [name for name in held["buyer"].to_list() if name in seen] == []


def test_a_click_on_a_day_lists_its_rows(sample: str, sample_store: Path, visit: Visit) -> None:
    page = opened(visit, sample, "replies", "en")
    told_of_it = _pick(page, keyed(page, "replies_days"), ".trace path.point", 4)
    assert "2025-11-05" in told_of_it
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Nov 5, 2025")).to_be_visible()
    day = ("--metric", "reply_rate", "--by", "day", "--from", "2025-11-05", "--to", "2025-11-05")
    (row,) = told(sample_store, *day)
    expect(dialog.get_by_text(f"Counted: {row['denominator']:.0f}")).to_be_visible()
    settled(page)
    assert {cells[0] for cells in grid(page, ROWS)[1:]} == {"2025-11-05"}


def test_a_click_on_a_bar_lists_its_rounds(sample: str, visit: Visit) -> None:
    page = opened(visit, sample, "replies", "en")
    told_of_it = _pick(page, keyed(page, "replies_bands"), ".bars .point path", 3)
    assert told_of_it.startswith("≤ 3 min")
    head, *listed = _listed(page, told_of_it)
    assert {60 < int(row[head.index("Seconds")]) <= 180 for row in listed} == {True}


def test_a_click_on_a_cell_lists_the_inquiries_of_its_hour(sample: str, visit: Visit) -> None:
    page = opened(visit, sample, "inquiries", "en")
    told_of_it = _pick(page, keyed(page, "inquiries_hours"), ".scatterlayer path.point", 40)
    weekday, hour = re.match(r"(\w+) · (\d+):", told_of_it).groups()  # type: ignore[union-attr]
    head, *listed = _listed(page, told_of_it)
    times = [datetime.fromisoformat(row[head.index("Time")]) for row in listed]
    assert {f"{time:%A} {time.hour}" for time in times} == {f"{weekday} {hour}"}


def _pick(page: Page, chart: Locator, marks: str, nth: int) -> str:
    """Click a mark of a chart; what the chart says of it."""
    chart.scroll_into_view_if_needed()
    mark = chart.locator(marks).nth(nth).bounding_box()
    assert mark is not None
    # By the mouse: Plotly lays a sheet over its marks, and tells one by where the mouse is. Both
    # moves end on the mark, so that no label of another one is read on the way.
    for left in (0.4, 0.5):
        page.mouse.move(mark["x"] + mark["width"] * left, mark["y"] + mark["height"] / 2)
    hover = chart.locator(".hoverlayer .hovertext")
    expect(hover).to_be_visible()
    text = " ".join(hover.all_text_contents())
    page.mouse.down()
    page.mouse.up()
    return text


def _listed(page: Page, told_of_it: str) -> list[list[str]]:
    """The rows that opened, as many as the chart had said."""
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("stDataFrame")).to_be_visible()
    settled(page)
    rows = grid(page, ROWS)
    assert told_of_it.endswith(f" n {len(rows) - 1}")
    expect(dialog.get_by_text(f"Counted: {len(rows) - 1}")).to_be_visible()
    return rows


def _rows_of(page: Page, key: str) -> Locator:
    keyed(page, key).get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    settled(page)
    return dialog
