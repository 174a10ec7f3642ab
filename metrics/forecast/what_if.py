"""What would happen if: a campaign, saved orders, a target to reach. Nothing is learned anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.forecast.bands import GroupStars, group_stars, stars_of_mean
from metrics.forecast.pools import Pool, day_number, days_of
from metrics.forecast.scores import DimensionFit, FittedForecast, forecast_of
from metrics.forecast.star_model import StarModel
from metrics.forecast.worth_a_call import worth_a_call
from store.schemas import DSR_DIMENSIONS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PlannedCampaign:
    """Orders on top of the usual, spread evenly over some days."""

    first: date
    last: date
    orders: int
    #: Mean stars of its ratings per dimension; a missing one follows the recent mix.
    mean_stars: dict[str, float]


def campaign_like(
    fit: FittedForecast, past: tuple[date, date], first: date
) -> PlannedCampaign | None:
    """A campaign that repeats what a past span of payment days brought, such as Double 11.

    Args:
        fit: A fitted forecast.
        past: First and last payment day of the past campaign.
        first: First day of the planned one, which lasts as long.

    Returns:
        The orders paid in the span beyond the usual days around it, and the mean stars their
        ratings gave; None where the span has no paid order.
    """
    start, stop = day_number(past[0]), day_number(past[1])
    trades = fit.inputs.trades.filter(pl.Series(_paid_between(fit, start, stop)))
    if not trades.height:
        return None
    around = _paid_between(fit, start - 28, start - 1).sum() / 28 * (stop - start + 1)
    rated = fit.spans.join(trades.select("trade"), on="trade", how="semi")
    means = {name: rated[name].mean() for name in DSR_DIMENSIONS}
    return PlannedCampaign(
        first=first,
        last=first + (past[1] - past[0]),
        orders=max(trades.height - round(float(around)), 0),
        mean_stars={name: mean for name, mean in means.items() if isinstance(mean, float)},
    )


def _paid_between(fit: FittedForecast, first: int, last: int) -> npt.NDArray[np.bool_]:
    paid = days_of(fit.inputs.trades["paid_at"])
    return np.asarray((paid >= first) & (paid <= last))


def what_if(
    fit: FittedForecast,
    *,
    campaigns: Sequence[PlannedCampaign] = (),
    saved: int = 0,
    five_stars_a_day: float = 0.0,
) -> pl.DataFrame:
    """The forecast under changed circumstances, in the columns of ``metrics.forecast.scores.forecast``.

    Args:
        fit: A fitted forecast; answers come without learning again.
        campaigns: Orders on top.
        saved: So many of the riskiest pending orders (``worth_a_call``) give five stars if they
            rate.
        five_stars_a_day: Further five-star ratings on every coming day, certain to come.
    """
    best = _saved_places(fit, saved)
    dimensions = {
        name: _changed(fit, name, part, campaigns, best, five_stars_a_day)
        for name, part in fit.dimensions.items()
    }
    return forecast_of(replace(fit, dimensions=dimensions))


def _saved_places(fit: FittedForecast, saved: int) -> npt.NDArray[np.bool_]:
    riskiest = worth_a_call(fit, most=saved).select("order_id")
    return fit.pending["order_id"].is_in(riskiest["order_id"].implode()).to_numpy()


def _changed(
    fit: FittedForecast,
    name: str,
    part: DimensionFit,
    campaigns: Sequence[PlannedCampaign],
    saved: npt.NDArray[np.bool_],
    five_stars_a_day: float,
) -> DimensionFit:
    pools = [
        (pool, group_stars(pool, part.model, part.pending_facts, saved=saved))
        if pool.source == "pending" and saved.any()
        else (pool, sums)
        for pool, sums in part.pools
    ]
    for campaign in campaigns:
        pools.append(_campaign_pool(fit, campaign, part.model, name))
    if five_stars_a_day:
        pools.append(_five_star_pool(fit, five_stars_a_day, part.model))
    return replace(part, pools=tuple(pools))


def _campaign_pool(
    fit: FittedForecast, campaign: PlannedCampaign, model: StarModel, name: str
) -> tuple[Pool, GroupStars]:
    days = np.zeros(fit.horizon)
    first, last = day_number(campaign.first), day_number(campaign.last)
    today = day_number(fit.as_of)
    for day in range(max(first, today + 1), min(last, today + fit.horizon) + 1):
        days[day - today - 1] = campaign.orders / (last - first + 1)
    pool = Pool(
        "future", days, fit.arrivals.starts, np.empty(0, dtype=np.int64), 0.02, dispersion=1.0
    )
    usual = fit.dimensions[name].usual_deficit
    mean = 5 - campaign.mean_stars[name] if name in campaign.mean_stars else usual
    return pool, stars_of_mean(days, model, mean)


def _five_star_pool(fit: FittedForecast, a_day: float, model: StarModel) -> tuple[Pool, GroupStars]:
    """Certain ratings: one group a day, each with as many five-star ratings."""
    pool = Pool(
        "future",
        np.full(fit.horizon, a_day / model.given),
        np.eye(fit.horizon),
        np.empty(0, dtype=np.int64),
        0.0,
    )
    return pool, stars_of_mean(pool.orders, model, 0.0)


def five_stars_needed(
    fit: FittedForecast, dimension: str, *, day: date, target: float
) -> float | None:
    """Further five-star ratings per day that bring the expected score to a target by a day.

    On top of what is expected to come. 0 where the forecast reaches the target anyway; None
    where no number does (a target of 5, or a day outside the forecast).
    """
    ahead = (day - fit.as_of).days
    if not 1 <= ahead <= fit.horizon or dimension not in fit.dimensions:
        return None
    path = fit.path(dimension)
    mean, ratings = float(path.mean[ahead - 1]), float(path.ratings[ahead - 1])
    if mean >= target:
        return 0.0
    if target >= 5:
        return None
    return ceil((target - mean) * ratings / (5 - target) / ahead * 10) / 10
