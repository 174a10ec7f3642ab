"""The shop's detailed seller rating (DSR): the rolling score, from the best of three feeds."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import polars as pl

from metrics.kit.coverage import covered_days, final_until, present_feeds
from metrics.kit.days import every_day
from metrics.kit.metric import Metric
from metrics.kit.needs import Need
from metrics.kit.order import place_in
from metrics.kit.periods import MEASURED, By, judged_spans, reported
from metrics.kit.ratio import ratio
from metrics.ratings.counted import (
    DSR_WINDOW,
    LEFT_OUT,
    counted_ratings,
    in_window,
    leaves_on,
    ratings_judged,
    window_start,
)
from store.schemas import DSR_DIMENSIONS, RATING_DAY_SOURCES
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

FEED_NOTES = {
    "ratings": "feed_ratings",
    "rating_days": "feed_rating_days",
    "rating_snapshots": "feed_snapshots",
}


def rated_days(tables: ShopTables, settings: ShopSettings, /) -> pl.LazyFrame:
    """Stars per dimension of the ratings that count, added up by the days they count on.

    Returns:
        One row per first day and end, in no order: ``day``, ``until``, and per dimension
        ``stars_<dimension>`` and ``count_<dimension>`` (Int64).
    """
    return (
        counted_ratings(tables, settings)
        .group_by("day", "until")
        .agg(
            *(pl.col(name).cast(pl.Int64).sum().alias(f"stars_{name}") for name in DSR_DIMENSIONS),
            *(
                pl.col(name).count().cast(pl.Int64).alias(f"count_{name}")
                for name in DSR_DIMENSIONS
            ),
        )
    )


def reported_days(tables: ShopTables, /) -> pl.LazyFrame:
    """Stars given per day and dimension, from the daily scores that come with a count.

    Of several sources for a day the best with a count is taken, its row of the whole shop
    before the sum over its items. Stars are whole, so score x count is rounded.

    Returns:
        As ``rated_days``, without ``until``.
    """
    rank = place_in(RATING_DAY_SOURCES, "source")
    stars = (pl.col("score") * pl.col("count")).round().fill_null(0).cast(pl.Int64)
    best = (
        tables.rating_days.filter(pl.col("count").is_not_null())
        .with_columns(rank=rank, items=pl.col("item_id") != "", stars=stars)
        .group_by("day", "dimension", "rank", "items")
        .agg(pl.col("stars").sum(), pl.col("count").cast(pl.Int64).sum())
        .sort("rank", "items")
        .group_by("day", "dimension", maintain_order=True)
        .first()
    )
    mine = [pl.col("dimension") == name for name in DSR_DIMENSIONS]
    return best.group_by("day").agg(
        pl.col(column).filter(own).sum().alias(f"{column}_{name}")
        for column in ("stars", "count")
        for name, own in zip(DSR_DIMENSIONS, mine, strict=True)
    )


def rolling(days: pl.LazyFrame, /, *, first: date, last: date) -> pl.LazyFrame:
    """Mean stars of the ratings that count, per day and dimension, from sums.

    Each dimension is divided by its own ratings, because a buyer may rate one and skip the
    others. Days after the newest rating show the score if nobody rated again.

    Args:
        days: As ``rated_days`` gives them.
        first: First day of the result.
        last: Last day of the result, included; may lie in the future.

    Returns:
        One row per day and dimension, oldest first: ``day``, ``dimension``, ``stars`` and
        ``count`` in the window, ``score`` (1-5, null when the window is empty).
    """
    sums = [f"{column}_{name}" for column in ("stars", "count") for name in DSR_DIMENSIONS]
    counted = days.filter(pl.col("day") <= last, pl.col("until") > first)
    # What came before the first day is there from the first day on.
    come = counted.select(pl.max_horizontal("day", pl.lit(first)).alias("day"), *sums)
    gone = counted.select(pl.col("until").alias("day"), -pl.col(sums))
    changes = pl.concat([come, gone]).group_by("day").agg(pl.col(sums).sum())
    daily = (
        every_day(first, last)
        .join(changes, on="day", how="left", validate="1:1")
        .sort("day")
        .with_columns(pl.col(sums).fill_null(0).cum_sum())
        .cache()
    )
    long = [
        daily.select(
            "day",
            place=pl.lit(place),
            dimension=pl.lit(name),
            stars=f"stars_{name}",
            count=f"count_{name}",
        )
        for place, name in enumerate(DSR_DIMENSIONS)
    ]
    score = ratio(pl.col("stars"), pl.col("count"))
    return pl.concat(long).sort("day", "place").drop("place").with_columns(score=score)


def dsr(tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date) -> pl.LazyFrame:
    """The rolling score of each day and dimension, from the shop's best feed.

    Rating rows first; else daily scores with counts; else the seller page's printed score, which
    has no sum of stars and holds for its own day only.

    Returns:
        One row per day and dimension, oldest first: ``day``, ``dimension``, ``stars``, ``count``,
        ``score``, ``feed`` (a code of ``metrics.catalog.NOTES``).
    """
    feeds = [feed for (feed,) in present_feeds(tables, METRICS[0])] or ["rating_snapshots"]
    scores = [_feed_scores(feed, tables, settings, first, last) for feed in feeds]
    if len(feeds) == 1:
        return scores[0]
    best = telling_feeds(tables, feeds)
    return (
        pl.concat(scores)
        .join(best, on=["dimension", "feed"], how="semi")
        .sort("day", place_in(DSR_DIMENSIONS, "dimension"))
    )


def _feed_scores(
    feed: str, tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    if feed == "ratings":
        return _scores(rated_days(tables, settings), feed, first=first, last=last)
    if feed == "rating_snapshots":
        return printed_scores(tables, first=first, last=last)
    days = reported_days(tables).with_columns(until=leaves_on(pl.col("day"), settings))
    return _scores(days, feed, first=first, last=last)


def telling_feeds(tables: ShopTables, feeds: Sequence[str], /) -> pl.LazyFrame:
    """Which feed speaks for each dimension: the best that has figures of it.

    Rating rows may hold one dimension only, and daily scores may come without the counts that a
    window is summed from.

    Args:
        tables: The shop's tables.
        feeds: The feeds that there are files of, best first.

    Returns:
        One row per dimension, in no order: ``dimension``, ``feed`` (a code of
        ``metrics.catalog.NOTES``), ``told`` (False where no feed has a figure of it: the first).
    """
    rated = tables.ratings.select(pl.col(name).is_not_null().any() for name in DSR_DIMENSIONS)
    dimensions = {
        "ratings": rated.unpivot(variable_name="dimension").filter("value"),
        "rating_days": tables.rating_days.filter(pl.col("count").is_not_null()),
        "rating_snapshots": tables.rating_snapshots.filter(pl.col("score").is_not_null()),
    }
    parts = [
        dimensions[feed]
        .select("dimension", feed=pl.lit(FEED_NOTES[feed]), told=pl.lit(value=True))
        .unique()
        .with_columns(place=pl.lit(place))
        for place, feed in enumerate(feeds)
    ]
    none = pl.LazyFrame({"dimension": DSR_DIMENSIONS}).with_columns(
        feed=pl.lit(FEED_NOTES[feeds[0]]), told=pl.lit(value=False), place=pl.lit(len(feeds))
    )
    found = pl.concat([*parts, none]).sort("place", maintain_order=True)
    return found.unique("dimension", keep="first", maintain_order=True).drop("place")


def _without_counts(tables: ShopTables) -> pl.LazyFrame:
    """One row: whether no daily score at all comes with a count."""
    return tables.rating_days.select(uncounted=pl.col("count").is_null().all())


def _scores(days: pl.LazyFrame, feed: str, *, first: date, last: date) -> pl.LazyFrame:
    return rolling(days, first=first, last=last).with_columns(feed=pl.lit(FEED_NOTES[feed]))


def printed_scores(tables: ShopTables, /, *, first: date, last: date) -> pl.LazyFrame:
    """The seller page's own scores, in the columns of ``dsr``; days without one have no row."""
    return (
        tables.rating_snapshots.filter(pl.col("day").is_between(first, last))
        .drop_nulls("score")
        .sort("day", place_in(DSR_DIMENSIONS, "dimension"))
        .select(
            "day",
            "dimension",
            stars=pl.lit(None, dtype=pl.Int64),
            count=pl.col("raters").cast(pl.Int64),
            score="score",
            feed=pl.lit(FEED_NOTES["rating_snapshots"]),
        )
    )


