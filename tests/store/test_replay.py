"""Any run of uploads and withdrawals gives what replaying the uploads left would give."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import current
from store.doctor import doctor, optimize
from store.folders import current_table
from store.ledger import read_ledger
from store.schemas import FED_TABLES
from store.tables import scan, versions
from store.uploads import uploads, withdraw
from tests.store.damage import release_0_1_0
from tests.store.feeds import SHOP, Row, assert_shows, reading, row, upload

DAYS = st.integers(0, 5)


@st.composite
def steps(draw: st.DrawFn, table: str) -> list[list[Row] | int]:
    """Uploads (their rows) and withdrawals (which of the uploads held, counted round)."""
    undated = st.none() if table in ("orders", "order_items") else st.nothing()
    rows = st.builds(
        *(row, st.just(table), st.integers(0, 2)),
        value=st.integers(0, 2),
        day=DAYS | undated,
        state=st.integers(0, 8),
    )
    return draw(st.lists(st.lists(rows, max_size=8) | st.integers(0, 9), min_size=1, max_size=7))


def check(place: Path, table: str, todo: list[list[Row] | int]) -> None:
    held = dict[str, list[Row]]()
    for nth, step in enumerate(todo):
        if isinstance(step, list):
            held[upload(place, reading(table, step), sha=f"{nth:x}")] = step
        elif held:
            gone = list(held)[step % len(held)]
            withdraw(place, gone)
            del held[gone]
        assert_shows(place, table, held.values())
    assert {check.state for check in doctor(place)} == {"ok"}


@pytest.mark.parametrize("table", FED_TABLES)
@given(st.data())
@settings(max_examples=10, deadline=None)
def test_any_run_is_its_replay(table: str, drawn: st.DataObject) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        check(Path(folder), table, drawn.draw(steps(table)))


@pytest.mark.parametrize("table", FED_TABLES)
def test_a_store_of_the_first_release_goes_on(
    store: Path, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        release_0_1_0(patch, checkpoint_interval=2)
        for nth in range(3):
            upload(store, reading(table, [row(table, 0, value=nth)]), sha=f"a{nth}")
    held = [[row(table, 0, value=nth)] for nth in range(3)]
    check_held(store, table, held)


def check_held(store: Path, table: str, held: list[list[Row]]) -> None:
    """Uploads on top, then every upload taken back, the newest first."""
    held.append([row(table, 0, value=9), row(table, 1, value=1)])
    upload(store, reading(table, held[-1]), sha="b")
    for upload_id in uploads(store)["upload_id"]:
        assert_shows(store, table, held)
        withdraw(store, upload_id)
        held.pop()
    assert_shows(store, table, [])
    assert {check.state for check in doctor(store)} == {"ok"}


def test_many_small_files_become_one(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "SMALL_FILES", 3)
    counts = []
    for nth in range(7):
        upload(store, reading("messages", [row("messages", nth)]), sha=f"{nth}")
        counts.append(shown_files(store))
    assert counts == [1, 2, 3, 1, 2, 3, 1]
    assert scan(store, "messages", SHOP).collect().height == 7


def test_optimizing_joins_files_and_changes_no_row(store: Path) -> None:
    for nth in range(5):
        upload(store, reading("messages", [row("messages", nth)]), sha=f"{nth}")
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
