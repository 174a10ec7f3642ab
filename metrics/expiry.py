"""The known part of the score: which ratings count today, and on which day each one leaves."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.dsr import CAP_ORDER, DSR_MONTHS, DSR_WINDOW, MONTHLY_CAP
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def counted_spans(ratings: pl.DataFrame, settings: ShopSettings) -> pl.DataFrame:
    """The days on which each rating counts, given the ratings of this frame and no other.

    A rating beyond the third of its buyer and month does not count. Which three are the first is
    told by completion, so a rating given late to an early order pushes out one that counted
    before; ``until`` is then the day this happened.

    Args:
        ratings: ``ForecastInputs.ratings``.
        settings: ``dsr_window`` and ``dsr_day`` decide how long a rating counts.

    Returns:
        The ratings with ``since`` and ``until`` (Date; counts on since ≤ day < until) and
        ``left_by``: "window", "monthly_cap" or "trade_closed", the reason of its end. A rating
        that never counted has since = until.
    """
    rated = pl.col("rated_at").dt.date()
    dated = pl.coalesce(pl.col("completed_at").dt.date(), rated)
    first = dated if settings.dsr_day == "trade" else rated
    leaves = first + DSR_WINDOW if settings.dsr_window == "days" else _six_months_on(first)
    spans = ratings.with_columns(since=rated, leaves=leaves)
    spans = spans.with_columns(capped=_capped_on(spans))
    closed, capped = pl.col("closed"), pl.col("capped") < pl.col("leaves")
    return spans.with_columns(
        until=pl.when(closed)
        .then("since")
        .otherwise(pl.max_horizontal("since", pl.min_horizontal("leaves", "capped"))),
        left_by=pl.when(closed)
        .then(pl.lit("trade_closed"))
        .when(capped.fill_null(False))
        .then(pl.lit("monthly_cap"))
        .otherwise(pl.lit("window")),
    ).drop("leaves", "capped")


def _six_months_on(day: pl.Expr) -> pl.Expr:
    """The first day on which "the last six calendar months" no longer hold ``day``.

    The window of day d starts on the day after d - 6 months, so a rating leaves on the first d
    with d - 6 months ≥ its day; where the month is too short for that day number, later.
    """
    later = day.dt.offset_by(DSR_MONTHS)
    short = later.dt.offset_by(f"-{DSR_MONTHS}") < day
    return pl.when(short).then(later + timedelta(days=1)).otherwise(later)


def _capped_on(ratings: pl.DataFrame) -> pl.Series:
    """Day on which a third earlier-completed rating of the same buyer and month was given."""
    rated_at_all = pl.any_horizontal(pl.col(name).is_not_null() for name in DSR_DIMENSIONS)
    rows = (
        ratings.with_row_index("row")
        .filter(pl.col("buyer").is_not_null(), ~pl.col("closed"), rated_at_all)
        .with_columns(ended_at=pl.coalesce("completed_at", "rated_at"))
        .with_columns(month=pl.col("ended_at").dt.truncate("1mo"))
        .filter(pl.len().over("buyer", "month") > MONTHLY_CAP)
        .sort("buyer", "month", *CAP_ORDER)
        .select(
            "row",
            day=pl.col("since").cast(pl.Int32).cast(pl.Int64),
            place=pl.int_range(pl.len()).over("buyer", "month").cast(pl.Int64),
        )
    )
    third = _third_smallest_before(rows["day"].to_numpy(), rows["place"].to_numpy())
    days = np.full(ratings.height, -1, dtype=np.int64)
    days[rows["row"].to_numpy()] = third
    capped = pl.Series("capped", days)
    return (
        pl.DataFrame([capped])
        .select(pl.when(capped >= 0).then(capped).cast(pl.Int32).cast(pl.Date))
        .to_series()
    )


def _third_smallest_before(days: Ints, place: Ints) -> Ints:
    """Per row the third smallest day among the rows before it in its group; -1 if under three.

    Rows are sorted by group, ``place`` counts 0, 1, … inside each. All groups walk together.
    """
    third = np.full(len(days), -1, dtype=np.int64)
    if not len(days):
        return third
    starts = np.flatnonzero(place == 0)
    lengths = np.diff(np.append(starts, len(days)))
    never = np.iinfo(np.int64).max
    lowest = np.full((len(starts), MONTHLY_CAP), never)
    for step in range(int(lengths.max())):
        alive = np.flatnonzero(lengths > step)
        rows = starts[alive] + step
        known = lowest[alive, -1]
        third[rows] = np.where(known == never, -1, known)
        lowest[alive] = np.sort(np.column_stack([lowest[alive], days[rows]]), axis=1)[:, :-1]
    return third


@dataclass(frozen=True)
class KnownPart:
    """Stars and ratings that are left of today's window on each of the coming days.

    Shape (dimensions, horizon + 1); column 0 is today.
    """

    stars: Floats
    ratings: Floats

    @property
    def score(self) -> Floats:
        """Expiry-only score: what the score would be if nothing new came; NaN without ratings."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.stars / self.ratings


