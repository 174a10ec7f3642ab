"""What each agent did, cut into pieces that do not depend on each other.

A rate's sampling error cannot be read off its number of rounds: the rounds of one buyer, and the
buyers of one busy evening, are alike. So every figure of an agent is kept as sums per *cluster*: a
day for the conversation metrics, a buyer for what is bought, refunded and rated. How much the
clusters differ is what tells chance from habit (``metrics.agents.scorecard``).
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics.agents.scorecard import totals
from metrics.catalog import BY_ID
from metrics.chats.conversations import conversations
from metrics.chats.reply import QUANTILES, SUMMED, chat_counts
from metrics.chats.reply_facts import RESPONSE_CAP
from metrics.chats.service_feed import SERVED_METRICS, feed_days, service_counts
from metrics.kit.coverage import final_until
from metrics.kit.metric import Metric
from metrics.kit.periods import FEN_PER_UNIT
from metrics.kit.ratio import Z_95
from metrics.ratings.counted import ratings_judged
from metrics.sales import inquiry
from metrics.sales.settled import sellers
from metrics.sales.spend_facts import facts_of
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

#: Metrics of a scorecard, in the order they are read.
SPEND = ("unit_price", "order_price", "pieces_per_buyer", "piece_price", "cross_sell_rate")
REFUND = ("refund_retention",)
AGENT_METRICS = ("inquiry_conversion", *SUMMED, *QUANTILES, *SPEND, *REFUND, "dsr_service")
#: Metrics judged by something steadier than what is shown, and what that is.
JUDGED_AS = {
    "first_response_time": _("with waits over ten minutes counted as ten"),
    "response_time_median": _("by the share of waits longer than the middle agent's"),
    "response_time_p90": _("by the share of waits longer than the middle agent's"),
}
UNITS: dict[str, type[pl.DataType]] = {
    "metric": pl.String,
    "agent": pl.String,
    "cluster": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
}


def agent_units(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    ids: Sequence[str] = AGENT_METRICS,
) -> pl.LazyFrame:
    """Each agent's counts per metric and cluster; summed they are the agent's figures.

    Figures follow ``metrics.measure(by="agent")`` but for those in ``JUDGED_AS``, and the service
    stars, which are those of orders attributed to the agent (no platform gives stars per agent).
    Days and cohorts that are not final are left out.

    Args:
        tables: The shop's tables.
        settings: The shop's rules.
        first: First day, shop time.
        last: Last day, included.
        ids: Metrics wanted.

    Returns:
        One row per metric, agent and cluster, in no order: the columns of ``UNITS``; money in
        units of the shop's currency.
    """
    parts = [pl.LazyFrame(schema=UNITS)]
    if {*SUMMED, *QUANTILES} & set(ids):
        parts += _reply(tables, settings, first, last)
    if "inquiry_conversion" in ids:
        parts.append(_conversion(tables, settings, first, last))
    if set(SPEND) & set(ids) and tables.has("orders"):
        parts += _spend(tables, settings, first, last)
    if "refund_retention" in ids and tables.has("refunds"):
        parts.append(_retention(tables, settings, first, last))
    if "dsr_service" in ids and tables.has("ratings"):
        parts.append(_stars(tables, settings, first, last))
    rows = pl.concat([part.select(_typed()) for part in parts])
    return rows.filter(pl.col("metric").is_in(list(ids)), pl.col("denominator") > 0)


def _typed() -> list[pl.Expr]:
    return [pl.col(name).cast(dtype) for name, dtype in UNITS.items()]


def _reply(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> list[pl.LazyFrame]:
    """The reply metrics per day: chat lines on the days they cover, else performance tables."""
    days = feed_days(tables, "reply").filter(pl.col("day").is_between(first, last), "whole")
    talks = conversations(tables, settings, first=first, last=last)
    told = [metric for metric in SUMMED if metric != "first_response_time"]
    served = [metric for metric in SUMMED if metric in SERVED_METRICS]
    feeds = {
        "messages": (chat_counts(talks, settings, per_agent=True), told),
        "service_days": (service_counts(tables.service_days, per_agent=True), served),
    }
    chat_waits = talks.rounds.filter(_of(days.filter(feed="messages")["day"]))
    return [
        *(
            _long(counts.filter(_of(days.filter(feed=feed)["day"])), metrics)
            for feed, (counts, metrics) in feeds.items()
        ),
        _first_waits(chat_waits),
        _longer_waits(chat_waits),
    ]


def _of(days: pl.Series) -> pl.Expr:
    return pl.col("day").is_in(days.implode())


def _long(counts: pl.LazyFrame, metrics: Sequence[str]) -> pl.LazyFrame:
    """Pairs in columns as rows; a day's metric without both counts has none."""
    return pl.concat(
        counts.select(
            "agent",
            metric=pl.lit(metric),
            cluster=pl.col("day").cast(pl.String),
            numerator=pl.col(f"{metric}:numerator").cast(pl.Float64),
            denominator=pl.col(f"{metric}:denominator").cast(pl.Float64),
        ).drop_nulls()
        for metric in metrics
    )


