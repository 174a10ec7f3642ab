"""A benchmark's rows as a table on screen and as JSON with where and when they were measured."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

Row = dict[str, str | int | float | None]
PACKAGES = (
    "polars",
    "duckdb",
    "pandas",
    "pyarrow",
    "fastexcel",
    "deltalake",
    "streamlit",
    "plotly",
)


def surroundings() -> Row:
    """Machine, versions, day, and how busy the machine was with other work."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        "measured_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "load": round(os.getloadavg()[0], 1),
    }


def report(name: str, rows: list[Row], *, folder: Path) -> None:
    """Print the rows, their ``notes`` beneath, and write ``<folder>/<name>.json``."""
    told = surroundings()
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"surroundings": told, "rows": rows}, ensure_ascii=False, indent=1)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"\n{name}: " + ", ".join(f"{key} {value}" for key, value in told.items()))
    columns = list(dict.fromkeys(column for row in rows for column in row if column != "notes"))
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    for row in rows:
        if row.get("notes"):
            # The first column names the row.
            print(f"{row[columns[0]]}: {row['notes']}")


def _cell(value: object) -> str:
    if value is None:
        return "—"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
