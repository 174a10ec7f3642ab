"""Import: a file to committed rows, against merely parsing the file with other tools."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from benchmarks import daily
from benchmarks.measuring import Cost, in_process, in_turns
from benchmarks.report import Row
from benchmarks.worlds import SIZES, Size, world_folder
from sample_data.order_files import write_orders

#: Orders in the workbook.
BOOK_ORDERS = 200_000


def compared(size: Size, repeats: int) -> list[Row]:
    """Chat lines from GB18030 files, orders from a workbook, a day's file into full stores.

    The rows of the chat file are asserted to be those that the peers find in it.
    """
    in_process(["same", str(chat_file(size))])
    chats = ("ours", "counted", "pandas", "pyarrow")
    rows = [_compared("chat lines, GB18030", chat_file(size), chats, repeats)]
    if size.name != "S":
        different = chat_file(size, different=True)
        rows.append(_compared("chat lines, no two texts alike", different, chats, repeats))
        rows.append(_compared("orders, XLSX", order_book(), ("ours", "fastexcel"), repeats))
        rows += daily.measured(repeats)
    return rows


def _compared(what: str, file: Path, tools: Sequence[str], repeats: int) -> Row:
    with tempfile.TemporaryDirectory() as scratch:
        works = {tool: ["import", str(file), tool, scratch] for tool in tools}
        return _row(what, file, in_turns(works, repeats))


def chat_file(size: Size, *, different: bool = False) -> Path:
    """The shop's chat lines in the project's template as GB18030; of L, as many as M has.

    Args:
        size: The shop.
        different: Every text ends in a number of its own, for a generator has few phrases.
    """
    world = world_folder(size)
    path = world / ("聊天记录-different.csv" if different else "聊天记录.csv")
    if not path.exists():
        most = SIZES["M"].messages if size.name == "L" else None
        lines = pl.read_parquet(world / "messages.parquet", n_rows=most)
        if different:
            # In words: four digits in a row are looked at as part of a telephone number.
            number = pl.int_range(pl.len()).cast(pl.String)
            words = number.str.replace_many(list("0123456789"), list("零一二三四五六七八九"))
            lines = lines.with_columns(text=pl.col("text") + "，" + words)
        daily.write_chat_file(path, lines)
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
    if counted := costs.get("counted"):
        row["counted cpu s"] = round(counted.cpu, 2)
    for peer, cost in costs.items():
        if peer not in ("ours", "counted"):
            row[f"ours ÷ {peer}, wall"] = round(ours.wall / cost.wall, 2)
            row[f"ours ÷ {peer}, cpu"] = round(ours.cpu / cost.cpu, 2)
            row[f"{peer} peak ÷ file"] = round(cost.peak / megabytes, 2)
    return row
