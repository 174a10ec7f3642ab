"""How time and memory grow with the shop: once, twice, four and eight times the trade."""

import math
import tempfile
from collections.abc import Callable
from functools import partial

from benchmarks.families import FAMILIES
from benchmarks.imports import chat_file
from benchmarks.measuring import Cost, in_turns
from benchmarks.report import Row
from benchmarks.worlds import GROWTH, SIZES, Size, world_folder

FACTORS = (1, 2, 4, 8)


def metrics(size: Size, repeats: int) -> list[Row]:
    """Processor time and memory of every metric family at each factor, and how they grow.

    The sizes are the benchmark's own, whatever size is asked for.
    """
    return [_grown(family, partial(_count, family), repeats) for family in FAMILIES]


def imports(size: Size, repeats: int) -> list[Row]:
    """The same of importing a file of chat lines."""
    return [_grown("import", _import, repeats)]


def _count(family: str, size: Size, scratch: str) -> list[str]:
    folder, small = str(world_folder(size)), str(world_folder(SIZES["S"]))
    return ["metrics", family, "polars", folder, small, f"{scratch}/result.parquet"]


def _import(size: Size, scratch: str) -> list[str]:
    return ["import", str(chat_file(size)), "ours", scratch]


def _grown(what: str, arguments: Callable[[Size, str], list[str]], repeats: int) -> Row:
    sizes = [GROWTH.times(factor) for factor in FACTORS]
    with tempfile.TemporaryDirectory() as scratch:
        costs = in_turns({size.name: arguments(size, scratch) for size in sizes}, repeats)
    return _row(what, [costs[size.name] for size in sizes])


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
