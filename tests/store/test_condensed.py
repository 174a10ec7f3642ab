"""What a store keeps of its rows is what the rows come to, whatever happened since."""

import logging
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from opening import opened
from store import lake
from store.settings import ShopSettings
from store.shop_tables import Frames, Recipe, ShopTables, Source
from store.tables import shop_tables
from store.uploads import withdraw
from tests.frames import MAY_1, condensed
from tests.store.feeds import SHOP, reading, upload

RULES = ShopSettings()


def said(day: int, buyer: str = "ann", sender: str = "buyer", agent: str = "li") -> dict[str, Any]:
    """A line of a day of May; June begins with day 32."""
    return {
        "buyer": buyer,
        "sent_at": MAY_1 + timedelta(days=day - 1),
        "sender": sender,
        "agent": agent,
    }


def bought(day: int, order_id: str, buyer: str = "ann", paid: int | None = 0) -> dict[str, Any]:
    """An order of a day of May, paid so many days later."""
    created_at = MAY_1 + timedelta(days=day - 1, hours=1)
    paid_at = None if paid is None else created_at + timedelta(days=paid)
    return {
        "order_id": order_id,
        "buyer": buyer,
        "created_at": created_at,
        "paid_at": paid_at,
        "paid_fen": 100,
    }


def add(store: Path, sha: str, *rows: dict[str, Any], table: str = "messages") -> str:
    return upload(store, reading(table, rows), sha=sha)


def assert_up_to_date(store: Path, rules: ShopSettings = RULES) -> None:
    """The frames as opened are those of the rows that the store now holds."""
    tables = opened(store, SHOP, rules)
    expected = condensed(shop_tables(store, SHOP), rules).condensed
    assert expected.keys() == tables.condensed.keys()
    for recipe, frames in tables.condensed.items():
        for name, frame in frames.items():
            kept = frame.collect()
            assert_frame_equal(kept, expected[recipe][name].collect(), check_row_order=False)
            assert recipe.apart == "nothing" or kept["day"].is_sorted()


def test_frames_follow_every_import_and_withdrawal(store: Path) -> None:
    add(store, "a", said(1), said(1, sender="agent"), said(2), said(32))
    assert_up_to_date(store)
    second = add(store, "b", said(2, "bob"), said(2, sender="agent", agent="wu"), said(3))
    assert_up_to_date(store)
    third = add(store, "c", said(3), said(1, "cat"), said(33, sender="robot"))
    assert_up_to_date(store)
    withdraw(store, second)
    assert_up_to_date(store)
    withdraw(store, third)
    assert_up_to_date(store)


def test_orders_follow_what_was_said_and_paid(store: Path) -> None:
    add(store, "lines", said(1), said(31), said(31, sender="agent"))
    assert_up_to_date(store)
    add(store, "orders", bought(1, "1"), bought(31, "2", paid=None), table="orders")
    assert_up_to_date(store)
    # Ordered in June after an inquiry of the last of May.
    add(store, "june", bought(34, "3"), table="orders")
    assert_up_to_date(store)
    # Paid in June, which makes the inquiries of the weeks after questions about that order.
    add(store, "later", said(40))
    add(store, "paid", bought(31, "2", paid=2), table="orders")
    assert_up_to_date(store)
    # Paid in May, so that the inquiry of June is about this order.
    add(store, "may", bought(29, "4"), table="orders")
    assert_up_to_date(store)
    # Said in April, before the order of the first of May.
    april = add(store, "april", said(0, sender="agent", agent="wu"))
    assert_up_to_date(store)
    rated = {"order_id": "1", "rated_at": MAY_1 + timedelta(days=3), "description": 5}
    add(store, "rated", rated, table="ratings")
    asked = {"refund_id": "r", "order_id": "2", "asked_at": MAY_1 + timedelta(days=40)}
    refund = add(store, "asked", asked, table="refunds")
    assert_up_to_date(store)
    add(store, "buyer", bought(31, "2", "bob", paid=2), table="orders")
    assert_up_to_date(store)
    withdraw(store, april)
    assert_up_to_date(store)
    withdraw(store, refund)
    assert_up_to_date(store)


def test_other_robots_make_other_frames(store: Path) -> None:
    add(store, "a", said(1), said(1, sender="agent", agent="auto"))
    assert_up_to_date(store)
    assert_up_to_date(store, ShopSettings(robot_agents=("auto",)))
    assert_up_to_date(store)


def test_only_days_that_changed_are_counted_again(store: Path) -> None:
    counted: list[int] = []

    def noting(tables: ShopTables, _first: date, _last: date) -> Frames:
        rows = tables.messages.select(day=pl.col("sent_at").dt.date())
        counted.extend(rows.select(pl.col("day").dt.day()).collect().to_series().unique())
        return {"lines": rows}

    recipe = Recipe(
        "noted", 1, (), ("lines",), (Source("messages", ("sent_at",)),), noting, apart="days"
    )

    def open_it() -> list[int]:
        counted.clear()
        shop_tables(store, SHOP, recipes=(recipe,))
        return sorted(counted)

    add(store, "a", said(1), said(2), said(3))
    assert open_it() == [1, 2, 3]
    assert open_it() == []
    add(store, "b", said(2, "bob"), said(4))
    assert open_it() == [2, 4]


