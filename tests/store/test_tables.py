import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store.doctor import doctor
from store.errors import NewerStoreError
from store.folders import current_table, log_table
from store.ledger import STORE_VERSION, ledger_table, read_ledger
from store.notes import write_note
from store.schemas import FED_TABLES
from store.settings import ShopSettings
from store.shop_settings import save_settings
from store.tables import coverage, scan, shop_tables, shops, versions
from store.uploads import uploads, withdraw
from tests.frames import MAY_1
from tests.store.feeds import SHOP, reading, row, set_aside, upload

ORDER = {"order_id": "1", "created_at": MAY_1, "status": "paid"}
LINE = {"buyer": "ann", "sent_at": MAY_1, "sender": "buyer"}
NOON_MAY_2 = datetime(2024, 5, 2, 12)


def test_an_empty_store_is_empty_tables(store: Path) -> None:
    tables = shop_tables(store, SHOP)
    for name, schema in FED_TABLES.items():
        frame = getattr(tables, name).collect()
        assert frame.schema == schema.create_empty().schema
        assert frame.is_empty()
    assert shops(store) == []
    assert uploads(store).is_empty()
    assert tables.coverage.is_empty()
    assert not store.exists()


@pytest.mark.parametrize("name", FED_TABLES)
def test_a_table_holds_exactly_its_schema(store: Path, name: str) -> None:
    upload(store, reading(name, [row(name, 0)]), sha="a")
    rows = getattr(shop_tables(store, SHOP), name).collect()
    assert rows.height == 1
    FED_TABLES[name].validate(rows)


@pytest.mark.parametrize("name", FED_TABLES)
def test_a_file_records_the_ranges_it_is_found_by(store: Path, name: str) -> None:
    upload(store, reading(name, [row(name, 0), row(name, 1)]), sha="a")
    pin = read_ledger(store).pin(name)
    for place, version in ((log_table(store, name), pin.log), (current_table(store, name), 1)):
        recorded = {column for column in place.ranged if column != "paid_at"}
        (found,) = place.files(version).to_dicts()
        assert {column for column in place.ranged if found[f"min.{column}"] is not None} == recorded
        assert {column for column in place.ranged if found[f"max.{column}"] is not None} == recorded


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([("a", 1, 2, 9)], [(1, True), (2, True)], id="days long over are whole"),
        pytest.param([("a", 1, 2, 2)], [(1, True), (2, False)], id="the day of upload is not"),
        pytest.param([("a", 1, 3, 2)], [(1, True), (2, False), (3, False)], id="nor later ones"),
        pytest.param(
            [("a", 1, 2, 2), ("b", 2, 2, 3)], [(1, True), (2, True)], id="a later file completes"
        ),
        pytest.param([("a", 1, 1, 9), ("b", 3, 3, 9)], [(1, True), (3, True)], id="a gap stays"),
    ],
)
def test_coverage_is_the_days_of_the_files(
    store: Path, spans: list[tuple[str, int, int, int]], expected: list[tuple[int, bool]]
) -> None:
    for sha, first, last, uploaded in spans:
        span: dict[str, Any] = {"first_day": date(2024, 5, first), "last_day": date(2024, 5, last)}
        at = datetime(2024, 5, uploaded, 4)
        upload(store, reading("orders", [ORDER], **span), sha=sha, uploaded_at=at)
    rows = coverage(store, SHOP).rows()
    assert rows == [("orders", date(2024, 5, day), whole) for day, whole in expected]


@pytest.mark.parametrize(
    ("zone", "hour", "whole"),
    [
        pytest.param("Asia/Shanghai", 15, False, id="23:00 in Shanghai: not over"),
        pytest.param("Asia/Shanghai", 16, True, id="midnight in Shanghai: over"),
        pytest.param("UTC", 16, False, id="the shop's own zone counts"),
    ],
)
def test_a_day_is_whole_once_it_is_over_where_the_shop_is(
    store: Path, zone: str, hour: int, whole: bool
) -> None:
    save_settings(store, SHOP, ShopSettings(time_zone=zone), "test")
    upload(store, reading("orders", [ORDER]), sha="a", uploaded_at=datetime(2024, 5, 1, hour))
    assert coverage(store, SHOP)["whole"].to_list() == [whole]


def test_coverage_goes_with_a_withdrawn_upload(store: Path) -> None:
    gone = upload(store, reading("orders", [ORDER]), sha="a")
    upload(store, reading("messages", [LINE]), sha="b")
    withdraw(store, gone)
    assert coverage(store, SHOP)["table"].to_list() == ["messages"]
    assert coverage(store, "二店").is_empty()


def test_versions_change_with_what_is_read_and_only_then(store: Path) -> None:
    def now() -> tuple[int, ...]:
        return versions(store, ("orders", "messages"))

    seen = [now()]
    first = upload(store, reading("orders", [ORDER]), sha="a")
    seen.append(now())
    # Not one new row, but the file covers another day.
    upload(store, reading("orders", [ORDER], last_day=date(2024, 5, 9)), sha="b")
    seen.append(now())
    save_settings(store, SHOP, ShopSettings(after_sale_days=7), "test")
    seen.append(now())
    withdraw(store, first)
    seen.append(now())
    assert len(set(seen)) == len(seen)
    rating = {"order_id": "1", "rated_at": MAY_1, "service": 5}
    upload(store, reading("ratings", [rating]), sha="c")
    write_note(store, SHOP, "contacted", "1", by="test")
    assert now() == seen[-1]


