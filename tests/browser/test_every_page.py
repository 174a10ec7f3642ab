"""Every page of the navigation, at three sizes, in both languages and both themes."""

import re
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as LimitError

from sample_data import SAMPLE_SHOP
from tests.browser.conftest import Visit
from tests.browser.screen import settled
from told.language import LANGUAGES, Language

pytestmark = pytest.mark.browser
LINK = f"shop={SAMPLE_SHOP}&from=2025-10-24&to=2025-11-20"
#: Milliseconds a page may take to find its place after a change of size or theme.
REST = 5_000

MISFITS = (Path(__file__).parent / "misfits.js").read_text()
#: Charts without a mark in them.
EMPTY = """() => [...document.querySelectorAll('[data-testid="stPlotlyChart"]')]
  .filter((chart) => chart.checkVisibility())
  .filter((chart) => ![...chart.querySelectorAll(
      '.js-line, .js-fill, path.point, .point path, .hm image, path.box, path.surface')]
    .some((mark) => mark.getBBox().width > 0 || mark.getBBox().height > 0))
  .map((chart) => chart.getAttribute('aria-label'))"""
#: All texts that people read, table cells included, code and names of files not.
TEXTS = """() => {
  const read = [];
  const named = (name) => `[data-testid="${name}"]`;
  for (const part of document.querySelectorAll(`${named('stMain')}, ${named('stSidebar')}`)) {
    const words = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    for (let node = words.nextNode(); node; node = words.nextNode()) {
      const holder = node.parentElement;
      const drawn = holder.checkVisibility() || holder.closest('canvas');
      const aside = holder.closest(`code, pre, ${named('stIconMaterial')}`);
      if (drawn && !aside) read.push(node.textContent);
    }
  }
  return read;
}"""
#: Four Latin words in a row; names, ids and files are shorter or hold digits.
ENGLISH = re.compile(r"\b[A-Za-z][a-z']*(?:[ ,;]+[A-Za-z][a-z']*){3,}")
SIZES = {"desk": (1440, 900), "wide": (1920, 1080), "phone": (390, 844)}


@pytest.mark.parametrize("tongue", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_and_is_told_in_one_language(
    sample: str, visit: Visit, size: str, tongue: Language
) -> None:
    width, height = SIZES[size]
    page = settled(visit(f"{sample}/?lang={tongue}&{LINK}", width=width, height=height))
    wrong: list[str] = []
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in _paths(page):
        page.emulate_media(color_scheme="light")
        page.goto(f"{sample}/{path}?lang={tongue}&{LINK}")
        settled(page)
        found = [f"light {misfit}" for misfit in _misfits(page)]
        found += [f"no mark in the chart: {alt}" for alt in page.evaluate(EMPTY)]
        if page.get_by_test_id("stException").count():
            found.append("an exception")
        if tongue == "zh":
            texts = page.evaluate(TEXTS)
            found += [f"English: {text}" for text in texts if ENGLISH.search(text)]
        _darken(page)
        found += [f"dark {misfit}" for misfit in _misfits(page) if f"light {misfit}" not in found]
        wrong += [f"{path or 'start'}: {one}" for one in dict.fromkeys(found)]
    # Nothing comes from elsewhere: no font, no icon, no count of visits (docs/security.md).
    here = (f"{sample}/", "data:", "blob:")
    wrong += [f"asks {url}" for url in dict.fromkeys(asked) if not url.startswith(here)]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def _paths(page: Page) -> list[str]:
    """Every page, by the navigation's own links; the first one is where the app starts."""
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links.first).to_be_attached()
    addresses = links.evaluate_all("links => links.map((link) => link.href)")
    return sorted({urlparse(address).path.strip("/") for address in addresses})


def _darken(page: Page) -> None:
    """The other theme, as the browser asks for it; known by the background that follows."""
    app = page.get_by_test_id("stApp")
    light = app.evaluate("app => getComputedStyle(app).backgroundColor")
    page.emulate_media(color_scheme="dark")
    expect(app).not_to_have_css("background-color", light)
    settled(page)


def _misfits(page: Page) -> list[str]:
    """What does not fit once nothing moves any more; a chart finds its width a moment later."""
    try:
        page.wait_for_function(f"() => ({MISFITS})().length === 0", timeout=REST)
    except LimitError:
        found: list[str] = page.evaluate(MISFITS)
        return found
    return []
