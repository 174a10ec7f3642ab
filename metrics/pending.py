"""Where new ratings come from: completed orders, orders on their way, orders not placed yet.

Each source is a :class:`Pool` of groups of orders that share their chances to be rated on each
of the coming days. Ratings that belong to no order of the shop's files (or to one already
rated, or not completed) cannot be foreseen one by one; they are counted per day and go to the
pool "future".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.arrival_rate import DailyRate, daily_rate
from metrics.dsr import MONTHLY_CAP
from metrics.forecast_inputs import ForecastInputs
from metrics.rating_delay import Hazard, fitted_hazard, rating_prior
from store.settings import Campaign, ShopSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SourceName = Literal["pending", "in_flight", "future"]
SOURCES: tuple[SourceName, ...] = ("pending", "in_flight", "future")
#: Fewer completed orders than this tell no delay: ratings are then counted per day only.
_FEWEST_TRADES = 30
#: Orders older than this (days since payment) are not expected to complete any more.
_ON_ITS_WAY = 60
_SHIP_PRIOR = np.array([0.3, 0.5, 0.5, 0.3])
_COMPLETE_PRIOR = np.array([0.0, 0.05, 0.15, *[0.2] * 8, *[0.3] * 5])


@dataclass(frozen=True)
class Pool:
    """One source of ratings: groups of orders and when their ratings come."""

    source: SourceName
    #: Orders per group, or their expected number.
    orders: Floats
    #: Chance of a counted rating on each coming day, per group: shape (groups, horizon).
    chances: Floats
    #: Group of each known order; empty where the orders are only expected.
    group: Ints
    #: Relative variance of all chances together: rated share not known exactly, days that differ.
    doubt: float
    #: Variance over mean of the number of orders of one day; 0 where the orders are known.
    dispersion: float = 0.0
    #: Relative variance of the rate added per day ahead.
    drift: float = 0.0


@dataclass(frozen=True)
class Delays:
    """The shop's three delays."""

    ship: Hazard
    complete: Hazard
    rate: Hazard


@dataclass(frozen=True)
class Arrivals:
    """All pools, and the known orders behind the first two."""

    pools: tuple[Pool, ...]
    #: Completed and unrated orders, in the order of the pool's ``group``.
    pending: pl.DataFrame
    in_flight: pl.DataFrame
    #: Orders completed lately, rated or not: what future orders will look like.
    recent: pl.DataFrame
    delays: Delays | None


def day_number(day: date) -> int:
    """Days since 1970, as polars stores a date."""
    return (day - date(1970, 1, 1)).days


def days_of(column: pl.Series) -> Ints:
    """A time column as days since 1970, -1 where null."""
    days = column.dt.date().cast(pl.Int32).cast(pl.Int64).fill_null(-1)
    return days.to_numpy().astype(np.int64)


def arrivals(
    inputs: ForecastInputs,
    spans: pl.DataFrame,
    settings: ShopSettings,
    *,
    as_of: date,
    horizon: int,
) -> Arrivals:
    """Everything that may bring a rating within the horizon.

    Args:
        inputs: As known on ``as_of``.
        spans: Their ratings with the days they count on (``metrics.expiry.counted_spans``).
        settings: ``campaigns`` add orders.
        as_of: Last known day.
        horizon: Days ahead.
    """
    today = day_number(as_of)
    trades = _with_first_rating(inputs.trades, spans)
    paid, shipped, done, rated = (
        days_of(trades[name]) for name in ("paid_at", "shipped_at", "received_at", "first_rated")
    )
    shipped = np.where(shipped >= 0, shipped, np.where(done >= 0, np.minimum(done, paid), -1))
    if int(((done >= 0) & (today - done > 7)).sum()) < _FEWEST_TRADES or not spans.height:
        nothing = trades.clear()
        return Arrivals(
            (_counted_pool(spans, inputs, today, horizon),), nothing, nothing, nothing, None
        )
    delays = _delays(paid, shipped, done, rated, today)
    waiting = (done >= 0) & (rated < 0) & (today - done <= delays.rate.last)
    moving = (done < 0) & (rated < 0) & (paid >= 0) & (today - paid <= _ON_ITS_WAY)
    pending = trades.filter(pl.Series(waiting))
    in_flight = trades.filter(pl.Series(moving))
    recent = trades.filter(pl.Series((done >= 0) & (today - done <= 21)))
    counted = _counted_share(spans, today)
    pools = (
        _pending_pool(today - done[waiting], pending, spans, delays.rate, horizon),
        _in_flight_pool(
            today - paid[moving],
            np.where(shipped[moving] >= 0, today - shipped[moving], -1),
            delays,
            horizon,
            counted,
        ),
        *_future_pools(paid, inputs, settings.campaigns, delays, today, horizon, counted),
        _stray_pool(spans, inputs, today, horizon, int(done[done >= 0].min())),
    )
    return Arrivals(pools, pending, in_flight, recent, delays)


