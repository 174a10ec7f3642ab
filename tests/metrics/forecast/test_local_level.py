import numpy as np
import pytest

from metrics.forecast.local_level import STAR_MOVES, Level, Moves, local_level

STILL = Moves(walk=np.zeros(1), slope=np.zeros(1), belief=np.ones(1), clip=6.0)


def level(values: list[float], variance: float = 1.0, moves: Moves = STILL) -> Level:
    seen = np.array(values)
    spread = np.where(np.isnan(seen), np.inf, variance)
    return local_level(np.nan_to_num(seen), spread, start=1.0, start_variance=1.0, moves=moves)


def test_a_still_level_is_the_mean_with_the_first_belief() -> None:
    """Belief 1 with variance 1, then 2 and 3 with variance 1: the mean of three values."""
    fit = level([2.0, 3.0])
    assert fit.mean == pytest.approx(2.0)
    assert fit.variance == pytest.approx(1 / 3)
    assert fit.ahead(3).tolist() == pytest.approx([2.0] * 3)


def test_days_without_ratings_say_nothing() -> None:
    assert level([2.0, float("nan"), 3.0]).mean == pytest.approx(2.0)


def test_doubt_about_what_comes_is_that_of_the_level() -> None:
    """Two days of 3 and 1 times a level of variance 1/3: 9/3, then 16/3."""
    assert level([2.0, 3.0]).doubt(np.array([3.0, 1.0])).tolist() == pytest.approx([3.0, 16 / 3])


def test_a_moved_level_is_followed() -> None:
    dice = np.random.default_rng(1)
    values = np.concatenate([np.full(150, 1.0), np.full(60, 1.6)]) + dice.normal(0, 0.2, 210)
    fit = level(values.tolist(), 0.04, STAR_MOVES)
    assert fit.mean == pytest.approx(1.6, abs=0.1)
    steady = level((np.full(210, 1.0) + dice.normal(0, 0.2, 210)).tolist(), 0.04, STAR_MOVES)
    assert steady.drift < fit.drift
    assert steady.variance < fit.variance


@pytest.mark.parametrize(
    ("scatter", "wider"),
    [pytest.param(0.2, False, id="as foreseen"), pytest.param(0.5, True, id="wilder")],
)
def test_past_fortnights_widen_the_intervals(scatter: float, wider: bool) -> None:
    """The days move together for a fortnight at a time, which daily variances do not know."""
    dice = np.random.default_rng(2)
    values = 1 + np.repeat(dice.normal(0, scatter if wider else 0.0, 25), 14)
    fit = level((values + dice.normal(0, 0.2, 350)).tolist(), 0.04)
    assert (fit.calibration > 1.1) is wider


def test_an_untested_shop_is_given_more_room() -> None:
    assert level([1.0] * 30).calibration == 1.15
