"""Script time of every page, cold, warm and after a change of the period."""

import json
import subprocess
import sys

from benchmarks.report import Row
from benchmarks.stores import shop_store
from benchmarks.worlds import Size


def measured(size: Size, repeats: int) -> list[Row]:
    """Seconds per page; the least of several processes counts."""
    store = shop_store(size)
    runs = [_costs(str(store)) for _ in range(repeats if size.name != "L" else 1)]
    rows: list[Row] = []
    for page in runs[0]:
        row: Row = {"page": page}
        for run in runs[0][page]:
            for figure in ("wall", "cpu"):
                least = min(costs[page][run][figure] for costs in runs)
                row[f"{run} {figure} s"] = round(least, 3)
        row["peak MB"] = round(max(costs[page]["change"]["peak"] for costs in runs))
        rows.append(row)
    return rows


def _costs(store: str) -> dict[str, dict[str, dict[str, float]]]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.page_runs", store]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    costs: dict[str, dict[str, dict[str, float]]] = json.loads(done.stdout.splitlines()[-1])
    return costs
