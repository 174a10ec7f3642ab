"""Simulated shops whose truth is known: orders, their facts and their ratings, all as arrays.

The stars and the delays come from ``sample_data.rating_process``; this module adds what happens
before a rating: payment, shipping, completion, refunds and waits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.forecast.inputs import ForecastInputs
from sample_data.rating_process import RatingHabits, TradeFacts, draw_ratings
from store.schemas import DSR_DIMENSIONS
from store.settings import Campaign, ShopSettings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Times = npt.NDArray[np.datetime64]

KINDS = ("steady", "drifting", "campaign", "tiny", "repeat_buyers", "partial_raters")
FIRST_DAY = date(2024, 1, 1)
DAYS = 471
#: Origins: weekly, after about a year of history.
FIRST_ORIGIN = 360
_SECONDS = 86_400
_PROMISE_DAYS = 2.0
_AUTO_CONFIRM_DAYS = 10.0
_CAMPAIGN_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class ShopLaw:
    """What is true of a shop: every rate and habit, no draw."""

    kind: str
    habits: RatingHabits
    #: Expected orders per day, weekday and campaign included.
    orders: Floats
    #: Shape of the gamma that scatters each day's rate; high = even.
    evenness: float
    #: Chance of a late parcel and mean days it is late, per payment day.
    late_chance: Floats
    late_days: Floats
    #: Contentment shift per payment day and dimension.
    shift: Floats
    products: Floats
    buyers: int
    buyer_spread: float
    campaign_first: int | None = None
    campaign_orders: int = 0

    @property
    def settings(self) -> ShopSettings:
        """What the owner would have entered."""
        if self.campaign_first is None:
            return ShopSettings()
        first = FIRST_DAY + timedelta(days=self.campaign_first)
        last = first + timedelta(days=_CAMPAIGN_DAYS - 1)
        campaign = Campaign(name="sale", first=first, last=last, orders=self.campaign_orders)
        return ShopSettings(campaigns=(campaign,))


@dataclass(frozen=True)
class Shop:
    """One thrown shop: arrays over orders in payment order, and its ratings."""

    law: ShopLaw
    #: Days since ``FIRST_DAY`` with fraction.
    paid: Floats
    shipped: Floats
    #: NaN where the order was given back before it completed.
    completed: Floats
    refund_asked: Floats
    refund_ended: Floats
    refund_refused: npt.NDArray[np.bool_]
    product: Ints
    buyer: Ints
    facts: TradeFacts
    rating_order: Ints
    rated: Floats
    stars: npt.NDArray[np.int8]


def laws(shops: int, seed: int) -> Iterator[ShopLaw]:
    """Laws of ``shops`` shops, the kinds in turn."""
    for at in range(shops):
        yield shop_law(KINDS[at % len(KINDS)], np.random.default_rng([seed, at]))


def shop_law(kind: str, rng: np.random.Generator) -> ShopLaw:
    """A law of one kind with its own size, mix, delays and habits."""
    base = {"tiny": rng.uniform(2, 6), "repeat_buyers": rng.uniform(20, 50)}.get(
        kind, rng.uniform(15, 90)
    )
    week = rng.dirichlet(np.full(7, 60.0)) * 7
    trend = np.exp(np.cumsum(rng.normal(0, 0.008, DAYS)))
    orders = base * week[np.arange(DAYS) % 7] * trend
    late_chance = np.full(DAYS, rng.uniform(0.03, 0.12))
    late_days = np.full(DAYS, rng.uniform(1.0, 2.0))
    law = ShopLaw(
        kind=kind,
        habits=_habits(kind, rng),
        orders=orders,
        evenness=rng.uniform(6, 30),
        late_chance=late_chance,
        late_days=late_days,
        shift=np.zeros((DAYS, 3)),
        products=rng.normal(0, 0.22, 14),
        buyers=max(int(orders.sum() * (0.06 if kind == "repeat_buyers" else 0.75)), 5),
        buyer_spread=rng.uniform(0.15, 0.45),
    )
    if kind == "drifting":
        return replace(law, shift=_drift(rng))
    return _with_campaign(law, rng) if kind == "campaign" else law


def _habits(kind: str, rng: np.random.Generator) -> RatingHabits:
    usual = RatingHabits()
    decay = rng.uniform(0.7, 0.88)
    delays = np.concatenate([[rng.uniform(0.05, 0.25)], 0.22 * decay ** np.arange(15)])
    delays[-1] += rng.uniform(0, 0.06)
    mixes = {}
    for name, mix in usual.mixes.items():
        low = np.array(mix[:4]) * rng.uniform(0.35, 1.4)
        one, two, three, four = (float(share) for share in low)
        mixes[name] = (one, two, three, four, 1 - float(low.sum()))
    partial = kind == "partial_raters"
    skipped = tuple(rng.uniform(0.15, 0.7, 3) if partial else rng.uniform(0, 0.1, 3))
    return RatingHabits(
        rated_share=float(rng.uniform(0.2, 0.6)),
        delay_weights=tuple(delays / delays.sum()),
        skipped=(float(skipped[0]), float(skipped[1]), float(skipped[2])),
        mixes=mixes,
        trouble_odds=float(rng.uniform(1.0, 1.6)),
    )


def _drift(rng: np.random.Generator) -> Floats:
    """A slide or a recovery over some months, by 0.02 to 0.08 stars, in each dimension its own."""
    day = np.arange(DAYS)[:, None]
    middle = rng.uniform(FIRST_ORIGIN - 80, FIRST_ORIGIN + 70, 3)
    length = rng.uniform(30, 60, 3)
    height = rng.choice([-1, 1], 3) * rng.uniform(0.06, 0.18, 3)
    return np.asarray(height / (1 + np.exp(-(day - middle) / length)))


def _with_campaign(law: ShopLaw, rng: np.random.Generator) -> ShopLaw:
    """Three days of five to nine times the orders, shipped late by an overrun warehouse."""
    first = int(rng.integers(FIRST_ORIGIN - 20, FIRST_ORIGIN + 70))
    days = slice(first, first + _CAMPAIGN_DAYS)
    orders, chance, late = law.orders.copy(), law.late_chance.copy(), law.late_days.copy()
    extra = orders[days] * rng.uniform(4, 8)
    orders[days] += extra
    chance[days] = rng.uniform(0.3, 0.6)
    late[days] = rng.uniform(2, 4)
    return replace(
        law,
        orders=orders,
        late_chance=chance,
        late_days=late,
        campaign_first=first,
        campaign_orders=int(extra.sum() * rng.uniform(0.8, 1.25)),
    )


def thrown(law: ShopLaw, rng: np.random.Generator, *, times: float = 1.0) -> Shop:
    """One shop under the law; ``times`` throws as many orders, evenly, to measure expectations."""
    rate = law.orders * times
    if times == 1.0:
        rate = rate * rng.gamma(law.evenness, 1 / law.evenness, DAYS)
    day = np.repeat(np.arange(DAYS), rng.poisson(rate))
    count = len(day)
    paid = np.sort(day + rng.beta(2.2, 1.6, count) * 0.999)
    day = paid.astype(np.int64)
    late = rng.random(count) < law.late_chance[day]
    in_time = np.minimum(rng.gamma(2.0, 0.35, count), _PROMISE_DAYS)
    beyond = rng.exponential(law.late_days[day])
    shipped = paid + np.where(late, _PROMISE_DAYS + beyond, in_time)
    transit = 1.5 + rng.gamma(3.0, 0.6, count)
    own_hand = rng.random(count) < 0.4
    confirm = np.where(own_hand, transit + rng.exponential(1.2, count), _AUTO_CONFIRM_DAYS)
    completed = shipped + np.minimum(confirm, _AUTO_CONFIRM_DAYS)
    given_back = rng.random(count) < 0.05
    asked, ended, refused = _refunds(paid, shipped, completed, given_back, rng)
    completed[given_back] = np.nan
    product = rng.choice(len(law.products), count, p=_zipf(len(law.products)))
    buyer, strictness = _buyers(law, count, rng)
    state = np.where(asked <= completed, 1, 0)
    state = np.where(ended <= completed, np.where(refused, 3, 2), state)
    waited = np.where(rng.random(count) < 0.25, rng.exponential(260, count), 0.0)
    facts = TradeFacts(
        completed_at=_moments(np.where(given_back, 0.0, completed)),
        days_late=np.maximum(shipped - paid - _PROMISE_DAYS, 0),
        wait_seconds=waited,
        refund=state.astype(np.int8),
        product=law.products[product],
        buyer=strictness,
        shift=law.shift[day],
    )
    draws = draw_ratings(facts, law.habits, rng)
    real = ~given_back[draws.order]
    rated = (draws.rated_at - np.datetime64(FIRST_DAY, "us")).astype(np.int64) / 1e6 / _SECONDS
    return Shop(
        law, paid, shipped, completed, asked, ended, refused, product, buyer, facts,
        draws.order[real], rated[real], draws.stars[real],
    )  # fmt: skip


def _zipf(count: int) -> Floats:
    weights = 1 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum())


def _buyers(law: ShopLaw, count: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Buyer of each order; of heavy repeat buyers some order every few days."""
    appetite = rng.pareto(1.6, law.buyers) + 0.2 if law.kind == "repeat_buyers" else None
    shares = None if appetite is None else appetite / appetite.sum()
    buyer = rng.choice(law.buyers, count, p=shares).astype(np.int64)
    strictness = rng.normal(0, law.buyer_spread, law.buyers)
    return buyer, strictness[buyer]


