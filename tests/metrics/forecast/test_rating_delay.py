import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.forecast.rating_delay import Hazard, fitted_hazard, rating_prior

TODAY = 20_000
NO_PRIOR = np.zeros(4)


def hazard(began: list[int], came: list[int], within: int = 3) -> list[float]:
    """Hazards without a prior; days count back from today, so that no half-life blurs them."""
    days = np.array([TODAY - back for back in began])
    events = np.array([TODAY - back if back >= 0 else -1 for back in came])
    fit = fitted_hazard(days, events, TODAY, prior=NO_PRIOR, weight=0.0001, within=within)
    return [float(each) for each in fit.by_day.round(3)]


def test_hazard_is_those_who_came_over_those_still_waiting() -> None:
    """Four of long ago: two on day 0, one of the other two on day 2, one never."""
    assert hazard([40] * 4, [40, 40, 38, -1]) == [0.5, 0.0, 0.5, 0.0]


def test_a_young_order_speaks_of_its_own_days_only() -> None:
    """Two of today, one came at once. One of long ago never did. Day 0: one of three, nearly."""
    young, old = hazard([0, 0], [0, -1]), hazard([0, 0, 3], [0, -1, -1])
    assert young[0] == 0.5
    assert old[0] == pytest.approx(1 / (2 + 2 ** (-3 / 45)), abs=0.001)
    assert young[1:] == old[1:] == [0.0, 0.0, 0.0]


def test_the_share_that_never_comes_is_what_is_left() -> None:
    fit = Hazard(np.array([0.5, 0.5]), 1.0)
    assert fit.share == 0.75
    assert fit.density.tolist() == [0.5, 0.25]


def test_a_waiting_order_is_judged_from_its_age() -> None:
    """Of two that wait after day 0, one comes tomorrow; after the last day none does."""
    ahead = Hazard(np.array([0.5, 0.5]), 1.0).ahead(np.array([0, 1]), 2)
    assert ahead.tolist() == [[0.5, 0.0], [0.0, 0.0]]


def test_thin_shops_fall_back_to_the_usual_habit() -> None:
    fit = fitted_hazard(
        np.array([TODAY]), np.array([-1]), TODAY, prior=rating_prior(share=0.4), weight=12
    )
    assert fit.share == pytest.approx(0.4, abs=0.02)
    assert fit.last == 15


def test_longer_delays_are_learned_from_the_shop() -> None:
    began = np.full(100, TODAY - 60)
    fit = fitted_hazard(began, began + 33, TODAY, prior=rating_prior(), weight=12)
    assert fit.last == 33
    # Forty (100 halved by age) against the twelve that the usual habit is worth.
    assert fit.by_day[33] == pytest.approx(39.7 / 51.7, abs=0.01)


@given(
    hazards=st.lists(st.floats(0, 0.9), min_size=1, max_size=12),
    age=st.integers(0, 14),
    horizon=st.integers(1, 20),
    factor=st.floats(0, 1),
)
@settings(max_examples=100, deadline=None)
def test_chances_ahead_are_those_of_a_patient_counter(
    hazards: list[float], age: int, horizon: int, factor: float
) -> None:
    fit = Hazard(np.array(hazards), 1.0)
    waiting, expected = 1.0, []
    for day in range(age + 1, age + horizon + 1):
        chance = hazards[day] if day < len(hazards) else 0.0
        expected.append(waiting * chance)
        waiting *= 1 - chance
    assert fit.ahead(np.array([age]), horizon)[0].tolist() == pytest.approx(expected)
    assert fit.density.sum() == pytest.approx(fit.share)
    assert fit.scaled(factor).share == pytest.approx(factor * fit.share, abs=1e-9)


def test_days_left_to_wait_of_those_who_come() -> None:
    """After day 0: ¼ come on day 1, ⅛ on day 2, so (1 · ¼ + 2 · ⅛) ÷ ⅜; the last day is a day."""
    left = Hazard(np.array([0.5, 0.5, 0.5]), 1.0).days_left
    assert left.tolist() == pytest.approx([4 / 3, 1.0, 1.0])


def test_one_great_day_counts_as_two_usual_ones() -> None:
    """Days of one order that came at once; one day of forty of which none did."""
    began = [31, 32, 33, 34] + [30] * 40
    came = [31, 32, 33, 34] + [-1] * 40
    assert hazard(began, came)[0] == pytest.approx(4 / 6, abs=0.02)
