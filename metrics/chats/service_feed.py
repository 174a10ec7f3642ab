"""The platform's performance tables, reduced to the counts that chat lines give.

Where a shop has no chat lines for a day, these counts stand in. A rate without the number of
buyers it speaks of is no count and stays out (docs/numbers.md, "Counts first").
"""

from collections.abc import Sequence
from datetime import date

import dataframely as dy
import polars as pl

from metrics.kit.metric import Feed
from metrics.kit.needs import Need
from metrics.kit.ratio import ratio
from store.schemas import ServiceDays
from store.settings import ConversionWindow
from store.shop_tables import ShopTables

#: What feeds the metrics of a subject, best first: chat lines, else performance tables.
FEEDS: dict[str, tuple[Feed, Feed]] = {
    "inquiry": (("messages", "orders"), ("service_days",)),
    "reply": (("messages",), ("service_days",)),
}
#: Metrics the tables can tell; medians and the tools' average need every single wait.
SERVED_METRICS = (
    "reply_rate",
    "response_time_platform",
    "within_three_minutes",
    "first_response_time",
    "slow_conversations",
    "answer_ratio",
    "inquiry_conversion",
)
_SERVICE = "service_days"
_RECEIVED = Need("no_counts_of_buyers", ((_SERVICE, "received_users"),))


def _told_by(reason: str, *columns: str) -> tuple[Need, ...]:
    return _RECEIVED, Need(reason, tuple((_SERVICE, column) for column in columns))


#: What performance tables must tell, by metric.
SERVICE_NEEDS: dict[str, tuple[Need, ...]] = {
    "reply_rate": _told_by("no_unanswered", "unreplied_users", "reply_rate"),
    "response_time_platform": _told_by("no_average_response", "avg_response_s"),
    "within_three_minutes": _told_by("no_three_minutes", "reply_3min_rate"),
    "first_response_time": _told_by("no_first_response", "first_response_s"),
    "slow_conversations": _told_by("no_slow_buyers", "slow_users"),
    # Without the lines of both sides the ratio is weighed by the buyers received.
    "answer_ratio": (Need("no_lines", ((_SERVICE, "agent_messages"), (_SERVICE, "qa_ratio"))),),
    "inquiry_conversion": (
        Need("no_inquiries", ((_SERVICE, "inquiry_users"), (_SERVICE, "inquiry_users_today"))),
        Need(
            "no_paid_buyers",
            tuple(
                (_SERVICE, column)
                for column in ("paid_users_final", "conv_final", "paid_users_today", "conv_today")
            ),
        ),
    ),
}
PEER_SCOPES = ("peer_mean", "peer_best")


def feed_days(tables: ShopTables, subject: str, /) -> pl.DataFrame:
    """Which feed speaks for which day: chat lines where they cover it, else performance tables.

    A day whose chat file was made before midnight gives way to a performance table of the whole
    day; so does one with chat lines of which nobody has said who serves.

    Args:
        tables: The shop's tables; only their coverage and undecided lines are looked at.
        subject: "reply" or "inquiry" (whose chat feed needs the orders too).

    Returns:
        One row per covered day, oldest first: ``day``, ``feed`` ("messages" or
        "service_days"), ``whole``.
    """
    chat, service = (
        tables.coverage.filter(pl.col("table").is_in(feed))
        .group_by("day")
        .agg(pl.col("whole").all(), tables=pl.len())
        .filter(pl.col("tables") == len(feed))
        .select("day", "whole", feed=pl.lit(feed[0]))
        for feed in FEEDS[subject]
    )
    unsaid = pl.col("day").is_in(tables.undecided["day"].implode()) & (
        pl.col("feed") != "service_days"
    )
    return (
        pl.concat([chat, service])
        .sort("day", unsaid, pl.col("whole").not_(), "feed")
        .unique("day", keep="first", maintain_order=True)
        .select("day", "feed", "whole")
    )


def feed_notes(days: pl.DataFrame, key: str, /) -> pl.DataFrame:
    """The note codes that tell which feeds a span rests on.

    Args:
        days: Rows of ``feed_days`` with a column named ``key``.
        key: The column that names a span.

    Returns:
        One row per span: the key and ``note`` ("feed_messages", "feed_service_days" or both).
    """
    codes = pl.concat_str(pl.lit("feed_"), "feed").unique().sort().str.join(";")
    return days.group_by(key).agg(note=codes)


def side_notes(tables: ShopTables, days: pl.DataFrame, key: str, /) -> pl.DataFrame:
    """The spans with chat lines that count for nothing because nobody has said who serves.

    Args:
        tables: The shop's tables.
        days: Rows of ``feed_days`` with a column named ``key``.
        key: The column that names a span.

    Returns:
        One row per span with such lines, by it: the key and ``unsaid`` ("agents_unknown").
    """
    spoken = days.filter(feed="messages").join(tables.undecided, on="day", how="semi")
    return spoken.select(pl.col(key).unique().sort()).with_columns(unsaid=pl.lit("agents_unknown"))


