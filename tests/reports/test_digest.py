"""The day in ten lines, and its way to a server that stands in for a chat group."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import main
from tests.pages.shops import fill, trading

# Apprise looks for a module that Python is about to drop, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def shop(store: Path) -> Path:
    fill(store, trading(days=14))
    return store


@pytest.fixture
def group() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server on this machine, and what it was sent; paths under /broken fail."""
    received: list[dict[str, Any]] = []

    class Group(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(json.loads(body))
            self.send_response(500 if self.path.startswith("/broken") else 200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Group)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}", received
    server.shutdown()
    thread.join()
    server.server_close()


def ran(store: Path, *options: str) -> tuple[int, str]:
    command = ["digest", "--store", str(store), "--lang", "en", *options]
    result = CliRunner().invoke(main, command)
    return result.exit_code, result.output


def test_a_dry_run_prints_ten_lines_at_most_and_sends_nothing(
    shop: Path, group: tuple[str, list[dict[str, Any]]]
) -> None:
    address, received = group
    code, said = ran(shop, "--to", address, "--dry-run", "--link", "http://shop.example/")
    lines = said.splitlines()
    assert code == 0
    assert len(lines) <= 10
    assert lines[0] == "shop: health on May 14, 2024"
    assert any(line.startswith("To do: Asked, not answered 1") for line in lines)
    assert lines[-1] == "http://shop.example/?lang=en"
    assert received == []


def test_the_group_gets_what_the_dry_run_prints(
    shop: Path, group: tuple[str, list[dict[str, Any]]]
) -> None:
    address, received = group
    code, said = ran(shop, "--to", f"{address}/a", "--to", f"{address}/b")
    assert code == 0
    assert [f"{sent['title']}\n{sent['message']}" for sent in received] == [said.strip()] * 2


def test_one_address_that_fails_does_not_stop_the_other(
    shop: Path, group: tuple[str, list[dict[str, Any]]]
) -> None:
    address, received = group
    code, said = ran(shop, "--to", f"{address}/broken", "--to", "nonsense", "--to", address)
    assert code == 1
    assert said.count("Could not send it") == 2
    assert len(received) == 2


def test_nowhere_to_send_is_said(shop: Path) -> None:
    code, said = ran(shop)
    assert code == 2
    assert "--to URL, or --dry-run" in said
