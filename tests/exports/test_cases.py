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
    *(
        Case(
            files,
            tables={"orders": (12, 0)} | ({"order_items": (12, 0)} if len(files) > 1 else {}),
            figures={"refund_rate": ("0.3", "3.0", "10.0")},
        )
        for files in (
            ("02a_taobao_orders.csv",),
            ("02a_taobao_orders.csv", "02a_taobao_items_old.csv"),
            ("02a_taobao_items_old.csv", "02a_taobao_orders.csv"),
        )
    ),
    Case(
        ("02b_pinduoduo_orders.csv",),
        tables={"orders": (12, 0), "order_items": (12, 0)},
        figures={"refund_rate": ("0.4", "4.0", "10.0"), "unit_price": ("", "0.0", "0.0")},
        notes={"unit_price": "no_buyer"},
    ),
    Case(
        ("02e_jd_orders.csv",),
        tables={"orders": (12, 0), "order_items": (12, 0)},
        figures={"refund_rate": ("", "0.0", "0.0"), "same_day_shipping_rate": ("", "0.0", "0.0")},
        notes={"refund_rate": "untold_refunds", "same_day_shipping_rate": "no_shipping_times"},
    ),
    Case(
        ("07a_douyin_no_payment_time.csv",),
        tables={"orders": (2, 0), "order_items": (2, 0)},
        figures={"order_price": ("", "0.0", "0.0"), "refund_rate": ("", "", "")},
        notes={"order_price": "no_payment_time", "same_day_shipping_rate": "no_payment_time"},
        says=("no column “支付完成时间”", "Price per order", "Tick it when you export"),
    ),
    Case(
        ("05a_shopify_two_currencies.csv",),
        tables={"orders": (2, 1), "order_items": (2, 0)},
        figures={"order_price": ("1000.0", "2000.0", "2.0")},
        says=("The shop's currency is TRY: 1 rows in USD were set aside.",),
    ),
    Case(
        ("08_shopify_repeat_buyer.csv",),
        tables={"orders": (3, 0), "order_items": (3, 0)},
        # 10 + 30 of one buyer, 20 of the other
        figures={"unit_price": ("30.0", "60.0", "2.0")},
        keeps_out=("@example.com",),
    ),
    Case(
        ("12_shopify_outstanding.csv",),
        tables={"orders": (2, 0), "order_items": (2, 0)},
        # 220.06 − 11.29 still owed, and 100.00
        figures={"order_price": ("154.385", "308.77", "2.0")},
        says=("“Total” less “Outstanding Balance”, which 1 rows fill",),
        keeps_out=("@example.com", "Pat Placeholder"),
    ),
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
    Case(
        ("09a_etsy_sold_orders.csv",),
        tables={"orders": (2, 0)},
        # 40.90 + 22.62
        figures={"order_price": ("31.76", "63.52", "2.0")},
        keeps_out=("Pat P", "Kim K", "Sample Road", "Sampleton"),
    ),
    Case(
        ("09b_shopee_order_all.csv",),
        tables={"orders": (1, 0), "order_items": (1, 0)},
        figures={"unit_price": ("18.0", "18.0", "1.0"), "piece_price": ("18.0", "18.0", "1.0")},
        keeps_out=("P***", "Sample Road"),
    ),
    Case(
        ("09c_ebay_orders_report.csv",),
        tables={"orders": (1, 0), "order_items": (1, 0)},
        figures={"unit_price": ("13.98", "13.98", "1.0")},
        keeps_out=("Pat P", "pat@example.com", "Sample Road", "sampleseller"),
    ),
    Case(
        ("09d_amazon_all_orders.txt",),
        options=("--shop", "示例店", "--zone", "America/New_York"),
        tables={"orders": (1, 0), "order_items": (1, 0)},
        # 20.00 + 1.60 of tax − 2.00
        figures={"order_price": ("19.6", "19.6", "1.0")},
        keeps_out=("SAMPLETON",),
    ),
    Case(
        ("09f_1688_orders.csv",),
        tables={"orders": (2, 0), "order_items": (3, 0)},
        # 45.00 was never paid; 2 × 30.00 + 60.00 + 8.00 was
        figures={
            "unit_price": ("128.0", "128.0", "1.0"),
            "pieces_per_buyer": ("3.0", "3.0", "1.0"),
        },
        keeps_out=("示例省", "占位人", "13800138000", "13900139000"),
    ),
    Case(
        ("09h_wechat_shop_orders.csv",),
        tables={"orders": (2, 0), "order_items": (2, 0)},
        figures={"order_price": ("104.0", "208.0", "2.0")},
    ),
    Case(
        ("03a_main_account.txt",),
        tables={"messages": (4, 0)},
        figures={
            "reply_rate": ("1.0", "1.0", "1.0"),
            "response_time_platform": ("19.0", "38.0", "2.0"),
            "first_response_time": ("28.0", "28.0", "1.0"),
        },
    ),
    Case(
        ("03a_main_account.txt",),
        options=("--shop", "示例店", "--agent", "示例店"),
        tables={"messages": (4, 0)},
        figures={"reply_rate": ("1.0", "1.0", "1.0")},
    ),
    Case(
        ("04a_arrow_buyer_to_shop.txt",),
        tables={"messages": (3, 0)},
        figures={
            "reply_rate": ("1.0", "1.0", "1.0"),
            "answer_ratio": ("0.5", "1.0", "2.0"),
            "response_time_tool": ("60.0", "60.0", "1.0"),
            # The second round is not answered: 60 and 600 seconds.
            "response_time_platform": ("330.0", "660.0", "2.0"),
        },
    ),
    Case(
        ("10_no_header_row.csv",),
        says=("no known export has these headers", "import --map"),
        keeps_out=("占位人", "13800138000", "示例路", "sheet “"),
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
