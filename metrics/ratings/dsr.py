"""The shop's detailed seller rating (DSR): which ratings count, and the rolling score."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from metrics.kit.buyers import named_buyer
from metrics.kit.coverage import covered_days, final_until, present_feeds
from metrics.kit.days import every_day
from metrics.kit.order import place_in
from metrics.kit.periods import MEASURED, By, judged_spans, reported
from metrics.kit.ratio import ratio
from store.schemas import DSR_DIMENSIONS, RATING_DAY_SOURCES
from store.settings import ShopSettings
from store.shop_tables import Frames, Recipe, ShopTables, Source

# "Last 180 days" is the wording of the seller page; the day itself counts as the last of them.
DSR_WINDOW = timedelta(days=180)
#: The other reading of the field: six calendar months (181 to 184 days).
DSR_MONTHS = "6mo"
#: Per buyer and natural month of the trade's completion only so many ratings count (guide).
MONTHLY_CAP = 3
#: The order in which a buyer's ratings of a month use the cap up.
CAP_ORDER = ("ended_at", "rated_at", "order_id", "nth")
FEED_NOTES = {
    "ratings": "feed_ratings",
    "rating_days": "feed_rating_days",
    "rating_snapshots": "feed_snapshots",
}


def ratings_judged(tables: ShopTables, settings: ShopSettings, /) -> pl.LazyFrame:
    """Every rating with the days it counts on, and why it does not count if it does not.

    A rating counts unless its trade was closed, or its buyer had three earlier ones among the
    trades completed in the same natural month. The order of completion decides, the rating's
    time where completion is not known. A buyer whose name is missing or blurred has no cap.

    A rating enters the window on the day it is given: nobody knows it before. It leaves when the
    window no longer holds that day, or the day its trade ended (``settings.dsr_day``).

    Returns:
        One row per rating, in no order: ``order_id``, ``nth``, ``rated_at``, ``buyer``,
        ``ended_at`` (completion, else rating time), ``day`` (Date, the first it counts on),
        ``until`` (Date, the first it no longer counts on), the three dimensions (1-5, null where
        skipped), ``left_out`` ("trade_closed", "monthly_cap", "no_stars", null when counted).
    """
    columns = ("order_id", "nth", "rated_at", "buyer", "ended_at")
    judged = tables.condensed.get(recipe(), {}).get("ratings")
    if judged is None:
        judged = _with_trade(_judged(tables), tables.orders)
    return judged.select(*columns, *_days(settings), *DSR_DIMENSIONS, "left_out")


def recipe() -> Recipe:
    """How a store keeps judged ratings: the rows of ``ratings_judged``, by no rule, undated."""
    return Recipe(
        "ratings",
        edition=1,
        rules=(),
        frames=("ratings",),
        sources=(Source("ratings"), Source("orders")),
        make=_kept_ratings,
        apart="nothing",
    )


def _kept_ratings(tables: ShopTables, _first: date, _last: date) -> Frames:
    judged = _with_trade(_judged(tables), tables.orders)
    columns = ("order_id", "nth", "rated_at", "buyer", "ended_at")
    return {"ratings": judged.select(*columns, *DSR_DIMENSIONS, "left_out").sort("rated_at")}


def _counted(tables: ShopTables, settings: ShopSettings) -> pl.LazyFrame:
    """The ratings that count: ``day``, ``until`` and the three dimensions, in no order."""
    kept = tables.condensed.get(recipe())
    judged = _judged(tables) if kept is None else kept["ratings"]
    counted = judged.filter(pl.col("left_out").is_null())
    if kept is None and settings.dsr_day == "trade":
        counted = _with_trade(counted, tables.orders)
    return counted.select(*_days(settings), *DSR_DIMENSIONS)


def _days(settings: ShopSettings) -> tuple[pl.Expr, pl.Expr]:
    """``day`` and ``until``; they are one where the trade ended a whole window earlier."""
    day = pl.col("rated_at").dt.date()
    counts_from = day if settings.dsr_day == "rated" else pl.col("ended_at").dt.date()
    leaves = leaves_on(counts_from, settings)
    return day.alias("day"), pl.max_horizontal(day, leaves).alias("until")


def leaves_on(day: pl.Expr, settings: ShopSettings, /) -> pl.Expr:
    """The first day whose window no longer holds ``day``.

    The six calendar months of day d begin on the day after d - 6 months, so ``day`` is left behind
    by the first d with d - 6 months ≥ ``day``; where the month is too short for that day number,
    later.
    """
    if settings.dsr_window == "days":
        return day + DSR_WINDOW
    later = day.dt.offset_by(DSR_MONTHS)
    short = later.dt.offset_by(f"-{DSR_MONTHS}") < day
    return pl.when(short).then(later + timedelta(days=1)).otherwise(later)


def _judged(tables: ShopTables) -> pl.LazyFrame:
    """Ratings as their file tells them, numbered by ``rating``, with ``left_out``."""
    rated = _rated(tables)
    over_cap = _over_cap(rated, tables)
    return rated.join(over_cap, on="rating", how="left", validate="m:1").with_columns(
        left_out=pl.coalesce("left_out", "over_cap")
    )


def _rated(tables: ShopTables) -> pl.LazyFrame:
    """Ratings numbered by ``rating``; those of closed trades and those without a star marked."""
    closed = tables.orders.filter(status="closed").select("order_id", closed=pl.lit(True))
    unrated = pl.all_horizontal(pl.col(name).is_null() for name in DSR_DIMENSIONS)
    left_out = (
        pl.when("closed")
        .then(pl.lit("trade_closed"))
        .when(unrated)
        .then(pl.lit("no_stars"))
        .alias("left_out")
    )
    columns = ["rating", "order_id", "nth", "rated_at", "buyer", *DSR_DIMENSIONS]
    numbered = tables.ratings.with_row_index("rating").select(columns)
    told = numbered.join(closed, on="order_id", how="left", validate="m:1")
    # Cached by hand: each use would read and join for itself, and number anew.
    return told.select(*columns, left_out).cache()


def _with_trade(rated: pl.LazyFrame, orders: pl.LazyFrame) -> pl.LazyFrame:
    """Fill ``buyer`` from the order, and add ``ended_at``."""
    trades = orders.select("order_id", "received_at", trade_buyer="buyer")
    return rated.join(trades, on="order_id", how="left", validate="m:1").with_columns(
        buyer=pl.coalesce("buyer", "trade_buyer"),
        ended_at=pl.coalesce("received_at", "rated_at"),
    )


def _over_cap(rated: pl.LazyFrame, tables: ShopTables) -> pl.LazyFrame:
    """Numbers of the ratings beyond the third of their buyer's month."""
    month = ["buyer", "month"]
    # Only who rates more than three times at all can exceed the cap, and these are few: their
    # trades alone are looked up. Where ratings name no buyer only the trades can tell.
    often = pl.len().over("buyer") > MONTHLY_CAP
    suspects = (
        rated.filter(pl.col("left_out").is_null())
        .select("rating", "order_id", "nth", "rated_at", "buyer")
        .filter(often | pl.col("buyer").is_null().any())
        .cache()
    )
    orders = tables.orders.join(suspects, on="order_id", how="semi")
    return (
        _with_trade(suspects, orders)
        .filter(named_buyer())
        .with_columns(month=pl.col("ended_at").dt.truncate("1mo"))
        .sort(*CAP_ORDER)
        .with_columns(nth_of_month=pl.col("rating").cum_count().over(month))
        .filter(pl.col("nth_of_month") > MONTHLY_CAP)
        .select("rating", over_cap=pl.lit("monthly_cap"))
    )


