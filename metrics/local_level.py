"""A level that may drift, read off noisy days, with how fast it drifts left open.

Each speed of drift on a grid gives a Kalman filter of its own; the filters are weighted by how
well each foresaw the next day. A steady shop thereby uses its whole past and a drifting one its
last weeks, without anybody choosing a window, and the doubt about the speed is part of the
uncertainty.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Daily variance of the drift relative to the level's square, and how much each is believed first.
SPEEDS = np.array([0.0, 1e-5, 4e-5, 1.6e-4, 6.4e-4, 2.56e-3, 1e-2])
_BELIEFS = np.array([0.28, 0.16, 0.16, 0.14, 0.12, 0.08, 0.06])
#: A day further off than so many standard deviations moves the level no further.
_CLIP = 3.5


@dataclass(frozen=True)
class Level:
    """Where a drifting level stands today."""

    mean: float
    variance: float
    #: Variance added per day ahead.
    drift: float


def local_level(
    values: Floats,
    variances: Floats,
    *,
    start: float,
    start_variance: float,
    speeds: Floats = SPEEDS,
    beliefs: Floats = _BELIEFS,
) -> Level:
    """Level after the last day, from one value a day.

    Args:
        values: Daily observations; anything where the variance is infinite.
        variances: Variance of each observation around the level; infinite = no observation.
        start: What the level was believed to be before the first day.
        start_variance: How little that belief is worth.
        speeds: Grid of drift variances per day.
        beliefs: Prior weight of each.
    """
    mean = np.full(len(speeds), start)
    spread = np.full(len(speeds), start_variance)
    credit = np.log(beliefs / beliefs.sum())
    for value, variance in zip(values, variances, strict=True):
        spread = spread + speeds
        if not np.isfinite(variance):
            continue
        total = spread + variance
        surprise = value - mean
        bound = _CLIP * np.sqrt(total)
        clipped = np.clip(surprise, -bound, bound)
        credit = credit - 0.5 * (np.log(total) + clipped**2 / total)
        gain = spread / total
        mean = mean + gain * clipped
        spread = spread * (1 - gain)
    weights = np.exp(credit - credit.max())
    weights /= weights.sum()
    middle = float(weights @ mean)
    between = float(weights @ (mean - middle) ** 2)
    return Level(middle, float(weights @ spread) + between, float(weights @ speeds))
