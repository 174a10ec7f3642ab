"""How often verdicts cry for nothing, and how fast they tell a change, against other ways.

``python -m benchmarks alarms``. Steady shops of three sizes for 120 days after half a year of
past, a third of them within a point of their targets; planted changes on shops of 30 orders a
day; weekdays that differ and days of surge. The shops of tuning had other seeds.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from itertools import pairwise
from math import log
from multiprocessing import get_context
from statistics import median
from typing import Any

import numpy as np
import polars as pl

from benchmarks.alarm_peers import PEERS
from benchmarks.alarm_shops import (
    PLANTED,
    PROCESSES,
    START,
    TARGETS,
    Planted,
    Process,
    drawn,
    information,
    near_targets,
    with_weekdays,
)
from benchmarks.report import Row
from benchmarks.worlds import Size
from metrics.views.health.families import higher_is_better
from metrics.views.health.verdicts import history

#: Seeds under 100 were looked at when limits were set.
SEED = 20_261_201
ORDERS = (10, 30, 120)
SHOPS, PLANTED_SHOPS = 14, 40
PAST, WATCHED = 180, 120
PER_MONTH = 28 / WATCHED
OURS = "ours"
#: Double 11 three times as busy, and everything slips.
SURGE = {PAST + 40: 2.0, PAST + 41: 5.5, PAST + 42: 1.7}


def measured(size: Size, repeats: int) -> list[Row]:
    """Rows of the benchmark; the size asked for does not matter here."""
    _ = size, repeats
    tasks = [(orders, shop) for orders in ORDERS for shop in range(SHOPS)]
    # Polars does not survive a fork.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        steady = list(pool.map(_steady, *zip(*tasks, strict=True)))
        found = list(pool.map(_planted, range(PLANTED_SHOPS)))
    return [*_steady_rows(steady), *_planted_rows(found, _false_rates(steady))]


def _steady(orders: int, shop: int) -> dict[str, Any]:
    """False onsets of one steady shop: of verdicts, of our worsenings and of each peer."""
    rng = np.random.default_rng((SEED, orders, shop))
    kind = shop % 3
    processes: Mapping[str, Process] = near_targets(rng) if kind == 0 else PROCESSES
    surge = SURGE if kind == 2 else None
    processes = with_weekdays(processes, 0.1) if kind else processes
    families = {
        name: drawn(rng, name, each, orders=orders, days=PAST + WATCHED, surge=surge)
        for name, each in processes.items()
    }
    events = [(START + timedelta(min(SURGE)), START + timedelta(max(SURGE)))] if surge else []
    told = history(pl.concat(families.values()), targets=TARGETS, left_out=events)
    return {
        "orders": orders,
        "verdicts": _turned(told, "verdict", ("watch", "act")),
        OURS: _turned(told, "change", ("worse",)),
        # Peers know no events: they see the shop without its days of surge.
        **{
            method: {name: len(_peer(method, name, rows)) for name, rows in families.items()}
            for method in PEERS
            if surge is None
        },
    }


def _turned(told: pl.DataFrame, column: str, loud: tuple[str, ...]) -> dict[str, int]:
    """By family, how often it turned loud in the days that are watched."""
    counts = {}
    for (name,), rows in told.group_by("family"):
        said = rows.filter(pl.col("day") >= START + timedelta(PAST - 1))[column].is_in(loud)
        counts[str(name)] = sum(now and not before for before, now in pairwise(said))
    return counts


def _peer(method: str, family: str, rows: pl.DataFrame) -> list[int]:
    """Days of a peer's onsets, counted from the first day that is watched."""
    some = rows.filter(pl.col("n") > 0)
    values, n = (some["total"] / some["n"]).to_numpy(), some["n"].to_numpy()
    worse = 1 if PROCESSES[family].law == "count" else -1
    if PROCESSES[family].law != "count" and not higher_is_better(PROCESSES[family].metric):
        worse = 1
    days = (some["day"] - START).dt.total_days().to_list()
    return [days[at] - PAST for at in PEERS[method](values, n, worse) if days[at] >= PAST]


def _planted(shop: int) -> dict[tuple[str, str], int | None]:
    """By change and method, the days until it was told (1 = the same day), None if never."""
    rng = np.random.default_rng((SEED, 1, shop))
    found: dict[tuple[str, str], int | None] = {}
    for planted in PLANTED:
        process = PROCESSES[planted.family]
        rows = drawn(
            rng, planted.family, process, orders=30, days=PAST + WATCHED, changed=(PAST, planted.of)
        )
        said = history(rows, targets={})
        told = said.filter(pl.col("change") == "worse", pl.col("day") >= START + timedelta(PAST))
        days = (told["day"] - START).dt.total_days().to_list()
        found[planted.told, OURS] = days[0] - PAST + 1 if days else None
        found[planted.told, "onsets"] = _turned(said, "change", ("worse",))[planted.family]
        for method in PEERS:
            first = _peer(method, planted.family, rows)
            found[planted.told, method] = first[0] + 1 if first else None
    return found


def _false_rates(steady: list[dict[str, Any]]) -> dict[str, float]:
    """Our false worsenings by family, of shops of 30 orders, per day."""
    shops = [each[OURS] for each in steady if each["orders"] == 30]
    # Half an onset more, so that a family without any has no endless patience.
    return {
        name: (sum(shop.get(name, 0) for shop in shops) + 0.5) / (len(shops) * WATCHED)
        for name in PROCESSES
    }


def _steady_rows(steady: list[dict[str, Any]]) -> Iterator[Row]:
    for method in ("verdicts", OURS, *PEERS):
        row: Row = {"what": f"false onsets: {method}"}
        for orders in ORDERS:
            shops = [each[method] for each in steady if each["orders"] == orders and method in each]
            onsets = sum(sum(shop.values()) for shop in shops)
            row[f"{orders} orders"] = onsets * PER_MONTH / len(shops)
        yield row | {"notes": "per shop and 28 days, all ten families together"}


def _planted_rows(
    found: list[dict[tuple[str, str], int | None]], false_rates: Mapping[str, float]
) -> Iterator[Row]:
    for planted in PLANTED:
        yield _planted_row(planted, found, false_rates[planted.family])
    for method in PEERS:
        row: Row = {"what": f"median delay: {method}"}
        for planted in PLANTED:
            row[planted.told] = _median([each[planted.told, method] for each in found])
        yield row


def _planted_row(
    planted: Planted, found: list[dict[tuple[str, str], int | None]], false_rate: float
) -> Row:
    days = [each[planted.told, OURS] for each in found]
    onsets = [each[planted.told, "onsets"] or 0 for each in found]
    process = PROCESSES[planted.family]
    limit = log(1 / false_rate) / information(process, planted.of, orders=30)
    within = sum(day is not None and day <= max(2 * limit, 2) for day in days) / len(days)
    return {
        "what": f"delay: {planted.told}",
        "median days": _median(days),
        "limit": limit,
        "ratio": _median(days) / limit,
        "within twice the limit": within,
        "onsets each": sum(onsets) / len(onsets),
    }


def _median(days: list[int | None]) -> float:
    return float(median(WATCHED + 1 if day is None else day for day in days))
