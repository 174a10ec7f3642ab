"""Current rows that the uploads do not tell are found and made anew."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from store.current import written
from store.doctor import Check, doctor
from store.folders import PARTITIONS, current_table, log_table
from store.lake import Action, removals
from store.ledger import Ledger, moved, read_ledger, write_ledger, writing
from store.schemas import FED_TABLES
from store.tables import scan, versions
from store.uploads import uploads, withdraw
from tests.store.damage import left_standing
from tests.store.feeds import SHOP, Row, assert_shows, reading, row, upload

TABLE = "service_days"


def of_rows(store: Path) -> Check:
    (found,) = [check for check in doctor(store) if check.subject == "rows"]
    return found


def day(value: int) -> list[Row]:
    return [row(TABLE, 0, value=value)]


def test_a_withdrawal_that_did_nothing_is_made_good(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_standing(store, monkeypatch, 1, 2, gone=1)
    assert_shows(store, TABLE, [day(2)])
    seen = versions(store, [TABLE])
    healed = of_rows(store)
    assert (healed.state, healed.params) == ("healed", {"tables": f"{TABLE} ({SHOP})"})
    assert_shows(store, TABLE, [day(1)])
    assert versions(store, [TABLE]) != seen
    assert {check.state for check in doctor(store)} == {"ok"}


def test_rows_of_a_shop_without_uploads_go(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left_standing(store, monkeypatch, 1, gone=0)
    assert_shows(store, TABLE, [day(1)])
    assert of_rows(store).state == "healed"
    assert_shows(store, TABLE, [])
    assert {check.state for check in doctor(store)} == {"ok"}


def test_a_right_value_of_a_withdrawn_upload_does_not_outlive_the_next_withdrawal(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_standing(store, monkeypatch, 1, 2, 2, gone=1)
    assert of_rows(store).state == "healed"
    assert_shows(store, TABLE, [day(2)])
    withdraw(store, uploads(store)["upload_id"][0])
    assert_shows(store, TABLE, [day(1)])


def test_a_row_that_a_later_upload_repeats_is_sound(store: Path) -> None:
    for sha, value in (("a", 1), ("b", 2), ("c", 2)):
        upload(store, reading(TABLE, day(value)), sha=sha)
    assert of_rows(store).state == "ok"
    assert scan(store, TABLE, SHOP, provenance=True).collect()["sequence"].to_list() == [2]


DAMAGES: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "rows of an upload that is gone": lambda rows: rows.with_columns(sequence=pl.lit(9, pl.Int64)),
    "a row is gone": lambda rows: rows.head(-1),
    "a row twice": lambda rows: pl.concat([rows, rows.head(1)]),
    "one row in place of another": lambda rows: pl.concat([rows.head(1), rows.head(-1)]),
    "nothing": lambda rows: rows.clear(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_every_table_is_made_anew(
    store: Path, damage: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    feeds = {table: [row(table, nth, day=nth) for nth in range(3)] for table in FED_TABLES}
    for sha, shop in (("a", SHOP), ("b", "二店")):
        upload(store, *(reading(name, rows) for name, rows in feeds.items()), sha=sha, shop=shop)
    whole = {table: _rows(store, table) for table in FED_TABLES}
    replace_current(store, damage)
    assert all(not _rows(store, table).equals(whole[table]) for table in FED_TABLES)
    healed = of_rows(store)
    assert healed.state == "healed"
    assert healed.params["tables"] == ", ".join(f"{table} ({SHOP})" for table in FED_TABLES)
    assert all(_rows(store, table).equals(whole[table]) for table in FED_TABLES)
    assert {check.state for check in doctor(store)} == {"ok"}


def test_every_changed_value_is_found(store: Path) -> None:
    valued = [table for table in FED_TABLES if table != "messages"]
    upload(store, *(reading(name, [row(name, 0, value=1)]) for name in valued), sha="a")
    before = {name: _rows(store, name) for name in valued}
    upload(store, *(reading(name, [row(name, 0, value=2)]) for name in valued), sha="b")
    for name in valued:
        old = before[name].with_columns(pl.lit(SHOP).alias("shop"))
        replace_current(store, partial(_rows_like, old), tables=[name])
    named = ", ".join(f"{name} ({SHOP})" for name in valued)
    assert of_rows(store).params == {"tables": named}
    for name in valued:
        assert_shows(store, name, [[row(name, 0, value=2)]])


def _rows_like(others: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return others.select(rows.columns)


def _rows(store: Path, table: str) -> pl.DataFrame:
    return scan(store, table, SHOP, provenance=True).collect().sort(pl.all())


def replace_current(
    store: Path,
    damage: Callable[[pl.DataFrame], pl.DataFrame],
    tables: list[str] | None = None,
) -> None:
    """Have the current views of the shop hold other rows, committed as an upload's are."""

    def work(ledger: Ledger) -> None:
        after = ledger
        for table in tables or FED_TABLES:
            place, pin = current_table(store, table), ledger.pin(table)
            files = place.files(pin.current).filter(shop=SHOP)
            rows = damage(place.scan(files["path"].sort().to_list()).collect())
            actions: list[Action] = [*written(rows, table, place), *removals(files, PARTITIONS)]
            version = place.commit(actions, onto=pin.current, note={})
            after = moved(after, table, current=version)
        write_ledger(store, ledger, after, note={})

    writing(store, work)


def test_an_unreadable_log_is_no_reason_to_change_rows(store: Path) -> None:
    upload(store, reading(TABLE, day(1)), sha="a")
    log = log_table(store, TABLE)
    (path,) = log.files(read_ledger(store).pin(TABLE).log)["path"]
    Path(log.locate(path)).unlink()
    found = of_rows(store)
    assert found.state == "problem"
    assert "cannot be compared with the uploads" in str(found)
    assert_shows(store, TABLE, [day(1)])


def test_a_store_in_use_is_made_anew_later(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left_standing(store, monkeypatch, 1, 2, gone=1)
    monkeypatch.setattr("store.doctor._PATIENCE", 0.0)
    with FileLock(store / "writing.lock"):
        assert of_rows(store).state == "problem"
    assert of_rows(store).state == "healed"
