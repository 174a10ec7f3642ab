"""Accuracy and speed of the forecast against the limit that an all-knowing one could reach.

Run ``python -m benchmarks.forecast [--shops N]``; prints tables, writes JSON beside itself.
"""

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.forecast_oracle import (
    as_it_stands,
    expected_new,
    oracle,
    order_law,
    pending_chances,
)
from benchmarks.forecast_shops import (
    FIRST_DAY,
    FIRST_ORIGIN,
    KINDS,
    forecast_inputs_of,
    shop_law,
    thrown,
)
from metrics.backtest import HORIZONS
from metrics.expiry import scores_on
from metrics.forecast import entries_of, fitted
from metrics.score_forecast import QUANTILES
from store.schemas import DSR_DIMENSIONS

ORIGINS = tuple(FIRST_ORIGIN + 7 * at for at in range(12))
_LEVELS = np.arange(0.05, 1.0, 0.1)


def shop_rows(at: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Forecasts of one shop from all origins beside truth and oracle; pending orders' ranks."""
    kind = KINDS[at % len(KINDS)]
    law = shop_law(kind, np.random.default_rng([seed, at]))
    shop = thrown(law, np.random.default_rng([seed, at, 1]))
    told = oracle(law, np.random.default_rng([seed, at, 2]))
    truth = order_law(shop)
    inputs, settings = forecast_inputs_of(shop), law.settings
    dice = np.random.default_rng([seed, at, 3])
    entries = entries_of(inputs, settings)
    actual = scores_on(entries, FIRST_DAY, FIRST_DAY + timedelta(days=max(ORIGINS) + 31))
    rows, ranks = [], []
    for origin in ORIGINS:
        day = FIRST_DAY + timedelta(days=origin)
        fit = fitted(inputs, settings, as_of=day, horizon=max(HORIZONS))
        limits = {
            name: expected_new(each, shop, truth, origin, max(HORIZONS))
            for name, each in (
                ("oracle", as_it_stands(told, origin, max(HORIZONS), dice)),
                ("clairvoyant", told),
            )
        }
        for place, name in enumerate(DSR_DIMENSIONS):
            if name not in fit.dimensions:
                continue
            path = fit.path(name)
            happened = actual.filter(pl.col("dimension") == name)["score"].to_numpy()
            for ahead in HORIZONS:
                h = ahead - 1
                kept_stars, kept = fit.known.stars[place, ahead], fit.known.ratings[place, ahead]
                best = {
                    limit: (kept_stars + 5 * new[place, h] - deficits[place, h])
                    / (kept + new[place, h])
                    for limit, (new, deficits) in limits.items()
                }
                gates = [path.today + step for step in (-0.02, -0.005, 0.005)]
                rows.append(
                    {
                        "shop": at,
                        "kind": kind,
                        "origin": origin,
                        "since_campaign": origin - (law.campaign_first or origin),
                        "horizon": ahead,
                        "dimension": name,
                        "mean": path.mean[h],
                        "deviation": path.deviation[h],
                        **{q: path.quantile(p)[h] for q, p in QUANTILES.items()},
                        "pinball": float(
                            np.mean(
                                [
                                    2 * _pinball(happened[origin + ahead], path.quantile(p)[h], p)
                                    for p in _LEVELS
                                ]
                            )
                        ),
                        **best,
                        "actual": happened[origin + ahead],
                        "persistence": path.today,
                        "expiry_only": fit.known.score[place, ahead],
                        "below": [float(path.below(gate)[h]) for gate in gates],
                        "fell": [float(happened[origin + ahead] < gate) for gate in gates],
                    }
                )
    return pl.DataFrame(rows), pl.DataFrame(ranks)


def _pinball(actual: float, quantile: float, level: float) -> float:
    return max(level * (actual - quantile), (level - 1) * (actual - quantile))


def summary(rows: pl.DataFrame) -> pl.DataFrame:
    """Errors, coverage and widths per kind, and over all kinds, per horizon."""

    def rmse(column: str) -> pl.Expr:
        return ((pl.col(column) - pl.col("actual")) ** 2).mean().sqrt()

    inside_80 = pl.col("actual").is_between("low_80", "high_80")
    inside_95 = pl.col("actual").is_between("low_95", "high_95")
    both = pl.concat([rows, rows.with_columns(kind=pl.lit("all"))])
    return (
        both.group_by("kind", "horizon", maintain_order=True)
        .agg(
            to_oracle=rmse("mean") / rmse("oracle"),
            to_clairvoyant=rmse("mean") / rmse("clairvoyant"),
            to_persistence=rmse("mean") / rmse("persistence"),
            to_expiry=rmse("mean") / rmse("expiry_only"),
            oracle_to_persistence=rmse("oracle") / rmse("persistence"),
            cover_80=inside_80.mean(),
            cover_95=inside_95.mean(),
            under=(pl.col("actual") < pl.col("low_80")).mean(),
            width_80=(pl.col("high_80") - pl.col("low_80")).mean(),
            crps=pl.col("pinball").mean(),
            rmse=rmse("mean"),
            bias=(pl.col("mean") - pl.col("actual")).mean(),
            oracle_bias=(pl.col("oracle") - pl.col("actual")).mean(),
        )
        .sort("kind", "horizon")
    )


def main() -> None:
    """Runs the benchmark and prints it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/forecast.json"))
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    asked = parser.parse_args()
    began = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        chosen = [at for at in range(asked.shops) if KINDS[at % len(KINDS)] in asked.kinds]
        parts = list(pool.map(shop_rows, chosen, [asked.seed] * len(chosen)))
    rows = pl.concat([part[0] for part in parts])
    table = summary(rows)
    with pl.Config(tbl_rows=100, tbl_cols=25, float_precision=4, tbl_width_chars=260):
        print(table)
    print(f"{time.perf_counter() - began:.0f} s")
    rows.write_parquet("/tmp/fc_rows.parquet")


if __name__ == "__main__":
    main()
