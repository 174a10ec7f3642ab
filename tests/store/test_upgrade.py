"""A store that commit f440aa6 (0.1.0) wrote, opened by this program.

It holds two files of orders, of which the later one says that a paid order is unpaid, and two files
of one service day, of which the later one was withdrawn: 0.1.0 took the order back, and left the
withdrawn row in the current view. Settings and a note are there too.
"""

import tarfile
from datetime import date, datetime
from pathlib import Path

import pytest

from opening import opened
from store.doctor import doctor
from store.ledger import STORE_VERSION, ledger_table, read_ledger
from store.notes import notes
from store.settings import ShopSettings
from store.shop_settings import load_settings
from store.tables import scan
from store.upgrade import upgrade
from store.uploads import uploads, withdraw
from tests.store.feeds import SHOP, order_rows, reading, upload
from tests.store.test_crash import PowerCutError, cut_after

ARCHIVE = Path(__file__).with_name("store-of-0.1.0.tar.xz")
NINE = datetime(2024, 5, 1, 9)
LEFT_STANDING, RIGHT = 30, 4


@pytest.fixture
def old(store: Path) -> Path:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(store, filter="data")
    return store


def unanswered(store: Path) -> int:
    return int(scan(store, "service_days", SHOP).collect()["unreplied_users"].item())


def assert_brought_here(store: Path) -> None:
    """Of this format, what was wrong is right, and nothing else has changed."""
    assert (read_ledger(store).store_version, unanswered(store)) == (STORE_VERSION, RIGHT)
    assert order_rows(store, "status", "paid_fen")[:2] == [
        ("1", "paid", 1000),
        ("2", "unpaid", None),
    ]
    assert {"a.csv", "b.csv", "e.csv"} <= set(uploads(store)["file_name"])
    assert load_settings(store, SHOP).after_sale_days == 7
    assert notes(store, SHOP, "contacted")["subject"].to_list() == ["1"]


def test_it_is_read_as_it_is(old: Path) -> None:
    assert (read_ledger(old).store_version, unanswered(old)) == (1, LEFT_STANDING)
    assert order_rows(old, "status") == [("1", "unpaid"), ("2", "unpaid")]


def test_opened_to_be_counted_it_is_brought_to_this_format(old: Path) -> None:
    tables = opened(old, SHOP, ShopSettings())
    assert_brought_here(old)
    assert tables.last_day("orders") == date(2024, 5, 1)


def test_an_upload_brings_it_to_this_format_first(old: Path) -> None:
    upload(old, reading("orders", [{"order_id": "3", "created_at": NINE}]), sha="d")
    assert_brought_here(old)
    assert len(order_rows(old)) == 3


def test_so_does_a_withdrawal(old: Path) -> None:
    withdraw(old, uploads(old).filter(file_name="a.csv")["upload_id"].item())
    assert (read_ledger(old).store_version, unanswered(old)) == (STORE_VERSION, RIGHT)
    assert order_rows(old, "status") == [("1", "unpaid")]


def test_the_doctor_says_so_once(old: Path) -> None:
    first, second = doctor(old), doctor(old)
    assert [check.subject for check in first if check.state != "ok"] == ["store"]
    assert [check for check in second if check.state != "ok"] == []
    assert_brought_here(old)


def test_there_is_one_commit_and_no_second(old: Path) -> None:
    before = read_ledger(old).version
    assert (upgrade(old), upgrade(old)) == (True, False)
    assert read_ledger(old).version == before + 1
    assert ledger_table(old).note(before + 1)["upgraded"] == [1, STORE_VERSION]


@pytest.mark.parametrize("steps", range(6))
def test_a_writer_that_dies_leaves_the_old_format_or_this_one(
    steps: int, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        cut_after(patch, steps)
        with pytest.raises(PowerCutError):
            upgrade(old)
    assert (read_ledger(old).store_version, unanswered(old)) == (1, LEFT_STANDING)
    upgrade(old)
    assert_brought_here(old)


def test_a_new_store_is_of_this_format(store: Path) -> None:
    upload(store, reading("orders", [{"order_id": "1", "created_at": NINE}]), sha="a")
    assert read_ledger(store).store_version == STORE_VERSION
    assert not upgrade(store)
