"""One piece of work in a process of its own: ``python -m benchmarks.work NAME ARGUMENT…``.

Prints its cost as JSON on the last line. Libraries are imported before the clock starts.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.measuring import cost_of

Work = Callable[[], object]


def metrics(family: str, engine: str, folder: str, result: str) -> Work:
    """A family of metrics by one engine; its result is kept as Parquet."""
    if engine == "duckdb":
        from benchmarks.peers import in_duckdb

        return lambda: in_duckdb.family(family, Path(folder), Path(result))
    if engine == "pandas":
        from benchmarks.peers import in_pandas

        return lambda: in_pandas.FAMILIES[family](Path(folder)).to_parquet(result)
    from benchmarks import families

    if engine == "limit":
        return lambda: families.limit(family, Path(folder))
    return lambda: families.ours(family, Path(folder), engine).write_parquet(result)


WORKS: dict[str, Callable[..., Work]] = {"metrics": metrics}


def main() -> None:
    """Do the work named on the command line."""
    name, *arguments = sys.argv[1:]
    print(json.dumps(asdict(cost_of(WORKS[name](*arguments)))))


if __name__ == "__main__":
    main()
