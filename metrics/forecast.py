"""What the ratings not yet given, and those about to expire, will do to the score.

:func:`fitted` learns from everything known on a day; what it returns answers any number of
questions (forecast, gates, orders worth a call, what if) without learning again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.expiry import (
    KnownPart,
    counted_spans,
    entries_of_days,
    entries_of_ratings,
    known_part,
)
from metrics.forecast_inputs import ForecastInputs, forecast_inputs, known_on
from metrics.future_orders import pool_of_days
from metrics.order_facts import means_of, with_earlier_stars, with_facts, with_history
from metrics.pending import arrivals
from metrics.pools import Arrivals, Pool, day_number, days_of
from metrics.score_forecast import (
    QUANTILES,
    GroupStars,
    ScorePath,
    expected_stars,
    group_stars,
    score_path,
)
from metrics.star_model import (
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
from store.settings import ShopSettings

__all__ = [
    "FORECAST_COLUMNS",
    "FittedForecast",
    "ForecastInputs",
    "crossings",
    "fitted",
    "forecast",
    "forecast_inputs",
    "forecast_of",
    "known_on",
]

Floats = npt.NDArray[np.float64]

HORIZON = 30
LONGEST_HORIZON = 90
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
FORECAST_COLUMNS: dict[str, pl.DataType] = {
    "day": pl.Date(),
    "dimension": pl.String(),
    **{
        name: pl.Float64()
        for name in (
            "mean",
            "low_80",
            "high_80",
            "low_95",
            "high_95",
            "ratings",
            "from_expired",
            "from_pending",
            "from_in_flight",
            "from_future",
        )
    },
}


@dataclass(frozen=True)
class DimensionFit:
    """What one dimension's forecast is made of."""

    model: StarModel
    pools: tuple[tuple[Pool, GroupStars], ...]
    #: Facts of the pending orders as numbers, one row per row of ``Arrivals.pending``.
    pending_facts: Floats
    #: Stars that an ordinary order of these weeks falls short of five.
    usual_deficit: float


@dataclass(frozen=True)
class FittedForecast:
    """All that was learned on one day; see :func:`fitted`."""

    as_of: date
    horizon: int
    inputs: ForecastInputs
    #: Ratings with the days each counts on (``metrics.expiry.counted_spans``).
    spans: pl.DataFrame
    #: The same added up, from whichever feed (``metrics.expiry.entries_of_ratings``).
    entries: pl.DataFrame
    known: KnownPart
    arrivals: Arrivals
    #: ``arrivals.pending`` with what is known of each order (``metrics.order_facts``).
    pending: pl.DataFrame
    #: By dimension; those without any counting rating are missing.
    dimensions: dict[str, DimensionFit]

    def score_today(self, dimension: str) -> float:
        """The score on the as-of day, exact."""
        return float(self.known.score[DSR_DIMENSIONS.index(dimension), 0])

    def ratings_today(self, dimension: str) -> float:
        """Ratings of the dimension in today's window."""
        return float(self.known.ratings[DSR_DIMENSIONS.index(dimension), 0])

    def path(self, dimension: str) -> ScorePath:
        """The dimension's score on each coming day."""
        at = DSR_DIMENSIONS.index(dimension)
        fit = self.dimensions[dimension]
        scale = fit.model.level.calibration
        return score_path(
            self.known.stars[at], self.known.ratings[at], fit.pools, fit.model, scale=scale
        )


def forecast(
    inputs: ForecastInputs, settings: ShopSettings, /, *, as_of: date, horizon: int = HORIZON
) -> pl.DataFrame:
    """Score of each coming day and dimension: mean, 80 % and 95 % interval, and why it moves.

    Only what was known when ``as_of`` was over is used (:func:`known_on`).

    Args:
        inputs: Collected frames, with or without a future.
        settings: The shop's rules and planned campaigns.
        as_of: Last known day.
        horizon: Days ahead, 1 to 90.

    Returns:
        Columns ``FORECAST_COLUMNS``, by day and dimension in the order of the seller page.
        Scores in stars; ``ratings`` the expected number in the window; ``from_expired``,
        ``from_pending``, ``from_in_flight``, ``from_future`` stars that add up to mean minus the
        score on ``as_of``. Dimensions without a counting rating have no rows; a day on which
        none is left and none expected is null.
    """
    return forecast_of(fitted(inputs, settings, as_of=as_of, horizon=horizon))


def fitted(
    inputs: ForecastInputs, settings: ShopSettings, /, *, as_of: date, horizon: int = HORIZON
) -> FittedForecast:
    """Everything learned from what was known on ``as_of``; see :func:`forecast`."""
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise ValueError(f"horizon is 1 to {LONGEST_HORIZON} days, not {horizon}")
    known = known_on(inputs, as_of)
    spans = counted_spans(known.ratings, settings)
    entries = _entries(known, spans, settings)
    part = known_part(entries, as_of, horizon)
    coming = arrivals(known, spans, settings, as_of=as_of, horizon=horizon)
    present = [name for at, name in enumerate(DSR_DIMENSIONS) if part.ratings[at, 0] > 0]
    if known.feed == "ratings":
        dimensions, pending = _dimensions(known, spans, present, coming, as_of)
    else:
        days = known.rating_days
        dimensions = {name: _daily_dimension(days, name, as_of, horizon) for name in present}
        pending = coming.pending
    return FittedForecast(as_of, horizon, known, spans, entries, part, coming, pending, dimensions)