def star_mix(tables: ShopTables, settings: ShopSettings, /, *, last: date) -> pl.LazyFrame:
    """How many of a window's counted ratings gave 1 to 5 stars, per dimension.

    Only rating rows know single ratings; without them every count is 0 and every share null.

    Returns:
        One row per dimension and number of stars, 1 first: ``dimension``, ``stars``, ``count``,
        ``share`` (of the dimension's own ratings).
    """
    counted = counted_ratings(tables, settings).filter(in_window(last))
    grid = pl.LazyFrame(
        [
            (name, place, stars)
            for place, name in enumerate(DSR_DIMENSIONS)
            for stars in range(1, 6)
        ],
        schema={"dimension": pl.String, "place": pl.Int8, "stars": pl.Int8},
        orient="row",
    )
    given = (
        counted.select(DSR_DIMENSIONS)
        .unpivot(variable_name="dimension", value_name="stars")
        .group_by("dimension", "stars")
        .agg(count=pl.len())
    )
    return (
        grid.join(given, on=["dimension", "stars"], how="left", validate="1:1")
        .with_columns(pl.col("count").fill_null(0))
        .with_columns(share=ratio(pl.col("count"), pl.col("count").sum().over("dimension")))
        .sort("place", "stars")
        .drop("place")
    )


