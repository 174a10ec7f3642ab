from datetime import date

from metrics.forecast.snapshot_scenarios import SCENARIO_SCHEMA, snapshot_scenarios
from tests.metrics.fitted import Row, inputs

MAY_1 = date(2024, 5, 1)


def snapshot(**more: object) -> Row:
    return {"day": MAY_1, "dimension": "service", "score": 4.71} | more


def test_a_known_number_of_raters_gives_one_answer() -> None:
    """99 ratings at 4.0 and one of 5: 401 over 100."""
    result = snapshot_scenarios(
        inputs(rating_snapshots=[snapshot(score=4.0, raters=99)]), ratings=[1], stars=[5]
    )
    assert result.rows() == [("service", MAY_1, 4.0, 99, 99, 5, 1, 4.01, 4.01)]


def test_a_gap_gives_an_interval() -> None:
    """18 five-star ratings to 4.75 from 4.71: 95 to 128 ratings."""
    feed = inputs(rating_snapshots=[snapshot(five_star_gap=18, target=4.75)])
    row = snapshot_scenarios(feed, ratings=[10], stars=[1]).row(0, named=True)
    assert (row["fewest"], row["most"]) == (95, 128)
    assert round(row["score_low"], 3) == round((4.71 * 95 + 10) / 105, 3)
    assert round(row["score_high"], 3) == round((4.71 * 128 + 10) / 138, 3)


def test_the_newest_snapshot_counts_and_the_unknown_has_no_rows() -> None:
    old = snapshot(day=date(2024, 4, 1), raters=5)
    feed = inputs(rating_snapshots=[snapshot(raters=50), old, snapshot(dimension="logistics")])
    result = snapshot_scenarios(feed)
    assert set(result["dimension"]) == {"service"}
    assert set(result["fewest"]) == {50}


def test_no_snapshot_no_scenario() -> None:
    assert dict(snapshot_scenarios(inputs()).schema) == SCENARIO_SCHEMA
