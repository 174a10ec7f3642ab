"""Whether and how fast the shop answers: every reply metric, from one ordering of the lines."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import polars as pl

from metrics.chats.conversations import Conversations, conversations, received
from metrics.chats.reply_facts import (
    FIRST_RESPONSE,
    IS_SLOW,
    LEFT_OUT,
    ROUND_RULES,
    SLOW_ROUNDS,
    answered_same_day,
    facts,
)
from metrics.chats.service_feed import (
    FEEDS,
    SERVICE_NEEDS,
    feed_days,
    feed_notes,
    lacking,
    metric_value,
    said_why_null,
    service_counts,
    side_notes,
)
from metrics.kit.metric import Metric
from metrics.kit.periods import MEASURED, By, judged_spans, reported, span_start
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

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
    metrics: Sequence[Metric],
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
    unsaid = side_notes(tables, days, "start")
    notes = feed_notes(days, "start").join(unsaid, on="start", how="left", validate="1:1").lazy()
    lacks = lacking(tables, days).cache()
    parts = [pl.LazyFrame(schema=MEASURED)]
    for metric in (each.id for each in metrics):
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
            counts.join(notes.select("note", "unsaid"), how="cross")
            if by == "agent"
            else notes.join(counts, on="start", how="left", validate="1:1")
        ).join(lacks, how="cross")
        counts = counts.with_columns(said_why_null(metric))
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
    parts = [
        waits.group_by(keys).agg(_round_sums()),
        talks.contacts.group_by(keys).agg(
            _pair("answer_ratio", pl.col("written").sum(), pl.col("asked").sum())
        ),
        waits.filter(IS_SLOW)
        .group_by("buyer", *keys)
        .agg(waits=pl.len())
        .filter(pl.col("waits") >= SLOW_ROUNDS)
        .group_by(keys)
        .agg(pl.len().alias("slow_conversations:numerator")),
        _received_by_agent(talks, settings) if per_agent else _received(opened, settings),
        opened.filter(FIRST_RESPONSE.counts)
        .group_by("day", *([pl.col("replier").alias("agent")] if per_agent else []))
        .agg(_pair("first_response_time", FIRST_RESPONSE.adds.sum(), pl.len())),
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
    """Both sums of each metric of rounds, by the rules of ``reply_facts``."""
    return [
        expression
        for metric, rule in ROUND_RULES.items()
        if metric not in QUANTILES
        for expression in _pair(metric, rule.adds.filter(rule.counts).sum(), rule.counts.sum())
    ]


def _received(opened: pl.LazyFrame, settings: ShopSettings) -> pl.LazyFrame:
    """Buyer-days by their first round: there is one for each, and a later reply answers it."""
    answered = answered_same_day(settings)
    return opened.group_by("day").agg(_pair("reply_rate", answered.sum(), pl.len()))


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


def open_days(_metric: Metric, tables: ShopTables, _settings: ShopSettings, /) -> pl.Expr:
    """Whether chat lines do not speak for a row's ``day``, or not for the whole of it."""
    whole = feed_days(tables, "reply").filter("whole", feed="messages")["day"]
    return ~pl.col("day").is_in(whole.implode())


_SETTINGS = ("filtered_buyers", "robot_agents")
_metric = partial(
    Metric,
    subject="reply",
    feeds=FEEDS["reply"],
    feeds_merge=True,
    missing="no_messages",
    settings=_SETTINGS,
    left_out=LEFT_OUT,
    facts=facts,
    measured=measured,
    open_days=open_days,
)
METRICS: tuple[Metric, ...] = (
    _metric(
        id="reply_rate",
        needs=SERVICE_NEEDS["reply_rate"],
        family="reply",
        name=_("Reply rate"),
        unit="share",
        better="higher",
        numerator=_("buyers answered before midnight"),
        denominator=_("buyers received, per natural day"),
        definition=_(
            "Of the buyers who wrote on a day, the share who got a valid reply the same day. "
            "People are counted, not messages."
        ),
        source="guide",
        settings=(*_SETTINGS, "robot_counts_as_reply"),
        target=0.95,
    ),
    _metric(
        id="response_time_platform",
        needs=SERVICE_NEEDS["response_time_platform"],
        family="speed",
        name=_("Average response (platform)"),
        unit="seconds",
        better="lower",
        numerator=_("seconds waited, each round capped at 600"),
        denominator=_("rounds opened 08:00-23:00"),
        definition=_(
            "Average wait for a human answer in rounds opened between 08:00 and 23:00. A wait "
            "counts 600 seconds at most, an unanswered round 600; rounds only a robot answered "
            "are left out."
        ),
        source="guide",
        target=60.0,
    ),
    _metric(
        id="response_time_tool",
        family="speed",
        name=_("Average response (tools)"),
        unit="seconds",
        better="lower",
        numerator=_("seconds waited in rounds answered within 600 seconds"),
        denominator=_("rounds answered within 600 seconds, any hour"),
        definition=_(
            "Average wait as service tools count it: rounds at any hour, waits of 600 seconds or "
            "more and unanswered rounds left out."
        ),
        source="guide",
    ),
    _metric(
        id="response_time_median",
        family="speed",
        name=_("Median response"),
        unit="seconds",
        better="lower",
        numerator=_("the middle wait"),
        denominator=_("answered rounds, any hour"),
        definition=_("Half of the answered rounds waited no longer than this."),
        source="ours",
        additive=False,
        quantile=QUANTILES["response_time_median"],
    ),
    _metric(
        id="response_time_p90",
        family="speed",
        name=_("Slowest tenth of responses"),
        unit="seconds",
        better="lower",
        numerator=_("the wait that nine of ten rounds stay under"),
        denominator=_("answered rounds, any hour"),
        definition=_("Nine of ten answered rounds waited no longer than this."),
        source="ours",
        additive=False,
        quantile=QUANTILES["response_time_p90"],
    ),
    _metric(
        id="within_three_minutes",
        needs=SERVICE_NEEDS["within_three_minutes"],
        family="speed",
        name=_("Answered within three minutes"),
        unit="share",
        better="higher",
        numerator=_("rounds answered by a human within 180 seconds"),
        denominator=_("all rounds opened 08:00-23:00"),
        definition=_(
            "Of all rounds opened between 08:00 and 23:00, the share a human answered within "
            "three minutes."
        ),
        source="guide",
        target=0.90,
    ),
    _metric(
        id="first_response_time",
        needs=SERVICE_NEEDS["first_response_time"],
        family="speed",
        name=_("First response"),
        unit="seconds",
        better="lower",
        numerator=_("seconds from a buyer's first line of the day to the first human reply"),
        denominator=_("buyer-days that got a human reply"),
        definition=_(
            "Average wait from a buyer's first line of the day to the first human reply of that "
            "day; unanswered buyers are left out and shown beside it."
        ),
        source="guide",
        target=30.0,
    ),
    _metric(
        id="answer_ratio",
        needs=SERVICE_NEEDS["answer_ratio"],
        family="speed",
        name=_("Answer ratio"),
        unit="per_message",
        better="higher",
        numerator=_("agent messages"),
        denominator=_("buyer messages"),
        definition=_("How many lines agents write for each line a buyer writes."),
        source="guide",
    ),
    _metric(
        id="slow_conversations",
        needs=SERVICE_NEEDS["slow_conversations"],
        family="speed",
        name=_("Slow conversations"),
        unit="buyer_days",
        better="lower",
        numerator=_("buyer-days with three or more waits over 120 seconds"),
        denominator=_("buyers received, per natural day"),
        definition=_("Buyer-days in which three or more rounds waited over two minutes."),
        source="guide",
    ),
)
