"""Where new ratings come from: completed orders, orders on their way, orders not placed yet.

Each source is a :class:`Pool` of groups of orders that share their chances to be rated on each
of the coming days. Ratings that belong to no order of the shop's files (or to one already
rated, or not completed) cannot be foreseen one by one; they are counted per day and go to the
pool "future".
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.arrival_rate import DailyRate, daily_rate
from metrics.dsr import MONTHLY_CAP
from metrics.forecast_inputs import ForecastInputs
from metrics.order_facts import USUAL_PROMISE, with_facts
from metrics.rating_delay import Hazard, fitted_hazard, rating_prior
from store.settings import Campaign, ShopSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SourceName = Literal["pending", "in_flight", "future"]
SOURCES: tuple[SourceName, ...] = ("pending", "in_flight", "future")
#: Fewer completed orders than this say nothing of who rates more.
_FEWEST_TRADES = 30
#: … and the newest so many are enough to tell.
_MOST_MATURE = 40_000
#: Orders paid longer ago (days) tell nothing of today's delays.
_OLDEST_TRADE = 230
#: Orders older than this (days since payment) are not expected to complete any more.
_ON_ITS_WAY = 60
#: The warehouse's pace is read off so many days, against so many parcels at the usual pace.
_PACE_DAYS = 3
_PACE_WORTH = 8.0
#: A promise further off than this is as good as kept.
_MOST_SLACK = 15
#: What counts as trouble: parcels later than this, waits longer than this.
_LATE_DAYS = 1.0
_LONG_WAIT_SECONDS = 360.0
#: Variance of the log odds between troubled and smooth orders from shop to shop.
_ODDS_SPREAD = 0.25
#: Relative variance of how many orders an owner expects of a campaign.
_CAMPAIGN_DOUBT = 0.04
_NO_GROUPS: Ints = np.zeros(0, dtype=np.int64)
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
    #: Share of the paid orders that are not given back before they are sent.
    kept: float


@dataclass(frozen=True)
class Arrivals:
    """All pools, and the known orders behind the first two."""

    pools: tuple[Pool, ...]
    #: Completed and unrated orders, in the order of the pool's ``group``.
    pending: pl.DataFrame
    #: With ``late_chance`` (an order not sent yet misses its promise) and the shipping ``pace``.
    in_flight: pl.DataFrame
    delays: Delays | None
    #: Chance of a counted rating on each coming day (column) for an order paid on one (row).
    starts: Floats


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
    oldest = pl.col("paid_at").dt.date() > as_of - timedelta(days=_OLDEST_TRADE)
    trades = _with_first_rating(inputs.trades.filter(oldest), spans)
    paid, shipped, done, rated = (
        days_of(trades[name]) for name in ("paid_at", "shipped_at", "received_at", "first_rated")
    )
    shipped = np.where(shipped >= 0, shipped, np.where(done >= 0, np.minimum(done, paid), -1))
    if not _orders_announce_ratings(done, spans, today):
        pool = _counted_pool(spans, today, horizon)
        nothing = trades.clear().with_columns(late_chance=pl.lit(0.0), pace=pl.lit(1.0))
        return Arrivals((pool,), nothing, nothing, None, np.eye(horizon))
    back = _given_back(trades, inputs.refunds)
    delays = _delays(paid, shipped, done, rated, back, today)
    waiting = (done >= 0) & (rated < 0) & (today - done <= delays.rate.last)
    moving = (done < 0) & (rated < 0) & (paid >= 0) & (today - paid <= _ON_ITS_WAY)
    moving &= ~back
    pending = trades.filter(pl.Series(waiting))
    pace = _shipping_pace(paid, shipped, delays.ship, today)
    in_flight = trades.filter(pl.Series(moving))
    in_flight = in_flight.with_columns(
        late_chance=_late_chances(in_flight, delays.ship.paced(pace), today), pace=pl.lit(pace)
    )
    rates = rates_by_trouble(trades, inputs, delays.rate, today)
    counted = _counted_share(spans, today)
    starts = _starts(delays, horizon) * counted * delays.kept
    pools = (
        _pending_pool(pending, inputs, spans, rates, today, horizon),
        _in_flight_pool(
            today - paid[moving],
            np.where(shipped[moving] >= 0, today - shipped[moving], -1),
            replace(delays, ship=delays.ship.paced(pace)),
            horizon,
            counted,
        ),
        *_future_pools(paid, settings.campaigns, delays, starts, today),
        _stray_pool(spans, today, horizon, int(done[done >= 0].min())),
    )
    return Arrivals(pools, pending, in_flight, delays, starts)


def _orders_announce_ratings(done: Ints, spans: pl.DataFrame, today: int) -> bool:
    """Whether the ratings of the last months are mostly those of known, completed orders."""
    if not (done >= 0).any():
        return False
    recent = spans.filter(pl.Series(days_of(spans["rated_at"]) > today - 60))
    announced = (pl.col("completed_at") <= pl.col("rated_at")).fill_null(False)
    return recent.filter(announced).height * 2 >= recent.height


def _with_first_rating(trades: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    # Ratings are sorted by time, so the first of a trade is its earliest.
    first = spans.select("trade", first_rated="rated_at").filter(
        pl.col("trade").is_not_null() & pl.col("trade").is_first_distinct()
    )
    return trades.join(first, on="trade", how="left", maintain_order="left", validate="1:1")


def _delays(
    paid: Ints, shipped: Ints, done: Ints, rated: Ints, back: npt.NDArray[np.bool_], today: int
) -> Delays:
    """The three hazards; what was given back before shipping counts apart."""
    bought, sent, ended = (paid >= 0) & ~back, shipped >= 0, done >= 0
    shipped_on = np.maximum(shipped, paid)
    early = ended & (rated >= 0) & (rated < done)
    rate_on = ended & ~early
    old = (paid >= 0) & (today - paid > 20) & (today - paid <= 110)
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
        kept=1 - (float(back[old].sum()) + 0.5) / (float(old.sum()) + 20),
    )


def _given_back(trades: pl.DataFrame, refunds: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Orders refunded before they were sent: these never complete."""
    refunded = refunds.filter(pl.col("outcome") == "success")["trade"]
    back = pl.col("shipped_at").is_null() & pl.col("trade").is_in(refunded.implode())
    return trades.select(back).to_series().to_numpy().astype(np.bool_)