def known_part(spans: pl.DataFrame, as_of: date, horizon: int) -> KnownPart:
    """What is left of the ratings that count on ``as_of``, per dimension and day after."""
    counting = spans.filter(pl.col("since") <= as_of, pl.col("until") > as_of)
    left = (counting["until"] - as_of).dt.total_days().to_numpy()
    left = np.minimum(left, horizon + 1)
    sums = []
    for dimension in DSR_DIMENSIONS:
        stars = counting[dimension].cast(pl.Float64).fill_null(0).to_numpy()
        sums.append((_still_there(left, stars, horizon), _still_there(left, stars > 0, horizon)))
    return KnownPart(np.array([pair[0] for pair in sums]), np.array([pair[1] for pair in sums]))


def _still_there(left: Ints, weight: npt.NDArray[np.generic], horizon: int) -> Floats:
    """Sum of weights with ``left`` > h, for h = 0 … horizon."""
    leaving = np.bincount(left, weights=weight.astype(np.float64), minlength=horizon + 2)
    staying: Floats = leaving[::-1].cumsum()[::-1][1 : horizon + 2]
    return staying


def expiry_calendar(spans: pl.DataFrame, as_of: date, horizon: int) -> pl.DataFrame:
    """What leaves the score on each coming day, and the score if nothing new came.

    Returns:
        One row per day (as_of + 1 …) and dimension: ``day, dimension, leaving`` (ratings),
        ``stars`` (their sum), ``low`` (those of 3★ and fewer), ``score`` (expiry only, null once
        nothing is left). Ratings pushed out by the monthly cap in the past are not here.
    """
    days = pl.select(day=pl.date_range(as_of + timedelta(1), as_of + timedelta(horizon)))
    leaving = (
        spans.filter(pl.col("since") <= as_of, pl.col("until") > as_of)
        .unpivot(DSR_DIMENSIONS, index="until", variable_name="dimension", value_name="given")
        .drop_nulls("given")
        .group_by("dimension", day="until")
        .agg(
            leaving=pl.len(),
            stars=pl.col("given").cast(pl.Int64).sum(),
            low=(pl.col("given") <= 3).sum(),
        )
    )
    part = known_part(spans, as_of, horizon)
    scores = pl.DataFrame(
        {
            "dimension": np.repeat(DSR_DIMENSIONS, horizon),
            "day": pl.concat([days["day"]] * len(DSR_DIMENSIONS)),
            "score": part.score[:, 1:].ravel(),
        }
    )
    counts = pl.col("leaving", "stars", "low").fill_null(0).cast(pl.Int64)
    return (
        scores.join(leaving, on=["day", "dimension"], how="left", validate="1:1")
        .select("day", "dimension", counts, score=pl.col("score").fill_nan(None))
        .sort("day", _place("dimension"))
    )


def _place(dimension: str) -> pl.Expr:
    """Dimensions in the order of the seller page."""
    order = {name: at for at, name in enumerate(DSR_DIMENSIONS)}
    return pl.col(dimension).replace_strict(order, return_dtype=pl.Int8)
