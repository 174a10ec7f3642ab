"""Import: a file to committed rows, against merely parsing the file with other tools."""

import shutil
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.measuring import Cost, in_turns
from benchmarks.report import Row
from benchmarks.worlds import SIZES, Size, world_folder
from sample_data.chat_files import SENDER_WORDS
from sample_data.csv_files import write_template_csv
from sample_data.order_files import write_orders

#: Orders in the workbook.
BOOK_ORDERS = 200_000
_CHAT_HEADINGS = {
    "店铺": "shop",
    "买家": "buyer",
    "客服": "agent",
    "发送方": "sender",
    "发送时间": "sent_at",
    "消息内容": "text",
}


def compared(size: Size, repeats: int) -> list[Row]:
    """Chat lines from a GB18030 file, and orders from a workbook."""
    with tempfile.TemporaryDirectory() as scratch:
        chats = ("import", str(chat_file(size)))
        costs = in_turns(
            {
                "ours": [*chats, "ours", scratch],
                "pandas": [*chats, "pandas", scratch],
                "pyarrow": [*chats, "pyarrow", scratch],
            },
            repeats,
        )
        rows = [_row("chat lines, GB18030", chat_file(size), costs)]
        if size.name != "S":
            book = ("import", str(order_book()))
            works = {name: [*book, name, scratch] for name in ("ours", "fastexcel")}
            rows.append(_row("orders, XLSX", order_book(), in_turns(works, repeats)))
    return rows


def chat_file(size: Size) -> Path:
    """The shop's chat lines in the project's template as GB18030, three million at most."""
    world = world_folder(size)
    path = world / "聊天记录.csv"
    if not path.exists():
        lines = pl.read_parquet(world / "messages.parquet", n_rows=SIZES["M"].messages)
        words = pl.col("sender").replace_strict(SENDER_WORDS)
        cells = lines.with_columns(sender=words).select(**_CHAT_HEADINGS)
        half = path.with_suffix(".part")
        write_template_csv(half, cells, encoding="gb18030")
        half.rename(path)
    return path


def order_book() -> Path:
    """Two hundred thousand orders of an order report as a workbook."""
    world = world_folder(SIZES["M"])
    path = world / "orders.xlsx"
    if not path.exists():
        orders = pl.read_parquet(world / "orders.parquet", n_rows=BOOK_ORDERS)
        with tempfile.TemporaryDirectory() as scratch:
            reports = write_orders(Path(scratch), orders, "20251121")
            cells = [
                pl.read_csv(report.read_bytes().decode("gb18030").encode(), infer_schema=False)
                for report in reports
            ]
        plain = pl.concat(cells).with_columns(pl.all().str.strip_prefix("=").str.strip_chars('"'))
        half = path.with_name("orders-part.xlsx")
        plain.write_excel(half, autofit=False)
        shutil.move(half, path)
    return path


def _row(what: str, file: Path, costs: dict[str, Cost]) -> Row:
    ours, megabytes = costs["ours"], file.stat().st_size / 2**20
    row: Row = {
        "file": what,
        "MB": round(megabytes, 1),
        "wall s": round(ours.wall, 2),
        "cpu s": round(ours.cpu, 2),
        "peak ÷ file": round(ours.peak / megabytes, 2),
    }
    for peer, cost in costs.items():
        if peer != "ours":
            row[f"ours ÷ {peer}, wall"] = round(ours.wall / cost.wall, 2)
            row[f"ours ÷ {peer}, cpu"] = round(ours.cpu / cost.cpu, 2)
            row[f"{peer} peak ÷ file"] = round(cost.peak / megabytes, 2)
    return row
