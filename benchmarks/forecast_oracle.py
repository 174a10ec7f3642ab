"""The limit: a forecaster that is told a simulated shop's law, but none of the dice.

It knows every rate, delay and habit and each order's true star chances. What the law implies for
orders still to be paid or shipped is measured on many shops thrown from the same law.

Two of them: the *oracle* knows the law as it stands on the day of the forecast (and the planned
campaign's size), the *clairvoyant* also how the law will change: how far a drift will go, and
how late the parcels of a campaign that has not begun will be. Nothing known on the day tells
those, so the first is the limit a forecast is held to and the second is printed beside it.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.forecast_shops import DAYS, Shop, ShopLaw, forecast_inputs_of, thrown
from metrics.forecast.pending import cap_room
from metrics.ratings.expiry import counted_spans
from sample_data.rating_process import (
    delay_chances,
    given_chances,
    rating_chance,
    star_chances,
)
from store.settings import ShopSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ORDERS_TO_MEASURE = 300_000
_SHOPS_TO_MEASURE = 24


@dataclass(frozen=True)
class OrderLaw:
    """True expectations per order of a thrown shop."""

    paid: Ints
    shipped: Ints
    #: -1 where given back.
    completed: Ints
    #: Day the order was given back, a far day where not.
    given_back: Ints
    rated: Floats
    #: Expected deficit per dimension, and the chance of 3 stars or fewer in any.
    deficit: Floats
    low: Floats


def order_law(shop: Shop) -> OrderLaw:
    """What the law says of each thrown order."""
    habits = shop.law.habits
    back = np.isnan(shop.completed)
    stars = star_chances(shop.facts, habits)
    given = given_chances(habits)
    low = stars[:, :, :3].sum(axis=2) * given
    return OrderLaw(
        shop.paid.astype(np.int64),
        shop.shipped.astype(np.int64),
        np.where(back, -1, np.nan_to_num(shop.completed)).astype(np.int64),
        np.where(back, np.nan_to_num(shop.refund_ended), 9999).astype(np.int64),
        np.where(back, 0.0, rating_chance(shop.facts, habits)),
        5 - stars @ np.arange(1.0, 6.0),
        1 - np.prod(1 - low, axis=1),
    )


@dataclass(frozen=True)
class Oracle:
    """Expectations of a law; see :func:`oracle`."""

    law: ShopLaw
    times: float
    orders: OrderLaw
    #: Share of the ratings that count under the monthly cap, per payment day.
    counted: Floats
    delays: Floats
    given: Floats
    #: Orders to be paid, and how many times as many as expected they are.
    coming: OrderLaw
    coming_times: float


def oracle(law: ShopLaw, rng: np.random.Generator) -> Oracle:
    """Measures what the law implies for orders that are not yet paid or shipped."""
    if law.kind == "repeat_buyers":
        shops = [thrown(law, rng) for _ in range(_SHOPS_TO_MEASURE)]
        times, counted = float(_SHOPS_TO_MEASURE), _counted_by_day(shops)
    else:
        times, counted = _ORDERS_TO_MEASURE / float(law.orders.sum()), np.ones(DAYS)
        shops = [thrown(law, rng, times=times)]
    parts = [order_law(shop) for shop in shops]
    orders = OrderLaw(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS)
    )
    habits = law.habits
    delays, given = delay_chances(habits), given_chances(habits)
    return Oracle(law, times, orders, counted, delays, given, orders, times)


_FIELDS = ("paid", "shipped", "completed", "given_back", "rated", "deficit", "low")


def _counted_by_day(shops: list[Shop]) -> Floats:
    kept, every = np.zeros(DAYS), np.zeros(DAYS)
    for shop in shops:
        spans = counted_spans(forecast_inputs_of(shop).ratings, ShopSettings())
        paid = shop.paid[spans["trade"].to_numpy()].astype(np.int64)
        counts = (spans["left_by"] == "window").to_numpy()
        kept += np.bincount(paid, weights=counts, minlength=DAYS)
        every += np.bincount(paid, minlength=DAYS)
    smooth = np.ones(5)
    return np.asarray(
        (np.convolve(kept, smooth, "same") + 1) / (np.convolve(every, smooth, "same") + 1)
    )


def as_it_stands(told: Oracle, today: int, horizon: int, rng: np.random.Generator) -> Oracle:
    """The oracle with coming orders under today's law: no further drift, no late campaign."""
    law = told.law
    if law.kind not in ("drifting", "campaign"):
        return told
    days = np.arange(DAYS)
    shift = np.where((days > today)[:, None], law.shift[today], law.shift)
    coming = np.where((days > today) & (days <= today + horizon), law.orders, 0.0)
    chance, late = law.late_chance, law.late_days
    if law.campaign_first is not None and today < law.campaign_first:
        chance, late = (np.where(days > today, each[today], each) for each in (chance, late))
    frozen = replace(law, shift=shift, orders=coming, late_chance=chance, late_days=late)
    times = 40_000 / max(float(coming.sum()), 1.0)
    future = order_law(thrown(frozen, rng, times=times))
    return replace(told, coming=future, coming_times=times)


def expected_new(
    told: Oracle, shop: Shop, law: OrderLaw, today: int, horizon: int
) -> tuple[Floats, Floats]:
    """Expected new ratings and deficits until each day ahead: two arrays (3, horizon)."""
    ratings, deficits = np.zeros((3, horizon)), np.zeros((3, horizon))
    for days, weight, deficit in (
        _pending(told, shop, law, today, horizon),
        _on_the_road(told, law, today, horizon),
        _not_sent(told, law, today, horizon),
        _not_paid(told, today, horizon),
    ):
        # ``days`` has a row of daily rating chances per order or group, ``weight`` orders each.
        chance = np.cumsum(days, axis=1)
        total = weight @ chance
        ratings += told.given[:, None] * total[None, :]
        deficits += told.given[:, None] * ((deficit * weight[:, None]).T @ chance)
    return ratings, deficits


