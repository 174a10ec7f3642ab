"""``python -m benchmarks [NAME] [--size S|M|L]``: speed against other tools, as ratios.

Prints a table per benchmark and writes it, with machine and versions, to
``benchmarks/results/NAME-SIZE.json``. Without a name all of them run.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import benchmarks.against_others
import benchmarks.alarms
import benchmarks.drawn
import benchmarks.growth
import benchmarks.imports
import benchmarks.pages
import benchmarks.start
import benchmarks.visitors
from benchmarks.report import Row, report
from benchmarks.worlds import SIZES, Size

BENCHMARKS: dict[str, Callable[[Size, int], list[Row]]] = {
    "metrics": benchmarks.against_others.compared,
    "import": benchmarks.imports.compared,
    "pages": benchmarks.pages.measured,
    "metrics-growth": benchmarks.growth.metrics,
    "import-growth": benchmarks.growth.imports,
    "start": benchmarks.start.compared,
    "visitors": benchmarks.visitors.measured,
    "drawn": benchmarks.drawn.measured,
    "alarms": benchmarks.alarms.measured,
}
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run the benchmarks asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=BENCHMARKS, help="all of them unless named")
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--repeats", type=int, default=3, help="rounds; the least cost counts")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the JSON")
    asked = parser.parse_args()
    for name in [asked.name] if asked.name else BENCHMARKS:
        rows = BENCHMARKS[name](SIZES[asked.size], asked.repeats)
        report(f"{name}-{asked.size}", rows, folder=asked.out)


if __name__ == "__main__":
    main()
