"""A level that may drift or slide, read off noisy days, with how fast it moves left open.

Each way of moving on a grid (speed of a random walk, size of a slope that fades) gives a Kalman
filter of its own; the filters are weighted by how well each foresaw the next day. A steady shop
thereby uses its whole past and a drifting one its last weeks, without anybody choosing a
window, and the doubt about the way of moving is part of the uncertainty.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: A slope keeps this share of itself from day to day: half of it is gone after six weeks.
SLOPE_KEPT = 0.985


#: The level's own backtest foresees so many days at once, once it has seen so many.
_FORTNIGHT = 14
_FIRST_FORESEEN = 56
#: A shop with fewer tested fortnights gets wider intervals by this factor.
_FEWEST_FORTNIGHTS = 4
_UNTESTED = 1.15
#: Fortnights that the belief in the foreseen variance is worth; the worst error that counts.
_CALM = 14.0
_WORST_ERROR = 9.0


@dataclass(frozen=True)
class Moves:
    """The grid: how a level may move, relative to itself, and how much each way is believed."""

    #: Daily variance of the random walk.
    walk: Floats
    #: Usual size of a slope per day (standard deviation), 0 for none.
    slope: Floats
    belief: Floats
    #: A day further off than so many standard deviations moves the level no further.
    clip: float


#: Ways in which the stars of a shop move. Most shops hardly do.
STAR_MOVES = Moves(
    walk=np.array([0.0, 1e-5, 4e-5, 1.6e-4, 6.4e-4, 0.0, 0.0, 0.0]),
    slope=np.array([0.0, 0.0, 0.0, 0.0, 0.0, 4e-4, 8e-4, 1.6e-3]),
    belief=np.array([0.20, 0.06, 0.05, 0.03, 0.01, 0.25, 0.25, 0.15]),
    clip=6.0,
)


@dataclass(frozen=True)
class Level:
    """Where a moving level stands today; arrays have one entry per way of moving."""

    weights: Floats
    levels: Floats
    slopes: Floats
    #: Covariance of (level, slope): shape (ways, 2, 2).
    doubts: Floats
    walk: Floats
    #: Daily variance of the slope's own steps.
    bends: Floats
    #: Squared errors of past fortnights, each over the variance foreseen for it.
    past_errors: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Level today."""
        return float(self.weights @ self.levels)

    @property
    def variance(self) -> float:
        """Variance of the level today."""
        spread = self.doubts[:, 0, 0] + (self.levels - self.mean) ** 2
        return float(self.weights @ spread)

    @property
    def drift(self) -> float:
        """Variance that the random walk adds per day ahead."""
        return float(self.weights @ self.walk)

    def ahead(self, horizon: int) -> Floats:
        """Expected level of each coming day, never under a twentieth of today's."""
        path = self.weights @ (self.levels[:, None] + self.slopes[:, None] * _reach(horizon))
        return np.maximum(path, 0.05 * max(self.mean, 1e-9))

    def doubt(self, amounts: Floats) -> Floats:
        """Variance of Σ amount · level over the coming days up to each of them.

        Args:
            amounts: What each coming day has to be multiplied by that day's level.
        """
        horizon = len(amounts)
        reach = _reach(horizon)
        flat, sloped = np.cumsum(amounts), np.cumsum(amounts * reach)
        totals = self.levels[:, None] * flat + self.slopes[:, None] * sloped
        between = self.weights @ (totals - self.weights @ totals) ** 2
        own = (
            self.doubts[:, 0, 0, None] * flat**2
            + 2 * self.doubts[:, 0, 1, None] * flat * sloped
            + self.doubts[:, 1, 1, None] * sloped**2
        )
        # A step of day u moves all that comes from u on; a bend of day u what comes after it.
        gaps = np.arange(horizon)[None, :] - np.arange(horizon)[:, None]
        steps = np.cumsum(np.where(gaps >= 0, amounts, 0.0), axis=1)
        bent = np.where(gaps > 0, reach[np.maximum(gaps - 1, 0)], 0.0)
        bends = np.cumsum(bent * amounts, axis=1)
        moving = float(self.weights @ self.walk) * (steps**2).sum(axis=0)
        turning = float(self.weights @ self.bends) * (bends**2).sum(axis=0)
        return np.asarray(self.weights @ own + between + moving + turning)

    @property
    def calibration(self) -> float:
        """Factor on the width of intervals that the past fortnights would have asked for.

        Each fortnight was foreseen from the days before it; the mean squared error, in units of
        the foreseen variance, is blended with 1. Wider where too few fortnights have passed.
        """
        if len(self.past_errors) < _FEWEST_FORTNIGHTS:
            return _UNTESTED
        total = sum(min(error, _WORST_ERROR) for error in self.past_errors)
        return float(np.sqrt((_CALM + total) / (_CALM + len(self.past_errors))))

    def kept_above(self, lowest: float) -> "Level":
        """The same with no way of moving below a level."""
        return replace(self, levels=np.maximum(self.levels, lowest))


