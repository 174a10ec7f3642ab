"""Shops whose truth is known, day by day: steady ones, and ones where one thing changes.

Counts are drawn per day as metrics count them, not row by row: buyers come by the weekday, people
answer, buy and rate by a law with days that scatter more than the law. No part of the product is
used, so that it is judged by what it never saw.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
#: The first day of every simulated shop, a Monday.
START = date(2024, 1, 1)
#: Of ratings with fewer than five stars, how many stars are missed: 1 to 4.
MISSED = np.array([0.64, 0.18, 0.07, 0.11])
WINDOW = 180


@dataclass(frozen=True)
class Process:
    """One family of a shop: what is counted, and how it scatters."""

    metric: str
    law: str
    #: Observations for each order of the shop.
    per_order: float
    mean: float
    #: Variance of a day of about 30 orders over that of its law; of means, the deviation of one
    #: observation over the mean.
    scatter: float
    #: How far weekdays lie apart, in deviations of one observation.
    weekday: float = 0.0


PROCESSES: Mapping[str, Process] = {
    "reply": Process("reply_rate", "share", 2.0, 0.96, 1.4),
    "speed": Process("response_time_platform", "mean", 5.0, 45.0, 1.6),
    "conversion": Process("inquiry_conversion", "share", 1.2, 0.40, 1.3),
    "spend": Process("unit_price", "mean", 1.0, 120.0, 0.8),
    "shipping": Process("same_day_shipping_rate", "share", 1.0, 0.60, 1.5),
    "refunds_asked": Process("refund_rate", "share", 1.0, 0.08, 1.1),
    "refunds_kept": Process("refund_retention", "share", 0.085, 0.45, 1.0),
    "dsr_description": Process("dsr_description", "count", 0.4, 0.20, 1.0),
    "dsr_service": Process("dsr_service", "count", 0.4, 0.17, 1.0),
    "dsr_logistics": Process("dsr_logistics", "count", 0.4, 0.22, 1.0),
}
TARGETS = {
    "reply_rate": 0.95,
    "response_time_platform": 60.0,
    "dsr_description": 4.8,
    "dsr_service": 4.8,
    "dsr_logistics": 4.8,
}


@dataclass(frozen=True)
class Planted:
    """A change of one family's mean on one day that stays."""

    family: str
    told: str
    of: Callable[[float], float]


PLANTED = (
    Planted("reply", "reply rate −5 points", lambda mean: mean - 0.05),
    Planted("reply", "reply rate −10 points", lambda mean: mean - 0.10),
    Planted("speed", "response +50 %", lambda mean: mean * 1.5),
    Planted("conversion", "conversion −25 %", lambda mean: mean * 0.75),
    Planted("spend", "unit price −15 %", lambda mean: mean * 0.85),
    Planted("refunds_asked", "refunds asked +60 %", lambda mean: mean * 1.6),
    Planted("refunds_kept", "refunds kept −15 points", lambda mean: mean - 0.15),
    Planted("dsr_service", "0.15 stars less", lambda mean: mean + 0.15),
)


def near_targets(rng: np.random.Generator) -> dict[str, Process]:
    """A shop whose every target lies within a point of what it does (stars: a hundredth)."""
    near = dict(PROCESSES)
    near["reply"] = replace(near["reply"], mean=0.95 + rng.uniform(-0.01, 0.01))
    near["speed"] = replace(near["speed"], mean=60 + rng.uniform(-1, 1))
    for family in ("dsr_description", "dsr_service", "dsr_logistics"):
        near[family] = replace(near[family], mean=0.2 + rng.uniform(-0.01, 0.01))
    return near


def with_weekdays(processes: Mapping[str, Process], apart: float) -> dict[str, Process]:
    """The same shop with weekdays that differ."""
    return {name: replace(each, weekday=apart) for name, each in processes.items()}


