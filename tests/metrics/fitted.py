"""Small shops for the tests of the forecast."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

import polars as pl

from metrics.forecast.scores import ForecastInputs, forecast_inputs
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from tests.frames import shop_tables

Row = dict[str, Any]
Stars = tuple[int | None, int | None, int | None]
#: A rating's day, stars and buyer, and how many days before it the order arrived.
Traded = tuple[int, Stars, str | None, int]
SETTINGS = ShopSettings()
JAN_1 = datetime(2024, 1, 1, 9)
DAY = timedelta(days=1)


def collected(tables: ShopTables, settings: ShopSettings = SETTINGS) -> ForecastInputs:
    """What a caller hands to the forecast."""
    frames = forecast_inputs(tables, settings)
    return ForecastInputs(**dict(zip(frames, pl.collect_all(frames.values()), strict=True)))


def inputs(**tables: Iterable[Mapping[str, Any]]) -> ForecastInputs:
    """The inputs of literal rows."""
    return collected(shop_tables(covers=None, **tables))


def rating(day: float, stars: Stars, **more: Any) -> Row:
    """A rating so many days after 1 January, 09:00, of an order named after its time."""
    row = {"rated_at": JAN_1 + day * DAY, "order_id": f"rated {day}"} | more
    return row | dict(zip(("description", "service", "logistics"), stars, strict=True))


def traded(ratings: Iterable[Traded]) -> tuple[list[Row], list[Row]]:
    """Ratings with the orders they are of: "o0", "o1" and so on."""
    rows, orders = [], []
    for nth, (day, stars, buyer, delay) in enumerate(ratings):
        number = {"order_id": f"o{nth}"}
        rows.append(rating(day, stars) | number | {"buyer": buyer})
        orders.append(number | {"received_at": JAN_1 + (day - delay) * DAY})
    return rows, orders


def all_five(days: Iterable[float], **more: Any) -> list[Row]:
    """One five-star rating in each dimension on each of these days."""
    return [rating(day, (5, 5, 5), **more) for day in days]


def little_shop(
    *, seed: int, days: int = 220, a_day: int = 3, late_hurts: bool = True
) -> dict[str, list[Row]]:
    """Rows of a shop of a few hundred orders: late parcels, refunds, skipped dimensions."""
    dice = Random(seed)
    orders: list[Row] = []
    ratings: list[Row] = []
    refunds: list[Row] = []
    for nth in range(days * a_day):
        paid = JAN_1 + dice.random() * days * DAY
        late = dice.random() < 0.2
        shipped = paid + (dice.uniform(3, 5) if late else dice.uniform(0.2, 1.8)) * DAY
        received = shipped + dice.choice([2, 3, 4, 10]) * DAY
        order = {"order_id": f"o{nth}", "buyer": f"b{dice.randrange(days)}", "paid_at": paid}
        order |= {"created_at": paid, "ship_by": paid + 2 * DAY, "shipped_at": shipped}
        orders.append(order | {"received_at": received, "title": f"item {nth % 4}"})
        if dice.random() < 0.05:
            asked = received - 0.5 * DAY
            row = {"refund_id": f"r{nth}", "order_id": f"o{nth}", "asked_at": asked}
            refunds.append(row | {"ended_at": asked + DAY, "outcome": "closed"})
        if dice.random() < 0.5:
            unhappy = 0.5 if late and late_hurts else 0.08
            stars = [dice.choice([1, 2, 3, 4]) if dice.random() < unhappy else 5 for _ in "123"]
            row = rating(0, (stars[0], stars[1] if nth % 7 else None, stars[2]))
            rated = received + dice.choice([0.1, 1, 2, 5, 9]) * DAY
            ratings.append(row | {"order_id": f"o{nth}", "rated_at": rated})
    return {"orders": orders, "ratings": ratings, "refunds": refunds}
