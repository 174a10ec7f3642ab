"""The stars that an order's facts foretell."""

import numpy as np
import pytest
from scipy.optimize import minimize

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


def fitted(stars: list[int], days: list[int], facts: np.ndarray | None = None) -> StarModel:
    """What is fitted to ratings of the last days, 0 the last of them."""
    seen = np.zeros((len(stars), len(FACTS))) if facts is None else facts
    at = TODAY - np.array(days)
    return fitted_stars(np.array(stars), seen, at, given=1.0, today=TODAY, older=NONE)


@pytest.mark.parametrize(("seed", "ratings"), [(1, 200), (2, 200), (5, 90)])
def test_a_fact_is_believed_no_more_than_unseen_weeks_bear_out(seed: int, ratings: int) -> None:
    """The slope of all weeks, times at most 1.1 and what its standard error leaves of it."""
    deficits, facts, model = drawn(seed, ratings, steep=0.8)
    share, late = deficits / 4, facts[:, FACTS.index("late")]

    def missed(line: np.ndarray) -> float:
        odds = line[0] + line[1] * late
        return float((np.logaddexp(0, odds) - share * odds).sum() + line[1] ** 2 / 4)

    plain = minimize(missed, np.zeros(2)).x[1]
    effect = model.effects[FACTS.index("late")]
    assert 0 < effect < 1.1 * (1 - 1 / model.signal**2) * plain + 1e-3
    assert effect < 0.95 * plain


def test_a_fact_that_unseen_weeks_do_not_bear_out_is_not_believed() -> None:
    _, _, model = drawn(3, 200, steep=0.3)
    assert (model.effects == 0).all()
    assert not model.tells_apart


def test_the_doubt_about_an_effect_is_that_of_a_table_of_two_by_two() -> None:
    """Every other one of 400 is late: 60 of them miss all four stars, and 20 of the punctual."""
    late = FACTS.index("late_at_all")
    facts = np.zeros((400, len(FACTS)))
    facts[::2, late] = 1
    stars = [5] * 20
    for low in (0, 6, 12, 1):
        stars[low] = 1
    model = fitted(stars * 20, [day for day in range(199, -1, -1) for _ in "12"], facts)
    misses = model.base(facts[:2]) / 4
    tells_late, tells_punctual = 200 * misses * (1 - misses)
    # The ridge is worth a variance of 2.
    both, own = tells_late + tells_punctual, tells_late + 1 / 2
    expected = both / (both * own - tells_late**2)
    assert model.doubt[late + 1, late + 1] == pytest.approx(expected, rel=1e-6)
    assert np.count_nonzero(model.doubt) == 1


def test_a_first_rating_is_one_among_a_dozen_usual_ones() -> None:
    """A dozen usual ratings miss 12 · 0.23 stars, the thirteenth none; the level hardly moves."""
    model = fitted([5], [0])
    assert model.base(np.zeros((1, len(FACTS))))[0] == pytest.approx(12 * 0.23 / 13)
    assert model.level.mean == pytest.approx(1, abs=0.03)
    assert model.level.variance == pytest.approx(1 / 4, rel=0.03)


def test_one_day_however_full_settles_no_level() -> None:
    """A belief of variance 1/4, and a day that may stand off by a half: (1/4 · 1/4) ÷ (1/2)."""
    assert fitted([5] * 900 + [1] * 100, [0] * 1000).level.variance == pytest.approx(
        1 / 8, rel=0.03
    )


def test_days_that_differ_are_seen_to_scatter() -> None:
    """Ten ratings a day: one low star each day, or five of them every other day."""
    days = [day for day in range(99, -1, -1) for _ in range(10)]
    assert fitted(([5] * 9 + [1]) * 100, days).dispersion == 0.8
    assert fitted(([5] * 10 + [5, 1] * 5) * 50, days).dispersion > 1.5