Part = tuple[Floats, Floats, Floats]


def _pending(told: Oracle, shop: Shop, law: OrderLaw, today: int, horizon: int) -> Part:
    days, rows = pending_chances(told, shop, law, today, horizon)
    return days, np.ones(len(rows)), law.deficit[rows]


def pending_chances(
    told: Oracle, shop: Shop, law: OrderLaw, today: int, horizon: int
) -> tuple[Floats, Ints]:
    """Chance of a counted rating on each coming day for the completed, unrated orders."""
    rated_on = np.full(len(law.paid), 9999, dtype=np.int64)
    rated_on[shop.rating_order] = shop.rated.astype(np.int64)
    waiting = (law.completed >= 0) & (law.completed <= today) & (rated_on > today)
    rows = np.flatnonzero(waiting & (today - law.completed < len(told.delays)))
    age = today - law.completed[rows]
    past = np.concatenate([[0.0], np.cumsum(told.delays)])
    still = 1 - law.rated[rows] * past[age + 1]
    at = age[:, None] + np.arange(1, horizon + 1)
    density = np.where(
        at < len(told.delays), told.delays[np.minimum(at, len(told.delays) - 1)], 0.0
    )
    days = density * (law.rated[rows] / still)[:, None]
    if told.law.kind == "repeat_buyers":
        days *= _room(shop, rows, today, float(law.rated.mean()))[:, None]
    return days, rows


def _room(shop: Shop, rows: Ints, today: int, share: float) -> Floats:
    inputs = forecast_inputs_of(shop)
    known = inputs.ratings.filter(pl.Series(shop.rated < today + 1))
    spans = counted_spans(known, ShopSettings())
    return cap_room(inputs.trades[rows], spans, share)


def _rated_after(told: Oracle, completing: Floats) -> Floats:
    """Rating chances per day ahead from completion chances per day ahead."""
    days = np.zeros_like(completing)
    horizon = completing.shape[1]
    for delay, chance in enumerate(told.delays[:horizon]):
        days[:, delay:] += completing[:, : horizon - delay] * chance
    return days


def _on_the_road(told: Oracle, law: OrderLaw, today: int, horizon: int) -> Part:
    """Shipped orders: their facts are known, their completion follows the law of transit."""
    moving = (law.completed < 0) | (law.completed > today)
    moving &= (law.shipped <= today) & (law.completed >= 0)
    rows = np.flatnonzero(moving)
    every = told.orders
    done = every.completed >= 0
    transit = np.bincount((every.completed - every.shipped)[done], minlength=40) * 1.0
    at = (today - law.shipped[rows])[:, None] + np.arange(1, horizon + 1)
    density = np.where(at < len(transit), transit[np.minimum(at, len(transit) - 1)], 0.0)
    tail = np.append(transit[::-1].cumsum()[::-1], 0.0)
    left = tail[np.minimum(today - law.shipped[rows] + 1, len(tail) - 1)]
    completing = density / np.maximum(left, 1)[:, None]
    days = _rated_after(told, completing) * law.rated[rows][:, None]
    return days * told.counted[law.paid[rows]][:, None], np.ones(len(rows)), law.deficit[rows]


def _groups(
    told: Oracle, every: OrderLaw, chosen: Ints, span: tuple[int, int], today: int, horizon: int
) -> Part:
    """Measured orders by payment day: rating chances per order, and their mean deficits."""
    first, last = span
    length = last - first + 1
    group = every.paid[chosen] - first
    weight = every.rated[chosen]
    ahead = every.completed[chosen] - today - 1
    comes = (ahead >= 0) & (ahead < horizon)
    cell = group[comes] * horizon + ahead[comes]
    size = np.maximum(np.bincount(group, minlength=length), 1)
    completing = np.bincount(cell, weights=weight[comes], minlength=length * horizon)
    rated = np.maximum(np.bincount(group, weights=weight, minlength=length), 1e-9)
    deficit = np.stack(
        [
            np.bincount(group, weights=weight * column, minlength=length) / rated
            for column in every.deficit[chosen].T
        ],
        axis=1,
    )
    days = _rated_after(told, completing.reshape(length, horizon) / size[:, None])
    counted = told.counted[np.minimum(np.arange(first, last + 1), DAYS - 1)]
    return days * counted[:, None], size * 1.0, deficit


def _not_sent(told: Oracle, law: OrderLaw, today: int, horizon: int) -> Part:
    first = today - 25
    every = told.orders

    def waits(orders: OrderLaw) -> npt.NDArray[np.bool_]:
        back = (orders.completed < 0) & (orders.given_back <= today)
        sent = (orders.shipped <= today) & (orders.completed >= 0)
        return (orders.paid >= first) & (orders.paid <= today) & ~back & ~sent

    chosen = np.flatnonzero(waits(every))
    days, _, deficit = _groups(told, every, chosen, (first, today), today, horizon)
    number = np.bincount(law.paid[waits(law)] - first, minlength=today - first + 1)
    return days, number.astype(np.float64), deficit


def _not_paid(told: Oracle, today: int, horizon: int) -> Part:
    last = min(today + horizon, DAYS - 1)
    every = told.coming
    chosen = np.flatnonzero((every.paid > today) & (every.paid <= last))
    days, number, deficit = _groups(told, every, chosen, (today + 1, last), today, horizon)
    return days, np.asarray(number / told.coming_times, dtype=np.float64), deficit