def rated_days(tables: ShopTables, settings: ShopSettings, /) -> pl.LazyFrame:
    """Stars per dimension of the ratings that count, added up by the days they count on.

    Returns:
        One row per first day and end, in no order: ``day``, ``until``, and per dimension
        ``stars_<dimension>`` and ``count_<dimension>`` (Int64).
    """
    return (
        _counted(tables, settings)
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
    feeds = [feed for (feed,) in present_feeds(tables, "dsr")]
    if "ratings" in feeds:
        return _scores(rated_days(tables, settings), "ratings", first=first, last=last)
    if "rating_days" not in feeds:
        return printed_scores(tables, first=first, last=last)
    reported = reported_days(tables).with_columns(until=leaves_on(pl.col("day"), settings))
    daily = _scores(reported, "rating_days", first=first, last=last)
    if "rating_snapshots" not in feeds:
        return daily
    # Daily scores may come without counts, which only the rows can tell: then there is no
    # window to sum, and the printed score stands in.
    uncounted = _without_counts(tables)
    printed = printed_scores(tables, first=first, last=last)
    return (
        pl.concat([daily, printed])
        .join(uncounted, how="cross")
        .filter(pl.col("uncounted") == (pl.col("feed") == FEED_NOTES["rating_snapshots"]))
        .drop("uncounted")
    )


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
    counted = _counted(tables, settings).filter(in_window(last))
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


def in_window(day: date) -> pl.Expr:
    """Whether a rating of ``ratings_judged`` counts on a day."""
    return (pl.col("day") <= day) & (pl.col("until") > day)


def _window_start(day: pl.Expr, settings: ShopSettings) -> pl.Expr:
    if settings.dsr_window == "days":
        return day - DSR_WINDOW + timedelta(days=1)
    return day.dt.offset_by(f"-{DSR_MONTHS}") + timedelta(days=1)


def measured(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    ids: Sequence[str],
    first: date,
    last: date,
    by: By,
) -> pl.LazyFrame:
    """The three scores as ``measure`` reports them; no agent has a score of its own.

    A day shows its rolling score, a month or period the score of its last covered day.
    """
    if by == "agent":
        return pl.LazyFrame(schema=MEASURED)
    covered = covered_days(tables, "dsr")
    names = {name: f"dsr_{name}" for name in DSR_DIMENSIONS if f"dsr_{name}" in ids}
    # All three rest on the same files and wait for nothing.
    judged = judged_spans(covered, first, last, by=by, final=final_until(tables, ids[0]))
    from_days = pl.col("feed") == FEED_NOTES["rating_days"]
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
        .filter(pl.col("day") >= pl.col("start"))
        .join(_without_counts(tables), how="cross")
        .select(
            "dimension",
            "start",
            numerator="stars",
            denominator="count",
            value="score",
            reason=pl.when(from_days & pl.col("uncounted")).then(pl.lit("no_counts")),
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
    begins = _window_start(pl.col("covered_until"), settings)
    summed = pl.col("feed") != FEED_NOTES["rating_snapshots"]
    short = summed & (begins < pl.lit(first_covered, dtype=pl.Date))
    return pl.concat_str(
        "feed", pl.when(short).then(pl.lit("part_window")), separator=";", ignore_nulls=True
    )