def _first_waits(waits: pl.LazyFrame) -> pl.LazyFrame:
    """First responses per day, none longer than the cap.

    One question of the night answered at noon is worth two thousand good answers in a mean, and
    says nothing of the agent who found it in the morning.
    """
    cap = RESPONSE_CAP.total_seconds()
    opened = waits.filter("first", pl.col("wait_s").is_not_null())
    return opened.group_by(
        agent=pl.col("replier").cast(pl.String), cluster=pl.col("day").cast(pl.String)
    ).agg(
        metric=pl.lit("first_response_time"),
        numerator=pl.col("wait_s").clip(upper_bound=cap).sum(),
        denominator=pl.len(),
    )


def _longer_waits(waits: pl.LazyFrame) -> pl.LazyFrame:
    """Per quantile the waits longer than that of the middle agent, of all answered ones."""
    wait = pl.col("wait_s")
    answered = waits.filter(wait.is_not_null(), pl.col("agent") != "").select(
        "day", "wait_s", pl.col("agent").cast(pl.String)
    )
    answered = answered.cache()
    each = [wait.quantile(share, "linear").alias(name) for name, share in QUANTILES.items()]
    middle = answered.group_by("agent").agg(each).select(pl.col(QUANTILES).median())
    return (
        answered.join(middle, how="cross")
        .group_by("agent", cluster=pl.col("day").cast(pl.String))
        .agg(*((wait > pl.col(name)).sum().alias(name) for name in QUANTILES), denominator=pl.len())
        .unpivot(
            list(QUANTILES),
            index=["agent", "cluster", "denominator"],
            variable_name="metric",
            value_name="numerator",
        )
    )


