"""Which metrics are fine, which to watch, and where to act (docs/numbers.md, "Verdicts")."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import polars as pl

from metrics.catalog import BY_ID, METRIC_IDS
from metrics.kit.coverage import final_until
from metrics.kit.order import place_in
from metrics.kit.ratio import ratio
from metrics.measure import measure
from store.schemas import DSR_DIMENSIONS
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

#: The numbers named first, in this order; of the scores below, where one stands for all, the worst.
HEADLINES = (
    "inquiry_conversion",
    "reply_rate",
    "response_time_platform",
    "unit_price",
    "refund_retention",
)
DSR_SCORES = tuple(f"dsr_{dimension}" for dimension in DSR_DIMENSIONS)
#: A day is set against so many days before it.
BASELINE = timedelta(days=28)
#: Under so many days with a value there are no limits to speak of (ours).
FEWEST_BASELINE_DAYS = 10
#: Below so many observations nothing is judged.
FEWEST_OBSERVATIONS = 20
#: Worse than target so many days running asks for action, limits or not.
RUN_DAYS = 3
#: p-chart: three standard deviations of a share of n.
SIGMAS = 3
#: XmR chart: limits lie 3.145 median moving ranges (2.66 mean ones) from the mean (Wheeler).
PER_MEDIAN_RANGE, PER_MEAN_RANGE = 3.145, 2.66
#: Shares of money: their denominator is yuan, so the observations are another metric's.
OBSERVED_BY = {"refund_retention_amount": "refund_retention"}

VERDICTS = ("fine", "watch", "act", "too_few")
#: One sentence per reason; the fields are columns of ``verdicts`` as the page formats them.
REASONS: dict[str, str] = {
    "fine": _("{value} meets the target {target} and is within the usual range."),
    "worse_and_outside": _(
        "{value} is worse than the target {target} and outside the usual {low} to {high}."
    ),
    "worse_three_days": _("Worse than the target {target} three days running; now {value}."),
    "worse_than_target": _(
        "{value} is worse than the target {target}, but within the usual range."
    ),
    "outside_limits": _(
        "{value} meets the target {target}, but is outside the usual {low} to {high}."
    ),
    "too_few": _("Only {n} observations on this day: too few to judge."),
    "no_value": _("No value on this day: {note}."),
    "no_file": _("No file feeds this number yet."),
}
#: The verdict that goes with each reason.
VERDICT_OF = {
    "fine": "fine",
    "worse_and_outside": "act",
    "worse_three_days": "act",
    "worse_than_target": "watch",
    "outside_limits": "watch",
    "too_few": "too_few",
    "no_value": "too_few",
    "no_file": "too_few",
}


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


def verdicts(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    ids: Sequence[str] = METRIC_IDS,
    until: date | None = None,
    intervals: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """One verdict per metric on its last final day, with the numbers that led to it.

    "act" = worse than target and outside the limits on the worse side, or worse than target
    three days running; "watch" = one of the two; "fine" = neither; "too_few" = fewer than 20
    observations, or no value at all.

    Args:
        tables: The shop's tables.
        settings: Targets, and the rules that move numbers.
        ids: Metrics wanted.
        until: Last day to look at; unset: each metric's last final day.
        intervals: ``metric``, ``low``, ``high`` that replace the limits, such as what a forecast
            expected of the day's DSR.

    Returns:
        One row per metric, in catalogue order: ``metric``, ``verdict`` (of ``VERDICTS``),
        ``reason`` (of ``REASONS``), then the columns of ``charted``; nulls without a file.
    """
    return judged(charted(tables, settings, ids=ids, until=until), ids=ids, intervals=intervals)


def judged(
    rows: pl.LazyFrame, /, *, ids: Sequence[str] = METRIC_IDS, intervals: pl.LazyFrame | None = None
) -> pl.LazyFrame:
    """As ``verdicts``, from rows of ``charted``; for those who need both."""
    last = rows.group_by("metric", maintain_order=True).agg(
        pl.exclude("value").last(),
        value=pl.col("value").last(),
        recent=pl.col("value").drop_nulls().tail(RUN_DAYS),
    )
    if intervals is not None:
        given = intervals.select("metric", given_low="low", given_high="high")
        last = last.join(given, on="metric", how="left", validate="1:1").with_columns(
            low=pl.coalesce("given_low", "low"), high=pl.coalesce("given_high", "high")
        )
    wanted = pl.LazyFrame({"metric": list(dict.fromkeys(ids))}, schema={"metric": pl.String})
    reason = _reason()
    verdict = reason.replace_strict(VERDICT_OF, return_dtype=pl.String)
    return (
        wanted.join(last, on="metric", how="left", validate="1:1")
        .select("metric", verdict.alias("verdict"), reason.alias("reason"), *CHARTED[1:])
        .sort(place_in(METRIC_IDS, "metric"))
    )


def _reason() -> pl.Expr:
    """The first reason that holds, the graver before the lighter."""
    value, target, recent = pl.col("value"), pl.col("target"), pl.col("recent")
    higher = pl.col("metric").is_in([metric for metric in METRIC_IDS if _is_higher_better(metric)])
    worse = pl.when(higher).then(value < target).otherwise(value > target)
    outside = pl.when(higher).then(value < pl.col("low")).otherwise(value > pl.col("high"))
    all_worse = (
        pl.when(higher).then(recent.list.max() < target).otherwise(recent.list.min() > target)
    )
    running = all_worse & (recent.list.len() == RUN_DAYS)
    # Nothing is known to be worse or outside where there is no target or no limit.
    worse, outside, running = (fact.fill_null(False) for fact in (worse, outside, running))
    return (
        pl.when(pl.col("day").is_null())
        .then(pl.lit("no_file"))
        .when(value.is_null())
        .then(pl.lit("no_value"))
        .when(pl.col("n") < FEWEST_OBSERVATIONS)
        .then(pl.lit("too_few"))
        .when(worse & outside)
        .then(pl.lit("worse_and_outside"))
        .when(running)
        .then(pl.lit("worse_three_days"))
        .when(worse)
        .then(pl.lit("worse_than_target"))
        .when(outside)
        .then(pl.lit("outside_limits"))
        .otherwise(pl.lit("fine"))
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


def _is_higher_better(metric_id: str) -> bool:
    return BY_ID[metric_id].better == "higher"
