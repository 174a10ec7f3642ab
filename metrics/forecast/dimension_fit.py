"""One dimension's part of the forecast: which stars the orders to come will get.

From single ratings and what was known of each, or, where only daily scores are known, from those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.forecast.bands import GroupStars, expected_stars, group_stars
from metrics.forecast.future_orders import pool_of_days
from metrics.forecast.inputs import ForecastInputs, days_by_dimension
from metrics.forecast.order_facts import means_of, with_earlier_stars, with_facts, with_history
from metrics.forecast.pools import Arrivals, Pool, day_number, days_of
from metrics.forecast.star_model import (
    FACTS,
    LATEST,
    OlderDays,
    StarModel,
    fact_matrix,
    fitted_daily_stars,
    fitted_stars,
    without,
)
from store.schemas import DSR_DIMENSIONS

Floats = npt.NDArray[np.float64]

#: Newest ratings before the day of the forecast that the star model reads (days).
_STAR_HISTORY = 400
#: Of the newest so many the facts are looked at; older ones count by the day.
_MOST_LEARNED = 50_000
#: Orders rated in so many days stand for the orders to come, and at least so many of them.
_USUAL_DAYS = 28
_FEWEST_USUAL = 60
_MOST_USUAL = 5_000
#: The shorter, middle and longer third of waits whose end is as likely every day, over their mean.
_SHARES_OF_WAIT = (0.19, 0.71, 2.1)


@dataclass(frozen=True)
class DimensionFit:
    """What one dimension's forecast is made of."""

    model: StarModel
    pools: tuple[tuple[Pool, GroupStars], ...]
    #: Facts of the pending orders as numbers, one row per row of ``Arrivals.pending``.
    pending_facts: Floats
    #: Stars that an ordinary order of these weeks falls short of five.
    usual_deficit: float


def daily_fit(rating_days: pl.DataFrame, name: str, as_of: date, horizon: int) -> DimensionFit:
    """Arrivals and mix from recent days, where single ratings are not known."""
    own = rating_days.filter(pl.col("dimension") == name)
    counts = own["count"].to_numpy().astype(np.int64)
    days = own["day"].cast(pl.Int32).to_numpy().astype(np.int64)
    today = day_number(as_of)
    stars = own["stars"].to_numpy().astype(np.float64)
    model = fitted_daily_stars(stars, counts.astype(np.float64), days, today=today)
    pool = pool_of_days(counts, days, today=today, horizon=horizon)
    none = np.zeros((1, len(FACTS)))
    pools = ((pool, expected_stars(pool, model, none)),)
    return DimensionFit(model, pools, none[:0], float(model.deficits(none)[0]))


def dimension_fits(
    known: ForecastInputs,
    spans: pl.DataFrame,
    present: Sequence[str],
    coming: Arrivals,
    as_of: date,
) -> tuple[dict[str, DimensionFit], pl.DataFrame]:
    """What is learned of each dimension from single ratings, and the pending orders' facts.

    Args:
        known: As known on ``as_of``.
        spans: Their ratings with the days they count on (``metrics.ratings.expiry.counted_spans``).
        present: Dimensions that count any rating today.
        coming: Where new ratings come from (``metrics.forecast.pending.arrivals``).
        as_of: Last known day.

    Returns:
        A fit per dimension, and ``coming.pending`` with ``metrics.forecast.order_facts``.
    """
    read = spans.select("trade", "rated_at", "buyer", "left_by", *DSR_DIMENSIONS)
    usable = read.filter(
        pl.col("left_by") != "trade_closed",
        pl.col("rated_at").dt.date() > as_of - timedelta(days=_STAR_HISTORY),
    )
    learned = usable.tail(_MOST_LEARNED)
    older = _days_of_stars(usable.head(usable.height - learned.height))
    means = means_of(learned)
    learned = with_facts(learned.with_columns(at="rated_at"), known)
    orders = [
        with_history(with_facts(frame.with_columns(at=_end_of(as_of)), known), learned, means)
        for frame in (coming.pending, coming.in_flight)
    ]
    learned = with_earlier_stars(learned, means)
    parts = {
        name: _dimension(name, learned, older, orders, coming, as_of)
        if name in means
        else daily_fit(_days_of_stars(usable), name, as_of, len(coming.starts))
        for name in present
    }
    return parts, orders[0]


def no_pending(orders: pl.DataFrame, known: ForecastInputs) -> pl.DataFrame:
    """None of the orders, with the columns that :func:`dimension_fits` gives pending ones."""
    none = orders.clear().with_columns(at=pl.lit(None, pl.Datetime("us")))
    history = ["buyer_stars", *(f"product_{name}" for name in DSR_DIMENSIONS)]
    return with_facts(none, known).with_columns(pl.lit(0.0).alias(name) for name in history)


