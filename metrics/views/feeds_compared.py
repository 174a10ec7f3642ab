"""Chat lines against performance tables, on the days and agents that both of them know."""

from datetime import date
from typing import Literal

import polars as pl

from metrics.chats.conversations import conversations
from metrics.chats.reply import chat_counts
from metrics.chats.service_feed import FEEDS, SERVED_METRICS, service_counts, side_by_side
from metrics.sales.inquiry import MATURE_AFTER, agent_counts, shop_counts
from store.settings import ShopSettings
from store.shop_tables import ShopTables

Subject = Literal["reply", "inquiry"]
Cut = Literal["period", "day", "agent"]
INQUIRY = "inquiry_conversion"


def compared(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    subject: Subject,
    first: date,
    last: date,
    by: Cut = "period",
) -> pl.LazyFrame:
    """What chat lines and performance tables say of the same days (docs/numbers.md, "Two feeds").

    Only days that both cover whole are compared, inquiries only once they are final in both, and
    a metric only on the days (and agents) for which both count something; so a difference is
    never one of days.

    Args:
        tables: The shop's tables.
        settings: The shop's rules for chat lines.
        subject: "reply" for the reply metrics, "inquiry" for inquiry conversion.
        first: First day.
        last: Last day, included.
        by: "period": sums over all days; "day": day by day; "agent": sums per agent.

    Returns:
        The columns of ``metrics.chats.service_feed.side_by_side``; ``day`` null unless by="day",
        ``agent`` null unless by="agent". No row without a day or agent that both know.
    """
    metrics = tuple(name for name in SERVED_METRICS if (name == INQUIRY) == (subject == "inquiry"))
    per_agent = by == "agent"
    keys = ["day", "agent"]
    days = shared_days(tables, settings, subject=subject, first=first, last=last).lazy()
    chat = _chat(tables, settings, subject, first, last, per_agent=per_agent)
    service = service_counts(
        tables.service_days, per_agent=per_agent, window=settings.conversion_window
    )
    names = [f"{metric}:{count}" for metric in metrics for count in ("numerator", "denominator")]
    chat, service = (
        feed.join(days, on="day", how="semi").select(*keys, *names) for feed in (chat, service)
    )
    kept = [
        _summed(_known(ours, theirs, metrics), by)
        for ours, theirs in ((chat, service), (service, chat))
    ]
    both = pl.col("messages", "service_days").is_not_null()
    return side_by_side(*kept, metrics=metrics).filter(pl.any_horizontal(both))


def shared_days(
    tables: ShopTables, settings: ShopSettings, /, *, subject: Subject, first: date, last: date
) -> pl.DataFrame:
    """Days that chat files (for inquiries with orders) and performance tables both cover whole.

    Returns:
        ``day``, oldest first; of inquiries only the days whose window has closed.
    """
    needed = [name for feed in FEEDS[subject] for name in feed]
    wait = MATURE_AFTER[settings.conversion_window] if subject == "inquiry" else None
    known = [tables.last_day(name) for name in needed]
    until = min((day for day in known if day), default=last)
    final = min(last, until - wait) if wait is not None else last
    return (
        tables.coverage.filter(pl.col("table").is_in(needed), pl.col("whole"))
        .filter(pl.col("day").is_between(first, final))
        .group_by("day")
        .agg(feeds=pl.len())
        .filter(pl.col("feeds") == len(needed))
        .select("day")
        .sort("day")
    )


def _chat(
    tables: ShopTables,
    settings: ShopSettings,
    subject: Subject,
    first: date,
    last: date,
    *,
    per_agent: bool,
) -> pl.LazyFrame:
    """Counts of the chat lines in the columns of ``service_counts``."""
    if subject == "reply":
        talks = conversations(tables, settings, first=first, last=last)
        return chat_counts(talks, settings, per_agent=per_agent)
    counts = (agent_counts if per_agent else shop_counts)(tables, settings, first, last)
    agent = pl.col("agent") if per_agent else pl.lit(None, pl.String).alias("agent")
    return counts.select(
        "day",
        agent,
        pl.col("numerator").fill_null(0).alias(f"{INQUIRY}:numerator"),
        pl.col("denominator").fill_null(0).alias(f"{INQUIRY}:denominator"),
    )


def _known(ours: pl.LazyFrame, theirs: pl.LazyFrame, metrics: tuple[str, ...]) -> pl.LazyFrame:
    """Our counts, empty where the other feed has none of the same day and agent."""
    keys = ["day", "agent"]
    joined = ours.join(theirs, on=keys, how="left", nulls_equal=True, suffix=":theirs")
    return joined.select(
        *keys,
        *(
            pl.when(pl.col(f"{metric}:denominator:theirs").is_not_null())
            .then(f"{metric}:{count}")
            .alias(f"{metric}:{count}")
            for metric in metrics
            for count in ("numerator", "denominator")
        ),
    )


def _summed(counts: pl.LazyFrame, by: Cut) -> pl.LazyFrame:
    if by == "day":
        return counts
    sums = counts.group_by("agent").agg(pl.exclude("day").sum())
    return sums.with_columns(day=pl.lit(None, pl.Date))
