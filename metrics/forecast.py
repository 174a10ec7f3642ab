"""What the ratings not yet given, and those about to expire, will do to the score.

:func:`fitted` learns from everything known on a day; what it returns answers any number of
questions (forecast, gates, orders worth a call, what if) without learning again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.expiry import KnownPart, counted_spans, known_part
from metrics.forecast_inputs import ForecastInputs, forecast_inputs, known_on
from metrics.order_facts import means_of, with_earlier_stars, with_facts, with_history
from metrics.pending import Arrivals, Pool, arrivals, day_number, days_of
from metrics.score_forecast import (
    QUANTILES,
    GroupStars,
    ScorePath,
    expected_stars,
    group_stars,
    score_path,
)
from metrics.star_model import StarModel, fact_matrix, fitted_stars
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


@dataclass(frozen=True)
class FittedForecast:
    """All that was learned on one day; see :func:`fitted`."""

    as_of: date
    horizon: int
    inputs: ForecastInputs
    spans: pl.DataFrame
    known: KnownPart
    arrivals: Arrivals
    #: By dimension; those without any counting rating are missing.
    dimensions: dict[str, DimensionFit]

    def path(self, dimension: str, *, scale: Floats | float = 1.0) -> ScorePath:
        """The dimension's score on each coming day."""
        at = DSR_DIMENSIONS.index(dimension)
        fit = self.dimensions[dimension]
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
        score on ``as_of``. Dimensions without a counting rating have no rows.
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
    part = known_part(spans, as_of, horizon)
    coming = arrivals(known, spans, settings, as_of=as_of, horizon=horizon)
    dimensions = _dimensions(known, spans, part, coming, as_of)
    return FittedForecast(as_of, horizon, known, spans, part, coming, dimensions)


def _dimensions(
    known: ForecastInputs, spans: pl.DataFrame, part: KnownPart, coming: Arrivals, as_of: date
) -> dict[str, DimensionFit]:
    present = [name for at, name in enumerate(DSR_DIMENSIONS) if part.ratings[at, 0] > 0]
    if not present:
        return {}
    learned = spans.filter(
        pl.col("left_by") != "trade_closed",
        pl.col("rated_at").dt.date() > as_of - timedelta(days=_STAR_HISTORY),
    )
    means = means_of(learned)
    learned = with_facts(learned.with_columns(at="rated_at"), known)
    orders = [
        with_history(with_facts(frame.with_columns(at=_end_of(as_of)), known), learned, means)
        for frame in (coming.pending, coming.in_flight, coming.recent)
    ]
    learned = with_earlier_stars(learned, means)
    return {name: _dimension(name, learned, orders, coming, as_of) for name in present}


def _end_of(day: date) -> pl.Expr:
    return pl.lit(day).cast(pl.Datetime("us")).dt.offset_by("1d").dt.offset_by("-1us")


def _dimension(
    name: str,
    learned: pl.DataFrame,
    orders: Sequence[pl.DataFrame],
    coming: Arrivals,
    as_of: date,
) -> DimensionFit:
    given = learned[name].is_not_null()
    rated = learned.filter(given)
    share = (rated.height + 1) / (learned.height + 1)
    model = fitted_stars(
        rated[name].to_numpy().astype(np.int64),
        fact_matrix(rated, name),
        days_of(rated["rated_at"]),
        given=share,
        today=day_number(as_of),
    )
    pending, in_flight, recent = (fact_matrix(frame, name) for frame in orders)
    latest = fact_matrix(rated.tail(500), name)
    usual = recent if len(recent) >= 20 else latest
    facts = {"pending": pending, "in_flight": in_flight}
    pools = tuple(
        (pool, group_stars(pool, model, facts[pool.source]))
        if pool.source in facts
        else (pool, expected_stars(pool, model, usual))
        for pool in coming.pools
        if len(pool.orders)
    )
    return DimensionFit(model, pools, pending)


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
    return pl.DataFrame({"day": days, "dimension": [dimension] * fit.horizon, **columns}).select(
        *FORECAST_COLUMNS
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
        pl.DataFrame({"day": days, "below": path.below(gate)}).select(
            "day", pl.lit(name).alias("dimension"), pl.lit(float(gate)).alias("gate"), "below"
        )
        for name, path in paths.items()
        for gate in gates
    ]
    schema = {"day": pl.Date, "dimension": pl.String, "gate": pl.Float64, "below": pl.Float64}
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
