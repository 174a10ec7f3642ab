"""From pools of coming ratings to the score's mean and intervals, without throwing dice.

The score of a coming day is (stars kept + new stars) ÷ (ratings kept + new ratings). Around its
mean c it moves by the sum of (stars - c) of the new ratings, divided by their expected number
with the kept ones. That sum is a compound count: its first three cumulants are added up over
the pools, and a translated gamma distribution (actuaries' fit for sums of claims; low stars are
the claims) with the same three gives the quantiles. Nothing is random, so a forecast can be
repeated bit by bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincinv, ndtr, ndtri

from metrics.forecast.pools import SOURCES, Pool
from metrics.forecast.star_model import StarModel

Floats = npt.NDArray[np.float64]

#: A rating under five stars misses so many on average; used to count them.
_DEFICIT_OF_LOW = 1.6
#: Skewness under which a distribution is taken for a normal one.
_EVEN = 5e-3
#: Steps of the search for a probability, and the nearest that it comes to 0 and 1.
_HALVINGS = 40
_SURELY = 1e-12
#: Lower and upper probability of each interval.
QUANTILES = {"low_95": 0.025, "low_80": 0.10, "high_80": 0.90, "high_95": 0.975}


@dataclass(frozen=True)
class GroupStars:
    """Sums over the orders of each group of a pool, for one dimension; d is the deficit."""

    d1: Floats
    d2: Floats
    d3: Floats
    #: Sums of products of an order's own means: d1·d1, d1·d2, d1·d1·d1.
    d11: Floats
    d12: Floats
    d111: Floats
    #: How each group's deficits move with the effects: shape (groups, facts).
    slopes: Floats


def group_stars(
    pool: Pool,
    model: StarModel,
    facts: Floats,
    *,
    factor: Floats | float = 1.0,
    saved: npt.NDArray[np.bool_] | None = None,
) -> GroupStars:
    """Sums of a pool with known orders.

    Args:
        pool: The orders' groups.
        model: Their stars.
        facts: One row per order.
        factor: On each order's deficit, for what its facts cannot show yet.
        saved: Orders that give five stars for certain.
    """
    mean = np.minimum(model.deficits(facts) * factor, 3.98)
    if saved is not None:
        mean = np.where(saved, 0.0, mean)
    square, cube = model.tilt.square(mean), model.tilt.cube(mean)
    groups = len(pool.orders)

    def total(weights: Floats) -> Floats:
        sums = np.bincount(pool.group, weights=weights, minlength=groups)
        return np.asarray(sums, dtype=np.float64)

    bend = mean * (1 - mean / 4)
    slopes = np.stack([total(bend * column) for column in facts.T], axis=1)
    return GroupStars(
        total(mean),
        total(square),
        total(cube),
        total(mean**2),
        total(mean * square),
        total(mean**3),
        slopes,
    )


def expected_stars(
    pool: Pool, model: StarModel, facts: Floats, weights: Floats | None = None
) -> GroupStars:
    """Sums of a pool whose orders are only expected; they will look like those of ``facts``."""
    share = np.full(len(facts), 1.0) if weights is None else weights
    share = share / share.sum()
    mean = model.deficits(facts)
    square, cube = model.tilt.square(mean), model.tilt.cube(mean)
    bend = (share * mean * (1 - mean / 4)) @ facts
    d1, d2, d3 = (float(share @ moment) for moment in (mean, square, cube))
    return like_one(pool.orders, d1, d2, d3, bend)


def stars_of_mean(orders: Floats, model: StarModel, deficit: float) -> GroupStars:
    """Sums of orders that are expected to fall short of five stars by ``deficit`` on average."""
    one = np.array([deficit])
    square, cube = float(model.tilt.square(one)[0]), float(model.tilt.cube(one)[0])
    return like_one(orders, deficit, square, cube, np.zeros(len(model.effects)))


def like_one(orders: Floats, d1: float, d2: float, d3: float, bend: Floats) -> GroupStars:
    """Sums of groups of orders that are all expected to be like one."""
    slopes = orders[:, None] * bend[None, :]
    n = orders
    return GroupStars(n * d1, n * d2, n * d3, n * d1**2, n * d1 * d2, n * d1**3, slopes)


@dataclass(frozen=True)
class ScorePath:
    """One dimension over the coming days; every array has one entry per day ahead."""

    today: float
    mean: Floats
    deviation: Floats
    skewness: Floats
    #: Expected number of ratings in the window.
    ratings: Floats
    #: Contributions to mean - today in stars: expired, then one per source.
    from_expired: Floats
    from_sources: dict[str, Floats]
    #: Stars and ratings that stay; how likely it is that new ones come and all are five stars.
    kept_stars: Floats
    kept_ratings: Floats
    all_five_chance: Floats

    def quantile(self, probability: Floats | float) -> Floats:
        """Score that is undercut with this probability, per day.

        Where few ratings are due, the day without a low star is an outcome of its own that no
        smooth distribution has: if it is likely enough, a high quantile reaches it.

        Args:
            probability: One for all days, or one per day; between 0 and 1.
        """
        smooth = self.mean + self.deviation * _frequency(self.skewness, probability)
        rest = 1 - probability
        reached = np.clip((self.all_five_chance - rest) / rest, 0, 1)
        expected = np.maximum(self.ratings - self.kept_ratings, 0)
        many = np.maximum(expected + ndtri(probability) * np.sqrt(expected), 0)
        all_five = (self.kept_stars + 5 * many) / np.maximum(self.kept_ratings + many, 1e-9)
        return np.asarray(np.clip(smooth + reached * np.maximum(all_five - smooth, 0), 1, 5))

    def below(self, gate: float) -> Floats:
        """Probability of a score under a gate, per day: the lowest whose quantile reaches it.

        Where a day without a low star lifts no quantile under the gate, that is the smooth
        distribution's own; elsewhere it is searched between the two.
        """
        smooth = _probability(self.skewness, self.mean, self.deviation, gate)
        low, high = np.minimum(1 - self.all_five_chance, smooth), smooth
        for _ in range(_HALVINGS if (low < high).any() else 0):
            middle = (low + high) / 2
            reached = self.quantile(np.clip(middle, _SURELY, 1 - _SURELY)) >= gate
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        inside = np.where(gate > 1, high, 0.0)
        return np.asarray(np.where(np.isnan(self.mean), np.nan, np.where(gate > 5, 1.0, inside)))


def score_path(
    kept_stars: Floats,
    kept_ratings: Floats,
    pools: Sequence[tuple[Pool, GroupStars]],
    model: StarModel,
    *,
    scale: float = 1.0,
) -> ScorePath:
    """Moments of one dimension's score on each coming day.

    Args:
        kept_stars: Stars of today's ratings still in the window; entry 0 is today.
        kept_ratings: Their number.
        pools: Sources with their groups' stars.
        model: The dimension's star model.
        scale: Factor on the deviation, from the shop's own past errors.
    """
    horizon = len(kept_stars) - 1
    counts = {name: np.zeros(horizon) for name in SOURCES}
    deficits = {name: np.zeros(horizon) for name in SOURCES}
    moved = model.level.ahead(horizon) / model.level.mean
    for pool, sums in pools:
        arriving = model.given * np.cumsum(pool.chances, axis=1)
        counts[pool.source] += pool.orders @ arriving
        deficits[pool.source] += np.cumsum(model.given * (sums.d1 @ pool.chances) * moved)
    ratings = kept_ratings[1:] + sum(counts.values())
    stars = kept_stars[1:] + sum(5 * counts[name] - deficits[name] for name in SOURCES)
    # Nothing left and nothing expected: no score, rather than a division by zero.
    ratings = np.where(ratings > 0, ratings, np.nan)
    mean = stars / ratings
    today = float(kept_stars[0] / kept_ratings[0])
    left_stars = kept_stars[0] - kept_stars[1:]
    left_ratings = kept_ratings[0] - kept_ratings[1:]
    second, third = _cumulants(pools, model, 5 - mean)
    deviation = np.sqrt(second) / ratings
    return ScorePath(
        today,
        mean,
        deviation * scale,
        third / np.maximum(second, 1e-12) ** 1.5,
        ratings,
        -(left_stars - today * left_ratings) / ratings,
        {name: ((5 - today) * counts[name] - deficits[name]) / ratings for name in SOURCES},
        kept_stars[1:],
        kept_ratings[1:],
        _all_five_chance(
            np.sum(list(counts.values()), axis=0), np.sum(list(deficits.values()), axis=0)
        ),
    )


def _all_five_chance(ratings: Floats, deficits: Floats) -> Floats:
    """Chance that new ratings come and none of them is under five stars."""
    low = np.minimum(deficits / _DEFICIT_OF_LOW, ratings)
    return np.asarray(np.exp(-low) - np.exp(-ratings))


def _cumulants(
    pools: Sequence[tuple[Pool, GroupStars]], model: StarModel, room: Floats
) -> tuple[Floats, Floats]:
    """Variance and third cumulant of Σ (stars - c) over the new ratings; ``room`` is 5 - c."""
    horizon = len(room)
    second, third = np.zeros(horizon), np.zeros(horizon)
    arriving_deficits = np.zeros(horizon)
    tilt = np.zeros((horizon, len(model.effects)))
    for pool, sums in pools:
        chance = model.given * np.cumsum(pool.chances, axis=1)
        noise, skew, first = _pool_cumulants(pool, sums, chance, room)
        second += model.dispersion * noise
        third += skew
        second += first**2 * pool.doubt + _drift_of_rate(pool, sums, model, room)
        arriving_deficits += model.given * (sums.d1 @ pool.chances)
        tilt += (sums.slopes.T @ chance).T
    second += model.level.doubt(arriving_deficits / model.level.mean)
    inner = model.doubt[1:, 1:]
    second += np.einsum("hf,fg,hg->h", tilt, inner, tilt)
    return second, third


def _pool_cumulants(
    pool: Pool, sums: GroupStars, chance: Floats, room: Floats
) -> tuple[Floats, Floats, Floats]:
    """Variance, third cumulant and mean of one pool's Σ (stars - c).

    A known order brings a rating or none (binomial); expected ones come as a count whose
    variance is ``dispersion`` times its mean.
    """
    e, n = room[None, :], pool.orders[:, None]
    d1, d2, d3 = (column[:, None] for column in (sums.d1, sums.d2, sums.d3))
    first = e * n - d1
    square = e**2 * n - 2 * e * d1 + d2
    cube = e**3 * n - 3 * e**2 * d1 + 3 * e * d2 - d3
    if pool.dispersion:
        per_order = first / np.maximum(n, 1e-12)
        extra = (pool.dispersion - 1) * n * (chance * per_order) ** 2
        # Where little is known of the rate there may be many times as many ratings.
        second = (chance * square + extra) * (1 + pool.doubt)
        third = chance * cube
    else:
        d11, d12, d111 = (column[:, None] for column in (sums.d11, sums.d12, sums.d111))
        own_square = e**2 * n - 2 * e * d1 + d11
        # Σ m1·m2 and Σ m1³ with m1 = e - d1, m2 = e² - 2 e d1 + d2 of each order.
        own_cross = e**3 * n - 3 * e**2 * d1 + e * d2 + 2 * e * d11 - d12
        own_cube = e**3 * n - 3 * e**2 * d1 + 3 * e * d11 - d111
        second = chance * square - chance**2 * own_square
        third = chance * cube - 3 * chance**2 * own_cross + 2 * chance**3 * own_cube
    return second.sum(axis=0), third.sum(axis=0), (chance * first).sum(axis=0)


def _drift_of_rate(pool: Pool, sums: GroupStars, model: StarModel, room: Floats) -> Floats:
    """Variance from a rate of orders that wanders on: group g is the orders of day g + 1."""
    if not pool.drift:
        return np.zeros(len(room))
    chance = model.given * np.cumsum(pool.chances, axis=1)
    gains = chance * (room[None, :] * pool.orders[:, None] - sums.d1[:, None])
    from_day_on = gains[::-1].cumsum(axis=0)[::-1]
    return np.asarray(pool.drift * (from_day_on**2).sum(axis=0))


def _frequency(skewness: Floats, probability: Floats | float) -> Floats:
    """Standardised quantile of a translated gamma with this skewness."""
    skew = np.clip(skewness, -4, 4)
    shape = 4 / np.maximum(np.abs(skew), _EVEN) ** 2
    tail = np.where(skew < 0, 1 - probability, probability)
    bent = np.sign(skew) * (gammaincinv(shape, tail) - shape) / np.sqrt(shape)
    return np.asarray(np.where(np.abs(skew) < _EVEN, ndtri(probability), bent))


def _probability(skewness: Floats, mean: Floats, deviation: Floats, gate: float) -> Floats:
    """Probability of a value under the gate in the same distribution; without spread 0 or 1."""
    z = (gate - mean) / np.where(deviation > 0, deviation, 1.0)
    skew = np.clip(skewness, -4, 4)
    shape = 4 / np.maximum(np.abs(skew), _EVEN) ** 2
    inner = shape + np.sqrt(shape) * z * np.where(skew < 0, -1, 1)
    cdf = gammainc(shape, np.maximum(inner, 0))
    bent = np.where(skew < 0, 1 - cdf, cdf)
    spread = np.where(np.abs(skew) < _EVEN, ndtr(z), bent)
    return np.asarray(np.where(deviation > 0, spread, np.where(mean < gate, 1.0, 0.0)))