def _with_first_rating(trades: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    first = (
        spans.filter(pl.col("trade").is_not_null())
        .group_by("trade")
        .agg(first_rated=pl.col("rated_at").min())
    )
    return trades.join(first, on="trade", how="left", maintain_order="left", validate="1:1")


def _delays(paid: Ints, shipped: Ints, done: Ints, rated: Ints, today: int) -> Delays:
    bought, sent, ended = paid >= 0, shipped >= 0, done >= 0
    shipped_on = np.maximum(shipped, paid)
    early = ended & (rated >= 0) & (rated < done)
    rate_on = ended & ~early
    return Delays(
        ship=fitted_hazard(
            paid[bought],
            np.where(sent, shipped_on, -1)[bought],
            today,
            prior=_SHIP_PRIOR,
            weight=3,
        ),
        complete=fitted_hazard(
            shipped_on[sent],
            np.where(ended, np.maximum(done, shipped_on), -1)[sent],
            today,
            prior=_COMPLETE_PRIOR,
            weight=3,
        ),
        rate=fitted_hazard(done[rate_on], rated[rate_on], today, prior=rating_prior(), weight=12),
    )


def _pending_pool(
    ages: Ints, pending: pl.DataFrame, spans: pl.DataFrame, rate: Hazard, horizon: int
) -> Pool:
    """One group per age and chance to count under the monthly cap."""
    room = _cap_room(pending, spans, rate.share)
    steps = np.round(room * 10).astype(np.int64)
    keys, group = np.unique(ages * 11 + steps, return_inverse=True)
    chances = rate.ahead(keys // 11, horizon) * (keys % 11)[:, None] / 10
    return Pool(
        "pending",
        np.bincount(group, minlength=len(keys)).astype(np.float64),
        chances,
        group.astype(np.int64),
        _share_doubt(rate),
    )


def _share_doubt(rate: Hazard) -> float:
    """Relative variance of the rated share: few orders seen, and habits that change."""
    share = max(rate.share, 0.01)
    return min((1 - share) / (share * max(rate.observed, 1.0)) * 2 + 0.001, 0.5)


def _cap_room(pending: pl.DataFrame, spans: pl.DataFrame, share: float) -> Floats:
    """Chance that one more rating of the order's buyer and month adds a counted one.

    With n ratings there and k orders still to come, min(3, n + B) - min(3, n) ratings are added,
    B of k binomial; spread over the k orders.
    """
    month = pl.coalesce("completed_at", "rated_at").dt.truncate("1mo")
    given = (
        spans.filter(pl.col("buyer").is_not_null(), ~pl.col("closed"))
        .group_by("buyer", month=month)
        .agg(given=pl.len().cast(pl.Int64))
    )
    rows = (
        pending.select("buyer", month=pl.col("received_at").dt.truncate("1mo"))
        .join(given, on=["buyer", "month"], how="left", maintain_order="left", validate="m:1")
        .with_columns(
            pl.col("given").fill_null(0),
            open=pl.when(pl.col("buyer").is_not_null())
            .then(pl.len().over("buyer", "month"))
            .otherwise(1)
            .cast(pl.Int64),
        )
    )
    n, k = rows["given"].to_numpy(), np.minimum(rows["open"].to_numpy(), 40)
    room = np.ones(len(n))
    tight = np.flatnonzero(n + k > MONTHLY_CAP)
    if len(tight):
        table = _cap_table(int(n.max()), int(k.max()), share)
        room[tight] = table[np.minimum(n[tight], MONTHLY_CAP), k[tight]]
    return room


def _cap_table(most_given: int, most_open: int, share: float) -> Floats:
    """Room by ratings given (up to the cap) and orders open."""
    table = np.zeros((MONTHLY_CAP + 1, most_open + 1))
    chance = np.zeros(most_open + 2)
    chance[0] = 1.0
    for k in range(1, most_open + 1):
        chance[1:] = chance[1:] * (1 - share) + chance[:-1] * share
        chance[0] *= 1 - share
        counts = np.arange(len(chance))
        for n in range(MONTHLY_CAP):
            added = np.minimum(counts, MONTHLY_CAP - n) @ chance
            table[n, k] = added / (k * max(share, 1e-9))
    return np.minimum(table, 1.0)


def _in_flight_pool(
    paid_ages: Ints, ship_ages: Ints, delays: Delays, horizon: int, counted: float
) -> Pool:
    """One group per age since shipping, or since payment where not shipped yet."""
    shipped = ship_ages >= 0
    keys, group = np.unique(np.where(shipped, ship_ages, 1000 + paid_ages), return_inverse=True)
    on_road = delays.complete.ahead(keys % 1000, horizon)
    from_shop = _after(delays.ship.ahead(keys % 1000, horizon), delays.complete.density)
    completing = np.where((keys < 1000)[:, None], on_road, from_shop)
    return Pool(
        "in_flight",
        np.bincount(group, minlength=len(keys)).astype(np.float64),
        _after(completing, delays.rate.density) * counted,
        group.astype(np.int64),
        _share_doubt(delays.rate),
    )


def _after(first: Floats, density: Floats) -> Floats:
    """Chances of a second event, per day ahead, when it follows the first by ``density``."""
    horizon = first.shape[1]
    result = np.zeros_like(first)
    for delay, chance in enumerate(density[:horizon]):
        result[:, delay:] += first[:, : horizon - delay] * chance
    return result


def _future_pools(
    paid: Ints,
    inputs: ForecastInputs,
    campaigns: Sequence[Campaign],
    delays: Delays,
    today: int,
    horizon: int,
    counted: float,
) -> tuple[Pool, ...]:
    """Orders of the coming days at the recent rate, and those of planned campaigns."""
    rate = daily_rate(_per_day(paid[paid >= 0], today), today)
    chain = _chain(delays, horizon) * counted
    starts = np.stack([_shifted(chain, day) for day in range(horizon)])
    doubt = _share_doubt(delays.rate)
    extra = _campaign_orders(campaigns, today, horizon)
    pools = [
        Pool(
            "future",
            rate.ahead(today, horizon),
            starts,
            np.empty(0, dtype=np.int64),
            doubt + rate.doubt,
            rate.dispersion,
            rate.drift,
        )
    ]
    if extra.any():
        pools.append(Pool("future", extra, starts, np.empty(0, dtype=np.int64), doubt + 0.04, 1.0))
    return tuple(pools)


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


def _counted_share(spans: pl.DataFrame, today: int) -> float:
    """Share of the ratings of the last 90 days that got round the monthly cap."""
    days = days_of(spans["rated_at"])
    recent = spans.filter(pl.Series(days > today - 90))
    kept = recent.filter(pl.col("left_by") != "monthly_cap").height
    return (kept + 20) / (recent.height + 20)


def _counted_pool(spans: pl.DataFrame, inputs: ForecastInputs, today: int, horizon: int) -> Pool:
    """Ratings as they come per day, where no orders tell more."""
    counted = spans.filter(pl.col("left_by") == "window")
    counts = _per_day(days_of(counted["rated_at"]), today)
    return _rating_pool(daily_rate(counts, today), today, horizon)


def _rating_pool(rate: DailyRate, today: int, horizon: int) -> Pool:
    """A pool of ratings instead of orders: each comes on its day for sure."""
    return Pool(
        "future",
        rate.ahead(today, horizon),
        np.eye(horizon),
        np.empty(0, dtype=np.int64),
        rate.doubt,
        rate.dispersion,
        rate.drift,
    )


def _stray_pool(
    spans: pl.DataFrame, inputs: ForecastInputs, today: int, horizon: int, first_done: int
) -> Pool:
    """Ratings that no waiting order announced: unknown, repeated or early ones."""
    nth_of_trade = pl.int_range(pl.len()).over("trade")
    announced = (
        pl.col("trade").is_not_null()
        & (pl.col("completed_at").dt.date() <= pl.col("rated_at").dt.date())
        & (nth_of_trade == 0)
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
