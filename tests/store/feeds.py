"""Readings of literal rows, as ``exports`` would give them, and what a store is to show of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from exports.result import Reading, day_span, no_rejected, row_schema
from store.folders import keys
from store.schemas import DSR_DIMENSIONS, EVENT_TIMES
from store.tables import scan
from store.uploads import commit
from tests.frames import DEFAULTS

SHOP = "晨光旗舰店"
APRIL_29 = datetime(2024, 4, 29)
Row = dict[str, Any]

#: Of every fed table: what each row says, the column that tells keys apart, and one that a later
#: upload may change.
_ROWS: dict[str, tuple[Row, str, str | None]] = {
    "messages": ({"sender": "buyer"}, "buyer", None),
    "service_days": ({}, "agent", "group"),
    "orders": ({}, "order_id", "title"),
    "order_items": ({"order_id": "1"}, "item_order_id", "title"),
    "refunds": ({"order_id": "1"}, "refund_id", "reason"),
    "ratings": ({"logistics": 5}, "order_id", "comment"),
    "rating_days": ({"dimension": "service", "score": 4.8}, "item_id", "item_title"),
    "rating_snapshots": ({"score": 4.8}, "dimension", "raters"),
    "reviews": ({"buyer": "ann", "text": "好"}, "item_id", "later_text"),
}


_PAID: Row = {"paid_at": APRIL_29 + timedelta(days=9), "paid_fen": 900}
#: Of every table with a state, what rows may say of it, from least to most.
_STATES: dict[str, tuple[Row, ...]] = {
    **dict.fromkeys(
        ("orders", "order_items"),
        (
            {"status": "unknown"},
            {"status": "unpaid"},
            {"status": "closed"},
            {"status": "paid"},
            {"status": "unknown", **_PAID},
            {"status": "shipped", **_PAID},
            {"status": "finished", **_PAID},
            {"status": "finished", **_PAID, "refund_fen": 300},
            {"status": "closed", **_PAID},
        ),
    ),
    "refunds": ({"outcome": "open"}, {"outcome": "closed"}, {"outcome": "success"}),
}


def row(table: str, nth: int, *, value: int = 0, day: int | None = 2, state: int = 0) -> Row:
    """A row of any fed table: its nth key (below 3), of so many days after 29 April.

    Its state is one of ``_STATES``, counted round.
    """
    says, key, changed = _ROWS[table]
    time = EVENT_TIMES[table][0]
    moment = None if day is None else APRIL_29 + timedelta(days=day)
    states = _STATES.get(table, ({},))
    return {
        **says,
        **states[state % len(states)],
        key: DSR_DIMENSIONS[nth] if key == "dimension" else str(nth),
        time: moment.date() if moment and time == "day" else moment,
        **({changed: value if changed == "raters" else str(value)} if changed else {}),
    }


def _how_far(table: str, line: Row) -> int:
    """Which of ``_STATES`` a row says; 0 of every other row."""
    for nth, state in enumerate(_STATES.get(table, ())):
        names = {name for other in _STATES[table] for name in other}
        if all(line.get(name) == state.get(name) for name in names):
            return nth
    return 0


def reading(
    name: str, rows: Iterable[Mapping[str, Any]], *, layout: str = "test", **more: Any
) -> Reading:
    """A reading of rows in file order; the first data row of a file is row 2."""
    # Not `tests.frames.table`: a file may hold one key twice.
    full = [{**DEFAULTS[name], **row, "source_row": nth} for nth, row in enumerate(rows, 2)]
    frame = pl.DataFrame(full, schema=row_schema(name))
    first, last = day_span(name, frame)
    parts: dict[str, Any] = {
        "file_name": "file.csv",
        "sheet": "",
        "rejected": no_rejected(),
        "first_day": first,
        "last_day": last,
    }
    return Reading(table=name, layout=layout, rows=frame, **(parts | more))


def set_aside(*rows: int) -> pl.DataFrame:
    """Rejected rows of these numbers."""
    return no_rejected().vstack(
        pl.DataFrame(
            [(row, "订单编号", "1.2E+18", "scientific_id", "{}") for row in rows],
            schema=no_rejected().schema,
            orient="row",
        )
    )


def upload(store: Path, *readings: Reading, sha: str, shop: str = SHOP, **more: Any) -> str:
    """Commit readings as one file whose content is ``sha``."""
    return commit(
        store,
        readings,
        shop=shop,
        file_name=f"{sha}.csv",
        sha256=sha.ljust(64, "0"),
        uploaded_by="test",
        **more,
    )


def order_rows(store: Path, *columns: str, shop: str = SHOP) -> list[tuple[Any, ...]]:
    """The current orders, by id."""
    named = ("order_id", *columns)
    rows = scan(store, "orders", shop, provenance=True).select(named)
    return rows.sort("order_id").collect().rows()


def replayed(table: str, files: Iterable[list[Row]]) -> dict[tuple[Any, ...], Row]:
    """A dict that each file overwrites, within a file by month and then by line.

    A line that says less far a state than the one that is there overwrites nothing.
    """
    there: dict[tuple[Any, ...], Row] = {}
    for lines in files:
        for line in sorted(lines, key=lambda line: _month(table, line)):
            key = tuple(line.get(name) for name in keys(table))
            if key not in there or _how_far(table, line) >= _how_far(table, there[key]):
                there[key] = line
    return there


def _month(table: str, line: Row) -> str:
    moment = next((line[time] for time in EVENT_TIMES[table] if line.get(time)), None)
    return moment.strftime("%Y-%m") if moment else "undated"


def assert_shows(store: Path, table: str, files: Iterable[list[Row]]) -> None:
    """The current rows are what replaying the files gives, each key once."""
    expected = list(replayed(table, files).values())
    columns = list({name: None for line in expected for name in line}) or keys(table)
    expected = [{name: line.get(name) for name in columns} for line in expected]
    shown = scan(store, table, SHOP).select(columns).collect().to_dicts()
    assert sorted(shown, key=str) == sorted(expected, key=str)