def _reach(horizon: int) -> Floats:
    """How far a slope of 1 per day has carried after 1, 2, … days while it fades."""
    return np.asarray(np.cumsum(SLOPE_KEPT ** np.arange(horizon)))


def local_level(
    values: Floats, variances: Floats, *, start: float, start_variance: float, moves: Moves
) -> Level:
    """Level after the last day, from one value a day.

    Args:
        values: Daily observations; anything where the variance is infinite.
        variances: Variance of each observation around the level; infinite = no observation.
        start: What the level was believed to be before the first day.
        start_variance: How little that belief is worth.
        moves: Ways in which the level may move.
    """
    level = np.full(len(moves.walk), start)
    slope = np.zeros(len(moves.walk))
    bends = moves.slope**2 * (1 - SLOPE_KEPT**2)
    # Covariance of level and slope: a = level, c = both, b = slope.
    a, c, b = np.full(len(level), start_variance), np.zeros(len(level)), moves.slope**2
    credit = np.log(moves.belief / moves.belief.sum())
    errors: list[float] = []
    foreseen = (start, np.inf)
    for day, (value, variance) in enumerate(zip(values.tolist(), variances.tolist(), strict=True)):
        if day >= _FIRST_FORESEEN and day % _FORTNIGHT == 0:
            if np.isfinite(foreseen[1]):
                part = slice(day - _FORTNIGHT, day)
                errors += _error(values[part], variances[part], *foreseen)
            foreseen = _foreseen(credit, level, slope, a, moves)
        level = level + slope
        slope = slope * SLOPE_KEPT
        a = a + 2 * c + b + moves.walk
        c = (c + b) * SLOPE_KEPT
        b = b * SLOPE_KEPT**2 + bends
        if variance == np.inf:
            continue
        total = a + variance
        surprise = value - level
        bound = moves.clip * np.sqrt(total)
        clipped = np.minimum(np.maximum(surprise, -bound), bound)
        credit = credit - 0.5 * (np.log(total) + clipped**2 / total)
        step = clipped / total
        level = level + a * step
        slope = slope + c * step
        a, c, b = a - a * a / total, c - a * c / total, b - c * c / total
    weights = np.exp(credit - credit.max())
    doubts = np.stack([np.stack([a, c], axis=-1), np.stack([c, b], axis=-1)], axis=-2)
    return Level(weights / weights.sum(), level, slope, doubts, moves.walk, bends, tuple(errors))


def _foreseen(
    credit: Floats, level: Floats, slope: Floats, doubt: Floats, moves: Moves
) -> tuple[float, float]:
    """Mean and variance of the level's mean over the coming fortnight."""
    weights = np.exp(credit - credit.max())
    weights = weights / weights.sum()
    middle = level + slope * _FORTNIGHT / 2
    mean = float(weights @ middle)
    spread = doubt + moves.walk * _FORTNIGHT / 3 + (middle - mean) ** 2
    return mean, float(weights @ spread)


def _error(values: Floats, variances: Floats, mean: float, variance: float) -> list[float]:
    """Squared error of a fortnight over its foreseen variance; nothing where it was empty."""
    weights = 1 / variances
    if not weights.sum() > 0:
        return []
    seen = float(weights @ np.where(weights > 0, values, 0.0) / weights.sum())
    return [(seen - mean) ** 2 / (variance + 1 / float(weights.sum()))]
