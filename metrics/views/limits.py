"""A metric day by day with the range in which it usually lies, for charts."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import polars as pl

from metrics.catalog import BY_ID, METRIC_IDS
from metrics.kit.coverage import final_until
from metrics.kit.order import place_in
from metrics.kit.ratio import ratio
from metrics.measure import measure
from store.settings import ShopSettings
from store.shop_tables import ShopTables

#: A day is set against so many days before it.
BASELINE = timedelta(days=28)
#: Under so many days with a value there are no limits to speak of (ours).
FEWEST_BASELINE_DAYS = 10
#: Below so many observations nothing is judged.
FEWEST_OBSERVATIONS = 20
#: p-chart: three standard deviations of a share of n.
SIGMAS = 3
#: XmR chart: limits lie 3.145 median moving ranges (2.66 mean ones) from the mean (Wheeler).
PER_MEDIAN_RANGE, PER_MEAN_RANGE = 3.145, 2.66
#: Shares of money: their denominator is money, so the observations are another metric's.
OBSERVED_BY = {"refund_retention_amount": "refund_retention"}


def charted(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    ids: Sequence[str] = METRIC_IDS,
    until: date | None = None,
) -> pl.LazyFrame:
    """Final days of each metric up to the judged one, with target and control limits.

    The limits rest on the 28 days before the last row: a p-chart around Σ numerator ÷ Σ
    denominator for shares, so that a day with few observations gets wide ones; else an XmR chart
    around the mean of the daily values. A target the shop did not set is the median of the same
    days. Days without a file have no row.

    Args:
        tables: The shop's tables.
        settings: Targets, and the rules that move numbers.
        ids: Metrics wanted.
        until: Last day to look at; unset: each metric's last final day.

    Returns:
        One row per metric and day, in catalogue order, oldest first: ``metric``, ``day``,
        ``value``, ``numerator``, ``denominator``, ``n`` (observations; null where not known),
        ``target``, ``target_is_own``, ``center``, ``low``, ``high`` (null under ten days),
        ``note`` (why there is no value, of ``metrics.catalog.NOTES``; null where there is one).
    """
    # Cached by hand: left to itself the optimiser counts the days once for each use of them.
    daily = _daily(tables, settings, ids, until).cache()
    earlier = pl.col("day") < pl.col("day").max()
    before, value = daily.filter(earlier.over("metric")), pl.col("value")
    steps = value.drop_nulls().diff().abs()
    spread = pl.when(steps.median() > 0).then(PER_MEDIAN_RANGE * steps.median())
    usual = before.group_by("metric").agg(
        days=value.count(),
        share=ratio(pl.col("numerator").sum(), pl.col("denominator").sum()),
        mean=value.mean(),
        own=value.median(),
        spread=spread.otherwise(PER_MEAN_RANGE * steps.mean()),
    )
    is_share = pl.col("metric").is_in(_shares())
    p = pl.col("share")
    sigma = SIGMAS * ratio(p * (1 - p), pl.col("n")).sqrt()
    center = pl.when(is_share).then(p).otherwise("mean")
    reach = pl.when(is_share).then(sigma).otherwise("spread")
    known = pl.when(pl.col("days") >= FEWEST_BASELINE_DAYS)
    highest = pl.col("metric").replace_strict(_highest(), default=None, return_dtype=pl.Float64)
    return (
        daily.join(usual, on="metric", how="left", validate="m:1")
        .with_columns(
            target=pl.coalesce("target", "own"),
            target_is_own=pl.col("target").is_null(),
            center=known.then(center),
            low=known.then((center - reach).clip(lower_bound=0)),
            high=known.then(pl.min_horizontal(center + reach, highest)),
        )
        .select(*CHARTED)
        .sort(place_in(METRIC_IDS, "metric"), "day")
    )


CHARTED = (
    "metric",
    "day",
    "value",
    "numerator",
    "denominator",
    "n",
    "target",
    "target_is_own",
    "center",
    "low",
    "high",
    "note",
)


def _daily(
    tables: ShopTables, settings: ShopSettings, ids: Sequence[str], until: date | None
) -> pl.LazyFrame:
    """Final days with a file, from 28 days before each metric's judged day."""
    wanted = dict.fromkeys([*ids, *(OBSERVED_BY[name] for name in ids if name in OBSERVED_BY)])
    parts = [
        measure(tables, settings, ids=some, first=last - BASELINE, last=last, by="day")
        for last, some in _judged_days(tables, settings, wanted, until).items()
    ]
    columns = ["metric", "start", "value", "numerator", "denominator", "immature", "note"]
    empty = measure(tables, settings, ids=(), by="day").select(columns)
    rows = pl.concat([empty, *(part.select(columns) for part in parts)])
    has_file = pl.col("value").is_not_null() | pl.col("denominator").is_not_null()
    # The code that tells why there is no value stands before all others.
    why_null = pl.when(pl.col("value").is_null()).then(pl.col("note").str.split(";").list.first())
    rows = (
        rows.filter(has_file, ~pl.col("immature"))
        .with_columns(note=why_null)
        .drop("immature")
        .rename({"start": "day"})
        .cache()
    )
    observed = rows.select("day", observed_by="metric", n="denominator")
    target = pl.col("metric").replace_strict(
        settings.targets, default=None, return_dtype=pl.Float64
    )
    return (
        rows.filter(pl.col("metric").is_in(list(ids)))
        .with_columns(observed_by=pl.col("metric").replace(OBSERVED_BY), target=target)
        .join(observed, on=["observed_by", "day"], how="left", validate="m:1")
        .drop("observed_by")
        .sort("metric", "day")
    )


def _judged_days(
    tables: ShopTables, settings: ShopSettings, ids: Iterable[str], until: date | None
) -> dict[date, list[str]]:
    """Metrics by the last day that is final for them."""
    days: dict[date, list[str]] = {}
    for metric_id in ids:
        if final := final_until(tables, BY_ID[metric_id], settings):
            days.setdefault(min(final, until) if until else final, []).append(metric_id)
    return days


def _shares() -> list[str]:
    return [name for name in METRIC_IDS if BY_ID[name].unit == "share" and name not in OBSERVED_BY]


def _highest() -> dict[str, float]:
    """What no value of a metric can pass."""
    bounds = {"share": 1.0, "score": 5.0}
    units = {name: BY_ID[name].unit for name in METRIC_IDS}
    return {name: bounds[unit] for name, unit in units.items() if unit in bounds}
