"""A week against the week before: which weeks, which verdict, and what was frozen."""

from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.views.review import (
    changes,
    reviewable_weeks,
    then_and_now,
    week_name,
    week_named,
    weekly,
)
from store.settings import ShopSettings
from tests.frames import shop_tables

MONDAY = date(2024, 5, 6)
WEEK = timedelta(days=7)
SCHEMA = {
    "metric": pl.String,
    "week": pl.Date,
    "value": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "n": pl.Float64,
    "final": pl.Boolean,
}


def weeks(metric: str, *counts: tuple[float, float] | None) -> pl.LazyFrame:
    """Weekly rows from MONDAY on; None is a week that is not final."""
    rows = [
        (metric, MONDAY + at * WEEK, pair[0] / pair[1], *pair, pair[1], True)
        if pair
        else (metric, MONDAY + at * WEEK, 0.5, 1.0, 2.0, 2.0, False)
        for at, pair in enumerate(counts)
    ]
    return pl.LazyFrame(rows, schema=SCHEMA, orient="row")


def judged(rows: pl.LazyFrame) -> dict[str, Any]:
    return changes(rows).collect().row(0, named=True)


@pytest.mark.parametrize(
    ("metric", "counts", "verdict"),
    [
        pytest.param("reply_rate", [(90, 100), (99, 100)], "better", id="a share that rose far"),
        pytest.param("reply_rate", [(99, 100), (90, 100)], "worse", id="a share that fell far"),
        pytest.param("refund_rate", [(1, 100), (10, 100)], "worse", id="less is better"),
        pytest.param("reply_rate", [(90, 100), (92, 100)], "as_usual", id="within chance"),
        pytest.param("reply_rate", [(18, 19), (1, 100)], "too_few", id="19 are too few"),
        pytest.param("reply_rate", [(19, 20), (1, 100)], "worse", id="20 are enough"),
        pytest.param("reply_rate", [(90, 100)], "no_before", id="a first week"),
        pytest.param("reply_rate", [(90, 100), None, (10, 100)], "no_before", id="a gap before"),
        pytest.param("reply_rate", [(90, 100), (92, 100), None], "as_usual", id="open week waits"),
        pytest.param("reply_rate", [None], "no_value", id="nothing is final"),
        pytest.param(
            "response_time_platform",
            [(5000, 100), (5100, 100), (5000, 100), (5100, 100), (9900, 100)],
            "no_history",
            id="three earlier steps are too few",
        ),
        pytest.param(
            "response_time_platform",
            [(5000, 100), (5100, 100), (5000, 100), (5100, 100), (5000, 100), (5386, 100)],
            "as_usual",
            id="a step of 3.86 median steps",
        ),
        pytest.param(
            "response_time_platform",
            [(5000, 100), (5100, 100), (5000, 100), (5100, 100), (5000, 100), (5387, 100)],
            "worse",
            id="a step of 3.87 median steps",
        ),
    ],
)
def test_a_change_is_called_what_it_is(
    metric: str, counts: list[tuple[float, float] | None], verdict: str
) -> None:
    assert judged(weeks(metric, *counts))["verdict"] == verdict


def test_the_newest_final_week_is_compared_with_the_one_before() -> None:
    row = judged(weeks("reply_rate", (80, 100), (90, 100), (93, 100), None))
    assert (row["week"], row["before"], row["value"]) == (MONDAY + 2 * WEEK, 0.9, 0.93)
    assert row["change"] == pytest.approx(0.03)


def wilson(k: int, n: int) -> tuple[float, float]:
    z, p = 1.959963984540054, k / n
    middle, spread = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return tuple(max(0.0, min(1.0, (middle + side * spread) / (1 + z * z / n))) for side in (-1, 1))  # type: ignore[return-value]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_shares_are_judged_by_newcombes_interval(data: st.DataObject) -> None:
    n_before, n = data.draw(st.integers(20, 500)), data.draw(st.integers(20, 500))
    k_before, k = data.draw(st.integers(0, n_before)), data.draw(st.integers(0, n))
    row = judged(weeks("reply_rate", (k_before, n_before), (k, n)))
    (low, high), (low_before, high_before) = wilson(k, n), wilson(k_before, n_before)
    p, p_before = k / n, k_before / n_before
    change = p - p_before
    smallest = change - sqrt((p - low) ** 2 + (high_before - p_before) ** 2)
    largest = change + sqrt((high - p) ** 2 + (p_before - low_before) ** 2)
    expected = "better" if smallest > 0 else "worse" if largest < 0 else "as_usual"
    if min(abs(smallest), abs(largest)) > 1e-9:
        assert row["verdict"] == expected


def day_of_chat(day: date) -> list[dict[str, Any]]:
    """One buyer asks and is answered after a minute."""
    at = datetime.combine(day, datetime.min.time()) + timedelta(hours=9)
    line = {"buyer": f"b{day}", "agent": "ann"}
    return [
        {**line, "sent_at": at, "sender": "buyer"},
        {**line, "sent_at": at + timedelta(minutes=1), "sender": "agent"},
    ]


def chat(first: date, days: int) -> list[dict[str, Any]]:
    return [line for n in range(days) for line in day_of_chat(first + timedelta(days=n))]


@pytest.mark.parametrize(
    ("first", "days", "names"),
    [
        pytest.param(MONDAY, 14, ["2024-W20", "2024-W19"], id="two whole weeks"),
        pytest.param(MONDAY, 13, ["2024-W19"], id="Sunday is missing"),
        pytest.param(MONDAY, 6, [], id="no whole week"),
        pytest.param(MONDAY + timedelta(days=1), 13, ["2024-W20"], id="begins on a Tuesday"),
        pytest.param(MONDAY + timedelta(days=1), 12, [], id="two parts of weeks"),
    ],
)
def test_weeks_that_can_be_reviewed(first: date, days: int, names: list[str]) -> None:
    tables = shop_tables(messages=chat(first, days))
    assert [week_name(monday) for monday in reviewable_weeks(tables)] == names


def test_a_week_is_final_when_all_its_days_are_covered_and_mature() -> None:
    tables = shop_tables(messages=chat(MONDAY + timedelta(days=1), 15))
    rows = weekly(tables, ShopSettings(), week=MONDAY + 2 * WEEK, ids=["reply_rate"], weeks=3)
    assert rows.select("week", "value", "n", "final").collect().rows() == [
        (MONDAY, 1.0, 6.0, False),
        (MONDAY + WEEK, 1.0, 7.0, True),
        (MONDAY + 2 * WEEK, 1.0, 2.0, False),
    ]


def test_then_and_now_shows_the_difference() -> None:
    seen = pl.DataFrame(
        [("reply_rate", MONDAY, 0.9, 10.0), ("refund_rate", MONDAY, 0.1, 10.0)],
        schema={"metric": pl.String, "week": pl.Date, "value": pl.Float64, "n": pl.Float64},
        orient="row",
    )
    rows = weeks("reply_rate", (19, 20)).collect()
    assert then_and_now(seen, rows).rows() == [
        ("reply_rate", MONDAY, 0.9, 10.0, 0.95, 20.0, pytest.approx(0.05)),
        ("refund_rate", MONDAY, 0.1, 10.0, None, None, None),
    ]


@pytest.mark.parametrize("text", ["2024-W54", "2024W10", "2024-05-06", "W10", "2024-W00"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the calendar's own words for some
        week_named(text)
