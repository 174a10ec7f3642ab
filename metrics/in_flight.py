"""Orders on their way: when they will be sent, completed and rated, and how many will be late."""

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.order_facts import USUAL_PROMISE
from metrics.pools import Delays, Pool, after, days_of, share_doubt
from metrics.rating_delay import Hazard, fitted_hazard, rating_prior

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_SHIP_PRIOR = np.array([0.3, 0.5, 0.5, 0.3])
_COMPLETE_PRIOR = np.array([0.0, 0.05, 0.15, *[0.2] * 8, *[0.3] * 5])
#: The warehouse's pace is read off so many days, against so many parcels at the usual pace.
_PACE_DAYS = 3
_PACE_WORTH = 8.0
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


def shipping_pace(paid: Ints, shipped: Ints, ship: Hazard, today: int) -> float:
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


def late_chances(in_flight: pl.DataFrame, ship: Hazard, today: int) -> pl.Series:
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


def in_flight_pool(
    paid_ages: Ints,
    ship_ages: Ints,
    trouble: npt.NDArray[np.bool_],
    delays: Delays,
    rates: tuple[Hazard, Hazard],
    horizon: int,
    counted: float,
) -> Pool:
    """One group per trouble and age since shipping, or since payment where not shipped yet."""
    age = np.where(ship_ages >= 0, ship_ages, 1000 + paid_ages)
    keys, group = np.unique(np.where(trouble, 2000, 0) + age, return_inverse=True)
    on_road = delays.complete.ahead(keys % 1000, horizon)
    from_shop = after(delays.ship.ahead(keys % 1000, horizon), delays.complete.density)
    completing = np.where((keys % 2000 < 1000)[:, None], on_road, from_shop * delays.kept)
    smooth, troubled = (after(completing, rate.density) for rate in rates)
    return Pool(
        "in_flight",
        np.bincount(group, minlength=len(keys)).astype(np.float64),
        np.where((keys >= 2000)[:, None], troubled, smooth) * counted,
        group.astype(np.int64),
        share_doubt(delays.rate),
    )
