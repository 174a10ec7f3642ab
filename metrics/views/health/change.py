"""Whether a process differs from its own recent past, told day after day."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from metrics.views.health.likelihood import Floats, Law, against_past
from metrics.views.health.usual import Usual, usual_of

Change = Literal["better", "worse", "none", "too_few"]
#: Stretches of 1 to so many days, ending today, are set against the days before them.
LONGEST_STRETCH = 60
#: Signed roots: from the first on a change is told, under the second it is over. Set so that a
#: steady shop hears of less than one in 28 days over all its families (benchmarks/alarms.py).
TOLD, OVER = 3.3, 1.5
#: Under so many observations in a stretch nothing is said of it.
FEWEST = 20
#: The past is at least so many days, goes on until it holds so many observations, and stops here.
SHORTEST_PAST, ENOUGH, LONGEST_PAST = 56, 400, 180
#: Under so many days of past there is nothing to differ from.
FEWEST_PAST = 28
#: A change that has lasted so long is the new usual.
SETTLED = 90
#: How far back a change that stands is looked at, at most.
RECENT = 28


@dataclass(frozen=True)
class Days:
    """A family's counts by day, oldest first, one entry a calendar day.

    Days without a file, and those that events take out, have ``n`` 0.
    """

    law: Law
    #: Whether a higher value is better.
    higher_better: bool
    total: Floats
    n: Floats
    #: 0 = Monday.
    weekday: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Told:
    """What is said of one day."""

    change: Change
    #: First day of the change, as an index; None where none stands.
    since: int | None
    #: The mean it is set against; None where it is not known.
    before: float | None
    usual: Usual | None


def changes(days: Days) -> list[Told]:
    """The statement of every day, each made of that day and those before it only."""
    process = _Process(days)
    return [process.step(today) for today in range(len(days.n))]


class _Process:
    """Walks through the days; remembers the change that stands and which days are the past."""

    def __init__(self, days: Days) -> None:
        self.days = days
        #: Days that count as past.
        self.kept = days.n > 0
        #: The past begins here: the last change that became the usual.
        self.begins = 0
        self.standing: _Standing | None = None

    def step(self, today: int) -> Told:
        usual = self._usual(today)
        if usual is None:
            return Told("too_few", None, None, None)
        if self.standing is not None:
            self._look_again(today, usual)
        if self.standing is None:
            self._look_for(today, usual)
        if self.standing is None:
            return Told("none", None, usual.mean, usual)
        change = self.standing
        better = change.up == self.days.higher_better
        mean = change.past_total / change.past_n
        return Told("better" if better else "worse", change.since, mean, usual)

    def _usual(self, today: int) -> Usual | None:
        """Of the days before any stretch but the longest; of a young shop, of all days so far."""
        for until in (today - RECENT + 1, today):
            span = slice(max(self.begins, until - LONGEST_PAST), max(until, 0))
            kept = self.kept[span]
            if kept.sum() >= FEWEST_PAST:
                days = self.days
                total, n, weekday = days.total[span], days.n[span], days.weekday[span]
                return usual_of(days.law, total[kept], n[kept], weekday[kept])
        return None

    def _look_again(self, today: int, usual: Usual) -> None:
        """Whether the change that stands still does."""
        change = self.standing
        assert change is not None
        span = slice(max(change.since, today - RECENT + 1), today + 1)
        total, n = usual.levelled(self.days.total[span], self.days.n[span], self.days.weekday[span])
        if n.sum() > 0:
            sums = (total.sum(keepdims=True), n.sum(keepdims=True))
            past = (np.array([change.past_total]), np.array([change.past_n]))
            root = float(against_past(self.days.law, *sums, *past, usual.spread)[0])
            if (root if change.up else -root) < OVER:
                self.kept[change.since : today + 1] = False
                self.standing = None
                return
        if today - change.since + 1 >= SETTLED:
            self.begins = change.since
            self.standing = None

    def _look_for(self, today: int, usual: Usual) -> None:
        """The stretch that differs most from the days before it."""
        begins = max(self.begins, today + 1 - LONGEST_STRETCH - LONGEST_PAST)
        span = slice(begins, today + 1)
        kept = self.kept[span]
        total, n = usual.levelled(self.days.total[span], self.days.n[span], self.days.weekday[span])
        # Backwards: entry i is the sum of the i + 1 last days.
        total, n = np.cumsum((total * kept)[::-1]), np.cumsum((n * kept)[::-1])
        lengths = np.arange(1, min(LONGEST_STRETCH, len(n) - FEWEST_PAST) + 1)
        if not len(lengths):
            return
        ends = _past_ends(lengths, n)
        totals, ns = total[lengths - 1], n[lengths - 1]
        past_total, past_n = total[ends] - totals, n[ends] - ns
        fits = (ns >= FEWEST) & (past_n > 0) & (past_total > 0)
        if not fits.any():
            return
        where = np.flatnonzero(fits)
        roots = against_past(
            self.days.law, totals[where], ns[where], past_total[where], past_n[where], usual.spread
        )
        most = int(np.argmax(np.abs(roots)))
        if abs(roots[most]) > TOLD:
            at = where[most]
            self.standing = _Standing(
                since=today + 1 - int(lengths[at]),
                up=bool(roots[most] > 0),
                past_total=float(past_total[at]),
                past_n=float(past_n[at]),
            )


@dataclass(frozen=True)
class _Standing:
    """A change that was told and is not over."""

    since: int
    up: bool
    past_total: float
    past_n: float


def _past_ends(lengths: npt.NDArray[np.int64], n: Floats) -> npt.NDArray[np.int64]:
    """Per stretch, the entry of the backward sums with which its past ends."""
    last = len(n) - 1
    shortest = lengths + SHORTEST_PAST - 1
    enough = np.searchsorted(n, n[lengths - 1] + ENOUGH)
    longest = np.minimum(lengths + LONGEST_PAST - 1, last)
    return np.minimum(np.maximum(shortest, enough), longest)
