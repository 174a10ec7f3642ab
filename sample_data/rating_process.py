"""How the made-up buyers rate: whether, when and with how many stars.

The sample shop and ``benchmarks/forecast.py`` draw their ratings here, so that the truth behind
them is known: :func:`rating_chance`, :func:`delay_chances` and :func:`star_chances` are what an
oracle forecaster is given, :func:`draw_ratings` throws the dice. Nothing in the product reads
this module.

Stars follow an ordered probit: a buyer's contentment is normal around a level that the order's
facts move, and cut points turn it into 1 to 5 stars. One part of the contentment is shared by
the three dimensions, which is why a buyer's stars resemble each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from store.schemas import DSR_DIMENSIONS

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]

#: What became of a refund application of the order; the index is stored in ``TradeFacts.refund``.
REFUND_FACTS = ("none", "open", "refunded", "refused")
#: A rating can be given until so many days after completion.
LAST_RATING_DAY = 15
#: Beyond so many days late a buyer does not get angrier.
_MOST_DAYS_LATE = 5.0
#: A wait counts in steps of doubling beyond this.
_PATIENCE_SECONDS = 120.0
_MICROSECONDS_PER_DAY = 86_400_000_000


def _delays() -> tuple[float, ...]:
    """Chance of each day 0-15: many at once, a long tail, a small rush before the end."""
    weights = [0.16] + [0.21 * 0.78**day for day in range(LAST_RATING_DAY)]
    weights[-1] += 0.02
    return tuple(weight / sum(weights) for weight in weights)


@dataclass(frozen=True, kw_only=True)
class RatingHabits:
    """How the buyers of one shop rate."""

    #: Share of the completed orders that are ever rated.
    rated_share: float = 0.42
    #: Chance that a rating comes on day 0, 1, … after the day of completion; sums to 1.
    delay_weights: tuple[float, ...] = field(default_factory=_delays)
    #: Share of the ratings that leave a dimension out, in the order of ``DSR_DIMENSIONS``.
    skipped: tuple[float, float, float] = (0.03, 0.06, 0.06)
    #: Chance of 1-5 stars for an order about which nothing special is known.
    mixes: Mapping[str, tuple[float, float, float, float, float]] = field(
        default_factory=lambda: {
            "description": (0.016, 0.012, 0.036, 0.105, 0.831),
            "service": (0.012, 0.009, 0.028, 0.085, 0.866),
            "logistics": (0.012, 0.010, 0.030, 0.095, 0.853),
        }
    )
    #: How far one unit of a fact moves the contentment, per dimension.
    effects: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {
            "description": {"refunded": -0.9, "refused": -1.3, "open": -0.8, "product": 1.0},
            "service": {"wait": -0.32, "refused": -1.5, "open": -0.7, "refunded": -0.4},
            "logistics": {"late": -0.42, "open": -0.3, "refused": -0.5},
        }
    )
    #: How far a buyer's own strictness moves all three.
    buyer_weight: float = 1.0
    #: Correlation of the three contentments of one rating.
    shared: float = 0.45
    #: How much more likely an order with trouble (late, slow, refund) is rated, as odds.
    trouble_odds: float = 1.0


@dataclass(frozen=True, kw_only=True)
class TradeFacts:
    """Completed orders as arrays of one length; what the chances depend on."""

    #: datetime64[us], shop time.
    completed_at: Times
    #: Days shipped (or delivered) beyond the promise; 0 in time.
    days_late: Floats
    #: Longest wait for a human answer in seconds; 0 where the buyer never wrote.
    wait_seconds: Floats
    #: Index into ``REFUND_FACTS``.
    refund: npt.NDArray[np.int8]
    #: How much better or worse than usual the product is (normal scale, about -1 to 0.5).
    product: Floats
    #: How strict the buyer is (normal scale; below 0 is strict).
    buyer: Floats
    #: Further shift per order and dimension, such as a drift over time; shape (orders, 3).
    shift: Floats

    def __len__(self) -> int:
        return len(self.completed_at)


@dataclass(frozen=True)
class RatingDraws:
    """The ratings that were thrown, by time."""

    #: Position of the rated order in the facts.
    order: npt.NDArray[np.int64]
    #: datetime64[us].
    rated_at: Times
    #: Shape (ratings, 3), int8; 0 where the buyer left the dimension out.
    stars: npt.NDArray[np.int8]


def rating_chance(facts: TradeFacts, habits: RatingHabits) -> Floats:
    """Chance of each order to be rated at all within its 15 days."""
    odds = habits.rated_share / (1 - habits.rated_share)
    odds_here = np.where(_trouble(facts), odds * habits.trouble_odds, odds)
    chance: Floats = odds_here / (1 + odds_here)
    return chance


def delay_chances(habits: RatingHabits) -> Floats:
    """Chance of each whole-day delay 0, 1, … of a rating that does come; sums to 1."""
    weights = np.asarray(habits.delay_weights, dtype=np.float64)
    chances: Floats = weights / weights.sum()
    return chances


def given_chances(habits: RatingHabits) -> Floats:
    """Chance that a rating speaks of each dimension; who skips all gives a description."""
    skipped = np.asarray(habits.skipped, dtype=np.float64)
    given = 1 - skipped
    given[0] += skipped.prod()
    return given


def star_chances(facts: TradeFacts, habits: RatingHabits) -> Floats:
    """Chance of 1-5 stars per order and dimension: shape (orders, 3, 5), rows sum to 1."""
    levels = _levels(facts, habits)
    cuts = np.array([_cuts(habits.mixes[dimension]) for dimension in DSR_DIMENSIONS])
    below = ndtr(cuts[None, :, :] - levels[:, :, None])
    edges = np.concatenate(
        [np.zeros((*below.shape[:2], 1)), below, np.ones((*below.shape[:2], 1))], axis=2
    )
    chances: Floats = np.diff(edges, axis=2)
    return chances


def draw_ratings(facts: TradeFacts, habits: RatingHabits, rng: np.random.Generator) -> RatingDraws:
    """Throw the dice for every order: rated or not, on which day, with which stars.

    A rating never comes before its order's completion and never later than the last day of
    ``delay_weights``.

    Returns:
        Only the ratings that come, sorted by time.
    """
    rated = np.flatnonzero(rng.random(len(facts)) < rating_chance(facts, habits))
    chances = delay_chances(habits)
    delays = rng.choice(len(chances), size=len(rated), p=chances)
    rated_at = _moments(facts.completed_at[rated], delays, rng)
    stars = _stars(_levels(facts, habits)[rated], habits, rng)
    by_time = np.argsort(rated_at, kind="stable")
    return RatingDraws(rated[by_time], rated_at[by_time], stars[by_time])


def _trouble(facts: TradeFacts) -> npt.NDArray[np.bool_]:
    slow = facts.wait_seconds > 3 * _PATIENCE_SECONDS
    return np.asarray((facts.days_late > 1) | slow | (facts.refund > 0))


def _levels(facts: TradeFacts, habits: RatingHabits) -> Floats:
    """Mean contentment per order and dimension, 0 for an order nothing is known about."""
    wait = np.log2(np.maximum(facts.wait_seconds, _PATIENCE_SECONDS) / _PATIENCE_SECONDS)
    known = {
        "late": np.clip(facts.days_late, 0, _MOST_DAYS_LATE),
        "wait": np.minimum(wait, 5),
        "product": facts.product,
        **{name: (facts.refund == at) * 1.0 for at, name in enumerate(REFUND_FACTS) if at},
    }
    levels = facts.shift + habits.buyer_weight * facts.buyer[:, None]
    for column, dimension in enumerate(DSR_DIMENSIONS):
        for fact, effect in habits.effects.get(dimension, {}).items():
            levels[:, column] += effect * known[fact]
    return np.asarray(levels, dtype=np.float64)


def _cuts(mix: tuple[float, ...]) -> list[float]:
    """The four cut points that give this mix of stars at level 0."""
    shares = np.cumsum(mix)[:4] / sum(mix)
    return [NormalDist().inv_cdf(min(max(float(share), 1e-9), 1 - 1e-9)) for share in shares]


def _stars(levels: Floats, habits: RatingHabits, rng: np.random.Generator) -> npt.NDArray[np.int8]:
    mood = rng.standard_normal((len(levels), 1)) * np.sqrt(habits.shared)
    own = rng.standard_normal(levels.shape) * np.sqrt(1 - habits.shared)
    contentment = levels + mood + own
    cuts = np.array([_cuts(habits.mixes[dimension]) for dimension in DSR_DIMENSIONS])
    stars = 1 + (contentment[:, :, None] > cuts[None, :, :]).sum(axis=2)
    skipped = rng.random(levels.shape) < np.asarray(habits.skipped)
    skipped[skipped.all(axis=1), 0] = False
    return np.where(skipped, 0, stars).astype(np.int8)


def _moments(completed_at: Times, delays: npt.NDArray[np.int64], rng: np.random.Generator) -> Times:
    """When on its day each rating comes: after completion on day 0; mostly in the evening."""
    midnight = completed_at.astype("datetime64[D]").astype("datetime64[us]")
    elapsed = (completed_at - midnight).astype(np.int64) / _MICROSECONDS_PER_DAY
    earliest = np.where(delays == 0, elapsed, 0.0)
    share = earliest + (1 - earliest) * rng.beta(3.2, 1.8, len(delays)) * 0.99999
    offset = ((delays + share) * _MICROSECONDS_PER_DAY).astype(np.int64)
    moments: Times = midnight + offset.astype("timedelta64[us]")
    # Whole seconds, as exports write them.
    whole: Times = moments.astype("datetime64[s]").astype("datetime64[us]")
    return np.asarray(np.maximum(whole, completed_at))
