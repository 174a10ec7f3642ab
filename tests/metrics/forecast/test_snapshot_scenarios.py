from datetime import date

import polars as pl
import pytest

from metrics.forecast.snapshot_scenarios import SCENARIO_SCHEMA, snapshot_scenarios
from tests.metrics.fitted import Row, inputs

MAY_1 = date(2024, 5, 1)


def snapshot(**more: object) -> Row:
    return {"day": MAY_1, "dimension": "service", "score": 4.71} | more


def printed(*rows: Row) -> pl.DataFrame:
    return inputs(rating_snapshots=rows).snapshots


def test_a_known_number_of_raters_gives_one_answer() -> None:
    """99 ratings at 4.0 and one of 5: 401 over 100."""
    result = snapshot_scenarios(printed(snapshot(score=4.0, raters=99)), ratings=[1], stars=[5])
    assert result.rows() == [("service", MAY_1, 4.0, 99, 99, 5, 1, 0.01, 0.01)]


def test_a_gap_gives_an_interval() -> None:
    """18 five-star ratings to 4.75 from 4.71: 95 to 128 ratings."""
    feed = printed(snapshot(five_star_gap=18, target=4.75))
    row = snapshot_scenarios(feed, ratings=[10], stars=[1]).row(0, named=True)
    assert (row["fewest"], row["most"]) == (95, 128)
    assert row["change_low"] == pytest.approx((4.71 * 95 + 10) / 105 - 4.71)
    assert row["change_high"] == pytest.approx((4.71 * 128 + 10) / 138 - 4.71)


def test_without_an_upper_end_one_rating_may_move_nothing() -> None:
    """A gap of 3 to 4.75 from 4.75: 101 ratings or any number more."""
    feed = printed(snapshot(score=4.75, five_star_gap=3, target=4.75))
    row = snapshot_scenarios(feed, ratings=[1], stars=[1]).row(0, named=True)
    assert (row["fewest"], row["most"], row["change_high"]) == (101, None, 0.0)
    assert row["change_low"] == pytest.approx(-3.75 / 102)


def test_the_newest_snapshot_counts_and_the_unknown_has_no_rows() -> None:
    old = snapshot(day=date(2024, 4, 1), raters=5)
    feed = printed(snapshot(raters=50), old, snapshot(dimension="logistics"))
    result = snapshot_scenarios(feed)
    assert set(result["dimension"]) == {"service"}
    assert set(result["fewest"]) == {50}


def test_no_snapshot_no_scenario() -> None:
    assert dict(snapshot_scenarios(printed()).schema) == SCENARIO_SCHEMA
