"""The known part of the score: which ratings count today, and on which day each one leaves."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.kit.ratio import ratio
from metrics.ratings.counted import CAP_ORDER, MONTHLY_CAP, leaves_on
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
    spans = ratings.with_columns(since=rated, leaves=leaves_on(first, settings))
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


def entries_of_ratings(spans: pl.DataFrame) -> pl.DataFrame:
    """Ratings that count at all, added up by the days they count on.

    Returns:
        One row per dimension and span, sorted: ``dimension, since, until, left_by, ratings,
        stars`` (sum).
    """
    key = ["since", "until", "left_by"]
    counted = spans.filter(pl.col("since") < pl.col("until"))
    sums = counted.group_by(key).agg(
        *(pl.col(name).cast(pl.Int64).sum().alias(f"stars_{name}") for name in DSR_DIMENSIONS),
        *(pl.col(name).count().cast(pl.Int64).alias(f"ratings_{name}") for name in DSR_DIMENSIONS),
    )
    return (
        pl.concat(
            sums.select(
                pl.lit(name).alias("dimension"),
                *key,
                pl.col(f"ratings_{name}").alias("ratings"),
                pl.col(f"stars_{name}").alias("stars"),
            )
            for name in DSR_DIMENSIONS
        )
        .filter(pl.col("ratings") > 0)
        .sort("dimension", *key)
    )


def entries_of_days(rating_days: pl.DataFrame, settings: ShopSettings) -> pl.DataFrame:
    """The same from daily scores with counts, whose single ratings are not known."""
    return rating_days.select(
        "dimension",
        since="day",
        until=leaves_on(pl.col("day"), settings),
        left_by=pl.lit("window"),
        ratings=pl.col("count").cast(pl.Int64),
        stars=pl.col("stars").cast(pl.Int64),
    ).sort("dimension", "since")


def counting_on(day: date) -> pl.Expr:
    """Whether an entry or a rating counts on a day."""
    return (pl.col("since") <= day) & (pl.col("until") > day)


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
            return np.asarray(self.stars / self.ratings)


def known_part(entries: pl.DataFrame, as_of: date, horizon: int) -> KnownPart:
    """What is left of the ratings that count on ``as_of``, per dimension and day after."""
    counting = entries.filter(counting_on(as_of)).with_columns(
        left=(pl.col("until") - as_of).dt.total_days().clip(upper_bound=horizon + 1)
    )
    stars, ratings = [], []
    for dimension in DSR_DIMENSIONS:
        own = counting.filter(pl.col("dimension") == dimension)
        left = own["left"].to_numpy()
        stars.append(_still_there(left, own["stars"].to_numpy(), horizon))
        ratings.append(_still_there(left, own["ratings"].to_numpy(), horizon))
    return KnownPart(np.array(stars), np.array(ratings))


def _still_there(left: Ints, weight: Ints, horizon: int) -> Floats:
    """Sum of weights with ``left`` > h, for h = 0 … horizon."""
    leaving = np.bincount(left, weights=weight.astype(np.float64), minlength=horizon + 2)
    return np.asarray(leaving[::-1].cumsum()[::-1][1 : horizon + 2])


def expiry_calendar(entries: pl.DataFrame, as_of: date, horizon: int) -> pl.DataFrame:
    """What leaves the score on each coming day, and the score if nothing new came.

    Returns:
        One row per day (as_of + 1 …) and dimension: ``day, dimension, leaving`` (ratings),
        ``leaving_stars`` (their sum), ``ratings`` (left in the window), ``score`` (expiry only,
        null once nothing is left) and ``leaving_mean`` (stars of a rating that leaves, null where
        none does).
    """
    part = known_part(entries, as_of, horizon)
    days = pl.date_range(as_of + timedelta(days=1), as_of + timedelta(days=horizon), eager=True)
    frames = [
        pl.DataFrame(
            {
                "day": days,
                "dimension": [name] * horizon,
                "place": [at] * horizon,
                "leaving": -np.diff(part.ratings[at]),
                "leaving_stars": -np.diff(part.stars[at]),
                "ratings": part.ratings[at, 1:],
                "score": part.score[at, 1:],
            }
        )
        for at, name in enumerate(DSR_DIMENSIONS)
        if part.ratings[at, 0] > 0
    ]
    counts = pl.col("leaving", "leaving_stars", "ratings").cast(pl.Int64)
    score = pl.col("score").fill_nan(None)
    schema = {
        "day": pl.Date,
        "dimension": pl.String,
        "leaving": pl.Int64,
        "leaving_stars": pl.Int64,
        "ratings": pl.Int64,
        "score": pl.Float64,
        "leaving_mean": pl.Float64,
    }
    if not frames:
        return pl.DataFrame(schema=schema)
    mean = ratio(pl.col("leaving_stars"), pl.col("leaving"))
    rows = pl.concat(frames).with_columns(counts, score).with_columns(leaving_mean=mean)
    return rows.sort("day", "place").select(*schema)


def scores_on(entries: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """The score of each day as the platform counted it on that day.

    An entry counts on the days of its span, so a rating that a later one pushed out under the
    monthly cap still counts on the days before.

    Returns:
        ``day, dimension, ratings, stars, score`` (null without ratings), by dimension and day.
    """
    length = (last - first).days + 1
    frames = []
    for name in DSR_DIMENSIONS:
        own = entries.filter(pl.col("dimension") == name)
        enter, leave = (
            (own[column] - first).dt.total_days().clip(0, length).to_numpy()
            for column in ("since", "until")
        )
        sums = {
            column: (
                np.bincount(enter, weights=own[column].to_numpy(), minlength=length + 1)
                - np.bincount(leave, weights=own[column].to_numpy(), minlength=length + 1)
            )
            .cumsum()[:length]
            # Of a dimension nobody rated bincount makes whole numbers, weights or not.
            .astype(np.float64)
            for column in ("ratings", "stars")
        }
        days = pl.date_range(first, last, eager=True)
        frames.append(pl.DataFrame({"day": days, "dimension": [name] * length, **sums}))
    return pl.concat(frames).with_columns(
        score=ratio(pl.col("stars"), pl.col("ratings")),
        ratings=pl.col("ratings").cast(pl.Int64),
        stars=pl.col("stars").cast(pl.Int64),
    )
