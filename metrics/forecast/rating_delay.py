"""When a thing that was begun comes: discrete hazards with a share that never does.

Used three times: from completion to the rating, from shipping to completion, from payment to
shipping. The hazard of day j is the chance to come on day j for one that has not come before;
what is left after the last day never comes. Counting those at risk, not those begun, is what
corrects for censoring: an order completed yesterday speaks of day 0 and 1 only.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Nothing is expected to come later than this many days.
LONGEST_DELAY = 90
#: Share of the delays that must lie inside the support; the few beyond are strays.
_SUPPORT_SHARE = 0.998
#: Half-life in days by which old beginnings lose weight, so that habits may change.
HALF_LIFE = 45.0
#: However fast things go, a day's chance stays under one.
_FASTEST = 0.98


@dataclass(frozen=True)
class Hazard:
    """Chance per day to come, given that it has not come; day 0 is the day it began."""

    by_day: Floats
    #: Weighted number of beginnings behind the estimate.
    observed: float

    @property
    def last(self) -> int:
        """Last day on which it can come."""
        return len(self.by_day) - 1

    @property
    def share(self) -> float:
        """Share that ever comes."""
        return float(1 - np.prod(1 - self.by_day))

    @property
    def density(self) -> Floats:
        """Chance to come on day 0, 1, …, seen from the beginning; sums to ``share``."""
        before = np.concatenate([[1.0], np.cumprod(1 - self.by_day)[:-1]])
        return np.asarray(before * self.by_day)

    def scaled(self, factor: float) -> "Hazard":
        """The same delays with another share that ever comes."""
        density = np.minimum(self.density * factor, 1.0)
        before = 1 - np.concatenate([[0.0], np.cumsum(density)[:-1]])
        hazards = np.divide(density, before, out=np.zeros_like(density), where=before > 1e-9)
        return Hazard(np.clip(hazards, 0, 1), self.observed)

    def paced(self, pace: float) -> "Hazard":
        """The same with every day's chance times a factor, as when a warehouse slows down."""
        return Hazard(np.clip(self.by_day * pace, 0, _FASTEST), self.observed)

    @property
    def days_left(self) -> Floats:
        """Mean days still to wait by days waited in vain, for one that does come; at least 1."""
        days = np.arange(len(self.by_day))
        chance = np.append(np.cumsum(self.density[::-1])[::-1][1:], 0.0)
        moment = np.append(np.cumsum((self.density * days)[::-1])[::-1][1:], 0.0)
        left = np.divide(moment, chance, out=days + 1.0, where=chance > 1e-12) - days
        return np.asarray(np.maximum(left, 1.0))

    def ahead(self, ages: Ints, horizon: int, paces: Floats | None = None) -> Floats:
        """Chance to come on each of the next ``horizon`` days, for one still waiting at an age.

        Args:
            ages: Whole days since the beginning; today is over, so day ``age`` has passed.
            horizon: Number of days ahead.
            paces: As in :meth:`paced`, one per age.

        Returns:
            Shape (ages, horizon); column 0 is tomorrow.
        """
        days = ages[:, None] + np.arange(1, horizon + 1)
        hazards = np.where(days <= self.last, self.by_day[np.minimum(days, self.last)], 0.0)
        hazards[days < 0] = 0.0
        if paces is not None:
            hazards = np.clip(hazards * paces[:, None], 0, _FASTEST)
        waiting = np.cumprod(1 - hazards, axis=1)
        before = np.concatenate([np.ones((len(ages), 1)), waiting[:, :-1]], axis=1)
        return np.asarray(before * hazards)


def fitted_hazard(
    began: Ints, came: Ints, today: int, *, prior: Floats, weight: float, within: int | None = None
) -> Hazard:
    """The hazard of each day from beginnings and what came of them, as far as today knows.

    Args:
        began: Day of each beginning (days since 1970), none after ``today``.
        came: Day it came, negative where it has not; on or after ``began``.
        today: Last day that is known whole.
        prior: Hazards that hold where nothing was seen, from day 0 on.
        weight: Number of beginnings the prior is worth.
        within: Longest delay to believe in; None learns it from the delays seen.
    """
    recent = began > today - 2 * LONGEST_DELAY - 30
    began, came = began[recent], came[recent]
    seen = came >= 0
    delays = np.where(seen, came - began, -1)
    last = _support(delays[seen], len(prior) - 1) if within is None else within
    seen &= delays <= last
    worth = np.exp2(-(today - began) / HALF_LIFE) * _as_usual_day(began, today)
    exposed = np.where(seen, delays, np.minimum(today - began, last))
    events = np.bincount(delays[seen], weights=worth[seen], minlength=last + 1)
    leaving = np.bincount(exposed, weights=worth, minlength=last + 1)
    at_risk = leaving[::-1].cumsum()[::-1]
    base = np.zeros(last + 1)
    base[: len(prior)] = prior[: last + 1]
    hazards = (events + weight * base) / (at_risk + weight)
    return Hazard(np.clip(hazards, 0, 1), float(worth.sum()))


def _as_usual_day(began: Ints, today: int) -> Floats:
    """Weight of each beginning: all those of one day count as two usual days' at most.

    The three days of a campaign must not stand for the weeks after it.
    """
    if not len(began):
        return np.ones(0)
    counts = np.bincount(today - began)
    usual = float(np.median(counts[counts > 0]))
    return np.asarray(np.minimum(1.0, 2 * usual / counts[today - began]))


def _support(delays: Ints, usual: int) -> int:
    """Longest delay to expect: the usual one, or further where the shop's own delays reach."""
    if len(delays) < 50:
        return usual
    inside = np.cumsum(np.bincount(np.minimum(delays, LONGEST_DELAY)))
    reach = int(np.searchsorted(inside, _SUPPORT_SHARE * len(delays)))
    return min(max(reach, usual), LONGEST_DELAY)


def rating_prior(last: int = 15, *, share: float = 0.4) -> Floats:
    """Hazards of a shop that nothing is known of: ``share`` rate, half of them within 3 days."""
    density = 0.8 ** np.arange(last + 1)
    density *= share / density.sum()
    before = 1 - np.concatenate([[0.0], np.cumsum(density)[:-1]])
    return np.asarray(density / before)