def drawn(
    rng: np.random.Generator,
    family: str,
    process: Process,
    *,
    orders: float,
    days: int,
    changed: tuple[int, Callable[[float], float]] | None = None,
    surge: Mapping[int, float] | None = None,
) -> pl.DataFrame:
    """One family of one shop, in the columns of ``metrics.views.health.cells.CELLS``.

    Args:
        rng: Of chance.
        family: Its name.
        process: Its law.
        orders: The shop's orders a day.
        days: How many.
        changed: From which day on, and what becomes of the mean.
        surge: By day, how many times the usual trade; everything slips on such days.
    """
    weekday = np.arange(days) % 7
    times = np.array([(surge or {}).get(day, 1.0) for day in range(days)])
    trade = orders * process.per_order * (1 + 0.15 * np.sin(2 * np.pi * weekday / 7)) * times
    n = rng.poisson(trade * rng.gamma(25, 1 / 25, days)).astype(np.float64)
    mean = _means(process, weekday, times)
    if changed:
        mean[changed[0] :] = [changed[1](each) for each in mean[changed[0] :]]
    total = _totals(rng, process, n, mean, per_day=30 * process.per_order)
    frame = pl.DataFrame(
        {
            "family": [family] * days,
            "metric": [process.metric] * days,
            "day": [START + timedelta(day) for day in range(days)],
            "total": total,
            "n": n,
        }
    )
    if process.law != "count":
        blank = pl.lit(None, pl.Float64)
        return frame.filter(pl.col("n") > 0).with_columns(score=blank, ratings=blank)
    in_window = (pl.col(name).rolling_sum(WINDOW, min_samples=1) for name in ("total", "n"))
    missed, ratings = in_window
    return frame.with_columns(score=5 - missed / ratings, ratings=ratings)


def _means(process: Process, weekday: npt.NDArray[np.int64], times: Floats) -> Floats:
    """The mean of each day: weekdays lie apart, and on a day of surge everything slips."""
    one = {"share": (process.mean * (1 - process.mean)) ** 0.5, "mean": process.mean}
    apart = process.weekday * one.get(process.law, process.mean) * np.cos(2 * np.pi * weekday / 7)
    worse = 1 if process.metric in ("response_time_platform", "refund_rate") else -1
    slip = worse * 0.25 * one.get(process.law, -process.mean) * (times > 1)
    means: Floats = process.mean + apart + slip
    return np.clip(means, 0.001, 0.999) if process.law == "share" else means


def _totals(
    rng: np.random.Generator, process: Process, n: Floats, mean: Floats, *, per_day: float
) -> Floats:
    """What is counted of each day's observations."""
    match process.law:
        case "share":
            # Days that scatter more than people do: beta-binomial.
            extra = (process.scatter - 1) / max(per_day - 1, 1)
            share = mean
            if extra > 0:
                weight = 1 / extra - 1
                share = rng.beta(mean * weight, (1 - mean) * weight)
            return rng.binomial(n.astype(np.int64), share).astype(np.float64)
        case "mean":
            day = rng.gamma(400, 1 / 400, len(n))
            shape = np.maximum(n, 1) / process.scatter**2
            return np.where(n > 0, rng.gamma(shape, mean * day * process.scatter**2), 0.0)
        case _:
            stars = np.arange(1, 5)
            low = np.clip(mean / float(MISSED @ stars), 0, 1)
            mixes = np.column_stack([1 - low, low[:, None] * MISSED])
            counts = [rng.multinomial(int(k), mix) for k, mix in zip(n, mixes, strict=True)]
            return np.array([float(count[1:] @ stars) for count in counts])


def information(process: Process, changed: Callable[[float], float], *, orders: float) -> float:
    """Kullback-Leibler information of one day about a change: what any detector has to go on."""
    before, after, n = process.mean, changed(process.mean), orders * process.per_order
    match process.law:
        case "share":
            kept = after * np.log(after / before)
            one = (kept + (1 - after) * np.log((1 - after) / (1 - before))) / process.scatter
        case "mean":
            ratio = after / before
            one = (ratio - 1 - np.log(ratio)) / process.scatter**2
        case _:
            stars = np.arange(1, 5)
            dispersion = float(MISSED @ stars**2) / float(MISSED @ stars)
            one = (after * np.log(after / before) - (after - before)) / dispersion
    return float(n * one)
