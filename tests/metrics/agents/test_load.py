from datetime import date, timedelta
from typing import Any

import pytest

from metrics.agents.load import load_by_hour, workload
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import MAY_1, shop_tables

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST, LAST = date(2024, 5, 1), date(2024, 5, 31)


def asks(agent: str, buyer: str, *, day: int = 0, hour: float = 9) -> dict[str, Any]:
    at = MAY_1 + day * DAY + hour * HOUR
    return {"buyer": buyer, "agent": agent, "sender": "buyer", "sent_at": at, "text": "?"}


def loads(tables: ShopTables) -> dict[str, dict[str, Any]]:
    rows = workload(tables, ShopSettings(), first=FIRST, last=LAST).collect()
    return {row["agent"]: row for row in rows.to_dicts()}


def test_a_load_is_days_times_hours_times_buyers() -> None:
    """ann: 2 days, 3 hours, 6 buyers; bea and cat 1 day, 1 hour, 2 buyers."""
    ann = [asks("ann", f"a{n}", day=n % 2, hour=9 + n % 3 * (n % 2 == 0)) for n in range(6)]
    rest = [asks(agent, f"{agent}{n}") for agent in ("bea", "cat") for n in range(2)]
    found = loads(shop_tables(messages=[*ann, *rest]))
    assert [found["ann"][name] for name in ("received", "days", "hours")] == [6, 2, 4]
    assert found["ann"]["hours_per_day"] == 2.0
    assert found["ann"]["received_per_hour"] == 1.5
    assert found["ann"]["team_received"] == 2.0
    assert [found["bea"][name] for name in ("received", "days", "hours")] == [2, 1, 1]


@pytest.mark.parametrize(
    ("ann", "cause"),
    [
        pytest.param([asks("ann", f"a{n}", day=n) for n in range(4)], "days", id="more days"),
        pytest.param(
            [asks("ann", f"a{n}", hour=9 + n) for n in range(4)], "hours_per_day", id="longer shift"
        ),
        pytest.param(
            [asks("ann", f"a{n}") for n in range(4)], "received_per_hour", id="a busier hour"
        ),
        pytest.param([asks("ann", "a0")], None, id="no more than the others"),
    ],
)
def test_the_cause_of_a_load(ann: list[dict[str, Any]], cause: str | None) -> None:
    rest = [asks("bea", "b"), asks("cat", "c")]
    found = loads(shop_tables(messages=[*ann, *rest]))
    assert found["ann"]["cause"] == cause
    assert found["ann"]["cause_ratio"] == (4.0 if cause else None)
    assert found["bea"]["cause"] is None


def test_at_once_and_shared() -> None:
    rows = [
        asks("ann", "one"), asks("ann", "two", hour=9.1), asks("ann", "three", hour=12),
        asks("bea", "one", hour=10),
    ]  # fmt: skip
    found = loads(shop_tables(messages=rows))
    # Two buyers in the block from 09:00, one in that from 12:00; "one" went on to bea.
    assert found["ann"]["at_once"] == 1.5
    assert found["ann"]["shared"] == pytest.approx(1 / 3)
    assert found["bea"]["shared"] == 1.0


def test_performance_tables_know_days_and_no_hours() -> None:
    rows = [
        {"day": FIRST + n * DAY, "agent": "ann", "received_users": 10, "unreplied_users": 1}
        for n in range(3)
    ]
    found = loads(shop_tables(service_days=rows))["ann"]
    assert (found["received"], found["days"]) == (30, 3)
    assert found["hours"] is found["hours_per_day"] is found["cause"] is None


def test_load_by_hour() -> None:
    rows = [
        asks("ann", "one"), asks("ann", "one", hour=9.5), asks("ann", "one", day=1),
        asks("ann", "two", hour=22),
    ]  # fmt: skip
    tables = shop_tables(messages=rows)
    found = load_by_hour(tables, ShopSettings(), first=FIRST, last=LAST).collect()
    assert found.rows() == [("ann", 9, 2, 3), ("ann", 22, 1, 1)]
