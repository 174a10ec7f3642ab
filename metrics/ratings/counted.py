"""Which ratings count, and on which days: three per buyer and month, for as long as the window."""

from datetime import date, timedelta

import polars as pl

from metrics.kit.buyers import named_buyer
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings
from store.shop_tables import Frames, Recipe, ShopTables, Source
from told.mark import mark as _

# "Last 180 days" is the wording of the seller page; the day itself counts as the last of them.
DSR_WINDOW = timedelta(days=180)
#: The other reading of the field: six calendar months (181 to 184 days).
DSR_MONTHS = "6mo"
#: Per buyer and natural month of the trade's completion only so many ratings count (guide).
MONTHLY_CAP = 3
#: The order in which a buyer's ratings of a month use the cap up.
CAP_ORDER = ("ended_at", "rated_at", "order_id", "nth")
#: Why a rating does not count, by code.
LEFT_OUT: dict[str, str] = {
    "trade_closed": _("the trade was closed"),
    "monthly_cap": _("the buyer's fourth or later rating of the month"),
    "no_stars": _("no stars given"),
    "not_rated": _("this dimension was not rated"),
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


def counted_ratings(tables: ShopTables, settings: ShopSettings) -> pl.LazyFrame:
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


def in_window(day: date) -> pl.Expr:
    """Whether a rating of ``ratings_judged`` counts on a day."""
    return (pl.col("day") <= day) & (pl.col("until") > day)


def window_start(day: pl.Expr, settings: ShopSettings, /) -> pl.Expr:
    """The first day of the window that ends on ``day``."""
    if settings.dsr_window == "days":
        return day - DSR_WINDOW + timedelta(days=1)
    return day.dt.offset_by(f"-{DSR_MONTHS}") + timedelta(days=1)
