"""How long the store takes to add rows, and whether that depends on what it holds already.

``python -m benchmarks.store_import [--rows N,N,…] [--folder DIR]`` fills a store with chat lines,
a month of 3 million at a time, and at each size adds one day of 100,000 lines and one day of
30,000 orders of which a third were there before with another status. It prints seconds; nothing
here is asserted.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from exports.result import Reading, day_span, no_rejected, shaped
from store.tables import shop_tables, versions
from store.uploads import commit, withdraw

SHOP = "大店"
START = datetime(2024, 1, 1)
MONTH_LINES, DAY_LINES, DAY_ORDERS = 3_000_000, 100_000, 30_000


def reading(table: str, rows: pl.DataFrame) -> Reading:
    """Rows as ``exports`` would give them."""
    numbered = rows.with_columns(source_row=pl.int_range(2, pl.len() + 2, dtype=pl.Int64))
    full = shaped(table, numbered)
    first, last = day_span(table, full)
    return Reading(table, "benchmark", "", "", full, no_rejected(), first_day=first, last_day=last)


def chat_lines(count: int, start: datetime, days: int, seed: int) -> Reading:
    """Chat lines in the order of time."""
    draw = np.random.default_rng(seed)
    seconds = np.sort(draw.integers(0, days * 86_400, count))
    drawn = pl.DataFrame(
        {
            "buyer": draw.integers(0, max(count // 8, 1), count),
            "second": seconds,
            "sender": draw.integers(0, 3, count),
            "agent": draw.integers(0, 6, count),
            "text": draw.integers(0, 50_000, count),
        }
    )
    words = {0: "buyer", 1: "agent", 2: "robot"}
    rows = drawn.select(
        buyer="买家" + pl.col("buyer").cast(pl.String),
        sent_at=pl.lit(start, pl.Datetime("us")) + pl.duration(seconds="second"),
        sender=pl.col("sender").replace_strict(words, return_dtype=pl.String),
        agent="大店:客服" + pl.col("agent").cast(pl.String),
        text="亲，在的，这款今天下单今天就能发货哦" + pl.col("text").cast(pl.String),
    )
    key = list(rows.columns)
    return reading("messages", rows.with_columns(nth=pl.int_range(pl.len()).over(key)))


def orders(first: int, count: int, start: datetime, status: str) -> Reading:
    """Orders with rising ids, spread over a day."""
    number = pl.int_range(first, first + count, eager=True)
    seconds = (number - first) * (86_400 / count)
    rows = pl.DataFrame({"number": number, "second": seconds}).select(
        order_id=(10**18 + pl.col("number")).cast(pl.String),
        buyer="买家" + (pl.col("number") % 5000).cast(pl.String),
        created_at=pl.lit(start, pl.Datetime("us")) + pl.duration(seconds="second"),
        paid_fen=pl.col("number") % 30_000,
        paid_is_net=False,
        status=pl.lit(status),
        title=pl.lit("连衣裙"),
        platform=pl.lit("taobao"),
    )
    return reading("orders", rows)


def timed(work: Callable[[], object]) -> float:
    """Seconds that work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class Benchmark:
    """A store that grows, with the time each kind of upload takes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uploads = 0
        self.lines = 0
        self.orders = 0
        self.until = START

    def add(self, *readings: Reading) -> str:
        """One more upload."""
        self.uploads += 1
        return commit(
            self.folder,
            readings,
            shop=SHOP,
            file_name="benchmark",
            sha256=f"{self.uploads:064x}",
            uploaded_by="benchmark",
        )

    def grow(self, lines: int) -> list[float]:
        """Add months of lines and of orders until the store holds so many lines."""
        took = []
        while self.lines < lines:
            count = min(MONTH_LINES, lines - self.lines)
            month = chat_lines(count, self.until, 30, self.uploads)
            took.append(timed(lambda rows=month: self.add(rows)))  # type: ignore[misc]
            for day in range(0, 30, 5):
                self.add(self._orders(self.until + timedelta(days=day)))
            self.lines += count
            self.until += timedelta(days=30)
        return took

    def _orders(self, day: datetime) -> Reading:
        self.orders += DAY_ORDERS
        return orders(self.orders, DAY_ORDERS, day, "paid")

    def daily(self) -> dict[str, float]:
        """Seconds of one day's files, on top of all there is; they are withdrawn again."""
        lines = chat_lines(DAY_LINES, self.until - timedelta(hours=12), 1, 7)
        some = self._orders(self.until - timedelta(days=1))
        done = orders(self.orders, DAY_ORDERS // 3, self.until - timedelta(days=1), "finished")
        return {
            "100 k lines": timed(lambda: self.add(lines)),
            "30 k orders": timed(lambda: self.add(some)),
            "10 k orders moved on": timed(lambda: self.add(done)),
            "one upload withdrawn": timed(lambda: withdraw(self.folder, self._last())),
            "tables opened": timed(lambda: shop_tables(self.folder, SHOP)),
            "versions": timed(lambda: versions(self.folder, ["messages", "orders"])),
        }

    def _last(self) -> str:
        return f"{self.uploads:06}-{f'{self.uploads:064x}'[:8]}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="1000000,5000000,20000000")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="store-health-"))
    try:
        benchmark = Benchmark(folder / "store")
        for rows in map(int, asked.rows.split(",")):
            months = benchmark.grow(rows)
            print(f"{rows:>11,} lines; a month of lines in {max(months):.2f} s at most")
            for what, seconds in benchmark.daily().items():
                print(f"{'':11} {what:<22} {seconds:7.3f} s")
    finally:
        if asked.folder is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
