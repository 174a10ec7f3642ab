from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sample_data.generate import generate
from sample_data.plan import DEFAULT_LAST_DAY, Plan
from sample_data.world import draw_world
from store.schemas import FED_TABLES


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("once", "again"):
        generate(tmp_path / name, days=20, orders_per_day=8, seed=3)
    once = contents(tmp_path / "once")
    assert once == contents(tmp_path / "again")
    assert {Path(name).suffix for name in once} == {".csv", ".xlsx", ".json"}


def test_another_seed_is_another_shop(tmp_path: Path) -> None:
    for seed in (3, 4):
        generate(tmp_path / str(seed), days=20, orders_per_day=8, seed=seed)
    one, other = contents(tmp_path / "3"), contents(tmp_path / "4")
    assert one.keys() == other.keys()
    assert all(one[name] != other[name] for name in one if "订单" in name or "Order" in name)


def test_files_come_in_the_order_of_an_upload(small_shop: Path, tmp_path: Path) -> None:
    paths = generate(tmp_path, days=20, orders_per_day=8, seed=3)
    assert sorted(paths) == sorted(tmp_path.iterdir())
    assert paths[0].name.startswith("ExportOrderList")
    assert paths[-1].name == "truth.json"


@pytest.mark.parametrize(
    ("days", "orders_per_day", "orders"),
    [
        pytest.param(1, 1, 1, id="one order"),
        pytest.param(10, 3.5, 35, id="a fraction of orders a day"),
        pytest.param(200, 30, 6_000, id="the shop that is shipped"),
    ],
)
def test_orders_are_as_many_as_asked_for(days: int, orders_per_day: float, orders: int) -> None:
    world = draw_world(Plan(days=days, orders_per_day=orders_per_day))
    assert world.frames["orders"].height == orders


@pytest.mark.parametrize(
    ("messages", "orders_per_day"),
    [
        pytest.param(10, 1, id="ten lines"),
        pytest.param(5_000, 10, id="some"),
        pytest.param(100_000, 10, id="far more talk than trade"),
        pytest.param(2_000, 200, id="far more trade than talk"),
    ],
)
def test_messages_are_nearly_as_many_as_asked_for(messages: int, orders_per_day: float) -> None:
    found = draw_world(Plan(days=60, orders_per_day=orders_per_day, messages=messages)).messages
    assert messages * 0.95 - 20 <= found.height <= messages
    assert found.height > 0


def test_double_eleven_stands_out() -> None:
    created = draw_world(Plan(days=60, orders_per_day=40)).frames["orders"]["created_at"]
    per_day = dict(created.dt.date().value_counts().iter_rows())
    usual = sorted(per_day.values())[len(per_day) // 2]
    assert max(per_day, key=lambda day: per_day[day]) == date(2025, 11, 11)
    assert per_day[date(2025, 11, 11)] > 3 * usual


def test_chat_lines_are_kept_for_the_last_days_only() -> None:
    sent = draw_world(Plan(days=40, orders_per_day=10, chat_days=7)).messages["sent_at"].dt.date()
    assert sent.min() == DEFAULT_LAST_DAY - timedelta(days=6)
    assert sent.max() == DEFAULT_LAST_DAY


def test_nothing_happens_after_the_last_day() -> None:
    plan = Plan(days=40, orders_per_day=20, last_day=date(2025, 6, 18))
    for name, frame in draw_world(plan).frames.items():
        happened = frame.select(pl.col(pl.Datetime).exclude("ship_by", "due_at"))
        latest = max(day for day in happened.max().row(0) if day)
        assert latest.date() <= date(2025, 6, 18), name


@pytest.mark.parametrize("table", ["messages", "orders", "order_items", "refunds", "ratings"])
def test_tables_fit_the_store(table: str) -> None:
    frame = draw_world(Plan(days=40, orders_per_day=20)).frames[table]
    assert FED_TABLES[table].validate(frame).height > 0


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"days": 0}, id="no day"),
        pytest.param({"orders_per_day": 0}, id="no order"),
        pytest.param({"messages": 0}, id="no message"),
    ],
)
def test_a_shop_without_trade_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least"):
        Plan(**wrong)
