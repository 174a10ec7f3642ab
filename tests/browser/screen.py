"""What a person does at the screen and reads from it, in terms of Streamlit's page."""

import csv
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from playwright.sync_api import Locator, Page, expect

from cli import main
from metrics.catalog import BY_ID
from told import language
from told.language import Language

#: The last run is over, its charts are drawn and its tables filled, and that for 0.3 seconds:
#: between a click and the run that it starts the page looks finished for a moment.
SETTLED = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const seen = (selector) => all(selector).filter((element) => element.checkVisibility());
  const app = document.querySelector('[data-testid="stApp"]');
  const quiet = app?.dataset.testScriptState === 'notRunning'
    && app.dataset.testConnectionState === 'CONNECTED'
    && all('[data-testid="stMain"] h1').length > 0
    && !all('[data-testid="stSkeleton"], [data-testid="stSpinner"], [data-stale="true"]').length
    && seen('[data-testid="stPlotlyChart"]').every((chart) => chart.querySelector('.main-svg'))
    && seen('[data-testid="stDataFrame"]').every((table) => table.querySelector('canvas'));
  window.quietSince = quiet ? window.quietSince ?? performance.now() : null;
  return quiet && performance.now() - window.quietSince > 300;
}"""
#: The rows of a table that are drawn now, by their number; the heading is row 1.
DRAWN = """canvas => Object.fromEntries([...canvas.querySelectorAll('tr')].map(
  (row) => [row.ariaRowIndex, [...row.children].map((cell) => cell.textContent)]))"""


def settled(page: Page) -> Page:
    """The page once its run is over."""
    page.evaluate("() => { window.quietSince = null }")
    page.wait_for_function(SETTLED)
    return page


def keyed(page: Page, key: str) -> Locator:
    """The element that the code calls by this key."""
    return page.locator(f".st-key-{key}")


def go(page: Page, title: str) -> None:
    """Follow the navigation to the page of this title."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
    expect(page.get_by_role("heading", name=title, level=1, exact=True)).to_be_visible()
    settled(page)


def choose(page: Page, box: Locator, option: str) -> None:
    """Pick an option of a select box by typing a part of it that no other option has."""
    settled(page)
    box.get_by_role("combobox").click()
    box.get_by_role("combobox").press_sequentially(option)
    page.get_by_role("option").filter(has_text=option).click()
    settled(page)


def card(page: Page, name: str) -> str:
    """The number on the card of this name."""
    label = page.get_by_test_id("stMetricLabel").get_by_text(name, exact=True)
    number = page.get_by_test_id("stMetric").filter(has=label).get_by_test_id("stMetricValue")
    return number.inner_text().strip()


def grid(page: Page, alt: str, *, rows: int = 1000) -> list[list[str]]:
    """A table as drawn, headings first; scrolled through, because only what is seen is drawn.

    Args:
        page: A settled page.
        alt: What the table is called for screen readers.
        rows: How many rows below the headings at most.
    """
    table = page.get_by_role("region", name=alt, exact=True)
    table.scroll_into_view_if_needed()
    canvas, scroller = table.locator("canvas").first, table.locator(".dvn-scroller")
    expect(canvas.locator("tr").nth(1)).to_be_attached()
    height = int(canvas.locator("table").get_attribute("aria-rowcount") or 0)
    wanted = range(1, min(height, rows + 1) + 1)
    read: dict[int, list[str]] = {}
    while missing := set(wanted) - read.keys():
        top = (min(missing) - 2) / height
        scroller.evaluate("(e, share) => { e.scrollTop = e.scrollHeight * share }", top)
        expect(canvas.locator(f'tr[aria-rowindex="{min(missing)}"]')).to_be_attached()
        read |= {int(number): cells for number, cells in canvas.evaluate(DRAWN).items()}
    return [read[number] for number in wanted]


def saved_csv(page: Page, key: str) -> list[list[str]]:
    """The rows of the file behind a table's "Save as CSV"."""
    with page.expect_download() as download:
        keyed(page, f"{key}_csv").get_by_role("button").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    return list(csv.reader(text.splitlines()))


def told(store: Path, *options: str) -> list[dict[str, Any]]:
    """What ``store-health metrics --format json`` says of the same store."""
    command = ["metrics", "--store", str(store), "--format", "json", *options]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def judged(store: Path, tongue: Language) -> list[dict[str, Any]]:
    """What ``store-health health --format json`` says of the same store."""
    command = ["health", "--store", str(store), "--format", "json", "--lang", tongue]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def spoken(row: dict[str, Any], tongue: Language) -> str:
    """A value of the command line, as a page of this language writes it."""
    value = row["value"]
    match BY_ID[row["metric"]].unit:
        case "share":
            return language.percent(value, tongue)
        case "seconds":
            return language.duration(value, tongue)
        case "money":
            return language.money(value, tongue, "CNY")
        case "buyer_days":
            return language.number(value, tongue)
        case _:
            return language.number(value, tongue, digits=2)


def names(tongue: Language) -> dict[str, str]:
    """Metric ids by their name in this language."""
    _ = language.translator(tongue)
    return {_(metric.name): metric_id for metric_id, metric in BY_ID.items()}
