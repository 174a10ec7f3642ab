"""One piece of work in a process of its own: ``python -m benchmarks.work NAME ARGUMENT…``.

Prints its cost as JSON on the last line. Libraries are imported before the clock starts.
"""

import json
import sys
import tempfile
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
    return lambda: families.ours(family, Path(folder)).write_parquet(result)


def imported(file: str, tool: str, scratch: str) -> Work:
    """A file into a fresh store, or merely parsed by another tool."""
    if tool == "pandas":
        import pandas as pd

        return lambda: pd.read_csv(file, encoding="gb18030")
    if tool == "pyarrow":
        from pyarrow import csv

        options = csv.ReadOptions(encoding="gb18030")
        return lambda: csv.read_csv(file, read_options=options)
    if tool == "fastexcel":
        import fastexcel

        # As text, which is what the cells of an export are.
        return lambda: fastexcel.read_excel(file).load_sheet(0, dtypes="string").to_arrow()
    from intake import accept, plan_files

    def into_store() -> None:
        with tempfile.TemporaryDirectory(dir=scratch) as store:
            content = Path(file).read_bytes()
            for plan in plan_files(store, [(Path(file).name, content)], shop="大店"):
                if not accept(store, plan, "benchmark").rows_accepted:
                    raise RuntimeError(f"no row of {file} was accepted")

    return into_store


WORKS: dict[str, Callable[..., Work]] = {"metrics": metrics, "import": imported}


def main() -> None:
    """Do the work named on the command line."""
    name, *arguments = sys.argv[1:]
    print(json.dumps(asdict(cost_of(WORKS[name](*arguments)))))


if __name__ == "__main__":
    main()
