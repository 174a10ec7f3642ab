"""The spread of a score against all that three orders can do, one by one."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from math import exp, log, prod, sqrt

import numpy as np
import pytest

from metrics.forecast.bands import ScorePath, group_stars, like_one, score_path
from metrics.forecast.local_level import Level
from metrics.forecast.pools import NO_GROUPS, Pool
from metrics.forecast.star_model import FACTS, StarModel, tilted

#: Shares of 5, 4, 3, 2 and 1 stars of the shop; each order leans to high or low ones by its slope.
MIX = (0.70, 0.12, 0.08, 0.04, 0.06)
SLOPES = (0.0, 0.5, -0.5)
#: Chance that an order is rated on the first and on the second day.
CHANCES = ((0.4, 0.2), (0.4, 0.2), (0.1, 0.3))
#: Ratings that speak of the dimension, and how much lower the shop's stars stand of late.
GIVEN, LEVEL = 0.9, 0.8
KEPT_STARS, KEPT = np.array([48.0, 43.0, 38.0]), np.array([10.0, 9.0, 8.0])
STARS = (5, 4, 3, 2, 1)
DAYS = (0, 1)


def shares(slope: float) -> list[float]:
    """How likely each number of stars is."""
    leaning = [share * exp(slope * (5 - stars)) for share, stars in zip(MIX, STARS, strict=True)]
    return [share / sum(leaning) for share in leaning]


def deficit(slope: float) -> float:
    """Stars that an order falls short of five on average."""
    return sum(share * (5 - stars) for share, stars in zip(shares(slope), STARS, strict=True))


def chance(order: int, day: int) -> float:
    """Whether the order is rated by then."""
    return GIVEN * sum(CHANCES[order][: day + 1])


Outcome = tuple[float, tuple[int, ...]]


def outcomes(day: int) -> Iterator[Outcome]:
    """Everything that can have happened by a day: its probability, and the stars given."""
    orders: list[list[tuple[float, int | None]]] = []
    for order, slope in enumerate(SLOPES):
        rated = chance(order, day)
        stars = [(rated * share, star) for share, star in zip(shares(slope), STARS, strict=True)]
        orders.append([(1 - rated, None), *stars])
    for each in product(*orders):
        yield prod(p for p, _ in each), tuple(star for _, star in each if star is not None)


def mean_score(day: int) -> float:
    """Expected stars over expected ratings."""
    stars = sum(p * sum(given) for p, given in outcomes(day))
    count = sum(p * len(given) for p, given in outcomes(day))
    return float((KEPT_STARS[day + 1] + stars) / (KEPT[day + 1] + count))


def moments(day: int) -> tuple[float, float, float]:
    """Mean, variance and third central moment of the new ratings' Σ (stars - mean score)."""
    centre = mean_score(day)
    sums = [(p, sum(star - centre for star in given)) for p, given in outcomes(day)]
    mean = sum(p * value for p, value in sums)
    second, third = (sum(p * (value - mean) ** power for p, value in sums) for power in (2, 3))
    return mean, second, third


STILL = Level(
    weights=np.ones(1),
    levels=np.array([LEVEL]),
    slopes=np.zeros(1),
    doubts=np.zeros((1, 2, 2)),
    walk=np.zeros(1),
    bends=np.zeros(1),
    past_errors=(),
)
#: The first fact alone tells the orders apart: it is the log odds of the deficit.
ODDS = [log(deficit(slope) / LEVEL / (4 - deficit(slope) / LEVEL)) for slope in SLOPES]
MODEL = StarModel(
    given=GIVEN,
    intercept=0.0,
    effects=np.eye(len(FACTS))[0],
    doubt=np.zeros((len(FACTS) + 1, len(FACTS) + 1)),
    level=STILL,
    tilt=tilted(np.array(MIX)),
    dispersion=1.0,
    signal=0.0,
)
PENDING = Pool(
    source="pending",
    orders=np.array([2.0, 1.0]),
    chances=np.array([CHANCES[0], CHANCES[2]]),
    group=np.array([0, 0, 1]),
    doubt=0.0,
)
FUTURE = Pool("future", np.array([3.0, 2.0]), np.array([[0.5, 0.2], [0.0, 0.5]]), NO_GROUPS, 0.0, 1)


def path(model: StarModel = MODEL, pool: Pool = PENDING) -> ScorePath:
    facts = np.outer(ODDS, np.eye(len(FACTS))[0])
    return score_path(KEPT_STARS, KEPT, [(pool, group_stars(pool, model, facts))], model)


def variance(of: ScorePath) -> list[float]:
    """Variance of the sum of new ratings, by day."""
    return [float(value) for value in (of.deviation * of.ratings) ** 2]


def test_mean_spread_and_lean_are_those_of_all_outcomes() -> None:
    found = path()
    for day in DAYS:
        _, second, third = moments(day)
        assert found.mean[day] == pytest.approx(mean_score(day))
        assert variance(found)[day] == pytest.approx(second)
        assert found.skewness[day] == pytest.approx(third / second**1.5)
        # Few low stars among many fives: the long tail is below.
        assert third < 0


