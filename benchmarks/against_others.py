"""The metric families against DuckDB, pandas and the limit of reading and sorting once."""

import tempfile
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from benchmarks.families import FAMILIES
from benchmarks.measuring import Cost, in_turns
from benchmarks.report import Row
from benchmarks.worlds import SIZES, Size, world_folder

ENGINES = ("polars", "duckdb", "pandas", "limit")
#: What each family's time still goes into, by profiles at M and L; printed under the table.
NOTES = {
    "reply": "reading the lines and sorting them once is nearly all of it (ours ÷ limit)",
    "inquiry": "reading and sorting as for replies; the joins to orders are the smaller part",
    "unit_price": "a hash table of every buyer and month, two thirds of the time at L; "
    "DuckDB builds the same table as fast",
    "refund": "grouping the applications by case is half of the counting; at M a third of all "
    "goes into planning, which does not grow",
    "dsr": "reading and dropping closed trades, counting each buyer's ratings, looking up and "
    "ordering the trades of frequent raters: about a third each",
}
#: What the peers call the reply metrics.
SHORT = {
    "reply_rate": "reply",
    "response_time_platform": "platform",
    "response_time_tool": "tool",
    "within_three_minutes": "quick",
    "first_response_time": "first",
    "answer_ratio": "answer",
}


def compared(size: Size, repeats: int) -> list[Row]:
    """Costs and ratios of every family, and of their sum; results are asserted equal."""
    folder = world_folder(size)
    once = ("pandas",) if size.name == "L" else ()
    total: dict[str, Cost] = {}
    rows = []
    for family, (_, keys) in FAMILIES.items():
        with tempfile.TemporaryDirectory() as results:
            costs = family_costs(family, folder, Path(results), repeats, once=once)
            assert_same(family, Path(results), keys)
        rows.append(_row(family, costs))
        total = {name: _plus(total.get(name), cost) for name, cost in costs.items()}
    return [*rows, _row("sum", total)]


def family_costs(
    family: str, folder: Path, results: Path, repeats: int, *, once: tuple[str, ...] = ()
) -> dict[str, Cost]:
    """What one family costs each engine; results stay in a folder, by engine."""
    small = str(world_folder(SIZES["S"]))
    works = {
        engine: ["metrics", family, engine, str(folder), small, str(results / f"{engine}.parquet")]
        for engine in ENGINES
    }
    return in_turns(works, repeats, once=once)


def assert_same(family: str, results: Path, keys: tuple[str, ...]) -> None:
    """Every engine found the same figures."""
    found = {
        engine: _normal(pl.read_parquet(results / f"{engine}.parquet"), keys)
        for engine in ("polars", "duckdb", "pandas")
    }
    for peer in ("duckdb", "pandas"):
        try:
            assert_frame_equal(found["polars"], found[peer], rel_tol=1e-9, abs_tol=1e-6)
        except AssertionError as error:
            raise AssertionError(f"{family}: {peer} found other figures\n{error}") from error


def _normal(rows: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """Rows in one order and spelling; the first day of a span may stand for its month."""
    names = {}
    for name in rows.columns:
        metric, _, count = name.partition(":")
        if metric == "slow_conversations":
            # Its denominator is the reply rate's.
            names[name] = "slow_n" if count == "numerator" else "slow_d"
        elif count:
            names[name] = f"{SHORT[metric]}_{count[0]}"
        else:
            names[name] = name.removeprefix("sum(").removesuffix(")")
    rows = rows.rename(names)
    counts = sorted(
        name for name in rows.columns if name not in (*keys, "slow_d") and name[:2] != "__"
    )
    dated = rows.select(
        *(pl.col(key).dt.date() if key in ("day", "start") else pl.col(key) for key in keys),
        *(pl.col(count).cast(pl.Float64).fill_null(0) for count in counts),
    )
    if keys == ("start",):
        dated = dated.with_columns(pl.col("start").dt.truncate("1mo"))
    return dated.sort(keys)


def _row(family: str, costs: dict[str, Cost]) -> Row:
    ours = costs["polars"]
    return {
        "family": family,
        "wall s": round(ours.wall, 3),
        "cpu s": round(ours.cpu, 3),
        "peak MB": round(ours.peak),
        "duckdb cpu s": round(costs["duckdb"].cpu, 3),
        "duckdb ÷ ours, cpu": round(costs["duckdb"].cpu / ours.cpu, 2),
        "duckdb ÷ ours, wall": round(costs["duckdb"].wall / ours.wall, 2),
        "pandas ÷ ours, cpu": round(costs["pandas"].cpu / ours.cpu, 2),
        "pandas ÷ ours, wall": round(costs["pandas"].wall / ours.wall, 2),
        "peak ÷ duckdb's": round(ours.peak / costs["duckdb"].peak, 2),
        "peak ÷ pandas'": round(ours.peak / costs["pandas"].peak, 2),
        "ours ÷ limit, cpu": round(ours.cpu / costs["limit"].cpu, 2),
        "notes": NOTES.get(family),
    }


def _plus(one: Cost | None, other: Cost) -> Cost:
    if one is None:
        return other
    return Cost(one.wall + other.wall, one.cpu + other.cpu, max(one.peak, other.peak))
