"""Script time of every page, cold, warm and after a change of the period."""

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.page_runs import PAGES
from benchmarks.report import Row
from benchmarks.stores import shop_store
from benchmarks.worlds import Size

#: Seconds that one round over all pages may take; a page not reached by then is told as such.
TIME_BOX = 1_200

#: By run (cold, warm, change): what it cost.
Costs = dict[str, dict[str, float]]


def measured(size: Size, repeats: int) -> list[Row]:
    """Seconds per page; the least of several processes counts."""
    store = str(shop_store(size))
    rounds = [dict(_costs(store)) for _ in range(repeats if size.name != "L" else 1)]
    return [_row(page, [costs[page] for costs in rounds if page in costs]) for page in PAGES]


def _row(page: str, costs: list[Costs]) -> Row:
    row: Row = {"page": page}
    if not costs:
        return row | {"notes": f"not reached in {TIME_BOX} s"}
    for run in costs[0]:
        for figure in ("wall", "cpu"):
            row[f"{run} {figure} s"] = round(min(each[run][figure] for each in costs), 3)
    row["peak MB"] = round(max(run["peak"] for each in costs for run in each.values()))
    return row


def _costs(store: str) -> Iterator[tuple[str, Costs]]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.page_runs", store]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=TIME_BOX)
    except subprocess.TimeoutExpired as late:
        told = late.stdout or b""
    else:
        if done.returncode:
            raise RuntimeError(done.stderr.decode()[-2000:])
        told = done.stdout
    for line in told.splitlines(keepends=True):
        # Where time was up, the last line may not be whole.
        if line.endswith(b"\n"):
            page = json.loads(line)
            yield page["page"], page["costs"]
