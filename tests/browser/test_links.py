"""A link shows a colleague the same thing, whatever their browser speaks."""

from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.screen import choose, keyed, settled
from told.language import translator

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("path", "heading", "preset"),
    [
        pytest.param("", "Health today", "Last month", id="the start page"),
        pytest.param("unit-price", "Unit price", "Last 7 days", id="a page of its own"),
    ],
)
def test_a_link_opens_the_same_in_a_strange_browser(
    sample: str, visit: Visit, path: str, heading: str, preset: str
) -> None:
    mine = settled(visit(f"{sample}/{path}?lang=en", locale="zh-CN"))
    before = mine.url
    choose(mine, keyed(mine, "filters_period"), preset)
    expect(mine).not_to_have_url(before)
    settled(mine)
    theirs = settled(visit(mine.url, locale="zh-CN"))
    assert theirs.url == mine.url
    expect(theirs.get_by_role("heading", name=heading, level=1, exact=True)).to_be_visible()
    assert _read(theirs) == _read(mine)
    assert mine.context is not theirs.context


def test_a_link_says_shop_days_and_language(sample: str, visit: Visit) -> None:
    link = f"{sample}/refunds?shop=示例店铺&from=2025-09-03&to=2025-10-05&lang=zh"
    page = settled(visit(link, locale="en-US"))
    _ = translator("zh")
    expect(page.get_by_role("heading", name=_("Refunds"), level=1)).to_be_visible()
    expect(keyed(page, "filters_period").get_by_role("combobox")).to_have_value(_("Own dates"))
    said = parse_qs(urlparse(page.url).query)
    assert said == {
        "shop": ["示例店铺"], "from": ["2025-09-03"], "to": ["2025-10-05"], "lang": ["zh"],
    }  # fmt: skip


def _read(page: Page) -> str:
    """Everything the page says."""
    return page.get_by_test_id("stMain").inner_text()
