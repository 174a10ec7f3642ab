"""Why the score moved between two days: new ratings, expired ones, ones the cap pushed out.

The change of a mean splits without a rest: with x the score before and N the ratings after, each
rating that came adds (stars - x) ÷ N and each that left takes as much away. Over the common
denominator N_before · N_after all of it is whole numbers.
"""

from datetime import date

import polars as pl

from metrics.kit.order import place_in
from metrics.kit.ratio import ratio
from metrics.ratings.expiry import counting_on
from store.schemas import DSR_DIMENSIONS

#: Bars of the bridge, in order.
PARTS = ("new", "expired", "capped")


def change_bridge(entries: pl.DataFrame, before: date, after: date) -> pl.DataFrame:
    """What new, expired and capped ratings did to each score from one day to a later one.

    Args:
        entries: ``metrics.forecast.scores.entries_of`` (or ``FittedForecast.entries``).
        before: Day of the first score.
        after: Day of the second.

    Returns:
        One row per dimension with ratings on both days, and part of ``PARTS``: ``ratings`` and
        ``stars`` of the part (counts, sums), ``numerator`` and ``denominator`` (whole numbers;
        the three numerators add up exactly to the change), ``hundredths`` (their ratio times
        100, positive = the score rose), ``score_before`` and ``score_after``. A rating that came
        and went between the two days is in none.
    """
    was, is_now = counting_on(before), counting_on(after)
    capped = pl.col("left_by") == "monthly_cap"
    kinds = {
        "new": ~was & is_now,
        "expired": was & ~is_now & ~capped,
        "capped": was & ~is_now & capped,
    }
    sums = {"before": was, "after": is_now, **kinds}
    per_dimension = entries.group_by("dimension").agg(
        pl.col(column).filter(chosen).sum().alias(f"{column}_{name}")
        for column in ("ratings", "stars")
        for name, chosen in sums.items()
    )
    frames = [per_dimension.select(*_part(name)) for name in PARTS]
    return (
        pl.concat(frames)
        .filter(pl.col("denominator") > 0)
        .sort(place_in(DSR_DIMENSIONS, "dimension"), place_in(PARTS, "part"))
    )


def _part(name: str) -> list[pl.Expr]:
    before_stars, before = pl.col("stars_before"), pl.col("ratings_before")
    after_stars, after = pl.col("stars_after"), pl.col("ratings_after")
    stars, ratings = pl.col(f"stars_{name}"), pl.col(f"ratings_{name}")
    sign = 1 if name == "new" else -1
    numerator = sign * (before * stars - before_stars * ratings)
    denominator = before * after
    return [
        pl.col("dimension"),
        pl.lit(name).alias("part"),
        ratings.alias("ratings"),
        stars.alias("stars"),
        numerator.alias("numerator"),
        denominator.alias("denominator"),
        (100 * ratio(numerator, denominator)).alias("hundredths"),
        ratio(before_stars, before).alias("score_before"),
        ratio(after_stars, after).alias("score_after"),
    ]


def bridge_rows(spans: pl.DataFrame, before: date, after: date) -> pl.DataFrame:
    """The ratings behind the bars of :func:`change_bridge`.

    Args:
        spans: Ratings with the days they count on (``FittedForecast.spans``).
        before: As in the bridge.
        after: As in the bridge.

    Returns:
        ``part``, ``order_id``, ``rated_at``, ``buyer``, the three dimensions, ``since``,
        ``until``; by part and time.
    """
    was, is_now = counting_on(before), counting_on(after)
    capped = pl.col("left_by") == "monthly_cap"
    part = (
        pl.when(~was & is_now)
        .then(pl.lit("new"))
        .when(was & ~is_now & capped)
        .then(pl.lit("capped"))
        .when(was & ~is_now)
        .then(pl.lit("expired"))
    )
    return (
        spans.with_columns(part=part)
        .filter(pl.col("part").is_not_null())
        .select("part", "order_id", "rated_at", "buyer", *DSR_DIMENSIONS, "since", "until")
        .sort(place_in(PARTS, "part"), "rated_at", "order_id")
    )
