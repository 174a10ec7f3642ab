"""Orders on their way: when they will be sent, completed and rated, and how many will be late."""

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.forecast.order_facts import USUAL_PROMISE
from metrics.forecast.pools import Delays, Pool, after, days_of, share_doubt
from metrics.forecast.rating_delay import Hazard, fitted_hazard, rating_prior

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: A parcel that missed its promise by weeks still goes out, as an overrun warehouse works it off.
_SHIP_PRIOR = np.array([0.3, 0.5, 0.5, 0.3, *[0.25] * 27])
_COMPLETE_PRIOR = np.array([0.0, 0.05, 0.15, *[0.2] * 8, *[0.3] * 5])
#: The pace of a day's orders is blended with so many parcels of the day before's.
_PACE_WORTH = 8.0
_FASTEST_PACE = 1.5
#: A promise further off than this is as good as kept.
_MOST_SLACK = 15


def delays_of(
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


def given_back(trades: pl.DataFrame, refunds: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Orders refunded before they were sent: these never complete."""
    refunded = refunds.filter(pl.col("outcome") == "success")["trade"]
    back = pl.col("shipped_at").is_null() & pl.col("trade").is_in(refunded.implode())
    return trades.select(back).to_series().to_numpy().astype(np.bool_)


def shipping_paces(paid: Ints, shipped: Ints, ship: Hazard, today: int) -> Floats:
    """Parcels sent over those the usual hazard would have sent, by days since payment.

    The orders of one payment day share their pace, so that a campaign's stay slow and those
    after it do not. A day whose orders tell little yet is taken to fare half like the day
    before: an overrun warehouse shows before the first parcel is late.
    """
    age = today - paid
    near = (paid >= 0) & (age <= ship.last)
    age, delay = age[near], np.maximum(shipped[near] - paid[near], 0)
    was_sent = shipped[near] >= 0
    reached = np.minimum(np.where(was_sent, delay, age), ship.last)
    expected = np.bincount(age, weights=np.cumsum(ship.by_day)[reached], minlength=ship.last + 1)
    sent = np.bincount(age, weights=was_sent * 1.0, minlength=ship.last + 1)
    paces, before = np.ones(ship.last + 1), 1.0
    for day in range(ship.last, -1, -1):
        pace = (sent[day] + _PACE_WORTH * (1 + before) / 2) / (expected[day] + _PACE_WORTH)
        paces[day] = before = min(float(pace), _FASTEST_PACE)
    return paces


def late_outlook(
    in_flight: pl.DataFrame,
    unsent: npt.NDArray[np.bool_],
    ship: Hazard,
    paces: Floats,
    today: int,
) -> pl.DataFrame:
    """What orders not sent yet have to expect of their promise.

    Returns:
        ``late_chance`` that it is missed (0 once sent, 1 once missed), and ``more_late``: mean
        days that an order which misses it will be later than it is by now.
    """
    promise = pl.coalesce("ship_by", pl.col("paid_at") + USUAL_PROMISE)
    slack = days_of(in_flight.select(promise).to_series()) - today
    age = today - days_of(in_flight["paid_at"])
    pace = paces[np.minimum(age, ship.last)]
    waiting = 1 - np.cumsum(ship.ahead(age, _MOST_SLACK, pace), axis=1)
    until = np.clip(slack, 0, _MOST_SLACK)
    chance = np.where(slack > 0, waiting[np.arange(len(age)), np.maximum(until - 1, 0)], 1.0)
    left = np.stack([ship.paced(each).days_left for each in paces])
    missed_at = np.minimum(age + until, ship.last)
    more = left[np.minimum(age, ship.last), missed_at]
    return pl.DataFrame(
        {
            "late_chance": np.where(unsent, chance, 0.0),
            "more_late": np.where(unsent, more, 0.0),
        }
    )


def in_flight_pool(
    paid_ages: Ints,
    ship_ages: Ints,
    trouble: npt.NDArray[np.bool_],
    delays: Delays,
    paces: Floats,
    rates: tuple[Hazard, Hazard],
    horizon: int,
    counted: float,
) -> Pool:
    """One group per trouble and age since shipping, or since payment where not shipped yet."""
    age = np.where(ship_ages >= 0, ship_ages, 1000 + paid_ages)
    keys, group = np.unique(np.where(trouble, 2000, 0) + age, return_inverse=True)
    on_road = delays.complete.ahead(keys % 1000, horizon)
    pace = paces[np.minimum(keys % 1000, delays.ship.last)]
    from_shop = after(delays.ship.ahead(keys % 1000, horizon, pace), delays.complete.density)
    completing = np.where((keys % 2000 < 1000)[:, None], on_road, from_shop * delays.kept)
    smooth, troubled = (after(completing, rate.density) for rate in rates)
    return Pool(
        "in_flight",
        np.bincount(group, minlength=len(keys)).astype(np.float64),
        np.where((keys >= 2000)[:, None], troubled, smooth) * counted,
        group.astype(np.int64),
        share_doubt(delays.rate),
    )
