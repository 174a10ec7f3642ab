import numpy as np
import pytest

from metrics.forecast.arrival_rate import daily_rate

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
