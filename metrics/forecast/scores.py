"""What the ratings not yet given, and those about to expire, will do to the score.

:func:`fitted` learns from everything known on a day; what it returns answers any number of
questions (forecast, gates, orders worth a call, what if) without learning again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from metrics.forecast.bands import QUANTILES, ScorePath, score_path
from metrics.forecast.dimension_fit import DimensionFit, daily_fit, dimension_fits, no_pending
from metrics.forecast.inputs import ForecastInputs, forecast_inputs, known_on
from metrics.forecast.pending import arrivals
from metrics.forecast.pools import Arrivals
from metrics.kit.order import place_in
from metrics.ratings.expiry import (
    KnownPart,
    counted_spans,
    entries_of_days,
    entries_of_ratings,
    known_part,
)
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings

__all__ = [
    "FORECAST_COLUMNS",
    "DimensionFit",
    "FittedForecast",
    "ForecastInputs",
    "crossings",
    "fitted",
    "forecast",
    "forecast_inputs",
    "forecast_of",
    "known_on",
]

HORIZON = 30
LONGEST_HORIZON = 90
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
class FittedForecast:
    """All that was learned on one day; see :func:`fitted`."""

    as_of: date
    horizon: int
    inputs: ForecastInputs
    #: Ratings with the days each counts on (``metrics.ratings.expiry.counted_spans``).
    spans: pl.DataFrame
    #: The same added up, from whichever feed (``metrics.ratings.expiry.entries_of_ratings``).
    entries: pl.DataFrame
    known: KnownPart
    arrivals: Arrivals
    #: ``arrivals.pending`` with what is known of each order (``metrics.forecast.order_facts``).
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
    if known.feed == "ratings" and present:
        dimensions, pending = dimension_fits(known, spans, present, coming, as_of)
    else:
        days = known.rating_days
        dimensions = {name: daily_fit(days, name, as_of, horizon) for name in present}
        # Without rating rows nobody knows which of the completed orders were rated.
        pending = no_pending(coming.pending, known)
    return FittedForecast(as_of, horizon, known, spans, entries, part, coming, pending, dimensions)


def entries_of(inputs: ForecastInputs, settings: ShopSettings) -> pl.DataFrame:
    """What counts on which days (``metrics.ratings.expiry``): rating rows, else daily scores."""
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


def forecast_of(fit: FittedForecast) -> pl.DataFrame:
    """The forecast of a fitted model, in the columns of :func:`forecast`."""
    frames = [_rows(fit, name) for name in fit.dimensions]
    if not frames:
        return pl.DataFrame(schema=FORECAST_COLUMNS)
    return pl.concat(frames).sort("day", place_in(DSR_DIMENSIONS, "dimension"))


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


class GateInDoubt(NamedTuple):
    """A gate, and how likely the score is under it on the last day of a forecast."""

    day: date
    gate: float
    #: Probability 0-1.
    below: float
    #: The first day on which the likelier side is not today's; None where none is.
    turns: date | None


def gate_in_doubt(below: pl.DataFrame, today: float) -> GateInDoubt:
    """The gate whose outcome on the last day is most in doubt: the chance nearest to a half.

    Args:
        below: Rows of :func:`crossings` of one dimension; at least one.
        today: The score as of today; of equal chances the gate nearest to it is taken.
    """
    final = below.filter(pl.col("day") == pl.col("day").max())
    doubtful = final.sort((pl.col("below") - 0.5).abs(), (pl.col("gate") - today).abs())
    day, gate, chance = doubtful.select("day", "gate", "below").row(0)
    likely = below.filter(pl.col("gate") == gate)
    turned = likely.filter((pl.col("below") > 0.5) != (today < gate))["day"]
    return GateInDoubt(day, gate, chance, turned[0] if len(turned) else None)
