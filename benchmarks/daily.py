"""One day's chat file added to stores that hold more and more: the work must not grow with them."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from benchmarks.measuring import Cost, in_process
from benchmarks.report import Row
from benchmarks.stores import SHOP, add, reading
from sample_data.chat_files import SENDER_WORDS
from sample_data.csv_files import write_template_csv
from store.uploads import uploads, withdraw

#: Lines a store holds before the day is added.
HELD = (1_000_000, 5_000_000, 20_000_000)
MONTH_LINES, DAY_LINES = 3_000_000, 100_000
START = datetime(2024, 1, 1)
MONTH = timedelta(days=30)
CHAT_HEADINGS = {
    "店铺": "shop",
    "买家": "buyer",
    "客服": "agent",
    "发送方": "sender",
    "发送时间": "sent_at",
    "消息内容": "text",
}


def measured(repeats: int) -> list[Row]:
    """The day's file from its bytes to committed rows, at each size of the store."""
    rows = []
    with TemporaryDirectory() as scratch:
        store, file = Path(scratch) / "store", Path(scratch) / "聊天记录.csv"
        held, until = 0, START
        for wanted in HELD:
            while held < wanted:
                count = min(MONTH_LINES, wanted - held)
                month = chat_lines(count, until, days=30, seed=held)
                add(store, f"{until:%F}", reading("messages", month))
                held, until = held + count, until + MONTH
            # It begins within the last day that is there, so that old lines are met, too.
            evening = until - timedelta(hours=12)
            write_chat_file(file, chat_lines(DAY_LINES, evening, days=1, seed=1))
            ours, counted = (_added(store, file, tool, repeats) for tool in ("ours", "counted"))
            row: Row = {
                "file": f"a day of {DAY_LINES:,} lines into {held:,}",
                "MB": round(file.stat().st_size / 2**20, 1),
                "wall s": round(ours.wall, 2),
                "cpu s": round(ours.cpu, 2),
                "counted cpu s": round(counted.cpu, 2),
            }
            rows.append(row)
    return rows


def _added(store: Path, file: Path, tool: str, repeats: int) -> Cost:
    """The least cost of adding the file, which is withdrawn again each time."""
    costs = []
    for _ in range(repeats):
        costs.append(in_process(["import", str(file), tool, str(store.parent), str(store)]))
        withdraw(store, uploads(store).item(0, "upload_id"))
    least, *others = costs
    for cost in others:
        least = least.least(cost)
    return least


def chat_lines(count: int, start: datetime, *, days: int, seed: int) -> pl.DataFrame:
    """Chat lines in the order of time."""
    draw = np.random.default_rng(seed)
    drawn = pl.DataFrame(
        {
            "buyer": draw.integers(0, max(count // 8, 1), count),
            "second": np.sort(draw.integers(0, days * 86_400, count)),
            "sender": draw.integers(0, 3, count),
            "agent": draw.integers(0, 6, count),
            "text": draw.integers(0, 50_000, count),
        }
    )
    words = {0: "buyer", 1: "agent", 2: "robot"}
    lines = drawn.select(
        buyer="买家" + pl.col("buyer").cast(pl.String),
        sent_at=pl.lit(start, pl.Datetime("us")) + pl.duration(seconds="second"),
        sender=pl.col("sender").replace_strict(words, return_dtype=pl.String),
        agent="客服" + pl.col("agent").cast(pl.String),
        text="亲，在的，这款今天下单今天就能发货哦" + pl.col("text").cast(pl.String),
    )
    nth = pl.int_range(pl.len(), dtype=pl.Int16).over(lines.columns)
    return lines.with_columns(nth=nth)


def write_chat_file(path: Path, lines: pl.DataFrame) -> None:
    """Chat lines as the project's template, in GB18030."""
    words = pl.col("sender").replace_strict(SENDER_WORDS)
    shop = pl.col("shop") if "shop" in lines.columns else pl.lit(SHOP)
    cells = lines.with_columns(sender=words, shop=shop).select(**CHAT_HEADINGS)
    half = path.with_suffix(".part")
    write_template_csv(half, cells, encoding="gb18030")
    half.rename(path)
