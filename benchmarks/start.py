"""From the command to the first drawn page, against an empty app with the same imports."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.report import Row
from benchmarks.stores import shop_store
from benchmarks.worlds import Size

APP = Path(__file__).parents[1] / "app.py"
EMPTY = """import plotly.graph_objects
import polars
import streamlit as st

st.title("Empty")
"""
#: What is there once a page is drawn: ours ends with a table, the empty app with its title.
DRAWN = {"ours": "[data-testid=stDataFrame]", "empty": "h1"}
CHROMIUM = "/usr/bin/chromium"
LIMIT_MS = 120_000


def compared(size: Size, repeats: int) -> list[Row]:
    """Seconds to the first drawn page of both, in turns; the least counts."""
    from playwright.sync_api import sync_playwright

    store = shop_store(size)
    least: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
        empty = Path(scratch) / "empty.py"
        empty.write_text(EMPTY, encoding="utf-8")
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for _ in range(repeats):
            for name, script in (("ours", APP), ("empty", empty)):
                took = _first_page(browser, script, store, DRAWN[name])
                least[name] = min(took, least.get(name, took))
        browser.close()
    ratio = least["ours"] / least["empty"]
    return [{**{f"{name} s": round(took, 2) for name, took in least.items()},
             "ours ÷ empty": round(ratio, 2)}]  # fmt: skip


def _first_page(browser: Any, script: Path, store: Path, drawn: str) -> float:
    began = time.perf_counter()
    with served(script, store) as (address, _process):
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector(drawn, timeout=LIMIT_MS)
        took = time.perf_counter() - began
        page.close()
    return took


@contextmanager
def served(script: Path, store: Path) -> Iterator[tuple[str, int]]:
    """An app on a free port, ended by its process; its address once it listens, and its id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--browser.gatherUsageStats", "false"]
    environment = os.environ | {"STORE_HEALTH_STORE": str(store)}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, env=environment, cwd=APP.parent)
    try:
        while not _listens(port):
            if process.poll() is not None:
                raise RuntimeError(f"{script.name} ended before it listened")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0
