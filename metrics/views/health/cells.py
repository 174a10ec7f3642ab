"""The counts by day that verdicts are made of."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import polars as pl

from metrics.catalog import BY_ID
from metrics.kit.coverage import final_until, present_feeds
from metrics.kit.metric import Family
from metrics.kit.order import place_in
from metrics.measure import measure
from metrics.ratings.dsr import rated_days, reported_days
from metrics.views.health.families import FAMILIES, HEADLINE, SCORES, WITHOUT_BUYERS
from store.settings import ShopSettings
from store.shop_tables import ShopTables

#: So many days are looked at: half a year to be told, and the past of its first day.
LOOKED_BACK = timedelta(days=400)
CELLS: dict[str, pl.DataType | type[pl.DataType]] = {
    "family": pl.String,
    "metric": pl.String,
    "day": pl.Date,
    "total": pl.Float64,
    "n": pl.Float64,
    "score": pl.Float64,
    "ratings": pl.Float64,
}


def cells(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    until: date | None = None,
    families: Sequence[Family] = FAMILIES,
) -> pl.LazyFrame:
    """Final days of each family's headline, up to the judged one.

    A rolling score is judged on what comes in: ``total`` is the stars missed by the ratings that
    count from that day on, ``n`` how many they are; the score itself stands beside.

    Args:
        tables: The shop's tables.
        settings: The rules that move numbers.
        until: Last day to look at; unset: each metric's last final day.
        families: Those wanted.

    Returns:
        One row per family and day with observations, oldest day first, families in their order:
        ``family``, ``metric`` (its headline), ``day``, ``total`` ÷ ``n`` the day's value, and for
        rolling scores ``score`` (1-5) and ``ratings`` in its window (null where only printed).
    """
    wanted = [HEADLINE[family] for family in families]
    if "spend" in families:
        wanted.append(WITHOUT_BUYERS)
    by_family = {HEADLINE[family]: family for family in families} | {WITHOUT_BUYERS: "spend"}
    daily = _daily(tables, settings, wanted, until).with_columns(
        family=pl.col("metric").replace_strict(by_family, return_dtype=pl.String)
    )
    plain = daily.filter(~pl.col("family").is_in(list(SCORES)), pl.col("n") > 0)
    # Price per order speaks only where no day has a price per buyer.
    spoken = pl.col("metric").replace_strict(
        {name: place for place, name in enumerate(wanted)}, return_dtype=pl.Int16
    )
    plain = plain.filter(spoken == spoken.min().over("family"))
    scored = _scored(daily.filter(pl.col("family").is_in(list(SCORES))), tables, settings)
    return (
        pl.concat([pl.LazyFrame(schema=CELLS), plain, scored], how="diagonal")
        .select(*CELLS)
        .sort(place_in(FAMILIES, "family"), "day")
    )


def _daily(
    tables: ShopTables, settings: ShopSettings, ids: Iterable[str], until: date | None
) -> pl.LazyFrame:
    """Final days of metrics: ``metric``, ``day``, ``total``, ``n``, ``value``."""
    days: dict[date, list[str]] = {}
    for metric_id in ids:
        if final := final_until(tables, BY_ID[metric_id], settings):
            days.setdefault(min(final, until) if until else final, []).append(metric_id)
    parts = [
        measure(tables, settings, ids=some, first=last - LOOKED_BACK, last=last, by="day")
        for last, some in days.items()
    ]
    empty = measure(tables, settings, ids=(), by="day")
    return (
        pl.concat([empty, *parts])
        .filter(~pl.col("immature"), pl.col("value").is_not_null())
        .select("metric", "value", day="start", total="numerator", n="denominator")
    )


def _scored(daily: pl.LazyFrame, tables: ShopTables, settings: ShopSettings) -> pl.LazyFrame:
    """Rolling scores by day with what comes in."""
    names = {dimension: family for family, dimension in SCORES.items()}
    came = _coming_in(tables, settings)
    long = pl.concat(
        came.select(
            "day",
            family=pl.lit(family),
            total=(5 * pl.col(f"count_{name}") - pl.col(f"stars_{name}")).cast(pl.Float64),
            n=pl.col(f"count_{name}").cast(pl.Float64),
        )
        for name, family in names.items()
    )
    return daily.select("family", "metric", "day", score="value", ratings="n").join(
        long, on=["family", "day"], how="left", validate="1:1"
    )


def _coming_in(tables: ShopTables, settings: ShopSettings) -> pl.LazyFrame:
    """Stars and counts of each day's ratings from the feed that the score rests on."""
    feeds = [feed for (feed,) in present_feeds(tables, BY_ID["dsr_service"])]
    days = rated_days(tables, settings) if "ratings" in feeds else reported_days(tables)
    return days.group_by("day").agg(pl.exclude("until").sum())
