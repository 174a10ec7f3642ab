"""What is usual for a process: its mean, its weekdays, and how far its days scatter."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metrics.views.health.likelihood import Floats, Law, variance

#: Weekdays are told apart once there are eight weeks.
FEWEST_FOR_WEEKDAYS = 56
#: How many days the belief is worth that shares and counts scatter as their law says.
_BELIEF = 20.0
#: The least spread of each law: a share cannot scatter less than people do, stars hardly.
_LEAST = {"share": 1.0, "count": 0.5, "mean": 1e-4}


@dataclass(frozen=True)
class Usual:
    """What a family's days are like."""

    law: Law
    mean: float
    #: What a weekday adds to the mean, Monday first; 0 where weekdays do not differ.
    weekdays: Floats
    #: Variance of a day, over that of its law.
    spread: float

    def levelled(
        self, total: Floats, n: Floats, weekday: npt.NDArray[np.int64]
    ) -> tuple[Floats, Floats]:
        """Days as they would be without the weekdays' own levels: their totals and n."""
        level = total - n * self.weekdays[weekday]
        if self.law == "share":
            return np.clip(level, 0, n), n
        return np.maximum(level, 1e-9 * n), n


def usual_of(law: Law, total: Floats, n: Floats, weekday: npt.NDArray[np.int64]) -> Usual | None:
    """What a stretch of days says of a process.

    Args:
        law: Of the observations.
        total: Sums by day.
        n: Observations by day, over 0.
        weekday: 0 = Monday.

    Returns:
        None where every day is the same extreme (no event at all, or nothing else), so that
        nothing can be said of chance.
    """
    mean = float(total.sum() / n.sum())
    unit = variance(law, mean)
    if unit <= 0:
        return None
    off = total / n - mean
    weekdays, freedom = np.zeros(7), 1.0
    if len(n) >= FEWEST_FOR_WEEKDAYS:
        weekdays, freedom = _weekdays(off, n, weekday, law, unit)
    scatter = float((n * (off - weekdays[weekday]) ** 2).sum()) / unit
    days = max(len(n) - freedom, 1.0)
    belief = 0.0 if law == "mean" else _BELIEF
    spread = (scatter + belief) / (days + belief)
    return Usual(law, mean, weekdays, max(spread, _LEAST[law]))


def _weekdays(
    off: Floats, n: Floats, weekday: npt.NDArray[np.int64], law: Law, unit: float
) -> tuple[Floats, float]:
    """What each weekday adds, shrunk by how little they differ; and how much freedom it took."""
    by_day = np.bincount(weekday, n, minlength=7)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.where(by_day > 0, np.bincount(weekday, n * off, minlength=7) / by_day, 0.0)
        left = float((n * (off - seen[weekday]) ** 2).sum()) / unit / max(len(n) - 7, 1)
        noise = np.where(by_day > 0, max(left, _LEAST[law]) * unit / by_day, np.inf)
    real = max(float(np.mean(seen**2 - np.where(np.isfinite(noise), noise, 0.0))), 0.0)
    kept = real / (real + noise)
    return seen * kept, 1 + 6 * float(np.mean(kept))
