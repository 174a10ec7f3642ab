"""One piece of work in a process of its own: ``python -m benchmarks.work NAME ARGUMENT…``.

Prints its cost as JSON on the last line. Libraries are imported before the clock starts.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.measuring import cost_of
from benchmarks.stores import SHOP

Work = Callable[[], object]


def metrics(family: str, engine: str, folder: str, small: str, result: str) -> Work:
    """A family of metrics by one engine; its result is kept as Parquet.

    A small shop is counted before the clock starts: threads, connections and lazily imported
    modules are there by then, for every engine.
    """
    count = _counting(family, engine, result)
    count(Path(small))
    return lambda: count(Path(folder))


def _counting(family: str, engine: str, result: str) -> Callable[[Path], object]:
    if engine == "duckdb":
        from benchmarks.peers import in_duckdb

        return lambda folder: in_duckdb.family(family, folder, Path(result))
    if engine == "pandas":
        from benchmarks.peers import in_pandas

        return lambda folder: in_pandas.FAMILIES[family](folder).to_parquet(result)
    from benchmarks import families

    if engine == "limit":
        return lambda folder: families.limit(family, folder)
    return lambda folder: families.ours(family, folder).write_parquet(result)


def imported(file: str, tool: str, scratch: str, store: str = "") -> Work:
    """A file into a store, a new one unless named, or merely parsed by another tool.

    "ours" ends with the rows committed; "counted" also counts the new days for the pages, as an
    import does at once.
    """
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
    from intake.batch import FilePlan, accept, plan_files, prepare
    from store.uploads import commit

    into = store or tempfile.mkdtemp(dir=scratch)

    def committed(plan: FilePlan) -> None:
        for part in plan.parts:
            commit(
                into,
                part.readings,
                shop=part.shop,
                file_name=plan.file.name,
                sha256=plan.file.sha256,
                uploaded_by="benchmark",
            )

    def into_store() -> None:
        content = Path(file).read_bytes()
        for plan in plan_files(into, [(Path(file).name, content)], shop=SHOP):
            if not plan.ready:
                raise RuntimeError(f"nothing of {file} is new: {plan.file.error}")
            if tool == "counted":
                prepare(into, accept(into, plan, "benchmark").added)
            else:
                committed(plan)

    return into_store


def same_lines(file: str) -> Work:
    """Assert that ours and the peers find the same lines in a chat file."""
    from benchmarks.same_lines import assert_same_lines

    return lambda: assert_same_lines(Path(file))


WORKS: dict[str, Callable[..., Work]] = {
    "metrics": metrics,
    "import": imported,
    "same": same_lines,
}


def main() -> None:
    """Do the work named on the command line."""
    name, *arguments = sys.argv[1:]
    print(json.dumps(asdict(cost_of(WORKS[name](*arguments)))), flush=True)
    # pyarrow's threads now and then abort a process that ends in the usual way.
    os._exit(0)


if __name__ == "__main__":
    main()
