import itertools
import statistics
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

from metrics.catalog import METRIC_IDS
from metrics.views.limits import REASONS, VERDICT_OF, VERDICTS, charted, verdicts
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


def judged(tables: ShopTables, metric_id: str, target: float | None = None) -> dict[str, Any]:
    rules = ShopSettings(targets={} if target is None else {metric_id: target})
    return verdicts(tables, rules, ids=[metric_id]).collect().row(0, named=True)


#: Mean 10, every step 2: limits 10 ± 6.29.
CALM = [9, 11] * 14


@pytest.mark.parametrize(
    ("days", "target", "reason"),
    [
        pytest.param([*CALM, 10], 10.0, "fine", id="at the target"),
        pytest.param([*CALM, 99], 10.0, "fine", id="far better is fine"),
        pytest.param([*CALM, 9], 10.0, "worse_than_target", id="worse, as usual"),
        pytest.param([*CALM, 3], 2.0, "outside_limits", id="unusual, but meets the target"),
        pytest.param([*CALM, 3], 10.0, "worse_and_outside", id="worse and unusual"),
        pytest.param([*CALM[:-2], 9, 9, 9], 10.0, "worse_three_days", id="three days running"),
        pytest.param([*CALM[:-2], 9, 10, 9], 10.0, "worse_than_target", id="not running"),
        pytest.param([9] * 2, 10.0, "worse_than_target", id="two days are no run of three"),
        pytest.param([99] * 9 + [3], 2.0, "fine", id="no limits from nine days"),
    ],
)
def test_reasons(days: list[int], target: float, reason: str) -> None:
    row = judged(prices(*days), MONEY, target)
    assert (row["reason"], row["verdict"]) == (reason, VERDICT_OF[reason])


def test_the_limits_of_money_rest_on_the_median_step() -> None:
    row = judged(prices(*CALM, 10), MONEY, 10.0)
    assert row["center"] == 10.0
    assert (row["low"], row["high"]) == pytest.approx((10 - 6.29, 10 + 6.29))


def test_only_the_last_28_days_are_usual() -> None:
    row = judged(prices(*[500] * 20, *CALM, 10), MONEY)
    assert (row["center"], row["target"], row["target_is_own"]) == (10.0, 10.0, True)


def test_the_judged_day_is_no_part_of_its_own_limits() -> None:
    assert judged(prices(*CALM, 500), MONEY)["center"] == 10.0


@pytest.mark.parametrize(("orders", "reason"), [(19, "too_few"), (20, "worse_and_outside")])
def test_fewer_than_twenty_are_not_judged(orders: int, reason: str) -> None:
    assert judged(prices(*CALM, 1, orders=orders), MONEY, 10.0)["reason"] == reason


def test_lower_is_better_for_refunds() -> None:
    def shop(refunded: int) -> ShopTables:
        rows = [
            {
                "order_id": f"{i}-{k}",
                "paid_fen": 1,
                "refund_fen": int(k < (refunded if i == 28 else 2)),
            }
            | dict.fromkeys(("created_at", "paid_at"), datetime(2024, 5, 1, 9) + i * DAY)
            for i in range(29)
            for k in range(20)
        ]
        return shop_tables(orders=rows, covers={"orders": (MAY_1, MAY_1 + 42 * DAY)})

    assert judged(shop(2), "refund_rate", 0.1)["reason"] == "fine"
    assert judged(shop(0), "refund_rate", 0.1)["reason"] == "fine"
    assert judged(shop(3), "refund_rate", 0.1)["reason"] == "worse_than_target"
    row = judged(shop(9), "refund_rate", 0.1)
    assert row["reason"] == "worse_and_outside"
    assert row["day"] == MAY_1 + 28 * DAY
    assert row["center"] == pytest.approx(0.1)
    assert row["high"] == pytest.approx(0.1 + 3 * sqrt(0.1 * 0.9 / 20))
    assert row["low"] == 0


def test_a_given_interval_replaces_the_limits() -> None:
    intervals = pl.LazyFrame({"metric": [MONEY], "low": [9.5], "high": [10.5]})
    rules = ShopSettings(targets={MONEY: 8.0})
    row = verdicts(prices(*CALM, 9), rules, ids=[MONEY], intervals=intervals).collect()
    assert row.select("reason", "low", "high").rows() == [("outside_limits", 9.5, 10.5)]


def test_nothing_counted_and_no_file() -> None:
    tables = shop_tables(covers={"orders": (MAY_1, MAY_1 + 5 * DAY)})
    rows = verdicts(tables, ShopSettings()).collect()
    reasons = {row[0]: row[1] for row in rows.select("metric", "reason").rows()}
    assert list(reasons) == list(METRIC_IDS)
    assert reasons[MONEY] == "no_value"
    assert reasons["dsr_service"] == "no_file"
    assert set(rows["verdict"]) == {"too_few"}


@pytest.mark.parametrize(
    ("orders", "note"),
    [
        pytest.param([{"buyer": "ann"}], None, id="a value"),
        pytest.param([{"buyer": None}], "no_buyer", id="nobody is named"),
        pytest.param([], "no_rows", id="nothing sold"),
    ],
)
def test_a_verdict_tells_why_there_is_no_value(
    orders: list[dict[str, Any]], note: str | None
) -> None:
    sold = {"order_id": "o1", "paid_fen": 100} | dict.fromkeys(
        ("created_at", "paid_at"), datetime(2024, 5, 1, 9)
    )
    rows = [sold | order for order in orders]
    tables = shop_tables(orders=rows, covers={"orders": (MAY_1, MAY_1)})
    assert judged(tables, "unit_price")["note"] == note


def test_every_reason_has_words_and_a_verdict() -> None:
    assert set(REASONS) == set(VERDICT_OF)
    assert set(VERDICT_OF.values()) == set(VERDICTS)


def test_until_looks_back_from_an_earlier_day() -> None:
    rules = ShopSettings()
    until = MAY_1 + 27 * DAY
    row = verdicts(prices(*CALM, 500), rules, ids=[MONEY], until=until).collect()
    assert row.select("day", "value").rows() == [(until, 11.0)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=40), st.integers(1, 40))
def test_verdicts_match_reckoning_by_hand(days: list[int], target: int) -> None:
    before, today = days[:-1][-28:], days[-1]
    low = None
    if len(before) >= 10:
        steps = [abs(a - b) for a, b in itertools.pairwise(before)]
        middle = statistics.median(steps)
        reach = 3.145 * middle if middle else 2.66 * statistics.mean(steps)
        low = max(0.0, statistics.mean(before) - reach)
    worse, outside = today < target, low is not None and today < low - 1e-9
    running = len(days) >= 3 and max(days[-3:]) < target
    expected = "fine"
    if (worse and outside) or running:
        expected = "act"
    elif worse or outside:
        expected = "watch"
    row = judged(prices(*days), MONEY, float(target))
    assert row["verdict"] == expected
    assert row["low"] == (None if low is None else pytest.approx(low))


def test_a_chart_holds_the_days_and_their_limits() -> None:
    rows = charted(prices(*CALM, 10), ShopSettings(), ids=[MONEY]).collect()
    assert rows["day"].to_list() == [MAY_1 + i * DAY for i in range(29)]
    assert rows["low"].n_unique() == 1
