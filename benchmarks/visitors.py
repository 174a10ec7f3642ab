"""What the server does for people who visit: bytes, time alone, ten at once, memory over reruns.

A visitor speaks Streamlit's own protocol over its websocket, so that no browser takes part of the
processor; what a browser adds is measured by ``drawn``.
"""

import statistics
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from benchmarks.report import Row
from benchmarks.start import dashboard, served
from benchmarks.stores import shop_store
from benchmarks.worlds import Size

PAGES = (
    "",
    "review",
    "inquiries",
    "replies",
    "agents",
    "cases",
    "unit-price",
    "refunds",
    "dsr",
    "forecast",
    "uploads",
    "settings",
)
#: Who looks at the same time, each at a page of their own.
PEOPLE = 10
VISITS = 10
RERUNS = 500
LIMIT = 600.0


class Visitor:
    """One session, as the browser's side of it."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def visit(self, page: str) -> tuple[float, int]:
        """Run a page's script; seconds until it has finished, and bytes that it sent."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = "lang=en"
        began, received = time.perf_counter(), 0
        self._connection.send(asked.SerializeToString())
        for frame in self._frames():
            received += len(frame)
            told = ForwardMsg.FromString(frame)
            if told.WhichOneof("type") == "script_finished":
                if told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return time.perf_counter() - began, received
                raise RuntimeError(f"the page {page!r} ended with {told.script_finished}")
        raise RuntimeError("the server closed the connection")

    def _frames(self) -> Iterator[bytes]:
        deadline = time.monotonic() + LIMIT
        while (left := deadline - time.monotonic()) > 0:
            frame = self._connection.recv(timeout=left)
            if isinstance(frame, bytes):
                yield frame


@contextmanager
def visitor(address: str) -> Iterator[Visitor]:
    """A session of its own on the app at ``address``."""
    stream = address.replace("http", "ws", 1) + "/_stcore/stream"
    # A page may well be sent in one frame of some megabytes.
    with connect(stream, subprotocols=[Subprotocol("streamlit")], max_size=None) as connection:
        yield Visitor(connection)


def measured(size: Size, repeats: int) -> list[Row]:
    """Per page: cold and warm seconds and bytes; then ten people at once, and memory."""
    with served(dashboard(shop_store(size))) as (address, process):
        alone = {page: _alone(address, page, repeats) for page in PAGES}
        rows: list[Row] = [{"page": page or "today", **row} for page, row in alone.items()]
        together = _together(address)
        single = max(_p95(times) for times in _one_by_one(address).values())
        rows.append({"page": f"{PEOPLE} people, p95 s", "warm s": round(together, 3)})
        rows.append({"page": "one person, slowest page's p95 s", "warm s": round(single, 3)})
        rows.append({"page": "ratio", "warm s": round(together / single, 2)})
        rows += _memory(address, process)
    return rows


def _alone(address: str, page: str, repeats: int) -> Row:
    with visitor(address) as person:
        cold, sent = person.visit(page)
        warm = [person.visit(page)[0] for _ in range(repeats)]
    return {"cold s": round(cold, 3), "warm s": round(min(warm), 3), "KB": round(sent / 1000)}


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _visits(address: str, page: str) -> list[float]:
    with visitor(address) as person:
        return [person.visit(page)[0] for _ in range(VISITS)]


def _one_by_one(address: str) -> Mapping[str, list[float]]:
    return {page: _visits(address, page) for page in PAGES[:PEOPLE]}


def _together(address: str) -> float:
    """The 95th percentile of all visits of ten people, each at a page of their own."""
    with ThreadPoolExecutor(PEOPLE) as people:
        each = people.map(lambda page: _visits(address, page), PAGES[:PEOPLE])
        return _p95([took for times in each for took in times])


def _memory(address: str, process: int) -> list[Row]:
    """The server's memory after some reruns and after many, in sessions that come and go."""
    rows: list[Row] = []
    done = 0
    for until in (RERUNS // 10, RERUNS // 2, RERUNS):
        while done < until:
            with visitor(address) as person:
                for page in PAGES:
                    person.visit(page)
                    done += 1
        rows.append({"page": f"memory after {until} reruns, MB", "warm s": _resident(process)})
    return rows


def _resident(process: int) -> float | None:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return None
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024)