def said_why_null(metric: str, /) -> list[pl.Expr]:
    """``unsaid`` as the ``reason`` where there is no ``value``, else as one more ``note``.

    Where the tables of ``lacking`` do not tell the metric, that is the reason.
    """
    beside = pl.when(pl.col("value").is_not_null()).then("unsaid")
    noted = pl.concat_str("note", beside, separator=";", ignore_nulls=True)
    return [noted.alias("note"), pl.coalesce("unsaid", lacked(metric)).alias("reason")]


def lacking(
    tables: ShopTables, days: pl.DataFrame, /, *, ids: Sequence[str] = SERVED_METRICS
) -> pl.LazyFrame:
    """What the performance tables of some days do not tell, for ``lacked``.

    Args:
        tables: The shop's tables.
        days: Rows of ``feed_days``.
        ids: Metrics of ``SERVED_METRICS``.

    Returns:
        One row: per metric ``<metric>:lacks``, a code of ``metrics.kit.needs.REASONS`` or null.
    """
    spoken = days.filter(feed="service_days")["day"]
    rows = tables.service_days.filter(
        pl.col("day").is_in(spoken.implode()), pl.col("scope").is_in(["shop", "agent"])
    )
    absent = {
        need: pl.all_horizontal(pl.col(name).is_null().all() for _table, name in need.columns)
        for metric in ids
        for need in SERVICE_NEEDS[metric]
    }
    return rows.select(
        pl.coalesce(
            pl.when(absent[need]).then(pl.lit(need.reason)) for need in SERVICE_NEEDS[metric]
        ).alias(f"{metric}:lacks")
        for metric in ids
    )


def lacked(metric: str, /) -> pl.Expr:
    """Why a span that rests on performance tables alone has no value; needs ``lacking``."""
    why = pl.col(f"{metric}:lacks") if metric in SERVED_METRICS else pl.lit("chat_only")
    return pl.when(pl.col("note") == "feed_service_days").then(why)


def service_counts(
    service_days: dy.LazyFrame[ServiceDays],
    /,
    *,
    per_agent: bool,
    window: ConversionWindow = "final",
) -> pl.LazyFrame:
    """Numerator and denominator of each metric, per day (and agent), from performance tables.

    Averages and rates become counts by the buyers received. Where one day stands in several
    sheets, each column is taken from the first sheet (by layout name) that fills it. The shop's
    figure is its own row where there is one, else the sum of its agents.

    Args:
        service_days: The performance tables.
        per_agent: Agents' rows; else the shop's.
        window: Which inquiry outcome counts; the tables know no next-day payments.

    Returns:
        One row per day, or per day and agent, in no order: ``day``, ``agent`` (null for the
        shop), and per metric ``<metric>:numerator`` and ``<metric>:denominator``, both null
        where the tables do not tell.
    """
    rows = _pairs(_one_row_each(service_days), window)
    names = [name for name in rows.collect_schema() if ":" in name]
    agents = rows.filter(scope="agent")
    if per_agent:
        return agents.select("day", "agent", *names)
    # The sum over no figure at all is null, not 0.
    total = [pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()) for name in names]
    summed = agents.group_by("day").agg(total)
    shop = rows.filter(scope="shop").select("day", *names)
    both = shop.join(summed, on="day", how="full", coalesce=True, validate="1:1", suffix=":agents")
    return both.select("day", pl.lit(None, pl.String).alias("agent"), *_better_pairs())


def _better_pairs() -> list[pl.Expr]:
    """Both counts of the shop's row where it has both, else both of the agents' sum."""
    picked = []
    for metric in SERVED_METRICS:
        pair = [f"{metric}:{count}" for count in ("numerator", "denominator")]
        own = pl.all_horizontal(pl.col(pair).is_not_null())
        picked += [
            pl.when(own).then(name).otherwise(pl.col(f"{name}:agents")).alias(name) for name in pair
        ]
    return picked


def _one_row_each(service_days: pl.LazyFrame) -> pl.LazyFrame:
    keys = ("day", "scope", "agent")
    columns = [c for c in ServiceDays.column_names() if c not in {"shop", *keys, "layout"}]
    return (
        service_days.sort("layout")
        .group_by(keys, maintain_order=True)
        .agg(pl.col(columns).drop_nulls().first())
    )


