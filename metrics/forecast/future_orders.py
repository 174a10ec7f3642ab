"""Ratings of orders not placed yet, and ratings that no known order announces.

Ratings that belong to no order of the shop's files (or to one already rated, or not completed)
cannot be foreseen one by one; they are counted per day.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.forecast.arrival_rate import DailyRate, daily_rate
from metrics.forecast.pools import NO_GROUPS, Delays, Pool, day_number, days_of, share_doubt
from store.settings import Campaign

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: Relative variance of how many orders an owner expects of a campaign.
_CAMPAIGN_DOUBT = 0.04


def future_pools(
    paid: Ints, campaigns: Sequence[Campaign], delays: Delays, starts: Floats, today: int
) -> tuple[Pool, ...]:
    """Orders of the coming days at the recent rate, and those of planned campaigns."""
    horizon = len(starts)
    counts = _per_day(paid[paid >= 0], today)
    rate = daily_rate(counts, today, skipped=_campaign_days(campaigns, len(counts), today))
    doubt = share_doubt(delays.rate)
    usual = Pool(
        "future",
        rate.ahead(today, horizon),
        starts,
        NO_GROUPS,
        doubt + rate.doubt,
        rate.dispersion,
        rate.drift,
    )
    extra = _campaign_orders(campaigns, today, horizon)
    if not extra.any():
        return (usual,)
    return usual, Pool("future", extra, starts, NO_GROUPS, doubt + _CAMPAIGN_DOUBT, 1.0)


def _campaign_days(campaigns: Sequence[Campaign], length: int, today: int) -> npt.NDArray[np.bool_]:
    """Which of the days up to today were campaign days and say nothing of the usual rate."""
    days = today - length + 1 + np.arange(length)
    inside = np.zeros(length, dtype=np.bool_)
    for campaign in campaigns:
        inside |= (days >= day_number(campaign.first)) & (days <= day_number(campaign.last))
    return inside


def starts_of(delays: Delays, horizon: int) -> Floats:
    """Chance of a rating on each coming day (column) for an order paid on one (row)."""
    chain = _chain(delays, horizon)
    return np.stack([_shifted(chain, day) for day in range(horizon)])


def _chain(delays: Delays, horizon: int) -> Floats:
    """Chance that an order is rated so many days after payment, day 0 to horizon - 1."""
    chain = np.convolve(
        np.convolve(delays.ship.density, delays.complete.density), delays.rate.density
    )
    out = np.zeros(horizon)
    out[: min(horizon, len(chain))] = chain[:horizon]
    return out


def _shifted(chain: Floats, by: int) -> Floats:
    moved = np.zeros_like(chain)
    moved[by:] = chain[: len(chain) - by]
    return moved


def _campaign_orders(campaigns: Sequence[Campaign], today: int, horizon: int) -> Floats:
    """Orders that planned campaigns add on each coming day, spread evenly over their days."""
    extra = np.zeros(horizon)
    for campaign in campaigns:
        first, last = day_number(campaign.first), day_number(campaign.last)
        per_day = campaign.orders / (last - first + 1)
        for day in range(max(first, today + 1), min(last, today + horizon) + 1):
            extra[day - today - 1] += per_day
    return extra


def _per_day(days: Ints, today: int, *, back: int = 150) -> Floats:
    """Counts of the days up to today, the first one that has any (or ``back`` days) first."""
    if not len(days):
        return np.zeros(0)
    first = max(int(days.min()), today - back + 1)
    inside = days[(days >= first) & (days <= today)]
    return np.bincount(inside - first, minlength=today - first + 1).astype(np.float64)


def counted_share(spans: pl.DataFrame, today: int) -> float:
    """Share of the ratings of the last 90 days that got round the monthly cap."""
    days = days_of(spans["rated_at"])
    recent = spans.filter(pl.Series(days > today - 90))
    kept = recent.filter(pl.col("left_by") != "monthly_cap").height
    return (kept + 20) / (recent.height + 20)


def counted_pool(spans: pl.DataFrame, today: int, horizon: int) -> Pool:
    """Ratings as they come per day, where no orders tell more."""
    counted = spans.filter(pl.col("left_by") == "window")
    counts = _per_day(days_of(counted["rated_at"]), today)
    return _rating_pool(daily_rate(counts, today), today, horizon)


def pool_of_days(counts: Ints, days: Ints, *, today: int, horizon: int) -> Pool:
    """Ratings of one dimension as they come per day, from daily counts."""
    last = np.repeat(days, counts)
    return _rating_pool(daily_rate(_per_day(last, today), today), today, horizon)


def _rating_pool(rate: DailyRate, today: int, horizon: int) -> Pool:
    """A pool of ratings instead of orders: each comes on its day for sure."""
    return Pool(
        "future",
        rate.ahead(today, horizon),
        np.eye(horizon),
        NO_GROUPS,
        rate.doubt,
        rate.dispersion,
        rate.drift,
    )


def stray_pool(spans: pl.DataFrame, today: int, horizon: int, first_done: int) -> Pool:
    """Ratings that no waiting order announced: unknown, repeated or early ones."""
    announced = (
        pl.col("trade").is_not_null()
        & (pl.col("completed_at").dt.date() <= pl.col("rated_at").dt.date())
        & pl.col("trade").is_first_distinct()
    ).fill_null(False)
    strays = spans.filter(~announced, pl.col("left_by") == "window")
    # Before orders and their ratings can have met, every rating looks like a stray.
    since = first_done + 15
    days = days_of(strays["rated_at"])
    length = min(today - since + 1, 150)
    if length < 1:
        return _rating_pool(daily_rate(np.zeros(0), today), today, horizon)
    inside = days[days > today - length]
    counts = np.bincount(inside - (today - length + 1), minlength=length).astype(np.float64)
    return _rating_pool(daily_rate(counts, today), today, horizon)
