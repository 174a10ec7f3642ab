"""What the agents page and the case book read about the agents of a shop."""

from datetime import timedelta
from typing import Any

import polars as pl

from metrics.agents.changes import changes
from metrics.agents.scorecard import scorecard
from metrics.agents.units import (
    AGENT_METRICS,
    JUDGED_AS,
    agent_sales,
    agent_totals,
    quantile_intervals,
)
from metrics.catalog import BY_ID
from metrics.chats.reply import QUANTILES
from metrics.kit.order import place_in
from pages.shared import breakdown, loaders, wording
from pages.shared.filters import View


def totals(view: View) -> pl.DataFrame:
    """Sums of every agent's figures over the period."""
    return loaders.counted(agent_totals, view.shop, first=view.first, last=view.last)


def scores(view: View) -> pl.DataFrame:
    """The scorecard of the period, with the figures as they are shown elsewhere.

    Returns:
        Rows of ``metrics.agents.scorecard.scorecard`` with ``judged`` (the figure that was judged),
        ``value``, ``low``, ``high`` and ``team`` as shown, ``name``; metrics in reading order.
    """
    judged = scorecard(totals(view))
    if judged.is_empty():
        return judged.with_columns(judged=pl.col("value"), name=pl.col("agent"))
    shown = loaders.measured(view.shop, tuple(JUDGED_AS), view.first, view.last, "agent").select(
        "metric", "agent", shown="value"
    )
    other = pl.col("metric").is_in(list(JUDGED_AS))
    rows = judged.join(shown, on=["metric", "agent"], how="left").with_columns(
        judged=pl.col("value"), value=pl.when(other).then("shown").otherwise("value")
    )
    middle = pl.col("value").median().over("metric")
    rows = rows.with_columns(
        team=pl.when(other).then(middle).otherwise("team"),
        low=pl.when(~other).then("low"),
        high=pl.when(~other).then("high"),
    )
    return breakdown.named(_in_order(_with_quantiles(rows, view)), view).drop("shown")


def names(scores: pl.DataFrame) -> dict[str, str]:
    """What each agent of a scorecard is called, by sub-account."""
    return dict(scores.select("agent", "name").unique().sort("agent").iter_rows())


def _with_quantiles(rows: pl.DataFrame, view: View) -> pl.DataFrame:
    """Intervals of the quantiles, which only chat lines can tell."""
    if not set(QUANTILES) & set(rows["metric"]):
        return rows
    ends = loaders.counted(quantile_intervals, view.shop, first=view.first, last=view.last)
    return rows.join(ends, on=["metric", "agent"], how="left", suffix="_wait").with_columns(
        low=pl.coalesce("low", "low_wait"), high=pl.coalesce("high", "high_wait")
    )


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(place_in(AGENT_METRICS, "metric"), "agent")


def before(view: View) -> View:
    """The same number of days just before the period."""
    return View(view.shop, view.first - timedelta(days=view.days), view.first - timedelta(days=1))


def moved(view: View) -> pl.DataFrame:
    """Each agent's figures against their own of the days before; quantiles are left out.

    The middle agent's quantile, which they are judged by, is another one in other days.
    """
    rows = changes(*(some.filter(_comparable()) for some in (totals(before(view)), totals(view))))
    return breakdown.named(_in_order(rows), view)


def _comparable() -> pl.Expr:
    return ~pl.col("metric").is_in(list(QUANTILES))


def sales(view: View) -> pl.DataFrame:
    """Orders and money attributed to each agent; no rows without an order file."""
    return loaders.counted(agent_sales, view.shop, first=view.first, last=view.last)


def figure(row: dict[str, Any], column: str = "value") -> str:
    """A figure of a scorecard's row as people read it.

    Slow conversations are shown as a share of the buyers received: agents with more buyers have
    more of them.
    """
    metric = row["metric"]
    if metric == "slow_conversations":
        return wording.figure(row[column], "share")
    return wording.figure(row[column], BY_ID[metric].unit)


def outside(rows: pl.DataFrame) -> pl.DataFrame:
    """The figures outside their limits, the furthest first."""
    out = rows.filter(pl.col("verdict").is_in(["better", "worse"]))
    return out.sort(pl.col("z").abs(), "metric", "agent", descending=[True, False, False])


def to_read(rows: pl.DataFrame) -> pl.DataFrame:
    """Agents whose conversations are worth reading first, with why.

    Returns:
        One row per agent below the team's reply rate or with a figure outside on the wrong side:
        ``agent``, ``name``, ``metrics`` (those outside), ``below`` (the reply rate and the
        team's, null where it is not below), those with most outside first.
    """
    rate = rows.filter(metric="reply_rate").filter(pl.col("value") < pl.col("team"))
    below = rate.select("agent", "name", rate="value", team_rate="team")
    out = (
        rows.filter(verdict="worse")
        .group_by("agent", "name", maintain_order=True)
        .agg(metrics=pl.col("metric"))
    )
    return (
        out.join(below, on=["agent", "name"], how="full", coalesce=True)
        .with_columns(count=pl.col("metrics").list.len().fill_null(0))
        .sort("count", "rate", "agent", descending=[True, False, False], nulls_last=True)
    )
