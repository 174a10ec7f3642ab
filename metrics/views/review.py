"""One week against the week before: what changed, and whether it is more than noise."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from metrics.catalog import BY_ID, METRIC_IDS, METRICS
from metrics.kit.coverage import covered_span, final_until
from metrics.kit.ratio import wilson_high, wilson_low
from metrics.measure import measure
from metrics.views.limits import (
    FEWEST_OBSERVATIONS,
    OBSERVED_BY,
)
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

WEEK = timedelta(days=7)
#: Weeks shown with a review, the reviewed one included.
WEEKS = 13
#: mR chart: a step is unusual past 3.865 median (3.268 mean) moving ranges (Wheeler).
PER_MEDIAN_STEP, PER_MEAN_STEP = 3.865, 3.268
#: Under so many earlier steps from week to week nothing is called usual (ours).
FEWEST_STEPS = 4

#: What a change comes to, by code; the fields are figures as the page formats them.
CHANGES: dict[str, str] = {
    "better": _("Better: {before} → {value}, more than chance explains (± {noise})."),
    "worse": _("Worse: {before} → {value}, more than chance explains (± {noise})."),
    "as_usual": _("{before} → {value}: within the usual ups and downs (± {noise})."),
    "too_few": _("{before} → {value}: too few observations ({n}) to tell."),
    "no_history": _("{before} → {value}: too few earlier weeks to tell."),
    "no_before": _("{value}; the week before has no number."),
    "no_value": _("No week of this number is final yet."),
}
CHANGE_COLUMNS = (
    "metric",
    "week",
    "value",
    "numerator",
    "denominator",
    "n",
    "before",
    "before_numerator",
    "before_denominator",
    "change",
    "noise",
    "verdict",
)


def monday_of(day: date, /) -> date:
    """First day of the ISO week of a day.

    >>> monday_of(date(2025, 11, 16))
    datetime.date(2025, 11, 10)
    """
    return day - timedelta(days=day.weekday())


def week_name(monday: date, /) -> str:
    """The ISO name of a week.

    >>> week_name(date(2024, 12, 30))
    '2025-W01'
    """
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


def week_named(name: str, /) -> date:
    """Monday of a week written as 2025-W46.

    >>> week_named("2025-W01")
    datetime.date(2024, 12, 30)

    Raises:
        ValueError: It is no ISO week.
    """
    if len(name) != 8 or "-W" not in name:
        raise ValueError(f"{name!r} is no week; write it like 2025-W46")
    return date.fromisoformat(f"{name}-1")


def reviewable_weeks(tables: ShopTables, /) -> list[date]:
    """Mondays of the weeks inside the days that the shop's files cover, newest first."""
    spans = [span for metric in METRICS if (span := covered_span(tables, metric))]
    if not spans:
        return []
    first = monday_of(min(start for start, _end in spans) + timedelta(days=6))
    last = monday_of(max(end for _start, end in spans) + timedelta(days=1)) - WEEK
    return [last - WEEK * back for back in range((last - first) // WEEK + 1)]


def weekly(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    week: date,
    ids: Sequence[str] = METRIC_IDS,
    weeks: int = WEEKS,
) -> pl.LazyFrame:
    """Each metric of each of the last weeks, Monday to Sunday, as ``measure`` counts them.

    Args:
        tables: The shop's tables.
        settings: The shop's rules.
        week: Monday of the newest week.
        ids: Metrics wanted.
        weeks: How many weeks, the newest included.

    Returns:
        One row per metric and week, in catalogue order, oldest first: ``metric``, ``week``
        (Monday), ``end`` (Sunday), ``value``, ``numerator``, ``denominator``, ``n``
        (observations), ``note``, ``final`` (every day of the week is covered and final).
    """
    first, last = week - WEEK * (weeks - 1), week + WEEK - timedelta(days=1)
    wanted = list(
        dict.fromkeys([*ids, *(OBSERVED_BY[name] for name in ids if name in OBSERVED_BY)])
    )
    rows = measure(tables, settings, ids=wanted, first=first, last=last, by="week")
    until = {name: final_until(tables, BY_ID[name], settings) for name in wanted}
    covered = {name: covered_span(tables, BY_ID[name]) for name in wanted}
    since = {name: span[0] if span else None for name, span in covered.items()}
    limits = pl.LazyFrame(
        {"metric": wanted, "since": [since[name] for name in wanted],
         "until": [until[name] for name in wanted]},
        schema={"metric": pl.String, "since": pl.Date, "until": pl.Date},
    )  # fmt: skip
    counted = pl.col("start") >= pl.col("since"), pl.col("end") <= pl.col("until")
    # Cached by hand: the optimiser would count the weeks a second time for ``observed``.
    rows = rows.join(limits, on="metric", how="left", validate="m:1", maintain_order="left").cache()
    observed = rows.select("start", observed_by="metric", n="denominator")
    return (
        rows.filter(pl.col("metric").is_in(list(ids)))
        .with_columns(observed_by=pl.col("metric").replace(OBSERVED_BY))
        .join(
            observed,
            on=["observed_by", "start"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .select(
            "metric",
            "end",
            "value",
            "numerator",
            "denominator",
            "n",
            "note",
            week="start",
            final=pl.all_horizontal(*counted, pl.col("value").is_not_null()).fill_null(False),
        )
    )


def changes(rows: pl.LazyFrame, /) -> pl.LazyFrame:
    """Each metric's newest final week against the week before it.

    Whether a change is more than noise: for shares of observations by Newcombe's interval of the
    difference, built from the two Wilson intervals; for everything else by the mR chart of the
    earlier steps from week to week. Shares under 20 observations are not judged.

    Args:
        rows: Rows of ``weekly``.

    Returns:
        One row per metric, in the order given: the columns of ``CHANGE_COLUMNS``. ``noise`` is
        the size that a change must pass, in the metric's unit; ``verdict`` a code of ``CHANGES``.
    """
    previous = {name: pl.col(name).shift().over("metric") for name in _PAIRED}
    follows = pl.col("week").shift().over("metric") == pl.col("week") - WEEK
    final = (
        rows.filter("final")
        .with_columns(
            pl.when(follows).then(earlier).alias(_PAIRED[name])
            for name, earlier in previous.items()
        )
        .with_columns(change=pl.col("value") - pl.col("before"))
    )
    step = pl.col("change").abs().drop_nulls()
    # The step under judgement says nothing of what is usual.
    earlier_steps = pl.col("change").slice(0, pl.len() - 1).abs().drop_nulls()
    usual = pl.when(earlier_steps.median() > 0).then(PER_MEDIAN_STEP * earlier_steps.median())
    newest = final.group_by("metric", maintain_order=True).agg(
        pl.col("week", "value", "numerator", "denominator", "n", *_PAIRED.values()).last(),
        change=pl.col("change").last(),
        steps=pl.when(pl.col("change").last().is_null()).then(0).otherwise(step.len() - 1),
        usual=usual.otherwise(PER_MEAN_STEP * earlier_steps.mean()),
    )
    order = rows.select("metric").unique(maintain_order=True)
    judged = order.join(newest, on="metric", how="left", validate="1:1", maintain_order="left")
    noise = pl.when(_is_share()).then(_newcombe()).otherwise("usual")
    return judged.with_columns(noise=noise).with_columns(verdict=_verdict()).select(CHANGE_COLUMNS)


_PAIRED = {
    "value": "before",
    "numerator": "before_numerator",
    "denominator": "before_denominator",
    "n": "before_n",
}


def _is_share() -> pl.Expr:
    shares = [name for name in METRIC_IDS if BY_ID[name].unit == "share"]
    return pl.col("metric").is_in([name for name in shares if name not in OBSERVED_BY])


def _newcombe() -> pl.Expr:
    """How far two shares must differ: the interval's arm on the side of no difference."""
    now = pl.col("numerator"), pl.col("denominator")
    then = pl.col("before_numerator"), pl.col("before_denominator")
    value, before = pl.col("value"), pl.col("before")
    rose = ((value - wilson_low(*now)) ** 2 + (wilson_high(*then) - before) ** 2).sqrt()
    fell = ((wilson_high(*now) - value) ** 2 + (before - wilson_low(*then)) ** 2).sqrt()
    return pl.when(value >= before).then(rose).otherwise(fell)


def _verdict() -> pl.Expr:
    higher = [name for name in METRIC_IDS if BY_ID[name].better == "higher"]
    good = pl.when(pl.col("metric").is_in(higher)).then(pl.col("change") > 0)
    is_better = good.otherwise(pl.col("change") < 0)
    fewest = pl.min_horizontal("n", "before_n")
    return (
        pl.when(pl.col("value").is_null())
        .then(pl.lit("no_value"))
        .when(pl.col("before").is_null())
        .then(pl.lit("no_before"))
        .when(fewest < FEWEST_OBSERVATIONS)
        .then(pl.lit("too_few"))
        .when(~_is_share() & (pl.col("steps") < FEWEST_STEPS))
        .then(pl.lit("no_history"))
        .when(pl.col("change").abs() <= pl.col("noise"))
        .then(pl.lit("as_usual"))
        .when(is_better)
        .then(pl.lit("better"))
        .otherwise(pl.lit("worse"))
    )


def then_and_now(seen: pl.DataFrame, rows: pl.DataFrame, /) -> pl.DataFrame:
    """What a frozen review showed beside what the same weeks come to now.

    Args:
        seen: ``metric``, ``week``, ``value``, ``n`` as they stood when the week was frozen.
        rows: Rows of ``weekly`` as they stand now.

    Returns:
        One row per row of ``seen``, in its order: ``metric``, ``week``, ``then``, ``n_then``,
        ``now``, ``n_now``, ``difference`` (now − then; null where either is).
    """
    now = rows.select("metric", "week", now="value", n_now="n")
    return (
        seen.select("metric", "week", then="value", n_then="n")
        .join(now, on=["metric", "week"], how="left", validate="1:1", maintain_order="left")
        .with_columns(difference=pl.col("now") - pl.col("then"))
    )
