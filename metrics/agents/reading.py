"""A scorecard made ready to be read: figures as shown elsewhere, whom to read first, places."""

import polars as pl

from metrics.agents.units import AGENT_METRICS, JUDGED_AS


def with_shown(judged: pl.DataFrame, shown: pl.DataFrame, /) -> pl.DataFrame:
    """A scorecard whose metrics that are judged by a stand-in carry the figure of other pages.

    Quantiles are judged by a share of waits, say; a page shows the quantile itself.

    Args:
        judged: As ``metrics.agents.scorecard.scorecard`` returns it.
        shown: ``metric, agent, value`` of the metrics judged by a stand-in, which are those of
            ``metrics.agents.units.JUDGED_AS``.

    Returns:
        The scorecard with ``judged`` (the figure that was judged). Of those metrics
        ``value`` is the figure given (null where there is none), ``team`` its median over the
        agents, and ``low`` and ``high`` are null: the interval is of the stand-in.
    """
    other = pl.col("metric").is_in(list(JUDGED_AS))
    rows = judged.join(
        shown.select("metric", "agent", shown="value"), on=["metric", "agent"], how="left"
    ).with_columns(judged=pl.col("value"), value=pl.when(other).then("shown").otherwise("value"))
    return rows.with_columns(
        team=pl.when(other).then(pl.col("value").median().over("metric")).otherwise("team"),
        low=pl.when(~other).then("low"),
        high=pl.when(~other).then("high"),
    ).drop("shown")


def in_reading_order(rows: pl.DataFrame, /) -> pl.DataFrame:
    """Rows by metric in the order of ``AGENT_METRICS``, then by agent."""
    place = {metric: place for place, metric in enumerate(AGENT_METRICS)}
    order = pl.col("metric").replace_strict(place, return_dtype=pl.Int16)
    return rows.sort(order, "agent")


def outside_limits(rows: pl.DataFrame, /) -> pl.DataFrame:
    """The figures outside their limits, the furthest first."""
    out = rows.filter(pl.col("verdict").is_in(["better", "worse"]))
    return out.sort(pl.col("z").abs(), "metric", "agent", descending=[True, False, False])


def to_read(rows: pl.DataFrame, /) -> pl.DataFrame:
    """Agents whose conversations are worth reading first, with why.

    Args:
        rows: A scorecard with ``name``.

    Returns:
        One row per agent below the team's reply rate or with a figure outside on the wrong side:
        ``agent``, ``name``, ``metrics`` (those outside), ``rate`` and ``team_rate`` (the reply
        rate and the team's, null where it is not below), ``count`` (of ``metrics``), those with
        most outside first, then the lowest reply rate.
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


def equal_places(rows: pl.DataFrame, /) -> pl.DataFrame:
    """Agents of one metric who may hold the same places.

    Returns:
        One row per span of places: ``rank_from``, ``rank_to``, ``name`` (list, sorted), best
        places first.
    """
    return (
        rows.group_by("rank_from", "rank_to", maintain_order=True)
        .agg(pl.col("name").sort())
        .sort("rank_from", "rank_to")
    )
