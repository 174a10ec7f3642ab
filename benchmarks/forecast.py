"""Accuracy and speed of the forecast against the limit that an all-knowing one could reach.

Run ``python -m benchmarks.forecast [--shops N] [--seeds N N]``; prints tables and writes the JSON
beside them. The model's priors were chosen on shops of seeds 7 and 101; the seeds reported
(``SEEDS``) had no part in that.
What the kinds of shops are is said in ``forecast_shops``, what the oracle knows in
``forecast_oracle``.
"""

import argparse
import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.forecast_oracle import (
    Oracle,
    OrderLaw,
    as_it_stands,
    expected_new,
    oracle,
    order_law,
    pending_chances,
)
from benchmarks.forecast_scores import calls, gates, summary
from benchmarks.forecast_shops import (
    FIRST_DAY,
    FIRST_ORIGIN,
    KINDS,
    Shop,
    forecast_inputs_of,
    shop_law,
    thrown,
)
from benchmarks.forecast_speed import speed
from metrics.forecast.backtest import HORIZONS
from metrics.forecast.bands import QUANTILES
from metrics.forecast.scores import FittedForecast, entries_of, fitted
from metrics.forecast.worth_a_call import worth_a_call
from metrics.ratings.expiry import scores_on
from store.schemas import DSR_DIMENSIONS

#: Shops that nothing was tuned on.
SEEDS = (11, 23)
ORIGINS = tuple(FIRST_ORIGIN + 7 * at for at in range(12))
#: Levels whose mean pinball loss, doubled, stands for the CRPS.
_LEVELS = np.arange(0.05, 1.0, 0.1)
#: Gates around the score on the day of the forecast.
_GATE_STEPS = (-0.02, -0.01, -0.005, 0.0, 0.005, 0.01)
#: A rating of so many stars is one a call might have prevented.
_LOW_STARS = 3


@dataclass(frozen=True)
class Case:
    """One forecast of one shop, with what is true beside it."""

    shop: Shop
    truth: OrderLaw
    told: Oracle
    fit: FittedForecast
    origin: int
    labels: dict[str, Any]


