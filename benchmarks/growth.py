"""How time and memory grow with the shop: once, twice, four and eight times the trade."""

import math
import tempfile
from pathlib import Path

from benchmarks.families import FAMILIES
from benchmarks.imports import chat_file
from benchmarks.measuring import Cost, in_turns
from benchmarks.report import Row
from benchmarks.worlds import GROWTH, SIZES, Size, world_folder

FACTORS = (1, 2, 4, 8)


def measured(size: Size, repeats: int) -> list[Row]:
    """Processor time and memory at each factor, and the exponent of their growth.

    The sizes are benchmark's own, whatever size is asked for.
    """
    sizes = [GROWTH.times(factor) for factor in FACTORS]
    with tempfile.TemporaryDirectory() as scratch:
        works = {
            f"{what}@{size.name}": arguments
            for size in sizes
            for what, arguments in _works(size, Path(scratch)).items()
        }
        costs = in_turns(works, repeats)
    rows = []
    for what in (*FAMILIES, "import"):
        steps = [costs[f"{what}@{size.name}"] for size in sizes]
        rows.append(_row(what, steps))
    return rows


def _works(size: Size, scratch: Path) -> dict[str, list[str]]:
    folder, small = str(world_folder(size)), str(world_folder(SIZES["S"]))
    result = str(scratch / "result.parquet")
    families = {name: ["metrics", name, "polars", folder, small, result] for name in FAMILIES}
    return families | {"import": ["import", str(chat_file(size)), "ours", str(scratch)]}


def exponent(values: list[float]) -> float:
    """Slope of log value over log factor, by least squares.

    >>> round(exponent([1.0, 2.0, 4.0, 8.0]), 6)
    1.0
    """
    x = [math.log(factor) for factor in FACTORS]
    y = [math.log(value) for value in values]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    rise = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True))
    return rise / sum((a - middle_x) ** 2 for a in x)


def _row(what: str, steps: list[Cost]) -> Row:
    row: Row = {"work": what}
    for factor, cost in zip(FACTORS, steps, strict=True):
        row[f"{factor}× cpu s"] = round(cost.cpu, 3)
    row["time exponent"] = round(exponent([cost.cpu for cost in steps]), 2)
    row["memory exponent"] = round(exponent([cost.peak for cost in steps]), 2)
    return row
