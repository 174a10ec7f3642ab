"""How long one forecast of a large shop, a what-if and a whole backtest take."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from benchmarks.forecast_shops import FIRST_DAY, Shop, forecast_inputs_of, shop_law, thrown
from metrics.forecast.backtest import backtest
from metrics.forecast.scores import fitted, forecast, forecast_of, known_on
from metrics.forecast.what_if import what_if
from metrics.forecast.worth_a_call import worth_a_call

_RATED_SHARE = 0.6
_BIG_DAY = FIRST_DAY + timedelta(days=250)


def big_shop(ratings: int = 620_000) -> Shop:
    """A shop with about so many ratings in the window of its 250th day.

    Each dimension counts a little fewer, and a twelfth as many orders are pending: more than
    500,000 and 50,000.
    """
    law = shop_law("steady", np.random.default_rng(3))
    habits = replace(law.habits, rated_share=_RATED_SHARE)
    daily = ratings / 180 / _RATED_SHARE / 0.95
    law = replace(
        law, orders=law.orders * (daily / law.orders[70:250].mean()), buyers=400_000, habits=habits
    )
    return thrown(law, np.random.default_rng(5))


def speed() -> pl.DataFrame:
    """Seconds of each task, best of three, after everything is imported."""
    shop = big_shop()
    settings = shop.law.settings
    inputs = known_on(forecast_inputs_of(shop), _BIG_DAY)
    fit = fitted(inputs, settings, as_of=_BIG_DAY)
    window = int(fit.known.ratings[:, 0].max())
    small = shop_law("steady", np.random.default_rng(4))
    sample = forecast_inputs_of(thrown(small, np.random.default_rng(4)))
    origins = [FIRST_DAY + timedelta(days=at) for at in range(30, 200, 7)]
    tasks: dict[str, Callable[[], pl.DataFrame]] = {
        "forecast of a large shop": lambda: forecast(inputs, settings, as_of=_BIG_DAY),
        "forecast again, already fitted": lambda: forecast_of(fit),
        "what if, already fitted": lambda: what_if(fit, saved=100, five_stars_a_day=3),
        "orders worth a call, already fitted": lambda: worth_a_call(fit),
        "weekly backtest of 200 days": lambda: backtest(sample, small.settings, origins=origins),
    }
    rows = []
    for name, task in tasks.items():
        taken = []
        for _ in range(1 if "backtest" in name else 3):
            began = time.perf_counter()
            task()
            taken.append(time.perf_counter() - began)
        rows.append({"task": name, "seconds": min(taken)})
    size = {"ratings_in_window": window, "pending": fit.pending.height}
    return pl.DataFrame(rows).with_columns(
        pl.lit(value).alias(name) for name, value in size.items()
    )