def measured(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    metrics: Sequence[Metric],
    first: date,
    last: date,
    by: By,
) -> pl.LazyFrame:
    """The three scores as ``measure`` reports them; no agent has a score of its own.

    A day shows its rolling score, a month or period the score of its last covered day.
    """
    if by == "agent":
        return pl.LazyFrame(schema=MEASURED)
    names = {metric.id.removeprefix("dsr_"): metric.id for metric in metrics}
    # All three rest on the same files and wait for nothing.
    covered, final = covered_days(tables, metrics[0]), final_until(tables, metrics[0])
    judged = judged_spans(covered, first, last, by=by, final=final)
    from_days = pl.col("feed") == FEED_NOTES["rating_days"]
    feeds = [feed for (feed,) in present_feeds(tables, metrics[0])]
    told = telling_feeds(tables, feeds).select("dimension", "told")
    no_counts = pl.when(from_days & pl.col("uncounted")).then(pl.lit("no_counts"))
    counts = (
        judged.lazy()
        .drop_nulls("covered_until")
        .join(pl.LazyFrame({"dimension": list(names)}), how="cross")
        .sort("covered_until")
        # A printed score may be older than the last file; a summed one is there each day.
        .join_asof(
            dsr(tables, settings, first=first, last=last).sort("day"),
            left_on="covered_until",
            right_on="day",
            by="dimension",
            coalesce=False,
            # Both sides are sorted; within a group polars cannot look.
            check_sortedness=False,
        )
        .join(told, on="dimension", how="left", validate="m:1")
        .filter((pl.col("day") >= pl.col("start")) | ~pl.col("told"))
        .join(_without_counts(tables), how="cross")
        .select(
            "dimension",
            "start",
            numerator="stars",
            denominator="count",
            value="score",
            reason=pl.coalesce(no_counts, pl.when(~pl.col("told")).then(pl.lit("no_dimension"))),
            note=_feed_note(covered["day"].min(), settings),
        )
        .cache()
    )
    parts = [
        reported(counts.filter(dimension=name), judged, metric_id=metric_id, by=by, notes=())
        for name, metric_id in names.items()
    ]
    return pl.concat(parts)


def _feed_note(first_covered: object, settings: ShopSettings) -> pl.Expr:
    """Which feed a score rests on, and whether its window begins before the shop's files."""
    begins = window_start(pl.col("covered_until"), settings)
    summed = pl.col("feed") != FEED_NOTES["rating_snapshots"]
    short = summed & (begins < pl.lit(first_covered, dtype=pl.Date))
    return pl.concat_str(
        "feed", pl.when(short).then(pl.lit("part_window")), separator=";", ignore_nulls=True
    )


def facts(
    metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    by_agent: bool = False,
) -> pl.LazyFrame:
    """Ratings of the window that ends on the last covered day of some days; of no agent.

    Returns:
        The columns of ``metrics.kit.metric.FACTS``; ``subject`` is the order, ``amount`` stars.
    """
    (metric,) = (each for each in METRICS if each.id == metric_id)
    covered = covered_days(tables, metric)["day"]
    until = covered.filter(covered.is_between(first, last)).max()
    stars = pl.col(metric_id.removeprefix("dsr_"))
    unrated = pl.when(stars.is_null()).then(pl.lit("not_rated"))
    return (
        ratings_judged(tables, settings)
        .filter(in_window(until if isinstance(until, date) else last), pl.lit(not by_agent))
        .select(
            "day",
            "buyer",
            at="rated_at",
            agent=pl.lit(None, dtype=pl.String),
            kind=pl.lit("rating"),
            subject="order_id",
            amount=stars,
            numerator=stars.cast(pl.Float64),
            denominator=pl.lit(1.0),
            left_out=pl.coalesce("left_out", unrated),
        )
    )


_metric = partial(
    Metric,
    subject="dsr",
    unit="score",
    better="higher",
    source="guide",
    feeds=(("ratings",), ("rating_days",), ("rating_snapshots",)),
    missing="no_ratings",
    settings=("dsr_window", "dsr_day"),
    target=4.8,
    per_agent=False,
    figures={"days": DSR_WINDOW.days},
    left_out=LEFT_OUT,
    facts=facts,
    measured=measured,
)


def _dimension(name: str) -> tuple[Need, ...]:
    return (Need("no_dimension", (("ratings", name),)),)


METRICS: tuple[Metric, ...] = (
    _metric(
        id="dsr_description",
        needs=_dimension("description"),
        family="dsr_description",
        name=_("DSR: as described"),
        numerator=_("stars given to the description"),
        denominator=_("ratings of the description in {days} days"),
        definition=_(
            "Mean stars for 'as described' over the {days} days ending on the day; at most three "
            "ratings per buyer and month."
        ),
    ),
    _metric(
        id="dsr_service",
        needs=_dimension("service"),
        family="dsr_service",
        name=_("DSR: service"),
        numerator=_("stars given to the service"),
        denominator=_("ratings of the service in {days} days"),
        definition=_(
            "Mean stars for the service over the {days} days ending on the day; at most three "
            "ratings per buyer and month."
        ),
    ),
    _metric(
        id="dsr_logistics",
        needs=_dimension("logistics"),
        family="dsr_logistics",
        name=_("DSR: logistics"),
        numerator=_("stars given to the logistics"),
        denominator=_("ratings of the logistics in {days} days"),
        definition=_(
            "Mean stars for logistics over the {days} days ending on the day; at most three "
            "ratings per buyer and month."
        ),
    ),
)
