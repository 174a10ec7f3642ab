from typing import Any

import numpy as np
import pytest

from sample_data.rating_process import (
    LAST_RATING_DAY,
    REFUND_FACTS,
    RatingHabits,
    TradeFacts,
    delay_chances,
    draw_ratings,
    given_chances,
    rating_chance,
    star_chances,
)

MOMENT = np.datetime64("2024-05-01T12:00:00", "us")


def facts(count: int = 1, **more: Any) -> TradeFacts:
    """Orders about which nothing special is known, unless a test says so."""
    usual: dict[str, Any] = {
        name: np.zeros(count) for name in ("days_late", "wait_seconds", "product", "buyer")
    }
    usual |= {"completed_at": np.full(count, MOMENT), "refund": np.zeros(count, dtype=np.int8)}
    usual |= {"shift": np.zeros((count, 3))} | more
    return TradeFacts(**usual)


def test_an_ordinary_order_gets_the_mix_it_was_given() -> None:
    habits = RatingHabits()
    chances = star_chances(facts(), habits)[0]
    for at, mix in enumerate(habits.mixes.values()):
        assert chances[at].tolist() == pytest.approx(mix, abs=1e-9)


@pytest.mark.parametrize(
    ("trouble", "dimension"),
    [
        pytest.param({"days_late": np.array([4.0])}, 2, id="late parcels cost logistics"),
        pytest.param({"wait_seconds": np.array([1200.0])}, 1, id="waits cost service"),
        pytest.param(
            {"refund": np.array([REFUND_FACTS.index("refused")], dtype=np.int8)},
            0,
            id="a refused refund costs the description",
        ),
        pytest.param({"product": np.array([-0.5])}, 0, id="a poor product"),
        pytest.param({"buyer": np.array([-0.5])}, 1, id="a strict buyer"),
    ],
)
def test_trouble_costs_stars(trouble: dict[str, Any], dimension: int) -> None:
    habits, stars = RatingHabits(), np.arange(1, 6)
    usual = star_chances(facts(), habits)[0, dimension] @ stars
    assert star_chances(facts(**trouble), habits)[0, dimension] @ stars < usual - 0.1


def test_draws_follow_the_chances_and_stay_inside_the_window() -> None:
    habits, many = RatingHabits(skipped=(0.2, 0.5, 0.5)), facts(40_000)
    draws = draw_ratings(many, habits, np.random.default_rng(1))
    assert len(draws.order) / 40_000 == pytest.approx(rating_chance(many, habits)[0], abs=0.01)
    delays = (draws.rated_at.astype("datetime64[D]") - MOMENT.astype("datetime64[D]")).astype(int)
    seen = np.bincount(delays, minlength=LAST_RATING_DAY + 1) / len(delays)
    assert seen.tolist() == pytest.approx(delay_chances(habits).tolist(), abs=0.01)
    assert (draws.rated_at >= MOMENT).all()
    given = (draws.stars > 0).mean(axis=0)
    assert given.tolist() == pytest.approx(given_chances(habits).tolist(), abs=0.015)
    assert (draws.stars > 0).any(axis=1).all()
    assert (np.diff(draws.rated_at.astype(np.int64)) >= 0).all()