def shop_rows(at: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Forecasts of one shop from all origins beside truth and oracle; pending orders ranked."""
    kind = KINDS[at % len(KINDS)]
    law = shop_law(kind, np.random.default_rng([seed, at]))
    shop = thrown(law, np.random.default_rng([seed, at, 1]))
    told = oracle(law, np.random.default_rng([seed, at, 2]))
    dice = np.random.default_rng([seed, at, 3])
    truth, inputs, settings = order_law(shop), forecast_inputs_of(shop), law.settings
    last = FIRST_DAY + timedelta(days=max(ORIGINS) + max(HORIZONS))
    actual = scores_on(entries_of(inputs, settings), FIRST_DAY, last)
    happened = {
        name: actual.filter(pl.col("dimension") == name)["score"].to_numpy()
        for name in DSR_DIMENSIONS
    }
    rows: list[dict[str, Any]] = []
    ranks = []
    for origin in ORIGINS:
        day = FIRST_DAY + timedelta(days=origin)
        fit = fitted(inputs, settings, as_of=day, horizon=max(HORIZONS))
        labels = {
            "seed": seed,
            "shop": at,
            "kind": kind,
            "origin": origin,
            "since_campaign": origin - (law.campaign_first or origin),
        }
        case = Case(shop, truth, told, fit, origin, labels)
        rows += _forecast_rows(case, happened, dice)
        ranks.append(_ranked(case))
    return pl.DataFrame(rows), pl.concat(ranks)


def _forecast_rows(
    case: Case, happened: dict[str, Any], dice: np.random.Generator
) -> list[dict[str, Any]]:
    longest = max(HORIZONS)
    stands = as_it_stands(case.told, case.origin, longest, dice)
    limits = {
        name: expected_new(each, case.shop, case.truth, case.origin, longest)
        for name, each in (("oracle", stands), ("clairvoyant", case.told))
    }
    known = case.fit.known
    rows = []
    for place, name in enumerate(DSR_DIMENSIONS):
        if name not in case.fit.dimensions:
            continue
        path = case.fit.path(name)
        quantiles = {label: path.quantile(share) for label, share in QUANTILES.items()}
        levels = {share: path.quantile(share) for share in _LEVELS}
        below = {step: path.below(path.today + step) for step in _GATE_STEPS}
        for ahead in HORIZONS:
            h, fact = ahead - 1, happened[name][case.origin + ahead]
            kept = known.ratings[place, ahead]
            best = {
                limit: (known.stars[place, ahead] + 5 * new[place, h] - deficits[place, h])
                / (kept + new[place, h])
                for limit, (new, deficits) in limits.items()
            }
            losses = [_pinball(fact, quantile[h], share) for share, quantile in levels.items()]
            rows.append(
                case.labels
                | {"horizon": ahead, "dimension": name, "actual": fact, "mean": path.mean[h]}
                | {"deviation": path.deviation[h], "persistence": path.today}
                | {label: quantile[h] for label, quantile in quantiles.items()}
                | best
                | {"expiry_only": known.score[place, ahead], "crps": 2 * float(np.mean(losses))}
                | {
                    "below": [float(each[h]) for each in below.values()],
                    "fell": [float(fact < path.today + step) for step in below],
                }
            )
    return rows


def _pinball(actual: float, quantile: float, level: float) -> float:
    return max(level * (actual - quantile), (level - 1) * (actual - quantile))


def _ranked(case: Case) -> pl.DataFrame:
    """Pending orders with their share of the list by both rankings, and whether they went low."""
    stars = case.shop.stars.astype(np.int64)
    low = ((stars > 0) & (stars <= _LOW_STARS)).any(axis=1)
    went_low = np.zeros(len(case.shop.paid), dtype=np.bool_)
    went_low[case.shop.rating_order[low]] = True
    ours = worth_a_call(case.fit)
    order = ours["order_id"].cast(pl.Int64).to_numpy()
    chances, rows = pending_chances(case.told, case.shop, case.truth, case.origin, 30)
    risk = chances.sum(axis=1) * case.truth.low[rows]
    place = np.empty(len(rows))
    place[np.argsort(-risk, kind="stable")] = (np.arange(len(rows)) + 0.5) / max(len(rows), 1)
    theirs = pl.DataFrame({"order": rows, "oracle_place": place})
    return (
        pl.DataFrame(
            {
                "order": order,
                "place": (np.arange(len(order)) + 0.5) / max(len(order), 1),
                "low": went_low[order],
            }
        )
        .join(theirs, on="order", how="left")
        .filter(pl.col("low"))
        .with_columns(kind=pl.lit(case.labels["kind"]))
        .select("kind", "place", pl.col("oracle_place").fill_null(1.0))
    )


def main() -> None:
    """Runs the benchmark, prints its tables and writes them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=60, help="of each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/forecast.json"))
    parser.add_argument("--rows", type=Path, help="also write every forecast to this parquet file")
    parser.add_argument("--no-speed", action="store_true")
    asked = parser.parse_args()
    began = time.perf_counter()
    chosen = [at for at in range(asked.shops) if KINDS[at % len(KINDS)] in asked.kinds]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        places = [(at, seed) for seed in asked.seeds for at in chosen]
        parts = list(pool.map(shop_rows, *zip(*places, strict=True)))
    rows = pl.concat([part[0] for part in parts])
    tables = {
        "accuracy": summary(rows),
        "gates": gates(rows),
        "calls": calls(pl.concat([part[1] for part in parts])),
    }
    if not asked.no_speed:
        tables["speed"] = speed()
    with pl.Config(tbl_rows=100, tbl_cols=25, float_precision=4, tbl_width_chars=260):
        for name, table in tables.items():
            print(name, table, sep="\n")
    print(f"{len(places)} shops x {len(ORIGINS)} origins in {time.perf_counter() - began:.0f} s")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    report = {name: table.to_dicts() for name, table in tables.items()}
    measured = {"measured_on": date.today().isoformat(), "shops": len(places)}
    measured |= {"seeds": list(asked.seeds)}
    asked.out.write_text(json.dumps(measured | report, indent=1), encoding="utf-8")
    if asked.rows is not None:
        rows.write_parquet(asked.rows)


if __name__ == "__main__":
    main()
