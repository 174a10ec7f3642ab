"""The rows behind the reply metrics: which rounds and buyer-days count, and what each adds."""

from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from metrics.chats.conversations import Conversations, conversations, received
from metrics.chats.reception import within
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from told.mark import mark as _

#: docs/numbers.md, "Rounds and reply times"; from seller guides.
RESPONSE_CAP = timedelta(seconds=600)
QUICK = timedelta(seconds=180)
SLOW = timedelta(seconds=120)
SLOW_ROUNDS = 3
#: Why a round or a buyer-day does not count, by code.
LEFT_OUT: dict[str, str] = {
    "filtered_buyer": _("a buyer the shop leaves out"),
    "outside_hours": _("opened outside 08:00-23:00"),
    "robot_only": _("answered by a robot only"),
    "unanswered": _("not answered by a human the same day"),
    "over_600": _("waited 600 seconds or more"),
    "not_slow": _("fewer than three waits over 120 seconds"),
}


class Rule(NamedTuple):
    """What a round adds to a metric's numerator, and by which rules it does not count."""

    adds: pl.Expr
    left_out: dict[str, pl.Expr]

    @property
    def counts(self) -> pl.Expr:
        """Whether a round counts."""
        return ~pl.any_horizontal(self.left_out.values())

    @property
    def why_not(self) -> pl.Expr:
        """The first rule by which a round does not count, null where it does."""
        rules = self.left_out.items()
        return pl.coalesce(*(pl.when(holds).then(pl.lit(code)) for code, holds in rules))


_WAIT, _CAP = pl.col("wait_s"), RESPONSE_CAP.total_seconds()
_OUTSIDE = {"outside_hours": ~pl.col("in_platform_hours")}
#: Only a human's answer of the same day ends a wait.
_UNANSWERED = {"unanswered": _WAIT.is_null()}
ROUND_RULES: dict[str, Rule] = {
    "response_time_platform": Rule(
        _WAIT.clip(upper_bound=_CAP).fill_null(_CAP),
        {**_OUTSIDE, "robot_only": pl.col("state") == "robot_only"},
    ),
    "response_time_tool": Rule(_WAIT, {**_UNANSWERED, "over_600": _WAIT >= _CAP}),
    "response_time_median": Rule(_WAIT, _UNANSWERED),
    "response_time_p90": Rule(_WAIT, _UNANSWERED),
    "within_three_minutes": Rule((QUICK.total_seconds() >= _WAIT).fill_null(value=False), _OUTSIDE),
}
#: Of the round that a buyer's first line of the day opened.
FIRST_RESPONSE = Rule(_WAIT, _UNANSWERED)
IS_SLOW = SLOW.total_seconds() < _WAIT


def answered_same_day(settings: ShopSettings, /) -> pl.Expr:
    """Whether a round ended with a valid reply: a human's, or a robot's where the shop says so."""
    answers = ["answered", "robot_only"] if settings.robot_counts_as_reply else ["answered"]
    return pl.any_horizontal(pl.col("state") == answer for answer in answers)


def facts(
    metric_id: str,
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date,
    last: date,
    by_agent: bool = False,
) -> pl.LazyFrame:
    """Rounds for the response times, buyer-days for the rest; see ``metrics.kit.metric.Facts``.

    A round belongs to the agent its opening line addressed, a first response to who wrote it, a
    line to its own agent. By agent a buyer-day stands once for each agent who received the buyer.

    Returns:
        The columns of ``FACTS`` (``amount``: seconds waited, null if nobody answered) and
        ``state`` (of a round, else null).
    """
    talks = conversations(tables, settings, first=first, last=last)
    if metric_id in ROUND_RULES:
        rows = _round_facts(talks, ROUND_RULES[metric_id])
    elif metric_id == "answer_ratio":
        rows = _line_facts(talks, by_agent=by_agent)
    elif metric_id == "slow_conversations":
        rows = _slow_facts(talks, settings, by_agent=by_agent)
    elif metric_id == "first_response_time":
        first_rounds = _waits(talks).filter("first").with_columns(agent="replier")
        rows = _told(first_rounds, FIRST_RESPONSE.adds, left_out=FIRST_RESPONSE.why_not)
    elif by_agent:
        rows = _received_facts(talks, settings)
    else:
        first_rounds = _waits(talks).filter("first")
        rows = _told(first_rounds, answered_same_day(settings))
    return pl.concat([rows, filtered_buyer_days(tables, settings, first, last)], how="diagonal")


