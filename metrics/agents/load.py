"""How much each agent had to do, at what hours, and why one has more than another."""

from datetime import date

import polars as pl

from metrics.chats.conversations import conversations
from metrics.chats.service_feed import feed_days, service_counts
from metrics.kit.ratio import ratio
from store.settings import ShopSettings
from store.shop_tables import ShopTables

#: A load that differs less from the middle agent's needs no cause (ours).
LEAST_GAP = 0.10
#: What an agent's buyers are the product of.
FACTORS = ("days", "hours_per_day", "received_per_hour")


def workload(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """Buyers of each agent, taken apart: days at work × hours a day × buyers an hour.

    An hour counts as worked when the agent wrote or was written to in it. Where only performance
    tables cover the days, hours and what follows from them are null.

    Args:
        tables: The shop's tables.
        settings: The shop's rules.
        first: First day, shop time.
        last: Last day, included.

    Returns:
        One row per agent, by name: ``agent``, ``received`` (buyer-days), ``days``, ``hours``,
        ``hours_per_day``, ``received_per_hour``, ``at_once`` (buyers who wrote in the same ten
        minutes, on average), ``shared`` (share of the buyer-days that another agent had too:
        transfers), ``team_received`` (middle agent), ``cause`` (the factor that parts the agent's
        load most from the middle agent's; null where it differs by less than a tenth),
        ``cause_ratio`` (that factor over the middle agent's).
    """
    chat = _from_lines(tables, settings, first, last)
    days = feed_days(tables, "reply").filter(
        pl.col("day").is_between(first, last), pl.col("feed") == "service_days"
    )
    printed = (
        service_counts(tables.service_days, per_agent=True)
        .filter(pl.col("day").is_in(days["day"].implode()))
        .group_by("agent")
        .agg(
            received=pl.col("reply_rate:denominator").sum().cast(pl.Int64),
            days=pl.col("day").n_unique().cast(pl.Int64),
        )
    )
    loads = (
        pl.concat([chat, printed], how="diagonal")
        .group_by("agent")
        .agg(
            pl.col("received", "days").sum(),
            # Hours known for some days only would look like short days.
            pl.when(pl.col("hours").null_count() == 0).then(pl.col("hours").sum()).alias("hours"),
            pl.col("at_once", "shared").drop_nulls().first(),
        )
        .filter(pl.col("received") > 0)
    )
    return _caused(loads).sort("agent")


def _from_lines(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    talks = conversations(tables, settings, first=first, last=last)
    blocks = talks.blocks.with_columns(pl.col("agent").cast(pl.String)).cache()
    worked = blocks.group_by("agent").agg(
        days=pl.col("day").n_unique().cast(pl.Int64),
        hours=pl.col("block").dt.truncate("1h").n_unique().cast(pl.Int64),
    )
    asked = talks.contacts.filter(pl.col("asked") > 0, pl.col("agent") != "")
    held = (
        asked.select("buyer", "day", pl.col("agent").cast(pl.String))
        .with_columns(agents=pl.len().over("buyer", "day"))
        .group_by("agent")
        .agg(received=pl.len().cast(pl.Int64), shared=(pl.col("agents") > 1).mean())
    )
    side_by_side = (
        blocks.filter(pl.col("asked") > 0)
        .group_by("agent", "block")
        .agg(buyers=pl.len())
        .group_by("agent")
        .agg(at_once=pl.col("buyers").mean())
    )
    for more in (held, side_by_side):
        worked = worked.join(more, on="agent", how="left", validate="1:1")
    return worked


def _caused(loads: pl.LazyFrame) -> pl.LazyFrame:
    """Add the factors and the one that is furthest, as a ratio, from the middle agent's."""
    hours = pl.col("hours")
    loads = loads.with_columns(
        hours_per_day=ratio(hours, pl.col("days")),
        received_per_hour=ratio(pl.col("received"), hours),
        team_received=pl.col("received").median(),
    )
    apart = {name: (pl.col(name) / pl.col(name).median()).log() for name in FACTORS}
    # The factor that pushes the load the way it went, furthest first.
    way = (pl.col("received") / pl.col("team_received")).log().sign()
    pushes = {f"push_{name}": gap * way for name, gap in apart.items()}
    most = pl.max_horizontal(*pushes)
    apart_enough = (pl.col("received") / pl.col("team_received") - 1).abs() >= LEAST_GAP
    named = apart_enough & (most > 0) & hours.is_not_null()
    cause = pl.coalesce(
        pl.when((pl.col(f"push_{name}") == most) & named).then(pl.lit(name)) for name in FACTORS
    )
    gap = pl.coalesce(
        pl.when(pl.col("cause") == name).then(pl.col(name) / pl.col(name).median())
        for name in FACTORS
    )
    return (
        loads.with_columns(**pushes)
        .with_columns(cause=cause)
        .with_columns(cause_ratio=gap)
        .select(
            "agent", "received", "days", "hours", "hours_per_day", "received_per_hour", "at_once",
            "shared", "team_received", "cause", "cause_ratio",
        )
    )  # fmt: skip


def load_by_hour(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """Buyers who wrote to each agent, by hour of the day.

    Returns:
        One row per agent and hour with any, in this order: ``agent``, ``hour`` (0-23),
        ``buyers`` (distinct per day), ``lines`` (the buyers').
    """
    blocks = conversations(tables, settings, first=first, last=last).blocks
    return (
        blocks.filter(pl.col("asked") > 0)
        .group_by(agent=pl.col("agent").cast(pl.String), hour=pl.col("block").dt.hour())
        .agg(
            buyers=pl.struct(pl.col("buyer").cast(pl.String), "day").n_unique().cast(pl.Int64),
            lines=pl.col("asked").sum().cast(pl.Int64),
        )
        .sort("agent", "hour")
    )
