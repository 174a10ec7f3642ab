"""How many stars an order will get, per dimension, as far as its facts and the past tell.

The quantity that is modelled is the deficit, 5 - stars: most ratings have none. A ridge
logistic regression (scikit-learn) gives each order its expected deficit from its facts; how far
it is believed depends on how well it did on weeks it had not seen. A drifting level
(:mod:`metrics.forecast.local_level`) multiplies all deficits to where the shop stands today. The
spread around the mean comes from the shop's own mix of stars, tilted to that mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from metrics.forecast.local_level import STAR_MOVES, Level, local_level

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Facts in the order of the coefficients; "product" stands for the dimension's own column.
FACTS = (
    "late",
    "late_at_all",
    "late_long",
    "transit",
    "refund_open",
    "refunded",
    "refund_refused",
    "wait",
    "product",
    "buyer",
)
#: Two-day units beyond which a parcel is not worse for being later.
LATEST = 3.0
#: Deficits that a rating can have.
DEFICITS = np.arange(5.0)
#: Mix of deficits 0-4 of a shop nothing is known of, and how many ratings that belief is worth.
_USUAL_MIX = np.array([0.86, 0.09, 0.025, 0.01, 0.015])
_USUAL_WORTH = 12.0
#: The regression looks at so many of the newest ratings.
_MOST_RATINGS = 30_000
_FEWEST_RATINGS = 80
#: Inverse strength of the ridge: coefficients are expected within about ±1.5.
_RIDGE = 2.0
#: The same where only the slope of unseen weeks is asked: it holds a slope of hardly any deficits.
_SLOPE_RIDGE = 100.0
_FOLDS = 3
#: Log odds at which no rating misses a star, or every one all four.
_FAR = 40.0
#: The level is followed over so many days.
_LEVEL_DAYS = 400
#: Days are added up until the relative variance of their deficits is under this …
_STEADY = 0.15
#: … or for so many days.
_LONGEST_RUN = 21
#: How far a day's stars stand from the usual ones is not known at first: so much, relative, over
#: the number of days with ratings.
_FIRST_SCATTER = 0.5
#: Doubt about the level before the first rating, relative.
_FIRST_DOUBT = 0.25


@dataclass(frozen=True)
class Tilt:
    """Second and third moment of a deficit as functions of its mean."""

    means: Floats
    squares: Floats
    cubes: Floats

    def square(self, mean: Floats) -> Floats:
        """Mean squared deficit."""
        return np.interp(mean, self.means, self.squares)

    def cube(self, mean: Floats) -> Floats:
        """Mean cubed deficit."""
        return np.interp(mean, self.means, self.cubes)


def tilted(mix: Floats) -> Tilt:
    """All mixes that arise from one by favouring low or high stars exponentially."""
    slopes = np.linspace(-6, 6, 121)
    mixes = mix * np.exp(slopes[:, None] * DEFICITS)
    mixes /= mixes.sum(axis=1, keepdims=True)
    moments = [
        np.concatenate([[0.0], mixes @ DEFICITS**power, [4.0**power]]) for power in (1, 2, 3)
    ]
    return Tilt(*moments)


@dataclass(frozen=True)
class StarModel:
    """Deficits of one dimension."""

    #: Share of the ratings that speak of this dimension.
    given: float
    intercept: float
    #: One per fact, already shrunk by what they are worth.
    effects: Floats
    #: Covariance of intercept and effects.
    doubt: Floats
    level: Level
    tilt: Tilt
    #: Variance of days over that of independent ratings.
    dispersion: float
    #: Slope of unseen weeks on the prediction, in standard errors; 0 = facts tell nothing.
    signal: float

    def base(self, facts: Floats) -> Floats:
        """Expected deficit before the level."""
        return np.asarray(4 * expit(self.intercept + facts @ self.effects))

    def deficits(self, facts: Floats) -> Floats:
        """Expected deficit of each order today, 0-4."""
        return np.clip(self.base(facts) * self.level.mean, 1e-4, 3.98)

    @property
    def tells_apart(self) -> bool:
        """Whether the facts separate orders better than chance."""
        return self.signal >= 2


def fact_matrix(rows: pl.DataFrame, dimension: str) -> Floats:
    """The facts as numbers of about equal weight: shape (rows, facts)."""
    late = pl.col("late_days")
    refund = pl.col("refund")
    columns = {
        "late": late.clip(0, 2 * LATEST) / 2,
        "late_long": (late.clip(0, 2 * LATEST) - 2).clip(0) / 2,
        "late_at_all": late > 0.25,
        "transit": pl.col("transit_days") / 5,
        "refund_open": refund == "open",
        "refunded": refund == "refunded",
        "refund_refused": refund == "refused",
        "wait": (pl.col("wait_s").clip(120, 120 * 32) / 120).log(2.0) / 2,
        "product": pl.col(f"product_{dimension}") * 4,
        "buyer": pl.col("buyer_stars") * 4,
    }
    frame = rows.select(columns[name].cast(pl.Float64).alias(name) for name in FACTS)
    return np.ascontiguousarray(frame.to_numpy().astype(np.float64))


def without(facts: Floats, names: Sequence[str]) -> Floats:
    """The facts as they would look without some of them."""
    masked = facts.copy()
    masked[:, [FACTS.index(name) for name in names]] = 0
    return masked


@dataclass(frozen=True)
class OlderDays:
    """Ratings too old and too many to look at one by one: per day their number and deficits."""

    days: Ints
    counts: Floats
    deficits: Floats


def fitted_stars(
    stars: Ints, facts: Floats, days: Ints, *, given: float, today: int, older: OlderDays
) -> StarModel:
    """The model of one dimension from the ratings known today.

    Args:
        stars: 1-5 of each rating of this dimension, oldest first; never empty.
        facts: As :func:`fact_matrix` gives them.
        days: Day of each rating (days since 1970).
        given: Share of the ratings that speak of this dimension.
        today: Last known day.
        older: The ratings before these; they count for the level, as ordinary ones.
    """
    deficits = np.asarray(5.0 - stars, dtype=np.float64)
    counts = np.bincount(5 - stars, minlength=5) + _USUAL_WORTH * _USUAL_MIX
    mix = counts / counts.sum()
    tilt = tilted(mix)
    newest = slice(-_MOST_RATINGS, None)
    intercept, effects, doubt, signal = _effects(deficits[newest], facts[newest], days[newest], mix)
    base = np.clip(4 * expit(intercept + facts @ effects), 1e-4, 3.98)
    noise = tilt.square(base) - base**2
    level, dispersion = _level_of_days(
        np.concatenate([older.deficits, deficits]),
        np.concatenate([older.counts * float(base.mean()), base]),
        np.concatenate([older.counts * float(noise.mean()), noise]),
        np.concatenate([older.days, days]),
        today,
    )
    return StarModel(given, intercept, effects, doubt, level, tilt, dispersion, signal)


def fitted_daily_stars(stars: Floats, counts: Floats, days: Ints, *, today: int) -> StarModel:
    """The model of one dimension where only each day's sum of stars and count are known.

    The mix behind a daily mean is not known, so the usual mix is bent to the shop's mean; how
    far days scatter corrects it.

    Args:
        stars: Sum of each day, oldest first; never empty.
        counts: Ratings of each day, over 0.
        days: Days since 1970.
        today: Last known day.
    """
    deficits = 5 * counts - stars
    mean = float(deficits.sum() + _USUAL_WORTH * (_USUAL_MIX @ DEFICITS))
    mean /= float(counts.sum() + _USUAL_WORTH)
    tilt = tilted(_USUAL_MIX)
    base = np.full(len(days), np.clip(mean, 1e-3, 3.9))
    noise = counts * (tilt.square(base) - base**2)
    level, dispersion = _level_of_days(deficits, base * counts, noise, days, today)
    none = np.zeros(len(FACTS))
    flat = float(np.log(base[0] / (4 - base[0])))
    doubt = np.zeros((len(FACTS) + 1, len(FACTS) + 1))
    return StarModel(1.0, flat, none, doubt, level, tilt, dispersion, 0.0)


def _effects(
    deficits: Floats, facts: Floats, days: Ints, mix: Floats
) -> tuple[float, Floats, Floats, float]:
    """Intercept, shrunk effects, their covariance and the signal in unseen weeks."""
    mean = float(mix @ DEFICITS)
    flat = float(np.log(mean / (4 - mean)))
    none = np.zeros(facts.shape[1])
    varying = facts.std(axis=0) > 0
    nothing = (flat, none, np.zeros((len(none) + 1, len(none) + 1)), 0.0)
    if len(deficits) < _FEWEST_RATINGS or not varying.any() or _all_the_best_or_worst(deficits):
        return nothing
    columns = facts[:, varying]
    worth, signal = _worth_unseen(deficits, columns, (days // 7) % _FOLDS)
    if worth <= 0:
        return nothing
    _, slopes = _logistic(deficits, columns, ridge=_RIDGE)
    effects = none.copy()
    effects[varying] = worth * slopes
    shrunk = _explaining(float(deficits.sum()), facts @ effects)
    return shrunk, effects, _doubt(facts, varying, shrunk, effects), signal


def _explaining(total: float, line: Floats) -> float:
    """The intercept with which all deficits are still explained on the whole.

    Args:
        total: Sum of the deficits, over 0 and under 4 each.
        line: What the facts add to the intercept, per rating.
    """

    def unexplained(intercept: float) -> float:
        return float(4 * expit(intercept + line).sum()) - total

    # Nothing is missing at the one end, all four stars of every rating at the other.
    ends = (-_FAR - float(line.max()), _FAR - float(line.min()))
    return float(brentq(unexplained, *ends, xtol=1e-12))


def _all_the_best_or_worst(deficits: Floats) -> bool:
    """Whether every rating, if there is any, has five stars or every one has one: none differs."""
    return bool((deficits == 0).all() or (deficits == DEFICITS[-1]).all())


def _logistic(deficits: Floats, columns: Floats, *, ridge: float) -> tuple[float, Floats]:
    """Ridge logistic regression of the share deficit ÷ 4: intercept, and one slope a column.

    Args:
        deficits: 0-4 each, neither all 0 nor all 4.
        columns: Shape (deficits, columns).
        ridge: Inverse strength of the ridge; the intercept has none.
    """
    some, below = deficits > 0, deficits < 4
    rows = np.concatenate([columns[some], columns[below]])
    answers = np.concatenate([np.ones(int(some.sum())), np.zeros(int(below.sum()))])
    weights = np.concatenate([deficits[some] / 4, 1 - deficits[below] / 4])
    model = LogisticRegression(C=ridge, solver="newton-cholesky", tol=1e-9)
    model.fit(rows, answers, sample_weight=weights)
    return float(model.intercept_[0]), np.asarray(model.coef_[0])


def _worth_unseen(deficits: Floats, columns: Floats, folds: Ints) -> tuple[float, float]:
    """How far the effects carry to weeks they were not learned from: (0-1.1, standard errors)."""
    foreseen = np.full(len(deficits), np.nan)
    for fold in range(_FOLDS):
        seen = folds != fold
        if seen.all() or _all_the_best_or_worst(deficits[seen]):
            continue
        _, slopes = _logistic(deficits[seen], columns[seen], ridge=_RIDGE)
        foreseen[~seen] = (columns[~seen] - columns[seen].mean(axis=0)) @ slopes
    known = np.isfinite(foreseen)
    if _all_the_best_or_worst(deficits[known]) or foreseen[known].std() < 1e-9:
        return 0.0, 0.0
    slope, error = _slope(deficits[known], foreseen[known])
    if slope <= error:
        return 0.0, max(slope / error, 0.0)
    return min(slope, 1.1) * (1 - (error / slope) ** 2), slope / error


def _slope(deficits: Floats, line: Floats) -> tuple[float, float]:
    """Slope of the logistic line through the deficits, with its standard error."""
    intercept, slopes = _logistic(deficits, line[:, None], ridge=_SLOPE_RIDGE)
    design = np.column_stack([np.ones(len(line)), line])
    share = expit(intercept + slopes[0] * line)
    curvature = design.T @ (design * (share * (1 - share))[:, None])
    inverse = np.linalg.inv(curvature + np.diag([1e-9, 1 / _SLOPE_RIDGE]))
    # Sandwich: a deficit is neither a coin nor independent of the others of its kind.
    scores = design * (deficits / 4 - share)[:, None]
    spread = inverse @ (scores.T @ scores) @ inverse
    return float(slopes[0]), float(np.sqrt(max(spread[1, 1], 1e-12)))


def _doubt(
    facts: Floats, varying: npt.NDArray[np.bool_], intercept: float, effects: Floats
) -> Floats:
    design = np.column_stack([np.ones(len(facts)), facts[:, varying]])
    share = expit(intercept + facts @ effects)
    curvature = design.T @ (design * (share * (1 - share))[:, None])
    curvature += np.diag([1e-6, *np.full(int(varying.sum()), 1 / _RIDGE)])
    kept = np.flatnonzero(np.concatenate([[True], varying]))
    doubt = np.zeros((facts.shape[1] + 1, facts.shape[1] + 1))
    doubt[np.ix_(kept, kept)] = np.linalg.inv(curvature)
    # The level carries the doubt about the whole; here only what sets orders apart counts.
    doubt[0, :] = doubt[:, 0] = 0
    return doubt


def _level_of_days(
    seen: Floats, expected: Floats, noise: Floats, days: Ints, today: int
) -> tuple[Level, float]:
    """Factor on all deficits today, and the scatter of days around it.

    Args:
        seen: Deficits, one or more entries per day.
        expected: What the facts foresaw of each.
        noise: Variance of each around that.
        days: Day of each.
        today: Last known day.
    """
    first = max(int(days.min()), today - _LEVEL_DAYS)
    at, length = days - first, today - first + 1
    inside = at >= 0
    sums = [
        np.bincount(at[inside], weights=column[inside], minlength=length)
        for column in (seen, expected, noise)
    ]
    unknown = (_FIRST_SCATTER / max(int((sums[1] > 0).sum()), 1)) ** 2
    seen, expected, noise = _gathered(*(np.asarray(each, dtype=np.float64) for each in sums))
    some = expected > 0
    foreseen = np.where(some, expected, 1.0)
    ratio = np.where(some, seen / foreseen, 1.0)
    variance = np.where(some, noise / foreseen**2, np.inf)
    dispersion = _dispersion(ratio[some], variance[some])
    level = local_level(
        ratio,
        variance * dispersion + unknown,
        start=1.0,
        start_variance=_FIRST_DOUBT,
        moves=STAR_MOVES,
    )
    return level.kept_above(0.05), dispersion


def _gathered(seen: Floats, expected: Floats, noise: Floats) -> tuple[Floats, Floats, Floats]:
    """Days added up until their ratings say something, so that rare low stars look less wild.

    What a run of thin days holds stands on its last day, the others are empty; a run that is
    still thin today stands on today.
    """
    gathered = np.zeros((3, len(seen)))
    run = np.zeros(3)
    since = 0
    for day, sums in enumerate(np.stack([seen, expected, noise], axis=1)):
        run = run + sums
        enough = run[2] < _STEADY * run[1] ** 2
        if enough or day - since >= _LONGEST_RUN or day == len(seen) - 1:
            gathered[:, day] = run
            run, since = np.zeros(3), day + 1
    return gathered[0], gathered[1], gathered[2]


def _dispersion(ratio: Floats, variance: Floats) -> float:
    """Scatter of one run of days against the next, over what independent ratings would show."""
    if len(ratio) < 10:
        return 1.1
    steps = np.diff(ratio) ** 2 / (variance[1:] + variance[:-1])
    typical = float(np.mean(np.minimum(steps, 12)))
    weight = len(steps) / (len(steps) + 20)
    return max(0.8, 1 + weight * (typical - 1))