def test_a_store_deleted_and_filled_anew_is_another_store(store: Path, tmp_path: Path) -> None:
    upload(store, reading("orders", [ORDER]), sha="a")
    before = versions(store, ["orders"]), scan(store, "orders", SHOP).collect()
    store.rename(tmp_path / "elsewhere")
    upload(store, reading("orders", [{**ORDER, "order_id": "2"}]), sha="b")
    assert versions(store, ["orders"]) != before[0]
    assert scan(store, "orders", SHOP).collect()["order_id"].to_list() == ["2"]
    assert uploads(store)["sha256"].to_list() == ["b".ljust(64, "0")]


def test_a_reader_keeps_its_tables_while_others_write(store: Path) -> None:
    first = upload(store, reading("orders", [ORDER]), sha="a")
    tables = shop_tables(store, SHOP)
    upload(store, reading("orders", [{**ORDER, "status": "finished"}]), sha="b")
    withdraw(store, first)
    assert tables.orders.collect()["status"].to_list() == ["paid"]
    assert shop_tables(store, SHOP).orders.collect()["status"].to_list() == ["finished"]


def test_files_outside_the_asked_days_are_not_opened(store: Path) -> None:
    for month in (4, 5, 6):
        line = {**LINE, "sent_at": datetime(2024, month, 3)}
        upload(store, reading("messages", [line]), sha=f"{month}")
    for file in (store / "current" / "messages").glob("2024-0[46]/*.parquet"):
        file.unlink()
    # A new line of May is compared with May alone.
    upload(store, reading("messages", [{**LINE, "nth": 1}]), sha="d")
    problems = [str(check) for check in doctor(store) if check.state == "problem"]
    assert any("data files are missing" in problem for problem in problems)


def test_a_store_of_a_newer_program_is_refused_with_a_sentence(store: Path) -> None:
    upload(store, reading("orders", [ORDER]), sha="a")
    table = ledger_table(store)
    newest = table.latest()
    assert newest is not None
    written = {**table.note(newest.version), "store_version": STORE_VERSION + 1}
    table.commit([], onto=newest.version, note=written)
    for act in (
        lambda: shop_tables(store, SHOP),
        lambda: upload(store, reading("orders", [ORDER]), sha="b"),
        lambda: save_settings(store, SHOP, ShopSettings(), "test"),
        lambda: write_note(store, SHOP, "contacted", "1", by="test"),
    ):
        with pytest.raises(NewerStoreError, match="written by a newer version of Store Health"):
            act()
    (check,) = doctor(store)
    assert check.state == "problem"


def test_every_commit_tells_what_it_was(store: Path) -> None:
    upload_id = upload(store, reading("orders", [ORDER], rejected=set_aside(5)), sha="ab")
    commit = store / "log" / "orders" / "_delta_log" / f"{1:020}.json"
    said = next(
        json.loads(line)["commitInfo"]["store_health"]
        for line in commit.read_text(encoding="utf-8").splitlines()
        if "commitInfo" in line
    )
    note = json.loads(said)
    assert note["upload_id"] == upload_id
    assert note["file_name"] == "ab.csv"
    assert note["sha256"] == "ab".ljust(64, "0")
    assert note["uploaded_by"] == "test"
    assert note["tables"] == [{"table": "orders", "layout": "test", "rows_accepted": 1}]


def test_other_programs_read_the_tables_as_plain_delta(tmp_path: Path) -> None:
    store = tmp_path / "plain"
    upload(store, reading("orders", [ORDER]), sha="a")
    rows = pl.scan_delta(store / "current" / "orders").filter(shop=SHOP).collect()
    assert rows.select("shop", "month", "order_id", "created_at").rows() == [
        (SHOP, "2024-05", "1", MAY_1)
    ]


def test_the_ledger_stays_one_file(store: Path) -> None:
    for nth in range(12):
        line = {**LINE, "sent_at": MAY_1 + timedelta(days=nth)}
        upload(store, reading("messages", [line]), sha=f"{nth:x}")
    table = ledger_table(store)
    newest = table.latest()
    assert newest is not None
    assert table.files(newest.version).height == 1
    assert coverage(store, SHOP).height == 12


def test_payments_after_the_last_order_cover_their_days_in_part(store: Path) -> None:
    order = {"order_id": "1", "created_at": datetime(2025, 1, 31), "paid_at": datetime(2025, 2, 2)}
    upload(store, reading("orders", [order]), sha="a")
    assert coverage(store, SHOP).rows() == [
        ("orders", date(2025, 1, 31), True),
        ("orders", date(2025, 2, 1), False),
        ("orders", date(2025, 2, 2), False),
    ]
