"""How long buyers wait: shares by length, by hour of day, and inside the shop's own hours."""

from datetime import date, time, timedelta
from typing import Literal

import polars as pl

from metrics.chats.conversations import conversations
from metrics.chats.reply_facts import QUICK, RESPONSE_CAP
from metrics.kit.ratio import ratio
from store.settings import ShopSettings, WorkingBlock
from store.shop_tables import ShopTables

#: Upper ends of the bands, included (docs/numbers.md, "Rounds and reply times"). One band more is
#: open-ended.
WAIT_EDGES = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 180, 600))
#: Names of the bands, shortest first: the edge in seconds, "longer", and no human answer at all.
WAIT_BANDS = (*(f"up_to_{edge // timedelta(seconds=1)}" for edge in WAIT_EDGES), "longer", "none")


def round_facts(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """The rounds of some days, with plain names and the shop's own hours.

    Returns:
        The rows of ``metrics.chats.rounds.rounds`` with ``buyer``, ``agent``, ``replier`` and
        ``state`` as text, and ``in_working_hours`` (opened inside ``settings.working_hours``).
    """
    waits = conversations(tables, settings, first=first, last=last).rounds
    return waits.with_columns(
        pl.col("buyer", "agent", "replier", "state").cast(pl.String),
        in_working_hours=in_working_hours(pl.col("opened_at"), settings),
    )


def in_working_hours(at: pl.Expr, settings: ShopSettings, /) -> pl.Expr:
    """Whether a moment lies in one of the shop's working blocks; their ends are not included."""
    return pl.any_horizontal(
        pl.lit(False), *(_in_block(at, block) for block in settings.working_hours)
    )


def _in_block(at: pl.Expr, block: WorkingBlock) -> pl.Expr:
    inside = at.dt.weekday().is_in(block.weekdays) & (at.dt.time() >= block.start)
    return inside if block.end == time(0) else inside & (at.dt.time() < block.end)


def wait_shares(
    waits: pl.LazyFrame, /, *, by: Literal["day", "agent"] | None = None
) -> pl.LazyFrame:
    """Shares of the rounds by how long the buyer waited for a human; all rounds together are 1.

    Args:
        waits: Rows of ``round_facts``, filtered as wished (working hours, an agent).
        by: One distribution per day or agent; unset: one in all.

    Returns:
        One row per band (and day or agent), in this order: the cut, ``band`` (``WAIT_BANDS``,
        shortest first), ``rounds``, ``total``, ``share`` (null where there is no round at all;
        rounds only a robot answered are in "none").
    """
    cut = [by] if by else []
    names = pl.Enum(WAIT_BANDS)
    banded = waits.with_columns(band=wait_band(pl.col("wait_s")).cast(names))
    counted = banded.group_by(*cut, "band").agg(rounds=pl.len())
    bands = pl.LazyFrame({"band": WAIT_BANDS}, schema={"band": names})
    cuts = waits.select(cut).unique() if by else None
    grid = bands if cuts is None else cuts.join(bands, how="cross")
    total = pl.col("rounds").sum()
    return (
        grid.join(counted, on=[*cut, "band"], how="left", validate="1:1")
        .with_columns(pl.col("rounds").fill_null(0).cast(pl.Int64))
        .with_columns(total=total.over(cut) if cut else total)
        .sort(*cut, "band")
        .select(*cut, "band", "rounds", "total", share=ratio(pl.col("rounds"), pl.col("total")))
    )


def wait_band(wait: pl.Expr, /) -> pl.Expr:
    """Name of the first of ``WAIT_BANDS`` whose end is not under a wait in seconds."""
    steps = zip(WAIT_EDGES, WAIT_BANDS, strict=False)
    fits = (pl.when(wait <= edge.total_seconds()).then(pl.lit(name)) for edge, name in steps)
    return pl.coalesce(*fits, pl.when(wait.is_null()).then(pl.lit("none")), pl.lit("longer"))


def waits_by_hour(waits: pl.LazyFrame, /) -> pl.LazyFrame:
    """Load and speed over the hours of the day in which rounds opened.

    Args:
        waits: Rows of ``round_facts``, filtered as wished.

    Returns:
        24 rows, by ``hour`` (0-23): ``rounds``, ``answered`` (by a human the same day),
        ``within_three_minutes`` (share of the rounds), ``mean_s`` and ``median_s`` (seconds; the
        mean with the platform's cap of 600, which an unanswered round counts in full, robot-only
        rounds left out; the median of answered rounds).
    """
    wait, cap = pl.col("wait_s"), RESPONSE_CAP.total_seconds()
    timed = pl.col("state") != "robot_only"
    counted = waits.group_by(hour=pl.col("opened_at").dt.hour()).agg(
        rounds=pl.len().cast(pl.Int64),
        answered=wait.count().cast(pl.Int64),
        quick=(wait <= QUICK.total_seconds()).sum(),
        mean_s=wait.clip(upper_bound=cap).fill_null(cap).filter(timed).mean(),
        median_s=wait.median(),
    )
    hours = pl.LazyFrame({"hour": range(24)}, schema={"hour": pl.Int8})
    return (
        hours.join(counted, on="hour", how="left", validate="1:1")
        .with_columns(pl.col("rounds", "answered").fill_null(0))
        .sort("hour")
        .select(
            "hour",
            "rounds",
            "answered",
            "mean_s",
            "median_s",
            within_three_minutes=ratio(pl.col("quick"), pl.col("rounds")),
        )
    )
