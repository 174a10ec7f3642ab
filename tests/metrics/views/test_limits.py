"""The range in which a metric's days usually lie."""

import itertools
import statistics
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from metrics.catalog import METRIC_IDS
from metrics.views.limits import charted
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import shop_tables

MAY_1 = date(2024, 5, 1)
DAY = timedelta(days=1)
MONEY = "order_price"


def prices(*yuan: int, orders: int = 20) -> ShopTables:
    """A shop that sells every order of a day at one price, one price a day."""
    rows = [
        {"order_id": f"{i}-{k}", "buyer": f"{i}-{k}", "paid_fen": price * 100}
        | dict.fromkeys(("created_at", "paid_at"), datetime(2024, 5, 1, 9) + i * DAY)
        for i, price in enumerate(yuan)
        for k in range(orders)
    ]
    return shop_tables(orders=rows)


def last(
    tables: ShopTables, metric_id: str, target: float | None = None, until: date | None = None
) -> dict[str, Any]:
    rules = ShopSettings(targets={} if target is None else {metric_id: target})
    rows = charted(tables, rules, ids=[metric_id], until=until).collect()
    return rows.row(-1, named=True)


#: Mean 10, every step 2: limits 10 ± 6.29.
CALM = [9, 11] * 14


def test_the_limits_of_money_rest_on_the_median_step() -> None:
    row = last(prices(*CALM, 10), MONEY, 10.0)
    assert row["center"] == 10.0
    assert (row["low"], row["high"]) == pytest.approx((10 - 6.29, 10 + 6.29))


def test_only_the_last_28_days_are_usual() -> None:
    row = last(prices(*[500] * 20, *CALM, 10), MONEY)
    assert (row["center"], row["target"], row["target_is_own"]) == (10.0, 10.0, True)


def test_the_last_day_is_no_part_of_its_own_limits() -> None:
    assert last(prices(*CALM, 500), MONEY)["center"] == 10.0


def test_limits_of_a_share_know_how_many_were_asked() -> None:
    rows = [
        {"order_id": f"{i}-{k}", "paid_fen": 1, "refund_fen": int(k < 2)}
        | dict.fromkeys(("created_at", "paid_at"), datetime(2024, 5, 1, 9) + i * DAY)
        for i in range(29)
        for k in range(20)
    ]
    shop = shop_tables(orders=rows, covers={"orders": (MAY_1, MAY_1 + 42 * DAY)})
    row = last(shop, "refund_rate")
    assert row["day"] == MAY_1 + 28 * DAY
    assert row["center"] == pytest.approx(0.1)
    assert row["high"] == pytest.approx(0.1 + 3 * sqrt(0.1 * 0.9 / 20))
    assert row["low"] == 0


def test_days_on_which_nothing_was_counted_say_why() -> None:
    tables = shop_tables(covers={"orders": (MAY_1, MAY_1 + 5 * DAY)})
    rows = charted(tables, ShopSettings()).collect()
    assert "dsr_service" not in rows["metric"]
    money = rows.filter(metric=MONEY)
    assert money.height == 6
    assert (money["value"].null_count(), set(money["note"])) == (6, {"no_rows"})
    assert set(rows["metric"]) <= set(METRIC_IDS)


@pytest.mark.parametrize(
    ("orders", "note"),
    [
        pytest.param([{"buyer": "ann"}], None, id="a value"),
        pytest.param([{"buyer": None}], "no_buyer", id="nobody is named"),
        pytest.param([], "no_rows", id="nothing sold"),
    ],
)
def test_a_day_tells_why_it_has_no_value(orders: list[dict[str, Any]], note: str | None) -> None:
    sold = {"order_id": "o1", "paid_fen": 100} | dict.fromkeys(
        ("created_at", "paid_at"), datetime(2024, 5, 1, 9)
    )
    rows = [sold | order for order in orders]
    tables = shop_tables(orders=rows, covers={"orders": (MAY_1, MAY_1)})
    assert last(tables, "unit_price")["note"] == note


def test_until_looks_back_from_an_earlier_day() -> None:
    until = MAY_1 + 27 * DAY
    row = last(prices(*CALM, 500), MONEY, until=until)
    assert (row["day"], row["value"]) == (until, 11.0)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=40))
def test_limits_match_reckoning_by_hand(days: list[int]) -> None:
    before = days[:-1][-28:]
    low = None
    if len(before) >= 10:
        steps = [abs(a - b) for a, b in itertools.pairwise(before)]
        middle = statistics.median(steps)
        reach = 3.145 * middle if middle else 2.66 * statistics.mean(steps)
        low = max(0.0, statistics.mean(before) - reach)
    row = last(prices(*days), MONEY)
    assert row["low"] == (None if low is None else pytest.approx(low))
    assert row["target"] == statistics.median(before)


def test_a_chart_holds_the_days_and_their_limits() -> None:
    rows = charted(prices(*CALM, 10), ShopSettings(), ids=[MONEY]).collect()
    assert rows["day"].to_list() == [MAY_1 + i * DAY for i in range(29)]
    assert rows["low"].n_unique() == 1
