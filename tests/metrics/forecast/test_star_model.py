"""The stars that an order's facts foretell."""

import numpy as np
import pytest

from metrics.forecast.star_model import FACTS, OlderDays, StarModel, fitted_stars

TODAY = 19_150
NONE = OlderDays(np.array([], dtype=np.int64), np.array([]), np.array([]))


def drawn(seed: int, ratings: int, *, steep: float) -> tuple[np.ndarray, np.ndarray, StarModel]:
    """Deficits and facts of ratings of which late ones are lower, and what is fitted to them."""
    rng = np.random.default_rng(seed)
    facts = np.zeros((ratings, len(FACTS)))
    facts[:, FACTS.index("late")] = rng.exponential(1, ratings) * (rng.random(ratings) < 0.3)
    chance = 1 / (1 + np.exp(3 - steep * facts[:, FACTS.index("late")]))
    deficits = rng.binomial(4, chance)
    days = np.sort(rng.integers(TODAY - 150, TODAY, ratings))
    model = fitted_stars(5 - deficits, facts, days, given=1.0, today=TODAY, older=NONE)
    return deficits, facts, model


@pytest.mark.parametrize("steep", [0.8, 3.0])
@pytest.mark.parametrize(("seed", "ratings"), [(1, 90), (2, 900), (3, 5_000)])
def test_all_deficits_are_explained_on_the_whole(seed: int, ratings: int, steep: float) -> None:
    deficits, facts, model = drawn(seed, ratings, steep=steep)
    assert model.tells_apart
    assert model.base(facts).sum() == pytest.approx(deficits.sum(), abs=1e-8)


def test_a_shop_of_one_star_ratings_alone_is_fitted() -> None:
    facts = np.zeros((200, len(FACTS)))
    facts[::3, 0] = 1.0
    days = np.arange(TODAY - 200, TODAY)
    ones = np.ones(200, dtype=np.int64)
    model = fitted_stars(ones, facts, days, given=1.0, today=TODAY, older=NONE)
    assert (model.deficits(facts) > 3.8).all()
