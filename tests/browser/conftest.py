"""The app in a real browser: started on a free port, ended by its process id.

Tests with a store of their own take ``page``; tests that only read share one app over the sample
shop (``sample``) and open it with ``visit``, each in a browser context of its own.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest
from filelock import FileLock

from commands.options import ROOT
from intake.batch import accept, plan_files
from sample_data import SAMPLE_SHOP, SHOP_FILES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: Seconds the app may take to answer its first request.
START = 60
#: Milliseconds anything on a page may take on a busy machine.
LIMIT = 120_000

Visit = Callable[..., "Page"]
PAGES = pytest.StashKey[list["Page"]]()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium; skipped on a machine without it, but not in CI.

    Of a module, not of the session: Playwright keeps an event loop in this thread while it runs,
    and other tests of the same worker must not meet it.
    """
    if not CHROMIUM.exists():
        sentence = f"no {CHROMIUM}: apt install chromium fonts-noto-cjk"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture of every open page of a failed test, and say where."""
    report = yield
    if report.when == "call" and report.failed:
        pages: list[Page] = item.stash.get(PAGES, [])
        for number, page in enumerate(pages):
            picture = Path(tempfile.gettempdir()) / f"{item.name}-{number}.png"
            page.screenshot(path=picture)
            report.sections.append(("Screen", f"{page.url}\n{picture}"))
    return report


@pytest.fixture
def visit(browser: "Browser", request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Opens an address in a browser context that knows nothing of the others."""
    playwright.expect.set_options(timeout=LIMIT)
    pages = request.node.stash.setdefault(PAGES, [])
    with ExitStack() as contexts:

        def opened(
            url: str, *, locale: str = "zh-CN", width: int = 1440, height: int = 900
        ) -> "Page":
            context = browser.new_context(
                viewport={"width": width, "height": height}, locale=locale, accept_downloads=True
            )
            contexts.callback(context.close)
            context.set_default_timeout(LIMIT)
            page = context.new_page()
            pages.append(page)
            page.goto(url)
            return page

        yield opened


@pytest.fixture
def app(store: Path) -> Iterator[str]:
    """Address of an app of this test's own, over this test's own store."""
    with _serving(store) as url:
        yield url


@pytest.fixture
def page(app: str, visit: Visit) -> "Page":
    """That app, opened by somebody whose browser speaks Chinese."""
    return visit(app)


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the sample shop, loaded once for all workers; nobody may write to it."""
    root = tmp_path_factory.getbasetemp()
    shared = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    folder, done = shared / "sample-store", shared / "sample-store.done"
    with FileLock(shared / "sample-store.lock"):
        if not done.exists():
            files = [(file.name, file.read_bytes()) for file in export_files()]
            for plan in plan_files(str(folder), files, shop=SAMPLE_SHOP):
                accept(str(folder), plan, "test")
            done.touch()
    return folder


@pytest.fixture(scope="session")
def sample(sample_store: Path) -> Iterator[str]:
    """Address of this worker's app over the sample shop."""
    with _serving(sample_store) as url:
        yield url


def export_files() -> list[Path]:
    """The export files of the sample shop, as its back office gave them."""
    return sorted(file for file in SHOP_FILES.iterdir() if file.suffix in {".csv", ".xlsx"})


@contextmanager
def _serving(store: Path) -> Iterator[str]:
    port = _free_port()
    # As its owner starts it: only so does the app know its pages before the first visit.
    start = "from cli import main; main()"
    command = [sys.executable, "-c", start, "app", "--empty", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    # Into a file: nobody empties a pipe while the app runs, and a full one would stop it.
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "STORE_HEALTH_STORE": str(store),
                "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
            },
        )  # fmt: skip
        try:
            _wait(process, url, log)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: str, log: IO[bytes]) -> None:
    limit = time.monotonic() + START
    while not _answers(f"{url}/_stcore/health"):
        if process.poll() is not None or time.monotonic() > limit:
            log.seek(0)
            pytest.fail(f"the app did not answer:\n{log.read().decode(errors='replace')}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