def test_folders_nobody_needs_are_deleted(store: Path) -> None:
    for nth in range(5):
        add(store, str(nth), said(1, f"buyer {nth}"))
        assert_up_to_date(store)
    # This month's newest, and the one before for whoever is still reading it.
    assert len(list((store / "condensed").glob("*/conversations/2024-05/*"))) == 2


def test_only_months_within_reach_are_made_again(store: Path) -> None:
    made: list[int] = []

    def noting(tables: ShopTables, first: date, _last: date) -> Frames:
        made.append(first.month)
        return {"days": tables.messages.select(day=pl.col("sent_at").dt.date()).sort("day")}

    near = Source("orders", ("created_at", "paid_at"), before=timedelta(7), after=timedelta(2))
    lead = Source("messages", ("sent_at",))
    recipe = Recipe("noted", 1, (), ("days",), (lead, near), noting)

    def open_it() -> list[int]:
        made.clear()
        shop_tables(store, SHOP, recipes=(recipe,))
        return sorted(made)

    # Lines of May, June and August; nothing in July.
    add(store, "a", said(1), said(40), said(100))
    assert open_it() == [5, 6, 8]
    assert open_it() == []
    add(store, "b", bought(20, "may"), table="orders")
    assert open_it() == [5]
    # On the 2nd of June, and paid on the 26th: near the end of May, too.
    add(store, "c", bought(33, "june", paid=24), table="orders")
    assert open_it() == [5, 6]
    add(store, "d", bought(87, "july"), table="orders")
    assert open_it() == [8]
    add(store, "e", said(41))
    assert open_it() == [6]


def test_rules_that_were_only_tried_leave_no_heap(store: Path) -> None:
    add(store, "a", said(1), said(1, sender="agent", agent="auto"))
    made = partial((store / "condensed").glob, "*/conversations/2024-05/*")
    opened(store, SHOP, RULES)
    (own,) = made()
    written = (own / "rounds.parquet").stat().st_mtime_ns
    for nth in range(8):
        opened(store, SHOP, RULES)
        opened(store, SHOP, ShopSettings(robot_agents=(f"robot {nth}",)))
    assert (own / "rounds.parquet").stat().st_mtime_ns == written
    assert len(list(made())) == 5


def test_one_wrong_date_makes_one_more_month(store: Path) -> None:
    wrong = bought(1, "2") | {"created_at": datetime(1970, 1, 1), "paid_at": datetime(2099, 1, 1)}
    add(store, "a", said(1), said(1, sender="agent"))
    add(store, "b", bought(1, "1"), bought(40, "3"), wrong, table="orders")
    assert_up_to_date(store)
    months = sorted(path.name for path in store.glob("condensed/*/sales/*"))
    assert months == ["1970-01", "2024-05", "2024-06", "2099-01"]


def test_a_missing_range_may_hold_any_month(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As where a table has grown so many columns that the time of payment has no statistics.
    named = {"delta.dataSkippingStatsColumns": "created_at,order_id,upload_id"}
    monkeypatch.setattr(lake, "_configuration", lambda _ranged: named)
    add(store, "a", said(1), said(1, sender="agent"))
    add(store, "b", bought(1, "1"), bought(2, "2", paid=40), table="orders")
    assert_up_to_date(store)
    months = sorted(path.name for path in store.glob("condensed/*/sales/*"))
    assert months == ["2024-05", "2024-06"]


def test_what_an_earlier_program_made_is_deleted(store: Path) -> None:
    def days(tables: ShopTables, _first: date, _last: date) -> Frames:
        return {"days": tables.messages.select(day=pl.col("sent_at").dt.date())}

    add(store, "a", said(1))
    for edition in (1, 2):
        recipe = Recipe("noted", edition, (), ("days",), (Source("messages", ("sent_at",)),), days)
        shop_tables(store, SHOP, recipes=(recipe,))
    (folder,) = (store / "condensed").glob("*/noted/2024-05/*")
    assert folder.name.startswith("2-")


def test_a_shop_without_rows_has_nothing_condensed(store: Path) -> None:
    upload(store, reading("reviews", [{"buyer": "a", "rated_at": MAY_1, "text": "好"}]), sha="a")
    assert not opened(store, SHOP, RULES).condensed


def test_where_nothing_can_be_written_the_rows_are_read_and_the_log_says_so(
    store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add(store, "a", said(1))
    (store / "condensed").write_text("a file where the folder should be")
    logging.getLogger("store_health").addHandler(caplog.handler)
    tables = opened(store, SHOP, RULES)
    logging.getLogger("store_health").removeHandler(caplog.handler)
    assert any(line.startswith("not kept: conversations;") for line in caplog.messages)
    assert not tables.condensed
    assert tables.messages.collect().height == 1