def _conversion(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> pl.LazyFrame:
    """Inquiries and those that paid, per final inquiry day."""
    days = inquiry.cohort_days(tables, settings).filter(
        pl.col("day").is_between(first, last), "mature"
    )
    service = service_counts(tables.service_days, per_agent=True, window=settings.conversion_window)
    metric = "inquiry_conversion"
    feeds = {
        "messages": inquiry.agent_counts(tables, settings, first, last),
        "service_days": service.select(
            "day", "agent", **{count: f"{metric}:{count}" for count in inquiry.PAIR}
        ),
    }
    return pl.concat(
        counts.filter(_of(days.filter(feed=feed)["day"])).select(
            "agent",
            metric=pl.lit(metric),
            cluster=pl.col("day").cast(pl.String),
            numerator=pl.col("numerator").fill_null(0.0).cast(pl.Float64),
            denominator=pl.col("denominator").cast(pl.Float64),
        )
        for feed, counts in feeds.items()
    )


def _spend(
    tables: ShopTables, settings: ShopSettings, first: date, last: date
) -> list[pl.LazyFrame]:
    """What each attributed buyer paid in the span."""
    facts = facts_of(SPEND, tables, settings, first=first, last=last, by_agent=True)
    return [_per_buyer(rows, BY_ID[metric_id]) for metric_id, rows in facts.items()]


def _retention(tables: ShopTables, settings: ShopSettings, first: date, last: date) -> pl.LazyFrame:
    """Decided refund cases of final cohorts, per buyer."""
    metric = BY_ID["refund_retention"]
    final = final_until(tables, metric)
    until = min(last, final) if final else last
    facts = metric.facts(metric.id, tables, settings, first=first, last=until, by_agent=True)
    return _per_buyer(facts.filter(pl.col("agent").is_not_null()), metric)


def _per_buyer(facts: pl.LazyFrame, metric: Metric) -> pl.LazyFrame:
    """What counts of an agent's facts, buyer by buyer; money in units."""
    return (
        facts.filter(pl.col("left_out").is_null())
        .group_by("agent", cluster="buyer")
        .agg(pl.col("numerator", "denominator").sum())
        .with_columns(
            *(pl.col(count) / FEN_PER_UNIT for count in metric.in_fen),
            metric=pl.lit(metric.id),
        )
    )


def _stars(tables: ShopTables, settings: ShopSettings, first: date, last: date) -> pl.LazyFrame:
    """Service stars given in the span to orders that are owed to an agent, per buyer."""
    rated = (
        ratings_judged(tables, settings)
        .filter(
            pl.col("day").is_between(first, last),
            pl.col("left_out").is_null(),
            pl.col("service").is_not_null(),
        )
        .cache()
    )
    return (
        rated.join(sellers(tables, settings, among=rated), on="order_id", validate="m:1")
        .group_by("agent", cluster=pl.coalesce("buyer", "order_id"))
        .agg(numerator=pl.col("service").cast(pl.Float64).sum(), denominator=pl.len())
        .with_columns(metric=pl.lit("dsr_service"))
    )


def agent_totals(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """The sums of every agent's figures of some days; see ``metrics.agents.scorecard.totals``."""
    return totals(agent_units(tables, settings, first=first, last=last))


def quantile_intervals(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """95 % interval of each agent's median and slowest tenth, read off the sorted waits.

    Returns:
        One row per metric and agent, in this order: ``metric``, ``agent``, ``low`` and ``high``
        (seconds; Woodruff's interval).
    """
    waits = conversations(tables, settings, first=first, last=last).rounds
    wait = pl.col("wait_s")
    answered = waits.filter(wait.is_not_null(), pl.col("agent") != "")
    waits = answered.group_by(agent=pl.col("agent").cast(pl.String)).agg(waits=wait.sort())
    parts = []
    for metric, share in QUANTILES.items():
        n = pl.col("waits").list.len()
        half = Z_95 * (share * (1 - share) / n).sqrt()
        places = {
            name: ((share + side * half) * (n - 1)).round().clip(0, n - 1).cast(pl.Int64)
            for name, side in (("low", -1), ("high", 1))
        }
        ends = {name: pl.col("waits").list.get(place) for name, place in places.items()}
        parts.append(waits.select("agent", metric=pl.lit(metric), **ends))
    return pl.concat(parts).select("metric", "agent", "low", "high").sort("metric", "agent")


def agent_sales(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date
) -> pl.LazyFrame:
    """Orders and money attributed to each agent, by payment day.

    Returns:
        One row per agent, by name: ``agent``, ``orders``, ``sales`` (money).
    """
    facts = BY_ID["order_price"].facts(
        "order_price", tables, settings, first=first, last=last, by_agent=True
    )
    paid = facts.filter(pl.col("left_out").is_null())
    orders, fen = pl.col("denominator").sum(), pl.col("numerator").sum()
    sums = paid.group_by("agent").agg(orders=orders.cast(pl.Int64), sales=fen / FEN_PER_UNIT)
    return sums.sort("agent")