def _refunds(
    paid: Floats,
    shipped: Floats,
    completed: Floats,
    given_back: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Application and end of refunds; NaN where there is none."""
    count = len(paid)
    some = given_back | (rng.random(count) < 0.06)
    before = paid + rng.random(count) * (shipped - paid)
    on_the_way = shipped + (0.4 + 0.6 * rng.random(count)) * (completed - shipped)
    asked = np.where(some, np.where(given_back, before, on_the_way), np.nan)
    ended = asked + rng.exponential(np.where(given_back, 0.3, 1.5))
    refused = rng.random(count) < 0.3
    return asked, ended, refused & ~given_back


def _moments(days: Floats) -> Times:
    seconds = np.round(np.nan_to_num(days) * _SECONDS).astype(np.int64)
    moments: Times = np.datetime64(FIRST_DAY, "us") + seconds.astype("timedelta64[s]")
    return moments


def _column(days: Floats, known: npt.NDArray[np.bool_] | None = None) -> pl.Series:
    moments = pl.Series(_moments(days)).cast(pl.Datetime("us"))
    missing = np.isnan(days) if known is None else ~known
    return pl.select(pl.when(~pl.Series(missing)).then(moments)).to_series()


def forecast_inputs_of(shop: Shop) -> ForecastInputs:
    """The shop as the model sees it."""
    count = len(shop.paid)
    names = pl.Series(np.arange(count)).cast(pl.String).str.zfill(9)
    buyers = pl.format("buyer {}", pl.Series(shop.buyer))
    trades = pl.DataFrame(
        {
            "order_id": names,
            "created_at": _column(shop.paid),
            "paid_at": _column(shop.paid),
            "shipped_at": _column(np.where(np.isnan(shop.completed), np.nan, shop.shipped)),
            "ship_by": _column(shop.paid + _PROMISE_DAYS),
            "received_at": _column(shop.completed),
            "status": np.where(np.isnan(shop.completed), "closed", "finished"),
            "buyer": pl.select(buyers).to_series(),
            "item": pl.Series(shop.product).cast(pl.String),
        }
    ).select(pl.int_range(count, dtype=pl.Int64).alias("trade"), pl.all())
    order = shop.rating_order
    ratings = pl.DataFrame(
        {
            "trade": order,
            "rated_at": _column(shop.rated),
            "order_id": names.gather(order),
            "nth": np.zeros(len(order), dtype=np.int16),
            **{
                name: pl.Series(shop.stars[:, at]).replace({0: None})
                for at, name in enumerate(DSR_DIMENSIONS)
            },
            "buyer": trades["buyer"].gather(order),
            "completed_at": trades["received_at"].gather(order),
            "closed": np.zeros(len(order), dtype=np.bool_),
        }
    )
    asked = np.flatnonzero(~np.isnan(shop.refund_asked))
    refunds = pl.DataFrame(
        {
            "trade": asked,
            "asked_at": _column(shop.refund_asked[asked]),
            "ended_at": _column(shop.refund_ended[asked]),
            "outcome": np.where(shop.refund_refused[asked], "closed", "success"),
        }
    ).sort("asked_at")
    waited = np.flatnonzero(shop.facts.wait_seconds > 120)
    waits = pl.DataFrame(
        {
            "trade": waited,
            "at": _column(shop.paid[waited]),
            "wait_s": shop.facts.wait_seconds[waited],
        }
    )
    days = {"day": pl.Date, "dimension": pl.String, "count": pl.Int64, "stars": pl.Int64}
    snapshots = {"day": pl.Date, "dimension": pl.String, "score": pl.Float64}
    return ForecastInputs(
        ratings, trades, refunds, waits, pl.DataFrame(schema=days), pl.DataFrame(schema=snapshots)
    )
