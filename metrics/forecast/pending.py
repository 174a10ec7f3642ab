"""Where new ratings come from: completed orders, orders on their way, orders not placed yet.

:func:`arrivals` gathers the pools of all three; the completed orders themselves are here.
"""

from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.forecast.future_orders import (
    counted_pool,
    counted_share,
    future_pools,
    starts_of,
    stray_pool,
)
from metrics.forecast.in_flight import (
    delays_of,
    given_back,
    in_flight_pool,
    late_outlook,
    shipping_paces,
)
from metrics.forecast.inputs import ForecastInputs
from metrics.forecast.order_facts import with_facts
from metrics.forecast.pools import Arrivals, Pool, day_number, days_of, share_doubt
from metrics.forecast.rating_delay import Hazard
from metrics.ratings.counted import MONTHLY_CAP
from store.settings import ShopSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: Fewer completed orders than this say nothing of who rates more.
_FEWEST_TRADES = 30
#: … and the newest so many are enough to tell.
_MOST_MATURE = 20_000
#: Orders paid longer ago (days) tell nothing of today's delays.
_OLDEST_TRADE = 150
#: Orders older than this (days since payment) are not expected to complete any more.
_ON_ITS_WAY = 60
#: Order files that end so many days before the last known day leave out orders that were placed.
_STALE = 14
#: What counts as trouble: parcels later than this, waits longer than this.
_LATE_DAYS = 1.0
_LONG_WAIT_SECONDS = 360.0
#: Variance of the log odds between troubled and smooth orders from shop to shop.
_ODDS_SPREAD = 0.25


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
        spans: Their ratings with the days they count on (``metrics.ratings.expiry.counted_spans``).
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
    if (shipped >= 0).any():
        shipped = np.where(shipped >= 0, shipped, np.where(done >= 0, np.minimum(done, paid), -1))
    else:
        # Files that name no shipment at all: an order is on its way from its payment on.
        shipped = paid
    if not _orders_announce_ratings(paid, done, spans, today):
        pool = counted_pool(spans, today, horizon)
        nothing = trades.clear().with_columns(late_chance=pl.lit(0.0), more_late=pl.lit(0.0))
        return Arrivals((pool,), nothing, nothing, None, np.eye(horizon))
    back = given_back(trades, inputs.refunds)
    delays = delays_of(paid, shipped, done, rated, back, today)
    waiting = (done >= 0) & (rated < 0) & (today - done <= delays.rate.last)
    moving = (done < 0) & (rated < 0) & (paid >= 0) & (today - paid <= _ON_ITS_WAY)
    moving &= ~back
    pending = trades.filter(pl.Series(waiting))
    paces = shipping_paces(paid[~back], shipped[~back], delays.ship, today)
    in_flight = trades.filter(pl.Series(moving))
    in_flight = in_flight.hstack(
        late_outlook(in_flight, shipped[moving] < 0, delays.ship, paces, today)
    )
    rates = rates_by_trouble(trades, inputs, delays.rate, today)
    counted = counted_share(spans, today)
    starts = starts_of(delays, horizon) * counted * delays.kept
    pools = (
        _pending_pool(pending, inputs, spans, rates, today, horizon),
        in_flight_pool(
            today - paid[moving],
            np.where(shipped[moving] >= 0, today - shipped[moving], -1),
            in_trouble(in_flight, inputs, as_of) | (in_flight["late_chance"].to_numpy() > 0.5),
            delays,
            paces,
            rates,
            horizon,
            counted,
        ),
        *future_pools(paid, settings.campaigns, delays, starts, today),
        stray_pool(spans, today, horizon, int(done[done >= 0].min())),
    )
    return Arrivals(pools, pending, in_flight, delays, starts)


def _orders_announce_ratings(paid: Ints, done: Ints, spans: pl.DataFrame, today: int) -> bool:
    """Whether the last months' ratings are mostly of known orders, and these are up to date."""
    if not (done >= 0).any() or today - paid.max() > _STALE:
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
    steps = np.round(cap_room(pending, spans, usual) * 10).astype(np.int64)
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
        share_doubt(rates[0]),
    )


def in_trouble(
    trades: pl.DataFrame, inputs: ForecastInputs, as_of: date | None = None
) -> npt.NDArray[np.bool_]:
    """Whether something had gone wrong with each order by its completion, or by a day's end."""
    end = pl.lit(as_of).cast(pl.Datetime("us")) + timedelta(days=1)
    rows = trades.select("trade", at=pl.col("received_at") if as_of is None else end)
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


def cap_room(pending: pl.DataFrame, spans: pl.DataFrame, share: float) -> Floats:
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
        table = _cap_table(int(k.max()), share)
        room[tight] = table[np.minimum(n[tight], MONTHLY_CAP), k[tight]]
    return room


def _cap_table(most_open: int, share: float) -> Floats:
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