def _days_of_stars(ratings: pl.DataFrame) -> pl.DataFrame:
    """Single ratings as daily scores: ``day, dimension, count, stars``."""
    days = ratings.group_by(day=pl.col("rated_at").dt.date()).agg(
        *(pl.col(name).cast(pl.Int64).sum().alias(f"stars_{name}") for name in DSR_DIMENSIONS),
        *(pl.col(name).count().cast(pl.Int64).alias(f"count_{name}") for name in DSR_DIMENSIONS),
    )
    return days_by_dimension(days)


def _older(older: pl.DataFrame, name: str) -> OlderDays:
    own = older.filter(pl.col("dimension") == name)
    counts = own["count"].to_numpy().astype(np.float64)
    deficits = np.asarray(5 * counts - own["stars"].to_numpy(), dtype=np.float64)
    return OlderDays(days_of(own["day"].cast(pl.Datetime("us"))), counts, deficits)


def _end_of(day: date) -> pl.Expr:
    return pl.lit(day).cast(pl.Datetime("us")).dt.offset_by("1d").dt.offset_by("-1us")


def _dimension(
    name: str,
    learned: pl.DataFrame,
    older: pl.DataFrame,
    orders: Sequence[pl.DataFrame],
    coming: Arrivals,
    as_of: date,
) -> DimensionFit:
    given = learned[name].is_not_null()
    rated = learned.filter(given)
    share = (rated.height + 1) / (learned.height + 1)
    facts = fact_matrix(rated, name)
    model = fitted_stars(
        rated[name].to_numpy().astype(np.int64),
        facts,
        days_of(rated["rated_at"]),
        given=share,
        today=day_number(as_of),
        older=_older(older, name),
    )
    pending, in_flight = (fact_matrix(frame, name) for frame in orders)
    usual, weights = _usual_order(rated, facts, as_of)
    later = _what_is_to_come(model, usual, weights, in_flight, orders[1])
    pools = tuple(
        (pool, _sums(pool, model, {"pending": pending, "in_flight": in_flight}, later))
        if len(pool.group)
        else (pool, expected_stars(pool, model, usual, weights))
        for pool in coming.pools
        if len(pool.orders)
    )
    deficit = float(weights @ model.deficits(usual) / weights.sum())
    return DimensionFit(model, pools, pending, deficit)


def _sums(pool: Pool, model: StarModel, facts: Mapping[str, Floats], later: Floats) -> GroupStars:
    factor = later if pool.source == "in_flight" else 1.0
    return group_stars(pool, model, facts[pool.source], factor=factor)


def _usual_order(rated: pl.DataFrame, facts: Floats, as_of: date) -> tuple[Floats, Floats]:
    """Facts of the orders rated lately, all those of one payment day weighing as a usual day's.

    They stand for orders to come. A campaign's three days must not stand for a month, hence the
    weights; orders that were rated, not all orders, because who rates is not drawn evenly. Days
    with less than usual weigh less: of the last ones only the quickest buyers have rated.
    """
    recent = pl.col("rated_at").dt.date() > as_of - timedelta(days=_USUAL_DAYS)
    chosen = rated.select(recent).to_series().to_numpy()
    if chosen.sum() < _FEWEST_USUAL:
        chosen = np.arange(rated.height) >= rated.height - _FEWEST_USUAL
    days = pl.col("trade_paid_at").dt.date().fill_null(pl.col("rated_at").dt.date())
    of_day = rated.select(pl.len().over(days)).to_series().to_numpy()
    usual_day = rated.group_by(day=days).len()["len"].median()
    weights = np.minimum(1.0, (usual_day if isinstance(usual_day, float) else 1.0) / of_day)
    some = np.flatnonzero(chosen)
    some = some[:: len(some) // _MOST_USUAL + 1]
    return facts[some], weights[some]


def _what_is_to_come(
    model: StarModel, usual: Floats, weights: Floats, facts: Floats, in_flight: pl.DataFrame
) -> Floats:
    """Factor on the deficit of each order on its way, for troubles it has not met yet.

    Refunds may still be asked for: what they add to orders that were rated, over the same orders
    without them. A parcel not sent may come late, or later than it is.
    """
    ahead = without(usual, ("transit", "refund_open", "refunded", "refund_refused"))
    refunds = float(weights @ model.deficits(usual)) / float(weights @ model.deficits(ahead))
    chance = in_flight["late_chance"].to_numpy()
    now = model.deficits(facts)
    late = np.mean(
        [
            model.deficits(_later(facts, in_flight["more_late"].to_numpy() * share)) / now
            for share in _SHARES_OF_WAIT
        ],
        axis=0,
    )
    return np.asarray(refunds * (1 + chance * (late - 1)))


def _later(facts: Floats, days: Floats) -> Floats:
    """The facts of orders that are so many days later than they are by now."""
    late = FACTS.index("late")
    delayed = facts.copy()
    delayed[:, late] = np.minimum(delayed[:, late] + days / 2, LATEST)
    delayed[:, FACTS.index("late_at_all")] = 1
    delayed[:, FACTS.index("late_long")] = np.maximum(delayed[:, late] - 1, 0)
    return delayed