def _waits(talks: Conversations) -> pl.LazyFrame:
    return talks.rounds.with_columns(pl.col("state", "buyer", "agent", "replier").cast(pl.String))


def _told(
    rows: pl.LazyFrame,
    numerator: pl.Expr,
    *,
    denominator: pl.Expr | None = None,
    left_out: pl.Expr | None = None,
    kind: str = "buyer_day",
) -> pl.LazyFrame:
    """Rows with ``day``, ``buyer``, ``agent``, ``opened_at`` and ``wait_s`` as facts."""
    none = pl.lit(None, pl.String)
    return rows.select(
        "day",
        "buyer",
        agent=pl.when(pl.col("agent") != "").then("agent"),
        at="opened_at",
        kind=pl.lit(kind),
        subject=_subject(pl.col("opened_at")),
        amount=_WAIT.cast(pl.Float64),
        numerator=numerator.cast(pl.Float64),
        denominator=pl.lit(1.0) if denominator is None else denominator.cast(pl.Float64),
        left_out=none if left_out is None else left_out,
        state=pl.col("state") if kind == "round" else none,
    )


def _subject(at: pl.Expr) -> pl.Expr:
    return pl.concat_str("buyer", at.dt.strftime("%Y-%m-%d %H:%M:%S"), separator=" ")


def _round_facts(talks: Conversations, rule: Rule) -> pl.LazyFrame:
    return _told(_waits(talks), rule.adds, left_out=rule.why_not, kind="round")


def _line_facts(talks: Conversations, *, by_agent: bool) -> pl.LazyFrame:
    """Buyer-days (of an agent) with the lines of both sides."""
    keys = ["buyer", "day", "agent"] if by_agent else ["buyer", "day"]
    lines = (
        talks.contacts.with_columns(pl.col("buyer", "agent").cast(pl.String))
        .group_by(keys)
        .agg(
            pl.col("written", "asked").sum(),
            opened_at=pl.coalesce(pl.col("asked_at").min(), pl.col("replied_at").min()),
        )
        .with_columns(wait_s=pl.lit(None, pl.Float64))
    )
    rows = lines if by_agent else lines.with_columns(agent=pl.lit(""))
    return _told(rows, pl.col("written"), denominator=pl.col("asked"))


def _slow_facts(talks: Conversations, settings: ShopSettings, *, by_agent: bool) -> pl.LazyFrame:
    """Buyer-days (of an agent) with their longest wait; a slow one counts, out of all received."""
    keys = ["buyer", "day", "agent"] if by_agent else ["buyer", "day"]
    rows = (
        _waits(talks)
        .group_by(keys)
        .agg(pl.col("opened_at").min(), pl.col("wait_s").max(), slow=IS_SLOW.sum() >= SLOW_ROUNDS)
    )
    if by_agent:
        # A buyer may write to an agent without opening a round with them.
        rows = _received(talks, settings).join(rows, on=keys, how="left", validate="1:1")
        rows = rows.with_columns(
            pl.col("opened_at").fill_null(pl.col("day").cast(pl.Datetime("us"))),
            pl.col("slow").fill_null(value=False),
        )
    else:
        rows = rows.with_columns(agent=pl.lit(""))
    return _told(rows, pl.col("slow"), left_out=pl.when(~pl.col("slow")).then(pl.lit("not_slow")))


def _received(talks: Conversations, settings: ShopSettings) -> pl.LazyFrame:
    names = pl.col("buyer", "agent").cast(pl.String)
    return received(talks.contacts, settings).with_columns(names)


def _received_facts(talks: Conversations, settings: ShopSettings) -> pl.LazyFrame:
    """Buyer-days that each agent received, and whether the agent answered."""
    rows = _received(talks, settings).with_columns(
        opened_at=pl.col("day").cast(pl.Datetime("us")), wait_s=pl.lit(None, pl.Float64)
    )
    return _told(rows, pl.col("answered")).with_columns(
        subject=pl.concat_str("buyer", "day", separator=" ")
    )


def filtered_buyer_days(
    tables: ShopTables,
    settings: ShopSettings,
    first: date,
    last: date,
    /,
    *,
    kind: str = "buyer_day",
) -> pl.LazyFrame:
    """Buyer-days of the buyers that the shop leaves out everywhere, as facts of a kind."""
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
            kind=pl.lit(kind),
            subject=_subject(pl.col("at")),
            amount=pl.lit(None, dtype=pl.Float64),
            left_out=pl.lit("filtered_buyer"),
        )
    )
