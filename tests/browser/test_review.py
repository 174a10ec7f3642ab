"""The weekly review as a team meets it: on the page, on the shared screen, as a file."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from cli import main
from team.entries import write
from team.kinds import Action
from tests.browser.conftest import Visit
from tests.browser.screen import grid, keyed, names, settled, spoken, told
from tests.pages.shops import DAY, HOUR, MAY_1, MINUTE, fill, trading
from told.language import translator

pytestmark = pytest.mark.browser

WEEK = "2025-W46"
POINTS = 6
#: What is read at four metres is at least so much of the screen's height.
SMALLEST_BODY = 0.022
MEASURED = """wall => {
  const box = wall.getBoundingClientRect();
  const out = [...wall.querySelectorAll('h1, p, b, li, .label, .note, .foot span, svg')]
    .map(node => [node.getBoundingClientRect(), node.textContent])
    .filter(([r]) => r.left < -1 || r.top < -1 || r.right > innerWidth + 1
      || r.bottom > innerHeight + 1)
    .map(([, text]) => text);
  const list = wall.querySelector('ul');
  const sizes = [...wall.querySelectorAll('p, li, .label, .note, .foot span, h1, b')]
    .map(node => parseFloat(getComputedStyle(node).fontSize) / innerHeight);
  return {
    fills: [box.left, box.top, box.width / innerWidth, box.height / innerHeight],
    out, smallest: Math.min(...sizes), numbers: wall.querySelectorAll('.number').length,
    scrolls: wall.scrollHeight > wall.clientHeight || wall.scrollWidth > wall.clientWidth
      || list.scrollHeight > list.clientHeight || list.scrollWidth > list.clientWidth
      || document.documentElement.scrollHeight > innerHeight,
    cut: [...wall.querySelectorAll('.number b')]
      .filter(node => node.offsetWidth > node.parentElement.clientWidth + 1)
      .map(node => node.textContent),
    covered: document.elementFromPoint(40, innerHeight / 2) !== wall.getRootNode().host,
  };
}"""


def opened(visit: Visit, app: str, link: str, **screen: int) -> Page:
    """A link, followed once the app has been opened: the very first visit gets a notice."""
    settled(visit(app))
    return visit(f"{app}/{link}&lang=en", locale="en-US", **screen)


def weeks_values(store: Path) -> dict[str, dict[str, Any]]:
    """What ``store-health metrics`` says of the week, by metric."""
    rows = told(store, "--from", "2025-11-10", "--to", "2025-11-16")
    return {row["metric"]: row for row in rows}


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("tongue", ["zh", "en"])
def test_all_slides_fit_and_are_turned_by_keys(
    sample: str, visit: Visit, width: int, height: int, tongue: str
) -> None:
    settled(visit(sample))
    link = f"{sample}/wall?week={WEEK}&slide=1&auto=0&lang={tongue}"
    page = visit(link, width=width, height=height)
    wall = page.locator(".wall")
    for slide in range(1, POINTS + 1):
        expect(wall).to_have_attribute("data-slide", str(slide))
        expect(page).to_have_url(re.compile(rf"[?&]slide={slide}(&|$)"))
        expect(page).to_have_url(re.compile(rf"[?&]week={WEEK}(&|$)"))
        found = wall.evaluate(MEASURED)
        assert found["fills"] == [0, 0, 1, 1]
        assert (found["out"], found["cut"], found["scrolls"]) == ([], [], False)
        assert found["smallest"] >= SMALLEST_BODY
        assert found["numbers"] <= 3
        assert not found["covered"]
        page.keyboard.press("ArrowRight")
    # The last slide stays; the way back is the other key.
    expect(wall).to_have_attribute("data-slide", str(POINTS))
    page.keyboard.press("ArrowLeft")
    expect(wall).to_have_attribute("data-slide", str(POINTS - 1))


def test_numbers_on_slides_are_those_of_the_command_line(
    sample: str, sample_store: Path, visit: Visit
) -> None:
    page = opened(visit, sample, f"wall?week={WEEK}&slide=1")
    expect(page.locator(".wall .number")).to_have_count(3)
    counted, ids = weeks_values(sample_store), names("en")
    labels = page.locator(".wall .label").all_inner_texts()
    values = page.locator(".wall .number b").all_inner_texts()
    assert values == [spoken(counted[ids[label]], "en") for label in labels]


def test_slides_turn_by_themselves_and_escape_leads_back(sample: str, visit: Visit) -> None:
    settled(visit(sample))
    # A browser that speaks another language than the link.
    page = visit(f"{sample}/wall?week={WEEK}&slide={POINTS}&auto=1&lang=en", locale="zh-CN")
    # After the last comes the first.
    expect(page.locator(".wall")).to_have_attribute("data-slide", "1")
    page.keyboard.press("Escape")
    heading = page.get_by_role("heading", name=translator("en")("Weekly review"), level=1)
    expect(heading).to_be_visible()
    assert f"week={WEEK}" in settled(page).url


def test_the_screen_shows_new_data_by_itself(store: Path, app: str, visit: Visit) -> None:
    fill(store, trading(days=14))
    page = opened(visit, app, f"wall?slide={POINTS}")
    wall = page.locator(".wall")
    expect(wall).to_contain_text("No action is written down yet.")
    action = Action(
        subject="1", by="test", week="2024-W19", text="Call the supplier", owner="ann",
        due=date(2024, 5, 20),
    )  # fmt: skip
    write(store, "shop", action)
    expect(wall).to_contain_text("Call the supplier — ann")
    expect(wall).to_have_attribute("data-slide", str(POINTS))


def test_a_frozen_week_is_read_again_after_a_later_import(
    store: Path, app: str, visit: Visit
) -> None:
    fill(store, trading(days=14))
    page = settled(opened(visit, app, "review?week=2024-W19"))
    keyed(page, "review_freeze").get_by_role("button").click()
    expect(page.get_by_text("No number of that meeting has changed since.")).to_be_visible()
    # A late file: on two days of the week, Monday 6 May to Sunday 12 May, a third buyer was
    # answered. 7 of 14 buyers became 9 of 16.
    late = [
        {"buyer": f"late-{n}", "sent_at": MAY_1 + n * DAY + 10 * HOUR + wait, "sender": sender,
         "agent": "ann"}
        for n in (6, 7)
        for sender, wait in (("buyer", 0 * MINUTE), ("agent", MINUTE))
    ]  # fmt: skip
    fill(store, {"messages": late})
    again = settled(opened(visit, app, "review?week=2024-W19"))
    rows = grid(again, "Numbers of the meeting, then and now")
    by_name = {row[0]: row[1:] for row in rows}
    assert by_name["Reply rate"] == ["2024-W19", "50.0%", "56.2%", "+6.2 points"]
    _no_error(again)


def _no_error(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_an_action_is_carried_over_until_it_is_done(store: Path, app: str, visit: Visit) -> None:
    fill(store, trading(days=28))

    def week(name: str) -> Page:
        return settled(opened(visit, app, f"review?week={name}"))

    page = week("2024-W19")
    page.get_by_role("textbox", name="What is to be done").fill("Call the supplier")
    page.get_by_role("textbox", name="Owner").fill("ann")
    page.get_by_role("button", name="Add action").click()
    expect(page.get_by_role("checkbox", name="Call the supplier — ann")).to_be_visible()
    later = week("2024-W20")
    expect(later.get_by_text("1 actions are open, 1 of them carried over.")).to_be_visible()
    later.get_by_text("Call the supplier — ann, due", exact=False).last.click()
    expect(later.get_by_text("0 actions are open, 0 of them carried over.")).to_be_visible()
    # Done in week 20: the next review does not see it, the one that ticked it still does.
    expect(week("2024-W21").get_by_text("No action is written down yet.")).to_be_visible()
    expect(week("2024-W20").get_by_role("checkbox", name="Call the supplier")).to_be_checked()


@pytest.fixture(scope="module")
def offline_file(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The review of the sample shop, as the command line writes it."""
    out = tmp_path_factory.mktemp("report") / "review.html"
    command = ["report", "--store", str(sample_store), "--week", WEEK, "--out", str(out)]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return out


def test_the_file_opens_without_network(
    offline_file: Path, sample_store: Path, browser: Browser
) -> None:
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 900})
    page, asked, wrong = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(offline_file.as_uri())
    expect(page.locator("main[lang=zh] .main-svg").first).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("main[lang=en] .chart .js-plotly-plot")).to_have_count(4)
    expect(page.locator("main[lang=en] .main-svg").first).to_be_visible()
    expect(page.locator("main[lang=zh]")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    counted, ids = weeks_values(sample_store), names("en")
    numbers = page.locator("#point-changed-en .number")
    for number in numbers.all():
        label = number.inner_text().split("\n")[0]
        value = number.locator("b").inner_text()
        assert value == spoken(counted[ids[label]], "en")
    printed = page.pdf(prefer_css_page_size=True)
    context.close()
    assert (asked, wrong) == ([offline_file.as_uri()], [])
    assert printed.startswith(b"%PDF")


def test_the_file_is_small_enough(offline_file: Path) -> None:
    assert offline_file.stat().st_size <= 6_000_000
