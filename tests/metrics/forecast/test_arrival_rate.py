import numpy as np
import pytest

from metrics.forecast.arrival_rate import daily_rate
from metrics.forecast.future_orders import future_pools, pool_of_days
from metrics.forecast.pools import Delays
from metrics.forecast.rating_delay import Hazard

#: A Monday, as days since 1970.
MONDAY = 19_723


def rate(counts: list[float]) -> float:
    """Level after these days, the last of which is a Sunday."""
    return daily_rate(np.array(counts), MONDAY - 1).level


@pytest.mark.parametrize(
    ("counts", "level"),
    [
        pytest.param([10.0] * 70, 10, id="even"),
        pytest.param([10.0] * 42 + [0.0] * 21 + [10.0] * 21, 10, id="weeks without a file"),
        pytest.param([10.0] * 67 + [0.0] * 3, 10, id="files that end three days early"),
        pytest.param([10.0] * 60 + [90.0] + [10.0] * 9, 10, id="one wild day"),
        pytest.param([10.0] * 70 + [20.0] * 42, 20, id="a new level"),
        pytest.param([10.0] * 42 + [0.0] * 28, 0, id="a shop that stopped"),
    ],
)
def test_the_level_is_that_of_the_days_that_speak(counts: list[float], level: float) -> None:
    assert rate(counts) == pytest.approx(level, abs=1.0)


@pytest.mark.parametrize(
    ("days", "level"),
    [
        # Belief 0 with variance 1, a day of 1 with variance 3² = 9: a tenth.
        pytest.param(1, 50, id="one day"),
        # Two days of variance (3/2)² each: 2 / (2 + 2.25).
        pytest.param(2, 235, id="two days"),
        # Seven of (3/7)²: 7 / (7 + 0.18).
        pytest.param(7, 487, id="a week"),
        pytest.param(28, 500, id="four weeks"),
    ],
)
def test_few_days_promise_little(days: int, level: float) -> None:
    assert rate([500.0] * days) == pytest.approx(level, rel=0.02)


def test_no_counts_no_rate() -> None:
    assert rate([]) == 0
    assert daily_rate(np.zeros(5), MONDAY).ahead(MONDAY, 2).tolist() == [0, 0]


def test_weekends_are_known_after_some_weeks() -> None:
    counts = np.array(([10.0] * 5 + [30.0] * 2) * 20)
    ahead = daily_rate(counts, MONDAY - 1).ahead(MONDAY - 1, 7)
    assert ahead[:5].tolist() == pytest.approx([10.0] * 5, rel=0.25)
    assert ahead[5:].tolist() == pytest.approx([30.0] * 2, rel=0.25)


def test_skipped_days_do_not_count() -> None:
    counts = np.array([10.0] * 60 + [80.0] * 3 + [10.0] * 7)
    skipped = counts > 50
    rate = daily_rate(counts, MONDAY, skipped=skipped)
    assert rate.level == pytest.approx(10, rel=0.02)
    assert rate.dispersion == pytest.approx(1.0)


def test_few_days_leave_doubt_about_the_rate() -> None:
    """Belief 0 with variance 1, two days of 1 with variance (3/2)² each: 0.471, variance 0.529."""
    assert daily_rate(np.array([500.0] * 2), MONDAY).doubt == pytest.approx(
        0.529 / 0.471**2, rel=0.03
    )
    # One day leaves a tenth with variance 0.9: bounded by three usual days, squared.
    assert daily_rate(np.array([500.0]), MONDAY).doubt == 9
    assert 0 < daily_rate(np.array([10.0] * 70), MONDAY).doubt < 0.01


def test_a_rate_that_moved_is_expected_to_move_on() -> None:
    even, moved = (
        daily_rate(np.array(counts), MONDAY - 1)
        for counts in ([10.0] * 70, [10.0] * 35 + [20.0] * 35)
    )
    assert 0 < 10 * even.drift < moved.drift


def test_scatter_is_that_of_one_day_against_the_next() -> None:
    """Days of 5 and 15 in turn: 10² ÷ (5 + 15), 69 times, and 1 with the weight of 15."""
    turns = daily_rate(np.array([5.0, 15.0] * 35), MONDAY - 1)
    assert turns.dispersion == pytest.approx((69 * 5 + 15) / 84, rel=0.01)


def test_a_pool_is_as_uncertain_as_its_rate() -> None:
    counts = [5, 15] * 35
    days = np.arange(MONDAY - 70, MONDAY)
    rate = daily_rate(np.array(counts, dtype=np.float64), MONDAY - 1)
    half = Hazard(np.array([0.5]), observed=2000.0)
    delays = Delays(half, half, half, kept=1.0)
    (orders,) = future_pools(np.repeat(days, counts), (), delays, np.eye(3), MONDAY - 1)
    ratings = pool_of_days(np.array(counts), days, today=MONDAY - 1, horizon=3)
    for pool in (orders, ratings):
        assert pool.orders.tolist() == rate.ahead(MONDAY - 1, 3).tolist()
        assert (pool.dispersion, pool.drift) == (rate.dispersion, rate.drift)
    assert ratings.doubt == rate.doubt
    # And of the rated share: half of 2 000 seen, twice over, and a thousandth.
    assert orders.doubt == pytest.approx(rate.doubt + 2 * 0.5 / (0.5 * 2000) + 0.001)