def entries_of(inputs: ForecastInputs, settings: ShopSettings) -> pl.DataFrame:
    """What counts on which days, from rating rows or else daily scores (``metrics.expiry``)."""
    return _entries(inputs, counted_spans(inputs.ratings, settings), settings)


def _entries(inputs: ForecastInputs, spans: pl.DataFrame, settings: ShopSettings) -> pl.DataFrame:
    if inputs.feed == "ratings":
        return entries_of_ratings(spans)
    return entries_of_days(inputs.rating_days, settings)


def newest_day(inputs: ForecastInputs) -> date | None:
    """Day of the newest rating, or of the newest daily score; None without either."""
    rated = inputs.ratings["rated_at"].dt.date()
    newest = (rated if inputs.feed == "ratings" else inputs.rating_days["day"]).max()
    return newest if isinstance(newest, date) else None


def _daily_dimension(
    rating_days: pl.DataFrame, name: str, as_of: date, horizon: int
) -> DimensionFit:
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


def _dimensions(
    known: ForecastInputs,
    spans: pl.DataFrame,
    present: Sequence[str],
    coming: Arrivals,
    as_of: date,
) -> tuple[dict[str, DimensionFit], pl.DataFrame]:
    if not present:
        return {}, coming.pending
    usable = spans.filter(
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
        else _daily_dimension(_days_of_stars(usable), name, as_of, len(coming.starts))
        for name in present
    }
    return parts, orders[0]


def _days_of_stars(ratings: pl.DataFrame) -> pl.DataFrame:
    """Single ratings as daily scores: ``day, dimension, count, stars``."""
    days = ratings.group_by(day=pl.col("rated_at").dt.date()).agg(
        *(pl.col(name).cast(pl.Int64).sum().alias(f"stars_{name}") for name in DSR_DIMENSIONS),
        *(pl.col(name).count().cast(pl.Int64).alias(f"count_{name}") for name in DSR_DIMENSIONS),
    )
    long = [
        days.select(
            "day",
            dimension=pl.lit(name),
            count=pl.col(f"count_{name}"),
            stars=pl.col(f"stars_{name}"),
        )
        for name in DSR_DIMENSIONS
    ]
    return pl.concat(long).filter(pl.col("count") > 0).sort("day", "dimension")


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
    """Facts of the orders rated lately, every payment day weighing the same.

    They stand for orders to come. A campaign's three days must not stand for a month, hence the
    weights; orders that were rated, not all orders, because who rates is not drawn evenly.
    """
    recent = pl.col("rated_at").dt.date() > as_of - timedelta(days=_USUAL_DAYS)
    chosen = rated.select(recent).to_series().to_numpy()
    if chosen.sum() < _FEWEST_USUAL:
        chosen = np.arange(rated.height) >= rated.height - _FEWEST_USUAL
    days = pl.col("trade_paid_at").dt.date().fill_null(pl.col("rated_at").dt.date())
    weights = rated.select(1 / pl.len().over(days)).to_series().to_numpy()
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


def forecast_of(fit: FittedForecast) -> pl.DataFrame:
    """The forecast of a fitted model, in the columns of :func:`forecast`."""
    frames = [_rows(fit, name) for name in fit.dimensions]
    if not frames:
        return pl.DataFrame(schema=FORECAST_COLUMNS)
    order = {name: at for at, name in enumerate(DSR_DIMENSIONS)}
    place = pl.col("dimension").replace_strict(order, return_dtype=pl.Int8)
    return pl.concat(frames).sort("day", place)


def _rows(fit: FittedForecast, dimension: str) -> pl.DataFrame:
    path = fit.path(dimension)
    days = pl.date_range(
        fit.as_of + timedelta(days=1), fit.as_of + timedelta(days=fit.horizon), eager=True
    )
    columns = {
        "mean": path.mean,
        **{name: path.quantile(share) for name, share in QUANTILES.items()},
        "ratings": path.ratings,
        "from_expired": path.from_expired,
        **{f"from_{source}": stars for source, stars in path.from_sources.items()},
    }
    return (
        pl.DataFrame({"day": days, "dimension": [dimension] * fit.horizon, **columns})
        .select(*FORECAST_COLUMNS)
        .with_columns(pl.col(pl.Float64).fill_nan(None))
    )


def crossings(fit: FittedForecast, gates: Sequence[float]) -> pl.DataFrame:
    """Probability that the score is under a gate, per day, dimension and gate.

    Returns:
        ``day, dimension, gate, below`` (0-1), by dimension, gate and day.
    """
    days = pl.date_range(
        fit.as_of + timedelta(days=1), fit.as_of + timedelta(days=fit.horizon), eager=True
    )
    paths = {name: fit.path(name) for name in fit.dimensions}
    frames = [
        pl.DataFrame({"day": days, "below": path.below(gate)}, nan_to_null=True).select(
            "day", pl.lit(name).alias("dimension"), pl.lit(float(gate)).alias("gate"), "below"
        )
        for name, path in paths.items()
        for gate in gates
    ]
    schema = {"day": pl.Date, "dimension": pl.String, "gate": pl.Float64, "below": pl.Float64}
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
