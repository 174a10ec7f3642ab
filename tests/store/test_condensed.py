"""What a store keeps of chat lines is what the lines come to, whatever happened since."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from metrics.conversations import condense
from opening import opened
from store.condensed import FRAMES
from store.schemas import Recipe
from store.settings import ShopSettings
from store.tables import shop_tables
from store.uploads import withdraw
from tests.frames import MAY_1
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


def add(store: Path, sha: str, *lines: dict[str, Any]) -> str:
    return upload(store, reading("messages", lines), sha=sha)


def assert_up_to_date(store: Path, rules: ShopSettings = RULES) -> None:
    """The frames as opened are those of the lines that the store now holds."""
    tables = opened(store, SHOP, rules)
    assert tables.condensed is not None
    expected = condense(rules.robot_agents, tables.messages)
    for name in FRAMES:
        kept = getattr(tables.condensed, name).collect()
        assert_frame_equal(kept, expected[name].collect(), check_row_order=False)
        assert kept["day"].is_sorted()


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


def test_other_robots_make_other_frames(store: Path) -> None:
    add(store, "a", said(1), said(1, sender="agent", agent="auto"))
    assert_up_to_date(store)
    assert_up_to_date(store, ShopSettings(robot_agents=("auto",)))
    assert_up_to_date(store)


def test_only_days_that_changed_are_counted_again(store: Path) -> None:
    counted: list[int] = []

    def noting(messages: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
        counted.extend(messages.select(pl.col("sent_at").dt.day()).collect().to_series().unique())
        return condense((), messages)

    def open_it() -> list[int]:
        counted.clear()
        shop_tables(store, SHOP, recipe=Recipe(1, (), noting))
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
    assert len(list((store / "condensed").glob("*/2024-05/*"))) == 2


def test_a_shop_without_chats_has_nothing_condensed(store: Path) -> None:
    upload(store, reading("orders", [{"order_id": "1", "created_at": MAY_1}]), sha="a")
    assert opened(store, SHOP, RULES).condensed is None


def test_where_nothing_can_be_written_the_lines_are_read(store: Path) -> None:
    add(store, "a", said(1))
    (store / "condensed").write_text("a file where the folder should be")
    tables = opened(store, SHOP, RULES)
    assert tables.condensed is None
    assert tables.messages.collect().height == 1