def _shipping_pace(paid: Ints, shipped: Ints, ship: Hazard, today: int) -> float:
    """Parcels sent in the last days over those the usual hazard would have sent.

    An overrun warehouse shows here before the first parcel is late.
    """
    near = (paid >= 0) & (today - paid <= ship.last + _PACE_DAYS)
    paid, shipped = paid[near], np.where(shipped[near] >= 0, shipped[near], today + 1)
    sent = expected = 0.0
    for day in range(today - _PACE_DAYS + 1, today + 1):
        waiting = (paid <= day) & (shipped >= day)
        age = day - paid[waiting]
        expected += float(ship.by_day[age[age <= ship.last]].sum())
        sent += float((shipped[waiting] == day).sum())
    return min((sent + _PACE_WORTH) / (expected + _PACE_WORTH), 1.5)


def _late_chances(in_flight: pl.DataFrame, ship: Hazard, today: int) -> pl.Series:
    """Chance that an order not sent yet misses its promise; 0 once sent, 1 once missed."""
    promise = pl.coalesce("ship_by", pl.col("paid_at") + USUAL_PROMISE)
    slack = days_of(in_flight.select(promise).to_series()) - today
    age = today - days_of(in_flight["paid_at"])
    chance = np.ones(in_flight.height)
    for step in range(1, _MOST_SLACK + 1):
        hazard = np.where(
            age + step <= ship.last, ship.by_day[np.minimum(age + step, ship.last)], 0
        )
        chance = np.where(step <= slack, chance * (1 - hazard), chance)
    unsent = in_flight["shipped_at"].is_null().to_numpy()
    return pl.Series("late_chance", np.where(unsent, chance, 0.0))


