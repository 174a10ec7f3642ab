"""The families as DuckDB SQL: one statement per file, reading the same Parquet files."""

from functools import cache
from pathlib import Path

import duckdb

from benchmarks.measuring import THREADS
from benchmarks.worlds import TABLES

VERSION: str = duckdb.__version__
_STATEMENTS = Path(__file__).parent


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """Opened once, as an analyst's session is."""
    connection = duckdb.connect(config={"threads": THREADS})
    # No order is asked for; keeping the file's would cost memory.
    connection.execute("set preserve_insertion_order = false")
    return connection


def family(name: str, folder: Path, result: Path) -> None:
    """One family's figures, written as Parquet."""
    statement = (_STATEMENTS / f"{name}.sql").read_text(encoding="utf-8")
    for table in TABLES:
        statement = statement.replace(f"{{{table}}}", str(folder / f"{table}.parquet"))
    _connection().execute(f"copy ({statement}) to '{result}' (format parquet)")
