"""Seconds from a click in the navigation to the drawn page, in Chromium."""

import time
from collections.abc import Sequence
from typing import Any

from benchmarks.report import Row
from benchmarks.start import CHROMIUM, LIMIT_MS, dashboard, served
from benchmarks.stores import shop_store
from benchmarks.visitors import PAGES
from benchmarks.worlds import Size

#: The script has ended, every chart has its drawing, and nothing of the page before is left.
DRAWN = """path => {
  const app = document.querySelector('[data-testid=stApp]');
  const charts = [...document.querySelectorAll('[data-testid=stPlotlyChart]')];
  return location.pathname === '/' + path
    && app.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-stale=true]')
    && charts.every(chart => chart.querySelector('.main-svg'));
}"""


def measured(size: Size, repeats: int) -> list[Row]:
    """Per page the first time anybody opens it, and the least of the times after that.

    The first page's first time is that of loading the app into the browser too.
    """
    from playwright.sync_api import sync_playwright

    with served(dashboard(shop_store(size))) as (address, _process), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(LIMIT_MS)
        # Streamlit knows a page's own address only after the app has run once.
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_function(DRAWN, arg="")
        first = {"": time.perf_counter() - began} | _round(page, PAGES[1:])
        visits = [_round(page, PAGES) for _ in range(repeats)]
        browser.close()
    return [
        {
            "page": name or "today",
            "first s": round(first[name], 2),
            "warm s": round(min(visit[name] for visit in visits), 2),
        }
        for name in PAGES
    ]


def _round(page: Any, names: Sequence[str]) -> dict[str, float]:
    """Each page once, by its link."""
    took = {}
    for name in names:
        link = page.locator(f'[data-testid=stSidebarNavLink][href$="/{name}"]')
        began = time.perf_counter()
        link.first.click()
        page.wait_for_function(DRAWN, arg=name)
        took[name] = time.perf_counter() - began
    return took
