"""Any run of uploads and withdrawals gives what replaying the uploads left would give."""

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import current
from store.doctor import doctor, optimize
from store.folders import current_table
from store.ledger import read_ledger
from store.tables import scan, versions
from store.uploads import withdraw
from tests.store.feeds import SHOP, reading, upload

APRIL_29 = datetime(2024, 4, 29)
Row = dict[str, Any]


def _order(order: int, day: int | None, status: str) -> Row:
    moment = None if day is None else APRIL_29 + timedelta(days=day)
    return {"order_id": str(order), "created_at": moment, "status": status}


def _line(buyer: int, day: int, nth: int) -> Row:
    sent_at = APRIL_29 + timedelta(days=day)
    return {"buyer": str(buyer), "sent_at": sent_at, "sender": "buyer", "nth": nth}


def _score(day: int, score: int) -> Row:
    moment = APRIL_29 + timedelta(days=day)
    return {"day": moment.date(), "dimension": "service", "score": float(score)}


DAYS = st.integers(0, 5)
ORDERS = st.builds(
    _order, st.integers(0, 5), st.none() | DAYS, st.sampled_from(["unpaid", "paid", "closed"])
)
LINES = st.builds(_line, st.integers(0, 1), DAYS, st.integers(0, 1))
SCORES = st.builds(_score, DAYS, st.integers(1, 5))
KEYS: dict[str, Callable[[Row], Any]] = {
    "orders": lambda row: row["order_id"],
    "messages": lambda row: (row["buyer"], row["sent_at"], row["nth"]),
    "rating_days": lambda row: row["day"],
}


def steps(rows: st.SearchStrategy[Row]) -> st.SearchStrategy[list[list[Row] | int]]:
    """Uploads (their rows) and withdrawals (which of the uploads held, counted round)."""
    return st.lists(st.lists(rows, max_size=8) | st.integers(0, 9), min_size=1, max_size=7)


def month(row: Row) -> str:
    moment = row.get("created_at") or row.get("sent_at") or row.get("day")
    return moment.strftime("%Y-%m") if moment else "undated"


def replayed(held: list[list[Row]], key: Callable[[Row], Any]) -> dict[Any, Row]:
    """The twin: a dict that each upload overwrites, in a file by month and then by line."""
    return {key(row): row for rows in held for row in sorted(rows, key=month)}


def check(table: str, todo: list[list[Row] | int]) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place, held = Path(folder), dict[str, list[Row]]()
        for nth, step in enumerate(todo):
            if isinstance(step, list):
                held[upload(place, reading(table, step), sha=f"{nth:x}")] = step
            elif held:
                gone = list(held)[step % len(held)]
                withdraw(place, gone)
                del held[gone]
            expected = replayed(list(held.values()), KEYS[table])
            columns = list(next(iter(expected.values()), {}))
            rows = scan(place, table, SHOP).collect().select(columns).to_dicts()
            assert len(rows) == len(expected)
            assert {KEYS[table](row): row for row in rows} == expected
        assert [check for check in doctor(place) if check.state == "problem"] == []


@given(steps(ORDERS))
@settings(max_examples=40, deadline=None)
def test_orders(todo: list[list[Row] | int]) -> None:
    check("orders", todo)


@given(steps(LINES))
@settings(max_examples=25, deadline=None)
def test_messages(todo: list[list[Row] | int]) -> None:
    check("messages", todo)


@given(steps(SCORES))
@settings(max_examples=25, deadline=None)
def test_rating_days(todo: list[list[Row] | int]) -> None:
    check("rating_days", todo)


def test_many_small_files_become_one(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "SMALL_FILES", 3)
    counts = []
    for nth in range(7):
        upload(store, reading("messages", [_line(nth, 3, 0)]), sha=f"{nth}")
        counts.append(shown_files(store))
    assert counts == [1, 2, 3, 1, 2, 3, 1]
    assert scan(store, "messages", SHOP).collect().height == 7


def test_optimizing_joins_files_and_changes_no_row(store: Path) -> None:
    for nth in range(5):
        upload(store, reading("messages", [_line(nth, 3, 0)]), sha=f"{nth}")
    before = scan(store, "messages", SHOP, provenance=True).collect().sort("buyer")
    key = versions(store, ["messages"])
    optimize(store)
    assert shown_files(store) == 1
    assert scan(store, "messages", SHOP, provenance=True).collect().sort("buyer").equals(before)
    assert versions(store, ["messages"]) == key
    withdraw(store, before["upload_id"][2])
    assert scan(store, "messages", SHOP).collect().sort("buyer")["buyer"].to_list() == list("0134")


def shown_files(store: Path) -> int:
    """Data files of the current messages."""
    version = read_ledger(store).pin("messages").current
    return current_table(store, "messages").files(version).height