def test_days_that_scatter_widen_by_their_factor() -> None:
    wider = path(replace(MODEL, dispersion=1.5))
    assert variance(wider) == pytest.approx([1.5 * moments(day)[1] for day in DAYS])


def test_doubt_about_the_rated_share_moves_all_orders_together() -> None:
    doubtful = path(pool=replace(PENDING, doubt=0.3))
    expected = [moments(day)[1] + 0.3 * moments(day)[0] ** 2 for day in DAYS]
    assert variance(doubtful) == pytest.approx(expected)
    assert expected[1] > 1.01 * moments(1)[1]


def arriving() -> list[float]:
    """Expected deficits of the ratings of each day, over the level."""
    by_then = [
        sum(chance(order, day) * deficit(slope) for order, slope in enumerate(SLOPES)) / LEVEL
        for day in DAYS
    ]
    return [by_then[0], by_then[1] - by_then[0]]


def test_doubt_about_the_level_moves_all_deficits_together() -> None:
    doubts = np.zeros((1, 2, 2))
    doubts[:, 0, 0] = 0.2
    doubtful = path(replace(MODEL, level=replace(STILL, doubts=doubts)))
    first, second = arriving()
    expected = [moments(0)[1] + 0.2 * first**2, moments(1)[1] + 0.2 * (first + second) ** 2]
    assert variance(doubtful) == pytest.approx(expected)


def test_a_level_that_wanders_moves_all_deficits_of_the_days_after_each_step() -> None:
    wandering = path(replace(MODEL, level=replace(STILL, walk=np.array([0.1]))))
    first, second = arriving()
    steps = [first**2, (first + second) ** 2 + second**2]
    assert variance(wandering) == pytest.approx(
        [moments(day)[1] + 0.1 * steps[day] for day in DAYS]
    )


def test_a_level_that_slides_moves_the_mean() -> None:
    """By a tenth of a day's deficits after one day, by 0.1 · (1 + 0.985) after two."""
    sliding = path(replace(MODEL, level=replace(STILL, slopes=np.array([0.1]))))
    first, second = arriving()
    lost = [0.1 * first, 0.1 * first + 0.1985 * second]
    expected = [mean_score(day) - lost[day] / path().ratings[day] for day in DAYS]
    assert sliding.mean.tolist() == pytest.approx(expected)


def test_doubt_about_what_a_fact_does_moves_the_orders_that_have_it() -> None:
    doubt = MODEL.doubt.copy()
    doubt[1, 1] = 0.4
    doubtful = path(replace(MODEL, doubt=doubt))
    for day in DAYS:
        # A deficit of 4·s moves by 4·s·(1 - s) with the log odds.
        bend = sum(
            chance(order, day) * ODDS[order] * deficit(slope) * (1 - deficit(slope) / 4)
            for order, slope in enumerate(SLOPES)
        )
        assert variance(doubtful)[day] == pytest.approx(moments(day)[1] + 0.4 * bend**2)


# --- orders that are only expected: three on the first day, two on the second --------------------


def expected_path(pool: Pool) -> ScorePath:
    """All orders like the shop's mix."""
    d1, d2, d3 = (
        float(sum(s * (5 - n) ** k for s, n in zip(MIX, STARS, strict=True))) for k in (1, 2, 3)
    )
    sums = like_one(pool.orders, d1, d2, d3, np.zeros(len(FACTS)))
    return score_path(KEPT_STARS, KEPT, [(pool, sums)], MODEL)


def gains(day: int, power: int, centre: float) -> list[float]:
    """Of the orders of each day: expected Σ (stars - centre)^power of the ratings by a day."""
    one = sum(share * (star - centre) ** power for share, star in zip(MIX, STARS, strict=True))
    rated = (0.5 + 0.2 * day, 0.5 * day)
    return [n * GIVEN * p * one for n, p in zip((3, 2), rated, strict=True)]


@pytest.mark.parametrize("doubt", [0.0, 0.3])
@pytest.mark.parametrize("dispersion", [1.0, 2.5])
@pytest.mark.parametrize("drift", [0.0, 0.2])
def test_orders_to_come_are_uncertain_in_number_and_rate(
    dispersion: float, doubt: float, drift: float
) -> None:
    """A compound count with its scatter; a doubted rate moves all, a drifting one the later."""
    found = expected_path(replace(FUTURE, dispersion=dispersion, doubt=doubt, drift=drift))
    for day in DAYS:
        centre = float(found.mean[day])
        first, later = gains(day, 1, centre)
        scatter = (dispersion - 1) * (first**2 / 3 + later**2 / 2)
        noise = (sum(gains(day, 2, centre)) + scatter) * (1 + doubt)
        together = doubt * (first + later) ** 2 + drift * ((first + later) ** 2 + later**2)
        assert variance(found)[day] == pytest.approx(noise + together)
        deviation = sqrt(noise + together)
        assert found.skewness[day] == pytest.approx(sum(gains(day, 3, centre)) / deviation**3)