def _pending_pool(
    pending: pl.DataFrame,
    inputs: ForecastInputs,
    spans: pl.DataFrame,
    rates: tuple[Hazard, Hazard],
    today: int,
    horizon: int,
) -> Pool:
    """One group per age, trouble and chance to count under the monthly cap."""
    ages = today - days_of(pending["received_at"])
    usual = (rates[0].share + rates[1].share) / 2
    steps = np.round(_cap_room(pending, spans, usual) * 10).astype(np.int64)
    trouble = in_trouble(pending, inputs).astype(np.int64)
    keys, group = np.unique((ages * 2 + trouble) * 11 + steps, return_inverse=True)
    age = keys // 22
    troubled = (keys // 11 % 2 == 1)[:, None]
    chances = np.where(troubled, rates[1].ahead(age, horizon), rates[0].ahead(age, horizon))
    return Pool(
        "pending",
        np.bincount(group, minlength=len(keys)).astype(np.float64),
        chances * (keys % 11)[:, None] / 10,
        group.astype(np.int64),
        _share_doubt(rates[0]),
    )


def in_trouble(trades: pl.DataFrame, inputs: ForecastInputs) -> npt.NDArray[np.bool_]:
    """Whether something had gone wrong with each order by its completion."""
    rows = trades.select("trade", at=pl.col("received_at"))
    facts = with_facts(rows, inputs)
    wrong = (
        (pl.col("late_days") > _LATE_DAYS)
        | (pl.col("wait_s") > _LONG_WAIT_SECONDS)
        | (pl.col("refund") != "none")
    )
    return facts.select(wrong).to_series().to_numpy().astype(np.bool_)


def rates_by_trouble(
    trades: pl.DataFrame, inputs: ForecastInputs, rate: Hazard, today: int
) -> tuple[Hazard, Hazard]:
    """The rating hazard of smooth orders and of troubled ones; annoyed buyers may rate more.

    The odds between the two are shrunk towards 1 by what they are worth.
    """
    done, rated = days_of(trades["received_at"]), days_of(trades["first_rated"])
    age = today - done
    old = (
        (done >= 0) & (age > rate.last) & (age <= rate.last + 75) & ((rated < 0) | (rated >= done))
    )
    old &= np.cumsum(old[::-1])[::-1] <= _MOST_MATURE
    mature = trades.filter(pl.Series(old))
    if mature.height < _FEWEST_TRADES:
        return rate, rate
    trouble = in_trouble(mature, inputs)
    came = rated[old] >= 0
    yes, all_yes = float(came[trouble].sum()), float(trouble.sum())
    calm, all_calm = float(came[~trouble].sum()), float((~trouble).sum())
    cells = np.array([yes, all_yes - yes, calm, all_calm - calm]) + 0.5
    raw = float(np.log(cells[0] * cells[3] / (cells[1] * cells[2])))
    odds = float(np.exp(raw * _ODDS_SPREAD / (_ODDS_SPREAD + float((1 / cells).sum()))))
    return _with_share(rate, odds, all_yes / (all_yes + all_calm))


def _with_share(rate: Hazard, odds: float, troubled: float) -> tuple[Hazard, Hazard]:
    """Two hazards whose shares differ by ``odds`` and average to the one given."""
    share = min(max(rate.share, 1e-6), 1 - 1e-6)
    calm = share
    for _ in range(20):
        upset = odds * calm / (1 - calm + odds * calm)
        calm = min(max(calm + share - (1 - troubled) * calm - troubled * upset, 1e-6), 1 - 1e-6)
    upset = odds * calm / (1 - calm + odds * calm)
    return rate.scaled(calm / share), rate.scaled(upset / share)


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
    oldest = pending["received_at"].min()
    since = oldest.replace(day=1, hour=0) if isinstance(oldest, datetime) else datetime.min
    given = (
        spans.filter(pl.coalesce("completed_at", "rated_at") >= since)
        .filter(pl.col("buyer").is_not_null(), ~pl.col("closed"))
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
    completing = np.where((keys < 1000)[:, None], on_road, from_shop * delays.kept)
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
    paid: Ints, campaigns: Sequence[Campaign], delays: Delays, starts: Floats, today: int
) -> tuple[Pool, ...]:
    """Orders of the coming days at the recent rate, and those of planned campaigns."""
    horizon = len(starts)
    counts = _per_day(paid[paid >= 0], today)
    rate = daily_rate(counts, today, skipped=_campaign_days(campaigns, len(counts), today))
    doubt = _share_doubt(delays.rate)
    usual = Pool(
        "future",
        rate.ahead(today, horizon),
        starts,
        _NO_GROUPS,
        doubt + rate.doubt,
        rate.dispersion,
        rate.drift,
    )
    extra = _campaign_orders(campaigns, today, horizon)
    if not extra.any():
        return (usual,)
    return usual, Pool("future", extra, starts, _NO_GROUPS, doubt + _CAMPAIGN_DOUBT, 1.0)


def _campaign_days(campaigns: Sequence[Campaign], length: int, today: int) -> npt.NDArray[np.bool_]:
    """Which of the days up to today were campaign days and say nothing of the usual rate."""
    days = today - length + 1 + np.arange(length)
    inside = np.zeros(length, dtype=np.bool_)
    for campaign in campaigns:
        inside |= (days >= day_number(campaign.first)) & (days <= day_number(campaign.last))
    return inside


def _starts(delays: Delays, horizon: int) -> Floats:
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


def _counted_share(spans: pl.DataFrame, today: int) -> float:
    """Share of the ratings of the last 90 days that got round the monthly cap."""
    days = days_of(spans["rated_at"])
    recent = spans.filter(pl.Series(days > today - 90))
    kept = recent.filter(pl.col("left_by") != "monthly_cap").height
    return (kept + 20) / (recent.height + 20)


def _counted_pool(spans: pl.DataFrame, today: int, horizon: int) -> Pool:
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
        _NO_GROUPS,
        rate.doubt,
        rate.dispersion,
        rate.drift,
    )


def _stray_pool(spans: pl.DataFrame, today: int, horizon: int, first_done: int) -> Pool:
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
