"""Whether and how fast the shop answers: every reply metric, from one ordering of the lines."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from metrics.chats.conversations import Conversations, conversations, received
from metrics.chats.service_feed import feed_days, feed_notes, metric_value, service_counts
from metrics.kit.periods import MEASURED, By, judged_spans, reported, span_start
from store.settings import ShopSettings
from store.shop_tables import ShopTables

#: definitions.md section 3, from seller guides.
RESPONSE_CAP = timedelta(seconds=600)
QUICK = timedelta(seconds=180)
SLOW = timedelta(seconds=120)
SLOW_ROUNDS = 3
#: Values that are read off the sorted waits and cannot be summed over days.
QUANTILES = {"response_time_median": 0.5, "response_time_p90": 0.9}
#: Metrics that are a pair of sums.
SUMMED = (
    "reply_rate",
    "response_time_platform",
    "response_time_tool",
    "within_three_minutes",
    "first_response_time",
    "answer_ratio",
    "slow_conversations",
)


def measured(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    ids: Sequence[str],
    first: date,
    last: date,
    by: By,
) -> pl.LazyFrame:
    """The reply metrics as ``metrics.measure`` collects them.

    Chat lines speak for the days they cover, performance tables for the others; medians need
    chat lines. A day whose file was made before midnight is left out of longer figures.

    Returns:
        The columns of ``metrics.kit.periods.MEASURED``, unsorted.
    """
    days = feed_days(tables, "reply").filter(pl.col("day").is_between(first, last))
    judged = judged_spans(days, first, last, by=by, final=last)
    if by in ("period", "agent"):
        days = days.filter("whole")
    days = days.with_columns(start=span_start(pl.col("day"), first, by=by))
    talks = conversations(tables, settings, first=first, last=last)
    chat_days = days.filter(feed="messages").select("day", "start")
    key = "agent" if by == "agent" else "start"
    chat = chat_counts(talks, settings, per_agent=by == "agent")
    # Cached by hand: the optimiser would count again for each metric that reads them.
    sums = _sums(chat, tables, days, key=key).cache()
    quantiles = _quantiles(talks.rounds, chat_days, key=key).cache()
    notes = feed_notes(days, "start").lazy()
    parts = [pl.LazyFrame(schema=MEASURED)]
    for metric in ids:
        if metric in QUANTILES:
            none = pl.lit(None, pl.Float64)
            counts = quantiles.select(key, value=metric, numerator=none, denominator="n")
        else:
            counts = sums.select(
                key,
                value=metric_value(metric),
                numerator=f"{metric}:numerator",
                denominator=f"{metric}:denominator",
            )
        counts = (
            counts.join(notes.select("note"), how="cross")
            if by == "agent"
            else notes.join(counts, on="start", how="left", validate="1:1")
        )
        summed = metric not in QUANTILES
        parts.append(reported(counts, judged, metric_id=metric, by=by, notes=(), summed=summed))
    return pl.concat(parts)


def chat_counts(
    talks: Conversations, settings: ShopSettings, /, *, per_agent: bool
) -> pl.LazyFrame:
    """Numerator and denominator of each summed reply metric, per day (and agent).

    A round belongs to the agent its opening line addressed; a first response to the agent who
    wrote it; a line to its own agent. One buyer-day may be received by two agents, so agents sum
    to more than the shop.

    Args:
        talks: The conversations of some days.
        settings: Whether a robot's reply counts for the reply rate.
        per_agent: Agents' rows; else the shop's.

    Returns:
        One row per day, or per day and agent, in no order: ``day``, ``agent`` (null for the
        shop), and per metric ``<metric>:numerator`` and ``<metric>:denominator``.
    """
    keys = ["day", "agent"] if per_agent else ["day"]
    named = pl.col("agent") != "" if per_agent else pl.lit(True)
    waits = talks.rounds
    opened = waits.filter(pl.col("first"))
    slow = pl.col("wait_s") > SLOW.total_seconds()
    parts = [
        waits.group_by(keys).agg(_round_sums()),
        talks.contacts.group_by(keys).agg(
            _pair("answer_ratio", pl.col("written").sum(), pl.col("asked").sum())
        ),
        waits.filter(slow)
        .group_by("buyer", *keys)
        .agg(waits=pl.len())
        .filter(pl.col("waits") >= SLOW_ROUNDS)
        .group_by(keys)
        .agg(pl.len().alias("slow_conversations:numerator")),
        _received_by_agent(talks, settings) if per_agent else _received(opened, settings),
        opened.filter(state="answered")
        .group_by("day", *([pl.col("replier").alias("agent")] if per_agent else []))
        .agg(_pair("first_response_time", pl.col("wait_s").sum(), pl.len())),
    ]
    parts = [part.filter(named).with_columns(pl.exclude(keys).cast(pl.Float64)) for part in parts]
    counts = pl.concat(parts, how="diagonal").group_by(keys).sum()
    agent = pl.col("agent").cast(pl.String) if per_agent else pl.lit(None, pl.String).alias("agent")
    return counts.with_columns(
        agent, pl.col("reply_rate:denominator").alias("slow_conversations:denominator")
    )


def _pair(metric: str, numerator: pl.Expr, denominator: pl.Expr) -> list[pl.Expr]:
    return [numerator.alias(f"{metric}:numerator"), denominator.alias(f"{metric}:denominator")]


def _round_sums() -> list[pl.Expr]:
    wait, in_hours = pl.col("wait_s"), pl.col("in_platform_hours")
    cap = RESPONSE_CAP.total_seconds()
    timed = in_hours & (pl.col("state") != "robot_only")
    capped = wait.clip(upper_bound=cap).fill_null(cap)
    short = wait < cap
    quick = in_hours & (wait <= QUICK.total_seconds())
    return [
        *_pair("response_time_platform", capped.filter(timed).sum(), timed.sum()),
        *_pair("response_time_tool", wait.filter(short).sum(), short.sum()),
        *_pair("within_three_minutes", quick.sum(), in_hours.sum()),
    ]


def _received(opened: pl.LazyFrame, settings: ShopSettings) -> pl.LazyFrame:
    """Buyer-days by their first round: there is one for each, and a later reply answers it."""
    answers = ["answered", "robot_only"] if settings.robot_counts_as_reply else ["answered"]
    valid = pl.any_horizontal(pl.col("state") == answer for answer in answers)
    return opened.group_by("day").agg(_pair("reply_rate", valid.sum(), pl.len()))


def _received_by_agent(talks: Conversations, settings: ShopSettings) -> pl.LazyFrame:
    buyer_days = received(talks.contacts, settings)
    return buyer_days.group_by("day", "agent").agg(
        _pair("reply_rate", pl.col("answered").sum(), pl.len())
    )


def _sums(chat: pl.LazyFrame, tables: ShopTables, days: pl.DataFrame, *, key: str) -> pl.LazyFrame:
    """The counts of both feeds, each on its own days, summed per span or agent."""
    per_agent = key == "agent"
    parts = []
    for feed, counts in (
        ("messages", chat),
        ("service_days", service_counts(tables.service_days, per_agent=per_agent)),
    ):
        if feed in days["feed"]:
            spoken = days.lazy().filter(feed=feed).select("day", "start")
            parts.append(counts.join(spoken, on="day", validate="m:1"))
    names = [f"{metric}:{count}" for metric in SUMMED for count in ("numerator", "denominator")]
    blank = pl.LazyFrame(
        schema={"start": pl.Date, "agent": pl.String} | dict.fromkeys(names, pl.Float64)
    )
    return pl.concat([blank, *parts], how="diagonal").group_by(key).agg(pl.col(names).sum())


def _quantiles(waits: pl.LazyFrame, days: pl.DataFrame, *, key: str) -> pl.LazyFrame:
    """Median and ninth decile of the answered waits, per span or agent, and how many there are."""
    wait = pl.col("wait_s")
    answered = waits.filter(wait.is_not_null(), pl.col("day").is_in(days["day"].implode()))
    if key == "agent":
        answered = answered.filter(pl.col("agent") != "")
    elif days["start"].n_unique() == 1:
        answered = answered.with_columns(start=pl.lit(days["start"][0]))
    else:
        answered = answered.join(days.lazy(), on="day", validate="m:1")
    quantiles = {name: wait.quantile(share, "linear") for name, share in QUANTILES.items()}
    n = pl.len().cast(pl.Float64)
    found = answered.group_by(key).agg(n=n, **quantiles)
    return found.with_columns(pl.col("agent").cast(pl.String)) if key == "agent" else found
