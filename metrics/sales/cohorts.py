"""What became of inquiries: the funnel, its losses, and what open cohorts will come to.

All of it is read off one small frame, ``cohorts``, so that inquiries are found once.
"""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import mul
from typing import Literal

import polars as pl

from metrics.kit.ratio import ratio
from metrics.sales.inquiry import WINDOW_DAYS

#: The funnel's steps, first to last.
STEPS = ("inquiries", "ordered", "paid")
#: Days after the inquiry day on which a payment can count.
CURVE_DAYS = tuple(range(WINDOW_DAYS["final"] + 1))
Cut = Literal["day", "returning"]


def cohorts(facts: pl.LazyFrame, /) -> pl.LazyFrame:
    """Inquiries that are alike, counted.

    Args:
        facts: Rows of ``metrics.sales.inquiry.with_returning``.

    Returns:
        One row per ``day``, ``hour`` (of the first line), ``returning``, ``ordered`` and
        ``paid_day`` (null if not paid) with any, in no order: these and ``inquiries``.
    """
    keys = ["day", "returning", "ordered", "paid_day"]
    counted = facts.filter("inquiry").group_by(*keys, hour=pl.col("first_line_at").dt.hour())
    return counted.agg(inquiries=pl.len().cast(pl.Int64))


def _paid() -> pl.Expr:
    return pl.col("inquiries").filter(pl.col("paid_day").is_not_null())


def funnel(alike: pl.LazyFrame, /, *, by: Sequence[Cut] = ()) -> pl.LazyFrame:
    """Inquiries, how many of them ordered and paid within three days, and the two losses.

    Args:
        alike: Rows of ``cohorts``.
        by: One funnel per day, per new (False) and returning (True) buyers, or both.

    Returns:
        One row per cut, in its order (one row in all without): the cut, ``inquiries``,
        ``ordered``, ``paid``, ``lost_before_ordering``, ``ordered_not_paid``, ``conversion``
        (paid ÷ inquiries, null without inquiries).
    """
    inquiries, ordered, paid = map(pl.col, STEPS)
    counts = [
        pl.col("inquiries").sum(),
        pl.col("inquiries").filter("ordered").sum().alias("ordered"),
        _paid().sum().alias("paid"),
    ]
    counted = alike.group_by(by).agg(counts).sort(by) if by else alike.select(counts)
    return counted.with_columns(
        lost_before_ordering=inquiries - ordered,
        ordered_not_paid=ordered - paid,
        conversion=ratio(paid, inquiries),
    )


def payment_curve(alike: pl.LazyFrame, /, *, mature_until: date) -> pl.LazyFrame:
    """Share of the inquiries paid by the end of day 0, 1, 2 and 3, over mature cohorts.

    Args:
        alike: Rows of ``cohorts``.
        mature_until: Last inquiry day whose window has closed.

    Returns:
        Four rows, by ``paid_day``: ``inquiries``, ``paid`` (by the end of that day), ``share``
        (null without inquiries).
    """
    settled, n = alike.filter(pl.col("day") <= mature_until), pl.col("inquiries")
    paid = [n.filter(pl.col("paid_day") <= day).sum().alias(str(day)) for day in CURVE_DAYS]
    return (
        settled.select(n.sum(), *paid)
        .unpivot(index="inquiries", variable_name="paid_day", value_name="paid")
        .select(
            pl.col("paid_day").cast(pl.Int8),
            pl.col("inquiries", "paid").cast(pl.Int64),
            share=ratio(pl.col("paid"), pl.col("inquiries")),
        )
        .sort("paid_day")
    )


def projected(alike: pl.LazyFrame, /, *, as_of: date, mature_until: date) -> pl.LazyFrame:
    """Each cohort's conversion so far, and what it will come to if the shop goes on as usual.

    Of the inquiries still unpaid, each further day wins the share that it won in mature cohorts.

    Args:
        alike: Rows of ``cohorts``.
        as_of: Last day that chats and orders cover whole.
        mature_until: Last inquiry day whose window has closed; the curve is read off the days up
            to it.

    Returns:
        One row per inquiry day, oldest first: ``day``, ``inquiries``, ``paid`` (so far),
        ``so_far`` (share), ``projection`` (share; equals ``so_far`` once all four days are
        over, null without a mature cohort to learn from), ``immature``.
    """
    share = pl.col("share")
    before = share.shift(fill_value=0.0)
    # Of those unpaid the day before, the share that pays on this day.
    wins = payment_curve(alike, mature_until=mature_until).select(
        "paid_day", wins=ratio(share - before, 1 - before).fill_nan(None)
    )
    known = (pl.lit(as_of) - pl.col("day")).dt.total_days().clip(0, CURVE_DAYS[-1])
    names = [f"wins_{day}" for day in CURVE_DAYS]
    row = wins.select(
        pl.col("wins").filter(pl.col("paid_day") == day).first().alias(name)
        for day, name in zip(CURVE_DAYS, names, strict=True)
    )
    unpaid_later = reduce(
        mul,
        (
            pl.when(known < day).then(1 - pl.col(name)).otherwise(1.0)
            for day, name in zip(CURVE_DAYS, names, strict=True)
        ),
    )
    so_far = ratio(pl.col("paid"), pl.col("inquiries"))
    return (
        alike.group_by("day")
        .agg(
            pl.col("inquiries").sum(),
            paid=pl.col("inquiries").filter(pl.col("paid_day") <= known.first()).sum(),
        )
        .join(row, how="cross")
        .sort("day")
        .select(
            "day",
            "inquiries",
            "paid",
            so_far=so_far,
            projection=1 - (1 - so_far) * unpaid_later,
            immature=pl.col("day") > mature_until,
        )
    )


def inquiry_hours(alike: pl.LazyFrame, /) -> pl.LazyFrame:
    """When buyers ask, and how many of them pay: weekdays by hours of the first line.

    Args:
        alike: Rows of ``cohorts``.

    Returns:
        168 rows, by ``weekday`` (1 = Monday) and ``hour``: ``inquiries``, ``paid``,
        ``conversion`` (null without inquiries).
    """
    counted = alike.group_by("hour", weekday=pl.col("day").dt.weekday()).agg(
        pl.col("inquiries").sum(), paid=_paid().sum()
    )
    weekdays = pl.LazyFrame({"weekday": range(1, 8)}, schema={"weekday": pl.Int8})
    hours = pl.LazyFrame({"hour": range(24)}, schema={"hour": pl.Int8})
    return (
        weekdays.join(hours, how="cross")
        .join(counted, on=["weekday", "hour"], how="left", validate="1:1")
        .with_columns(pl.col("inquiries", "paid").fill_null(0).cast(pl.Int64))
        .with_columns(conversion=ratio(pl.col("paid"), pl.col("inquiries")))
        .sort("weekday", "hour")
    )
