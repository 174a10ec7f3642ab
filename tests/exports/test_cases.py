"""Small files that were once read wrong, from the import to the figures; one entry a case.

The files lie in ``cases/``, whose README tells what each stands for.
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from cli import main

CASES = Path(__file__).with_name("cases")
#: Value, numerator and denominator as ``store-health metrics`` prints them; "" is no number.
Figure = tuple[str, str, str]


@dataclass(frozen=True)
class Case:
    """What importing one or more files must give."""

    #: Names in ``cases/``, imported one after the other.
    files: tuple[str, ...]
    #: Further arguments of ``store-health import``.
    options: tuple[str, ...] = ("--shop", "示例店")
    #: By table: rows accepted, rows set aside. No other table gets a row; none = refused.
    tables: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    #: By metric, over the period that its files cover.
    figures: Mapping[str, Figure] = field(default_factory=dict)
    #: By metric: codes that must stand in its note.
    notes: Mapping[str, str] = field(default_factory=dict)
    #: Words of the import's report.
    says: tuple[str, ...] = ()
    #: What stands neither in the report nor in any file of the store.
    keeps_out: tuple[str, ...] = ()


ALL = (
    Case(
        ("01a_shopify_note_with_date.csv",),
        tables={"orders": (3, 0), "order_items": (3, 0)},
        figures={"order_price": ("10.0", "30.0", "3.0"), "reply_rate": ("", "", "")},
        keeps_out=("Pat Placeholder", "Sample Road", "13800138000", "Door code"),
    ),
    Case(
        ("01b_orders_under_twelve_lines.csv",),
        tables={"orders": (5, 0)},
        figures={"order_price": ("10.0", "50.0", "5.0"), "reply_rate": ("", "", "")},
        keeps_out=("占位人", "示例路", "13800138000"),
    ),
    Case(("01d_mail.txt",), says=("neither a table nor a chat",)),
    Case(
        ("14a_digits_of_other_scripts.csv",),
        tables={"orders": (3, 0)},
        figures={"order_price": ("406.6666666666667", "1220.0", "3.0")},
    ),
    Case(
        ("14b_newer_orders.csv", "14b_older_orders.csv"),
        tables={"orders": (4, 0)},
        figures={"order_price": ("15.0", "30.0", "2.0")},
        says=('"behind": 2',),
    ),
    Case(
        ("14c_shopify_saved_in_excel.csv",),
        tables={"orders": (2, 0), "order_items": (2, 0)},
        figures={"order_price": ("15.0", "30.0", "2.0")},
    ),
    Case(
        ("14d_shopify_unclear_dates.csv",),
        tables={"orders": (0, 1)},
        says=("day and month cannot be told apart", "Write the dates as 2025-03-05"),
    ),
    Case(("14e_shopify_of_new_york.csv",), says=("--zone America/New_York",)),
    Case(
        ("14e_shopify_of_new_york.csv",),
        options=("--shop", "示例店", "--zone", "America/New_York"),
        tables={"orders": (2, 0), "order_items": (2, 0)},
        figures={"order_price": ("15.0", "30.0", "2.0")},
    ),
)


def run(store: Path, command: str, *arguments: object) -> Result:
    """The command's result; an error that is no sentence fails the test."""
    result = CliRunner().invoke(main, [command, "--store", str(store), *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def held(store: Path) -> str:
    """Every cell of every file that the store keeps."""
    return "\n".join(
        pl.read_parquet(path).write_ndjson() if path.suffix == ".parquet" else path.read_text()
        for path in sorted(store.rglob("*"))
        if path.is_file() and path.suffix in {".parquet", ".json"}
    )


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.files[-1].split("_", 1)[0])
def test_a_case_gives_the_right_answer(case: Case, store: Path) -> None:
    report, found = "", dict[str, tuple[int, int]]()
    for name in case.files:
        result = run(store, "import", CASES / name, *case.options, "--json")
        report += result.output
        for sheet in json.loads(result.stdout)[0]["sheets"]:
            taken, aside = found.get(sheet["table"], (0, 0))
            told = taken + sheet["rows_accepted"], aside + sheet["set_aside"]
            found |= {sheet["table"]: told}
    assert {table: told for table, told in found.items() if any(told)} == case.tables
    assert [words for words in case.says if words not in report] == []
    kept = report + (held(store) if store.exists() else "")
    assert [words for words in case.keeps_out if words in kept] == []
    if case.figures or case.notes:
        printed = run(store, "metrics", "--shop", "示例店", "--format", "csv").stdout
        lines = {line["metric"]: line for line in csv.DictReader(StringIO(printed))}
        columns = ("value", "numerator", "denominator")
        figures = {
            metric: tuple(lines[metric][column] for column in columns) for metric in case.figures
        }
        assert figures == dict(case.figures)
        assert {
            metric: note for metric, note in case.notes.items() if note not in lines[metric]["note"]
        } == {}
