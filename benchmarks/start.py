"""From the command to the first drawn page, against apps that are little more than Streamlit."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.report import Row
from benchmarks.stores import shop_store
from benchmarks.worlds import Size

#: A command line, given the port to listen on.
Command = Callable[[int], list[str]]

ROOT = Path(__file__).parents[1]
EMPTY = """import plotly.graph_objects
import polars
import streamlit as st

st.title("Empty")
"""
#: What Streamlit itself takes for a page with one chart and one table, as ours has them.
BARE = """import plotly.graph_objects as go
import polars as pl
import streamlit as st

st.title("Bare")
st.plotly_chart(go.Figure(go.Scatter(y=[1, 3, 2])))
st.dataframe(pl.DataFrame({"n": [1, 2, 3]}))
"""
#: What a page shows first, and what is there once all of it is drawn.
HEADLINE, TABLE = "h1", "[data-testid=stDataFrame]"
CHROMIUM = "/usr/bin/chromium"
LIMIT_MS = 120_000


def compared(size: Size, repeats: int) -> list[Row]:
    """Seconds to the headline and to the whole first page, in turns; the least counts.

    The empty app is drawn with its headline; ours and the bare one end with a table.
    """
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
        apps = {
            "ours": (dashboard(shop_store(size)), TABLE),
            "bare": (_script(Path(scratch) / "bare.py", BARE), TABLE),
            "empty": (_script(Path(scratch) / "empty.py", EMPTY), HEADLINE),
        }
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        turns = [
            {name: _first_page(browser, *app) for name, app in apps.items()} for _ in range(repeats)
        ]
        browser.close()
    least = {name: [*map(min, zip(*(turn[name] for turn in turns), strict=True))] for name in apps}
    _, empty = least["empty"]
    return [
        {
            "app": name,
            "headline s": round(headline, 2),
            "drawn s": round(drawn, 2),
            "headline ÷ empty": round(headline / empty, 2),
            "drawn ÷ empty": round(drawn / empty, 2),
        }
        for name, (headline, drawn) in least.items()
    ]


def _first_page(browser: Any, command: Command, last: str) -> tuple[float, float]:
    began = time.perf_counter()
    with served(command) as (address, _process):
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector(HEADLINE, timeout=LIMIT_MS)
        headline = time.perf_counter() - began
        page.wait_for_selector(last, timeout=LIMIT_MS)
        drawn = time.perf_counter() - began
        page.close()
    return headline, drawn


def dashboard(store: Path) -> Command:
    """The command that people start the dashboard with."""
    ours = [sys.executable, "-m", "cli", "app", "--store", str(store), "--port"]
    return lambda port: [*ours, str(port)]


def _script(path: Path, text: str) -> Command:
    path.write_text(text, encoding="utf-8")
    run = [sys.executable, "-m", "streamlit", "run", str(path), "--server.headless", "true"]
    run += ["--server.address", "127.0.0.1", "--server.fileWatcherType", "none", "--server.port"]
    return lambda port: [*run, str(port)]


@contextmanager
def served(command: Command) -> Iterator[tuple[str, int]]:
    """An app on a free port, ended by its process; its address once it listens, and its id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command(port), stdout=quiet, stderr=quiet, cwd=ROOT)
    try:
        while not _listens(port):
            if process.poll() is not None:
                raise RuntimeError(f"{command(port)} ended before it listened")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
