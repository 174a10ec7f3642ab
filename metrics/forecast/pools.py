"""Pools: groups of orders that may bring a rating, and when.

Each source of new ratings (completed orders, orders on their way, orders not placed yet) is a
:class:`Pool` of groups that share their chances to be rated on each of the coming days.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.forecast.rating_delay import Hazard

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SourceName = Literal["pending", "in_flight", "future"]
SOURCES: tuple[SourceName, ...] = ("pending", "in_flight", "future")
NO_GROUPS: Ints = np.zeros(0, dtype=np.int64)


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
    #: With the columns of ``metrics.forecast.in_flight.late_outlook``.
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


def share_doubt(rate: Hazard) -> float:
    """Relative variance of the rated share: few orders seen, and habits that change."""
    share = max(rate.share, 0.01)
    return min((1 - share) / (share * max(rate.observed, 1.0)) * 2 + 0.001, 0.5)


def after(first: Floats, density: Floats) -> Floats:
    """Chances of a second event, per day ahead, when it follows the first by ``density``."""
    horizon = first.shape[1]
    result = np.zeros_like(first)
    for delay, chance in enumerate(density[:horizon]):
        result[:, delay:] += first[:, : horizon - delay] * chance
    return result
