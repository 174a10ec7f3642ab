"""One bar, cell or slice of a page: which of the rows behind a number belong to it."""

from datetime import date

import polars as pl

from metrics.chats.waits import in_working_hours, wait_band
from metrics.kit.metric import Metric
from metrics.refunds.cuts import application_tiers, described_cases
from metrics.sales import spend
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

#: Names and values that must all hold; hashable, so that pages can cache by it.
Cut = tuple[tuple[str, str | int | bool | None], ...]
#: What a cut may name, by the subject of its metric.
CUTS: dict[str, tuple[str, ...]] = {
    "inquiry": ("step", "returning", "weekday", "hour"),
    "reply": ("band", "hour", "working"),
    "spend": ("served", "returning"),
    "refund": ("tier", "reason_class", "reason", "state"),
    "dsr": ("stars",),
}
#: Why a row does not count in a part of a metric although it may in the metric, by code.
LEFT_OUT: dict[str, str] = {
    "lost_before_ordering": _("left before ordering"),
    "ordered_not_paid": _("ordered and did not pay"),
}
#: Per step of the funnel the losses before it.
LOST_BEFORE = {
    "inquiries": (),
    "ordered": ("lost_before_ordering",),
    "paid": ("lost_before_ordering", "ordered_not_paid"),
}


def cut_rows(
    rows: pl.LazyFrame,
    cut: Cut,
    /,
    *,
    metric: Metric,
    tables: ShopTables,
    settings: ShopSettings,
    first: date,
    last: date,
) -> pl.LazyFrame:
    """The rows that a bar, cell or slice stands for, with its own rule of what counts.

    A step of the funnel holds every final inquiry and leaves out those lost before it. A band
    of waits holds all its rounds, answered or not; an hour all of them but those that only a robot
    answered. All other cuts keep the rule of the metric.

    Args:
        rows: The metric's facts.
        cut: Names of ``CUTS`` with the values wanted.
        metric: Which metric.
        tables: The shop's tables.
        settings: The shop's rules.
        first: First day of the rows.
        last: Last day, included.
    """
    wanted, subject = dict(cut), metric.subject
    if strange := wanted.keys() - set(CUTS[subject]):
        raise ValueError(f"{subject} has no cut by {', '.join(sorted(strange))}")
    at = pl.col("at")
    match subject:
        case "inquiry":
            rows = rows.with_columns(weekday=at.dt.weekday(), hour=at.dt.hour())
            step = wanted.pop("step", None)
            rows = _reached(rows, str(step)) if step else rows
        case "reply":
            rows = _rounds(rows, settings, inside=bool(wanted.pop("working", False)))
            rows = _judged_rounds(rows, per_hour="hour" in wanted)
        case "spend":
            for name in wanted:
                by: spend.Cut = "served" if name == "served" else "returning"
                paid = spend.sliced(tables, settings, first=first, last=last, cut=by)
                named = paid.select(pl.col("slice").alias(name), subject="order_id")
                rows = rows.join(named, on="subject", how="inner", validate="1:1")
        case "refund":
            # The rows' own reason is what their files lack, not what the buyer said.
            said = _said(metric.id, tables, settings)
            rows = rows.drop("reason", strict=False).join(said, on="subject", how="left")
        case _:
            rows = rows.with_columns(stars=pl.col("amount").cast(pl.Int64))
    return rows.filter(*(pl.col(name).eq_missing(value) for name, value in wanted.items()))


def _reached(rows: pl.LazyFrame, step: str) -> pl.LazyFrame:
    """Of the inquiries those that came as far as a step; the others say where they were lost."""
    if step == "inquiries":
        return rows
    lost = {
        "lost_before_ordering": ~pl.col("ordered"),
        "ordered_not_paid": ~pl.col("paid"),
    }
    why = pl.coalesce(*(pl.when(lost[code]).then(pl.lit(code)) for code in LOST_BEFORE[step]))
    return rows.filter(pl.col("left_out").is_null()).with_columns(left_out=why)


def _rounds(rows: pl.LazyFrame, settings: ShopSettings, *, inside: bool) -> pl.LazyFrame:
    """Rounds with ``hour`` and ``band``; only those in working hours where asked."""
    at = pl.col("at")
    rows = rows.with_columns(
        hour=at.dt.hour(),
        band=pl.when(pl.col("state").is_not_null()).then(wait_band(pl.col("amount"))),
    )
    return rows.filter(in_working_hours(at, settings)) if inside else rows


def _judged_rounds(rows: pl.LazyFrame, *, per_hour: bool) -> pl.LazyFrame:
    """Every round counts, but a mean of an hour leaves out what only a robot answered."""
    robot = pl.when(pl.lit(per_hour) & (pl.col("state") == "robot_only")).then(pl.lit("robot_only"))
    none = pl.col("state").is_null()
    return rows.with_columns(left_out=pl.when(none).then("left_out").otherwise(robot))


def _said(metric_id: str, tables: ShopTables, settings: ShopSettings) -> pl.LazyFrame:
    """What the refund file says, per case or application by ``subject``."""
    if metric_id == "refund_handling_time":
        return application_tiers(tables).rename({"refund_id": "subject"})
    return described_cases(tables, settings).select(
        "tier", "reason_class", "reason", "state", subject="order_id"
    )
