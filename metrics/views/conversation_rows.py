"""The rows behind the conversation metrics: buyer-days, rounds and inquiries."""

from datetime import date

import polars as pl

from metrics.chats.conversations import Conversations, conversations, received
from metrics.chats.reception import within
from metrics.chats.reply import RESPONSE_CAP, SLOW, SLOW_ROUNDS
from metrics.kit.buyers import blurred_buyer
from metrics.kit.periods import FEN_PER_YUAN
from metrics.sales.inquiry import with_returning
from store.settings import ShopSettings
from store.shop_tables import ShopTables

PER_ROUND = (
    "response_time_platform",
    "response_time_tool",
    "response_time_median",
    "response_time_p90",
    "within_three_minutes",
)


def inquiry_rows(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date, by_agent: bool
) -> pl.LazyFrame:
    """Received buyer-days: inquiries, and those that were none with the reason.

    By agent an inquiry has a row for each agent the buyer wrote to.

    Returns:
        ``day``, ``at``, ``kind``, ``subject`` (the paid order, null if none), ``buyer``,
        ``agent``, ``amount`` (yuan paid), ``returning``, ``ordered``, ``paid`` (null for a buyer
        whom the shop leaves out), ``left_out``; in no order.
    """
    facts = with_returning(tables, settings, first=first, last=last)
    if by_agent:
        wrote = conversations(tables, settings, first=first, last=last).agents_asked
        facts = facts.join(wrote, on=["buyer", "day"], validate="1:m")
    else:
        facts = facts.with_columns(agent=pl.lit(None, dtype=pl.String))
    blurred = blurred_buyer()
    rows = facts.select(
        "day",
        "buyer",
        "agent",
        at="first_line_at",
        kind=pl.lit("inquiry"),
        subject="order_id",
        amount=pl.col("amount_fen") / FEN_PER_YUAN,
        returning="returning",
        ordered="ordered",
        paid=pl.col("paid_day").is_not_null(),
        left_out=pl.when(blurred)
        .then(pl.lit("masked_buyer"))
        .when(~pl.col("inquiry"))
        .then(pl.lit("after_sale")),
    )
    filtered = _filtered(tables, settings, first, last, "inquiry")
    return pl.concat([rows, filtered], how="diagonal")


def reply_rows(
    metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    by_agent: bool,
) -> pl.LazyFrame:
    """Rounds for the response times, buyer-days for the rest.

    Returns:
        ``day``, ``at``, ``kind``, ``subject`` (buyer and moment), ``buyer``, ``agent``,
        ``amount`` (seconds waited, null if nobody answered), ``state`` (of a round, else null),
        ``left_out``; in no order.
    """
    talks = conversations(tables, settings, first=first, last=last)
    if by_agent and metric_id == "reply_rate":
        return _agent_days(talks, settings)
    waits = talks.rounds.with_columns(pl.col("state", "buyer", "agent", "replier").cast(pl.String))
    per_round = metric_id in PER_ROUND
    if metric_id == "slow_conversations":
        rows = _slow_days(waits, by_agent=by_agent)
    elif per_round:
        rows = waits.with_columns(left_out=_round_left_out(metric_id))
    else:
        rows = waits.filter("first").with_columns(left_out=_first_left_out(metric_id))
        if metric_id == "first_response_time":
            rows = rows.with_columns(agent="replier")
    named = pl.when(pl.col("agent") != "").then("agent")
    kind = "round" if per_round else "buyer_day"
    shown = rows.select(
        "day",
        "buyer",
        agent=named,
        at="opened_at",
        kind=pl.lit(kind),
        subject=_subject(pl.col("opened_at")),
        amount=pl.col("wait_s").cast(pl.Float64),
        state=pl.col("state") if per_round else pl.lit(None, dtype=pl.String),
        left_out="left_out",
    )
    return pl.concat([shown, _filtered(tables, settings, first, last, kind)], how="diagonal")


def _subject(at: pl.Expr) -> pl.Expr:
    return pl.concat_str("buyer", at.dt.strftime("%Y-%m-%d %H:%M:%S"), separator=" ")


def _round_left_out(metric_id: str) -> pl.Expr:
    state, outside = pl.col("state"), ~pl.col("in_platform_hours")
    unanswered = state != "answered"
    rules = {
        "response_time_platform": {"outside_hours": outside, "robot_only": state == "robot_only"},
        "within_three_minutes": {"outside_hours": outside},
        "response_time_tool": {
            "unanswered": unanswered,
            "over_600": pl.col("wait_s") >= RESPONSE_CAP.total_seconds(),
        },
    }.get(metric_id, {"unanswered": unanswered})
    return pl.coalesce(*(pl.when(holds).then(pl.lit(code)) for code, holds in rules.items()))


def _first_left_out(metric_id: str) -> pl.Expr:
    """Every received buyer-day counts, but only an answered one has a first response."""
    if metric_id == "first_response_time":
        return pl.when(pl.col("state") != "answered").then(pl.lit("unanswered"))
    return pl.lit(None, dtype=pl.String)


def _slow_days(waits: pl.LazyFrame, *, by_agent: bool) -> pl.LazyFrame:
    """Buyer-days (of an agent) with their longest wait; slow ones count."""
    keys = ["buyer", "day", "agent"] if by_agent else ["buyer", "day"]
    slow = (pl.col("wait_s") > SLOW.total_seconds()).sum()
    days = waits.group_by(keys).agg(
        pl.col("opened_at").min(),
        pl.col("wait_s").max(),
        left_out=pl.when(slow < SLOW_ROUNDS).then(pl.lit("not_slow")),
    )
    return days if by_agent else days.with_columns(agent=pl.lit(""))


def _agent_days(talks: Conversations, settings: ShopSettings) -> pl.LazyFrame:
    """Buyer-days that each agent received."""
    return received(talks.contacts, settings).select(
        "day",
        pl.col("buyer").cast(pl.String),
        pl.col("agent").cast(pl.String),
        at=pl.col("day").cast(pl.Datetime("us")),
        kind=pl.lit("buyer_day"),
        subject=pl.concat_str(pl.col("buyer").cast(pl.String), pl.col("day"), separator=" "),
        amount=pl.lit(None, dtype=pl.Float64),
        left_out=pl.lit(None, dtype=pl.String),
    )


def _filtered(
    tables: ShopTables, settings: ShopSettings, first: date, last: date, kind: str
) -> pl.LazyFrame:
    """Buyer-days of the buyers that the shop leaves out everywhere."""
    return (
        within(tables.messages, first, last)
        .filter(pl.col("buyer").is_in(settings.filtered_buyers), pl.col("sender") == "buyer")
        .group_by("buyer", day=pl.col("sent_at").dt.date())
        .agg(at=pl.col("sent_at").min())
        .select(
            "day",
            "buyer",
            agent=pl.lit(None, dtype=pl.String),
            at="at",
            kind=pl.lit("buyer_day" if kind == "round" else kind),
            subject=_subject(pl.col("at")),
            amount=pl.lit(None, dtype=pl.Float64),
            left_out=pl.lit("filtered_buyer"),
        )
    )
