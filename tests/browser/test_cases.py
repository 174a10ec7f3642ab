"""From an agent to a case: draw, read, mark, find, in a real browser."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from store.notes import notes
from tests.browser.conftest import Visit
from tests.browser.screen import settled
from tests.pages.shops import fill
from tests.pages.teams import LAGS, performance, team

pytestmark = pytest.mark.browser


def opened(page: Page, link: str) -> None:
    """Follow a link once the app has shown its first page: until then it knows no others."""
    settled(page)
    page.goto(link)
    settled(page)


def sampled(page: Page) -> list[str]:
    """The conversations listed, as they read."""
    settled(page)
    listed = page.get_by_role("radiogroup", name="conversations").locator("label")
    return listed.all_inner_texts()


def test_an_agent_is_opened_read_marked_and_found(app: str, page: Page, store: Path) -> None:
    fill(store, team())
    opened(page, f"{app}/agents?lang=en&agent={LAGS}")
    expect(page.get_by_role("heading", name=f"Scorecard of {LAGS}")).to_be_visible()
    settled(page)
    expect(page.get_by_text("1 of 4 agents stand out from the team")).to_be_visible()
    page.get_by_role("link", name="Read conversations").click()
    expect(page.get_by_role("heading", name="Case book", level=1, exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(f"agent={LAGS}"))

    listed = sampled(page)
    assert len(listed) == 8
    slow = next(n for n, line in enumerate(listed) if line.startswith("Slow"))
    page.get_by_role("radiogroup", name="conversations").locator("label").nth(slow).click()
    settled(page)
    chat = page.locator(".st-key-cases_chat_read")
    expect(chat.get_by_text("有红色吗")).to_be_visible()
    expect(chat.get_by_text("没有", exact=True)).to_be_visible()
    expect(chat.get_by_text("after 7 min")).to_be_visible()
    expect(page.get_by_text("Blunt refusal without an alternative").first).to_be_visible()
    expect(page.get_by_text("No order, refund or rating in the 30 days after.")).to_be_visible()

    page.get_by_label("Better wording").fill("酒红有现货，您看看喜欢吗")
    page.get_by_text("Discuss in the weekly review").click()
    page.get_by_role("button", name="Save the case").click()
    expect(page.get_by_role("heading", name="Case book: 1 cases")).to_be_visible()
    (kept,) = notes(store, "shop", "case").to_dicts()
    assert json.loads(kept["fields"])["better"] == "酒红有现货，您看看喜欢吗"

    search = page.get_by_label("Search the cases")
    search.fill("酒红")
    search.press("Enter")
    expect(page.get_by_text("1 of 1 cases")).to_be_visible()
    search.fill("nothing like it")
    search.press("Enter")
    expect(page.get_by_text("0 of 1 cases")).to_be_visible()
    assert "dan-buyer" not in page.content()


def test_the_same_link_draws_the_same_conversations(app: str, store: Path, visit: Visit) -> None:
    fill(store, team(20))
    link = f"{app}/cases?lang=en&agent={LAGS}&seed=7"
    one, again = (sampled(visit(link)) for _ in range(2))
    other = sampled(visit(f"{app}/cases?lang=en&agent={LAGS}&seed=8"))
    assert one == again != other


def test_a_draw_is_in_the_address(app: str, page: Page, store: Path) -> None:
    fill(store, team())
    opened(page, f"{app}/cases?lang=en&agent={LAGS}")
    before = sampled(page)
    page.get_by_role("button", name="Draw others").click()
    page.wait_for_url("**seed=2**")
    assert sampled(page) != before


def test_without_chat_lines_there_are_scorecards_and_a_reason(
    app: str, page: Page, store: Path
) -> None:
    fill(store, {"service_days": performance()})
    opened(page, f"{app}/agents?lang=en&agent={LAGS}")
    expect(page.get_by_role("heading", name=f"Scorecard of {LAGS}")).to_be_visible()
    opened(page, f"{app}/cases?lang=en")
    expect(page.get_by_text("Chat records are missing")).to_be_visible()