def _pairs(rows: pl.LazyFrame, window: ConversionWindow) -> pl.LazyFrame:
    """Each metric as a pair of counts; both are null where one is not known."""
    received = pl.col("received_users")
    unreplied = pl.col("unreplied_users")
    # Some files count the unanswered among all who consulted, not among the received.
    answered = pl.coalesce(
        pl.when(unreplied <= received).then(received - unreplied),
        (pl.col("reply_rate") * received).round(),
    )
    lines = pl.all_horizontal(pl.col("agent_messages", "buyer_messages").is_not_null())
    asked = pl.when(lines).then("buyer_messages").otherwise(received)
    answers = pl.when(lines).then("agent_messages").otherwise(pl.col("qa_ratio") * received)
    inquiries, paid = _inquiries(window)
    pairs = {
        "reply_rate": (answered, received),
        "response_time_platform": (pl.col("avg_response_s") * received, received),
        "within_three_minutes": (pl.col("reply_3min_rate") * received, received),
        "first_response_time": (pl.col("first_response_s") * received, received),
        "slow_conversations": (pl.col("slow_users"), received),
        "answer_ratio": (answers, asked),
        "inquiry_conversion": (paid, inquiries),
    }
    columns = {}
    for metric, (numerator, denominator) in pairs.items():
        known = numerator.is_not_null() & denominator.is_not_null()
        columns[f"{metric}:numerator"] = pl.when(known).then(numerator.cast(pl.Float64))
        columns[f"{metric}:denominator"] = pl.when(known).then(denominator.cast(pl.Float64))
    return rows.select("day", "scope", "agent", **columns)


def _inquiries(window: ConversionWindow) -> tuple[pl.Expr, pl.Expr]:
    """Inquiries, and those of them that paid within the window."""
    if window == "next_day":
        unknown = pl.lit(None, pl.Float64)
        return unknown, unknown
    today = window == "same_day"
    inquiries = pl.col("inquiry_users_today" if today else "inquiry_users")
    rate = pl.col("conv_today" if today else "conv_final")
    paid = pl.col("paid_users_today" if today else "paid_users_final")
    return inquiries, pl.coalesce(paid, (rate * inquiries).round())


def peers(service_days: dy.LazyFrame[ServiceDays], /, *, first: date, last: date) -> pl.LazyFrame:
    """What the platform prints for shops of the same trade and tier, for reference lines.

    Returns:
        One row per metric, day and peer group, in this order: ``metric``, ``day``, ``scope``
        ("peer_mean", "peer_best"), ``value`` (never null: a day without peers has no row).
    """
    printed = {
        "reply_rate": pl.col("reply_rate"),
        "response_time_platform": pl.col("avg_response_s"),
        "within_three_minutes": pl.col("reply_3min_rate"),
        "first_response_time": pl.col("first_response_s"),
        "answer_ratio": pl.col("qa_ratio"),
        "inquiry_conversion": pl.col("conv_final"),
    }
    return (
        _one_row_each(
            service_days.filter(
                pl.col("scope").is_in(PEER_SCOPES), pl.col("day").is_between(first, last)
            )
        )
        .select("day", "scope", **printed)
        .unpivot(index=["day", "scope"], variable_name="metric", value_name="value")
        .drop_nulls("value")
        .select("metric", "day", "scope", "value")
        .sort("metric", "day", "scope")
    )


def newest_peers(
    service_days: dy.LazyFrame[ServiceDays], /, *, first: date, last: date
) -> pl.LazyFrame:
    """The newest value printed for shops of the same trade and tier, per metric and group.

    Returns:
        One row per metric and peer group, in this order: the columns of ``peers``.
    """
    printed = peers(service_days, first=first, last=last)
    return printed.group_by("metric", "scope").agg(pl.all().last()).sort("metric", "scope")


def side_by_side(
    chat: pl.LazyFrame, service: pl.LazyFrame, /, *, metrics: tuple[str, ...] = SERVED_METRICS
) -> pl.LazyFrame:
    """Both feeds' values of the days and agents that either knows, with their difference.

    Args:
        chat: Counts from chat lines, in the columns of ``service_counts``.
        service: Counts from the performance tables.
        metrics: Which metrics to compare.

    Returns:
        One row per metric, day and agent, in this order: ``metric``, ``day``, ``agent``,
        ``messages``, ``service_days`` (values, null where that feed has none), ``difference``
        (chat lines minus performance table), ``messages_n`` and ``service_days_n`` (the
        denominators).
    """
    long = [
        counts.select(
            "day",
            "agent",
            metric=pl.lit(metric),
            value=metric_value(metric),
            n=pl.col(f"{metric}:denominator").cast(pl.Float64),
        )
        for counts in (chat, service)
        for metric in metrics
    ]
    keys = ["metric", "day", "agent"]
    ours, theirs = pl.concat(long[: len(metrics)]), pl.concat(long[len(metrics) :])
    return (
        ours.join(theirs, on=keys, how="full", coalesce=True, nulls_equal=True, suffix="_theirs")
        .select(
            *keys,
            messages="value",
            service_days="value_theirs",
            difference=pl.col("value") - pl.col("value_theirs"),
            messages_n="n",
            service_days_n="n_theirs",
        )
        .sort(keys)
    )


def metric_value(metric: str) -> pl.Expr:
    """Value of a metric from its two counts; slow conversations are a count themselves."""
    numerator, denominator = pl.col(f"{metric}:numerator"), pl.col(f"{metric}:denominator")
    if metric == "slow_conversations":
        return pl.when(denominator != 0).then(numerator.cast(pl.Float64))
    return ratio(numerator, denominator)
