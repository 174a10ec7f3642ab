import numpy as np
import pytest

from metrics.views.health.change import changes
from metrics.views.health.standing import score_standings, standings
from tests.metrics.views.health import days


def stood(total: list[float], target: float) -> list[tuple[str, int]]:
    some = days.of(total)
    return list(standings(some, changes(some), target))


def test_far_above_and_far_below_the_target() -> None:
    assert stood(days.calm(60), 0.80)[-1] == ("met", 1)
    assert stood(days.calm(60), 0.99)[-1] == ("missed", 7)


def test_close_to_the_target_more_days_can_tell() -> None:
    assert stood(days.calm(60), 0.95)[-1][0] == "cannot_tell"
    assert stood(days.calm(60), 0.965)[-1] == ("missed", 28)


def test_one_bad_day_is_told_and_stands_until_four_weeks_deny_it() -> None:
    told = [said for said, _ in stood([*days.calm(60), 70.0, *[95.0] * 40], 0.944)]
    assert told[59] == "cannot_tell"
    assert set(told[60:88]) == {"missed"}
    assert set(told[88:]) == {"cannot_tell"}


def test_before_there_is_a_usual_nothing_is_known() -> None:
    assert stood(days.calm(20), 0.5)[-1][0] == "cannot_tell"


@pytest.mark.parametrize(
    ("scores", "standing"),
    [
        pytest.param([4.90] * 60, "met", id="above"),
        pytest.param([4.70] * 60, "missed", id="below"),
        pytest.param([*[4.90] * 59, 4.7995], "met", id="about at it, as before"),
        pytest.param([*[4.70] * 59, 4.8005], "missed", id="about at it, as before, from below"),
        pytest.param([4.8001] * 60, "cannot_tell", id="never away from it"),
    ],
)
def test_a_score_stands_where_it_stood_within_the_reach_of_chance(
    scores: list[float], standing: str
) -> None:
    some = days.of([2.0, 3.0] * 30, 10, law="count", higher_better=False)
    told = score_standings(np.array(scores), np.full(60, 1800.0), some, changes(some), 4.8)
    assert told[-1][0] == standing
    # Deficits of 0.25 at half the spread of their law, 280 in and 280 out, over 1800.
    assert told[-1][1] == pytest.approx((2 * 280 * 0.5 * 0.25) ** 0.5 / 1800, rel=0.1)


def test_a_printed_score_is_taken_as_it_is() -> None:
    some = days.of([0.0] * 5, 0)
    unknown = np.full(5, np.nan)
    told = score_standings(
        np.array([4.81, np.nan, 4.79, 4.79, 4.80]), unknown, some, changes(some), 4.8
    )
    assert [said for said, _ in told] == ["met", "met", "missed", "missed", "met"]
