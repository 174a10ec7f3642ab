"""How many orders or ratings a day brings: recent level, weekday pattern, scatter."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from metrics.forecast.local_level import Moves, local_level

Floats = npt.NDArray[np.float64]

#: A silence of so many days inside the counts is taken for missing files, not for no orders.
_LONGEST_SILENCE = 7
#: So many counts expected and none seen is no chance.
_NOT_CHANCE = 9.0
#: Weekday factors are believed as if an even week had been seen so many times.
_EVEN_WEEKS = 3.0
#: How far one day can stand from the usual is not known at first: a standard deviation of so many
#: usual days, over the number of days seen. A single day must not promise thirty like it.
_FIRST_SCATTER = 3.0
#: Ways in which the level of orders moves: a random walk, slow or fast.
_MOVES = Moves(
    walk=np.array([0.0, 1e-4, 4e-4, 1.6e-3, 6.4e-3, 2.5e-2]),
    slope=np.zeros(6),
    belief=np.array([0.2, 0.2, 0.2, 0.18, 0.14, 0.08]),
    # A campaign nobody entered must not become the usual day.
    clip=3.5,
)


@dataclass(frozen=True)
class DailyRate:
    """Expected count per day and how far it can be off."""

    level: float
    #: Monday to Sunday, mean 1.
    weekdays: Floats
    #: Relative variance of the level today.
    doubt: float
    #: Relative variance added per day ahead.
    drift: float
    #: Variance over mean of one day's count, at least 1.
    dispersion: float

    def ahead(self, today: int, horizon: int) -> Floats:
        """Expected counts of the coming days; ``today`` is days since 1970."""
        days = today + np.arange(1, horizon + 1)
        return np.asarray(self.level * self.weekdays[weekday(days)])


def weekday(days: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """0 = Monday … 6 = Sunday; 1 January 1970 was a Thursday."""
    return np.asarray((days + 3) % 7)


def daily_rate(
    counts: Floats, today: int, *, skipped: npt.NDArray[np.bool_] | None = None
) -> DailyRate:
    """The rate after the last of the counts, which is today's.

    Args:
        counts: One per day.
        today: Day of the last count (days since 1970).
        skipped: Days that say nothing of the usual rate, such as a campaign's.
    """
    even = np.ones(7)
    if not counts.any():
        return DailyRate(0.0, even, 0.0, 0.0, 1.0)
    known = ~_silences(counts)
    if skipped is not None and (known & ~skipped & (counts > 0)).sum() >= _LONGEST_SILENCE:
        known &= ~skipped
    days = today - len(counts) + 1 + np.arange(len(counts))
    weekdays = _weekdays(counts, known, weekday(days))
    steady = counts / weekdays[weekday(days)]
    usual = max(float(np.mean(steady[known])), 1e-3)
    dispersion = _dispersion(steady[known])
    smooth = _smoothed(np.where(known, steady, np.nan), usual)
    noise = dispersion * np.maximum(smooth, 0.1 * usual) / usual**2
    scatter = (_FIRST_SCATTER / int(known.sum())) ** 2
    level = local_level(
        steady / usual,
        np.where(known, noise + scatter, np.inf),
        # Nothing came before the first day; that only weighs while few days are seen.
        start=0.0,
        start_variance=1.0,
        moves=_MOVES,
    )
    now = max(level.mean, 0.02)
    return DailyRate(
        now * usual,
        weekdays,
        min(level.variance / now**2, _FIRST_SCATTER**2),
        min(level.drift / now**2, 0.05),
        dispersion,
    )


def _silences(counts: Floats) -> npt.NDArray[np.bool_]:
    """Days inside a long run of zeros, or in a shorter one up to today that cannot be chance.

    Files of orders may end days before those of ratings. A shop that is silent for more than two
    weeks up to today is taken to have stopped.
    """
    zero = counts == 0
    silent = np.zeros(len(counts), dtype=np.bool_)
    if float(np.mean(counts)) < 0.7:
        return silent
    edges = np.flatnonzero(np.diff(np.concatenate([[False], zero, [False]]).astype(np.int8)))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        length = stop - start
        past = stop < len(counts) and length >= _LONGEST_SILENCE
        fresh = stop == len(counts) and length <= 14 and length * counts.mean() > _NOT_CHANCE
        silent[start:stop] = past or fresh
    return silent


def _weekdays(
    counts: Floats, known: npt.NDArray[np.bool_], weekdays: npt.NDArray[np.int64]
) -> Floats:
    """Share of each weekday against the mean of its week, shrunk to an even week."""
    local = _week_around(np.where(known, counts, 0)) / np.maximum(_week_around(known * 1.0), 1)
    local = np.maximum(local, 0.05)
    # One wild day (a campaign) must not become every Tuesday.
    share = np.minimum(counts / local, 3.0)
    total = np.bincount(weekdays[known], weights=share[known], minlength=7)
    number = np.bincount(weekdays[known], minlength=7)
    scatter = _EVEN_WEEKS + 12.0 / np.sqrt(np.maximum(float(np.mean(counts)), 0.05))
    factors = (total + scatter) / (number + scatter)
    return np.asarray(factors / factors.mean())


def _week_around(values: npt.NDArray[np.floating]) -> Floats:
    """Sum of each day and the three on either side."""
    sums = np.cumsum(np.concatenate([np.zeros(4), values, np.zeros(3)]))
    return np.asarray(sums[7:] - sums[:-7])


def _smoothed(values: Floats, usual: float) -> Floats:
    """Mean of each day's fortnight before it, for the scale of its noise."""
    known = np.isfinite(values)
    sums = np.cumsum(np.where(known, values, 0))
    numbers = np.cumsum(known * 1.0)
    before = np.concatenate([np.zeros(14), sums])[: len(values)]
    before_numbers = np.concatenate([np.zeros(14), numbers])[: len(values)]
    return np.asarray((sums - before + 2 * usual) / (numbers - before_numbers + 2))


def _dispersion(counts: Floats) -> float:
    """Variance over mean of a day's count, from the steps of one day to the next."""
    if len(counts) < 10:
        return 2.0
    pairs = counts[1:] + counts[:-1]
    steps = np.diff(counts)[pairs > 0] ** 2 / pairs[pairs > 0]
    if not len(steps):
        return 1.5
    # Robust: the few steps into and out of a campaign say nothing of an ordinary day.
    typical = float(np.mean(np.minimum(steps, np.quantile(steps, 0.95))))
    weight = len(steps) / (len(steps) + 15)
    return max(1.0, 1 + weight * (typical - 1))
