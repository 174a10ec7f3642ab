"""Work lists: what should be done today, each row with its reason and its deadline."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal

import polars as pl

from metrics.attribution import named_buyer
from metrics.dsr import ratings_judged
from metrics.inquiry import agents_asked, inquiries
from metrics.reception import ordered_lines, within
from metrics.refund import with_agent
from metrics.refund_words import is_complaint
from metrics.rounds import rounds
from store.schemas import DSR_DIMENSIONS, ShopTables
from store.settings import ShopSettings

WorkKind = Literal[
    "lost_inquiry",
    "unpaid_order",
    "unanswered",
    "open_refund",
    "after_sale_closing",
    "bad_rating",
    "late_shipment",
]
WORK_KINDS: tuple[WorkKind, ...] = (
    "unanswered",
    "unpaid_order",
    "lost_inquiry",
    "late_shipment",
    "open_refund",
    "bad_rating",
    "after_sale_closing",
)
#: An inquiry that did not order is worth a word for so long (ours).
LOST_INQUIRY_AGE = timedelta(days=3)
#: The platform closes an unpaid order by itself after so long (guide: 24 hours at Tmall).
UNPAID_CLOSES = timedelta(hours=24)
#: A complaint wants an answer within so long (guide).
COMPLAINT_ANSWER = timedelta(hours=48)
#: After-sale applications end so long after receipt; the last days are listed (guide).
AFTER_SALE = timedelta(days=15)
AFTER_SALE_NOTICE = timedelta(days=2)
#: A bad rating is worth an answer for so long (ours: the explanation stands under the review).
BAD_RATING_REACTION = timedelta(days=3)
BAD_STARS = 3

#: Columns of every work list, in this order.
WORK: dict[str, type[pl.DataType] | pl.DataType] = {
    "kind": pl.String,
    "subject": pl.String,
    "buyer": pl.String,
    "agent": pl.String,
    "order_id": pl.String,
    "at": pl.Datetime("us"),
    "deadline": pl.Datetime("us"),
    "amount_fen": pl.Int64,
    "reason": pl.String,
    "number": pl.Float64,
    "warmth": pl.Int8,
}

#: Words of a buyer who is close to buying (ours): price, size, stock, delivery.
WARM_WORDS: dict[str, str] = {
    "price": r"多少钱|价格|优惠|便宜|打折|包邮|券|活动",
    "size": r"尺[码寸]|身高|体重|多大|合身|码数|几码|[SMLX]+码",
    "stock": r"有货|现货|库存|还有吗|缺货|补货",
    "delivery": r"发货|几天到|多久到|什么快递|今天发|到货",
}


def work(
    kind: WorkKind, tables: ShopTables, settings: ShopSettings, /, *, as_of: date
) -> pl.LazyFrame:
    """One work list as it stands at the end of a day.

    Args:
        kind: Which list.
        tables: The shop's tables.
        settings: The shop's rules.
        as_of: The day; deadlines count from the midnight that ends it.

    Returns:
        One row per thing to do, most urgent first: ``kind``, ``subject`` (stable, for ticks),
        ``buyer``, ``agent``, ``order_id``, ``at`` (since when), ``deadline``, ``amount_fen``
        (at stake), ``reason`` (a code of the page's wording), ``number`` (that the reason
        speaks of), ``warmth`` (how many signs of wanting to buy; lost inquiries only).
    """
    rows = LISTS[kind](tables, settings, datetime.combine(as_of, datetime.min.time()))
    columns = rows.collect_schema().names()
    return (
        rows.with_columns(kind=pl.lit(kind))
        .select(
            (pl.col(name) if name in columns or name == "kind" else pl.lit(None))
            .cast(dtype)
            .alias(name)
            for name, dtype in WORK.items()
        )
        .sort("warmth", "deadline", "at", "subject", descending=[True, False, False, False])
    )


def _unanswered(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Buyers of the day whose last question nobody answered."""
    day = within(tables.messages, midnight.date(), midnight.date())
    return (
        rounds(ordered_lines(day, settings))
        .filter(pl.col("state") != "answered")
        .group_by(buyer=pl.col("buyer").cast(pl.String))
        .agg(
            at=pl.col("opened_at").min(),
            agent=pl.col("agent").cast(pl.String).last(),
            robot=(pl.col("state") == "robot_only").all(),
        )
        .select(
            "buyer",
            "agent",
            "at",
            subject=_buyer_day(pl.col("buyer"), pl.col("at")),
            reason=pl.when("robot").then(pl.lit("robot_only")).otherwise(pl.lit("nobody_answered")),
            number=_hours(pl.lit(midnight + _DAY) - pl.col("at")),
        )
    )


def _lost_inquiries(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Buyers who asked before buying in the last days and did not order, the warmest first."""
    last = midnight.date()
    first = last - LOST_INQUIRY_AGE + _DAY
    lost = (
        inquiries(tables.messages, tables.orders, settings, first=first, last=last)
        .filter("inquiry", ~pl.col("ordered"))
        .sort("day")
        .unique("buyer", keep="last", maintain_order=True)
    )
    agents = (
        agents_asked(tables.messages, settings, first=first, last=last)
        .sort("agent")
        .unique(["buyer", "day"], keep="first", maintain_order=True)
    )
    topics = [f"asked_{topic}" for topic in WARM_WORDS]
    return (
        lost.join(_warm(tables, first, last), on="buyer", how="left", validate="1:1")
        .join(agents, on=["buyer", "day"], how="left", validate="1:1")
        .with_columns(pl.col(topics).fill_null(False))
        .select(
            "buyer",
            "agent",
            at="first_line_at",
            deadline=pl.col("day").cast(pl.Datetime("us")) + LOST_INQUIRY_AGE + _DAY,
            subject=_buyer_day(pl.col("buyer"), pl.col("first_line_at")),
            reason=pl.concat_str(
                *(pl.when(topic).then(pl.lit(topic)) for topic in topics),
                pl.when("returning").then(pl.lit("returning")),
                separator=";",
                ignore_nulls=True,
            ),
            warmth=pl.sum_horizontal(*topics, "returning"),
        )
    )


def _warm(tables: ShopTables, first: date, last: date) -> pl.LazyFrame:
    """Per buyer, whether a line of these days asked about each topic of ``WARM_WORDS``."""
    return (
        tables.messages.filter(
            pl.col("sender") == "buyer", pl.col("sent_at").dt.date().is_between(first, last)
        )
        .group_by("buyer")
        .agg(
            pl.col("text").str.contains(words).any().alias(f"asked_{topic}")
            for topic, words in WARM_WORDS.items()
        )
    )


def _unpaid_orders(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Orders that close by themselves unless they are paid."""
    now = midnight + _DAY
    return tables.orders.filter(
        pl.col("paid_at").is_null(),
        pl.col("status") == "unpaid",
        pl.col("created_at") < now,
        pl.col("created_at") > now - UNPAID_CLOSES,
    ).select(
        "order_id",
        "buyer",
        subject="order_id",
        at="created_at",
        deadline=pl.col("created_at") + UNPAID_CLOSES,
        amount_fen=pl.coalesce("total_fen", "goods_payable_fen"),
        reason=pl.lit("closes_in_hours"),
        number=_hours(pl.col("created_at") + UNPAID_CLOSES - pl.lit(now)),
    )


def _late_shipments(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Paid orders not shipped by the time promised."""
    now = midnight + _DAY
    promised = tables.order_items.group_by("order_id").agg(item_ship_by=pl.col("ship_by").min())
    return (
        tables.orders.filter(
            pl.col("paid_at") < now,
            pl.col("shipped_at").is_null() | (pl.col("shipped_at") >= now),
            pl.col("status").is_in(["paid", "part_shipped"]),
        )
        .join(promised, on="order_id", how="left", validate="1:1")
        .with_columns(deadline=pl.coalesce("ship_by", "item_ship_by"))
        .filter(pl.col("deadline") < now)
        .select(
            "order_id",
            "buyer",
            "deadline",
            subject="order_id",
            at="paid_at",
            amount_fen="paid_fen",
            reason=pl.lit("late_hours"),
            number=_hours(pl.lit(now) - pl.col("deadline")),
        )
    )


def _open_refunds(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Applications not decided yet; a complaint wants its answer within 48 hours."""
    now = midnight + _DAY
    complaint = is_complaint().fill_null(False)
    deadline = (
        pl.when(complaint)
        .then(pl.min_horizontal("due_at", pl.col("asked_at") + COMPLAINT_ANSWER))
        .otherwise("due_at")
    )
    open_ones = tables.refunds.filter(pl.col("outcome") == "open", pl.col("asked_at") < now)
    known = with_agent(
        open_ones.with_columns(deadline=deadline, complaint=complaint),
        tables,
        settings,
        key="refund_id",
    )
    return known.select(
        "order_id",
        "buyer",
        "agent",
        "deadline",
        "amount_fen",
        subject="refund_id",
        at="asked_at",
        reason=pl.when("complaint").then(pl.lit("complaint")).otherwise(pl.lit("refund_waits")),
        number=_hours(pl.col("deadline") - pl.lit(now)),
    )


def _after_sale_closing(
    tables: ShopTables, settings: ShopSettings, midnight: datetime
) -> pl.LazyFrame:
    """Finished orders with an application once refused, whose after-sale time ends soon.

    Only these are listed: for the others nothing is to be done.
    """
    now = midnight + _DAY
    closed = tables.refunds.filter(pl.col("outcome") == "closed").select("order_id").unique()
    parents = tables.order_items.select("order_id", "item_order_id")
    by_item = parents.join(closed, left_on="item_order_id", right_on="order_id", how="semi")
    concerned = pl.concat([closed, by_item.select("order_id")]).unique()
    deadline = pl.col("received_at") + AFTER_SALE
    return (
        tables.orders.filter(
            pl.col("status") == "finished",
            deadline.is_between(now, now + AFTER_SALE_NOTICE, "right"),
        )
        .join(concerned, on="order_id", how="semi")
        .select(
            "order_id",
            "buyer",
            subject="order_id",
            at="received_at",
            deadline=deadline,
            amount_fen="paid_fen",
            reason=pl.lit("refund_was_closed"),
            number=_hours(deadline - pl.lit(now)),
        )
    )


def _bad_ratings(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Ratings of three stars or fewer in the last days; the reason is their lowest dimension."""
    now = midnight + _DAY
    lowest = pl.min_horizontal(*DSR_DIMENSIONS)
    reason = pl.coalesce(
        *(pl.when(pl.col(name) == lowest).then(pl.lit(f"low_{name}")) for name in DSR_DIMENSIONS)
    )
    return (
        ratings_judged(tables, settings)
        .filter(
            lowest <= BAD_STARS,
            pl.col("rated_at").is_between(now - BAD_RATING_REACTION, now, "left"),
        )
        .select(
            "order_id",
            "buyer",
            subject=pl.concat_str(
                "order_id", pl.col("rated_at").dt.to_string("%Y%m%d%H%M%S"), "nth", separator="|"
            ),
            at="rated_at",
            deadline=pl.col("rated_at") + BAD_RATING_REACTION,
            reason=reason,
            number=lowest,
        )
    )


_DAY = timedelta(days=1)
LISTS: dict[WorkKind, Callable[[ShopTables, ShopSettings, datetime], pl.LazyFrame]] = {
    "unanswered": _unanswered,
    "unpaid_order": _unpaid_orders,
    "lost_inquiry": _lost_inquiries,
    "late_shipment": _late_shipments,
    "open_refund": _open_refunds,
    "bad_rating": _bad_ratings,
    "after_sale_closing": _after_sale_closing,
}


def _buyer_day(buyer: pl.Expr, at: pl.Expr) -> pl.Expr:
    return pl.concat_str(buyer, at.dt.date(), separator="|")


def _hours(span: pl.Expr) -> pl.Expr:
    return span.dt.total_seconds() / 3600


def last_lines(tables: ShopTables, buyers: pl.LazyFrame, /, *, lines: int = 3) -> pl.LazyFrame:
    """The end of each buyer's conversation, for reading before one writes.

    Args:
        tables: The shop's tables.
        buyers: One column ``buyer``.
        lines: How many lines.

    Returns:
        One row per buyer with chat lines, by buyer: ``buyer``, ``last_at``, ``talk`` (lines with
        who wrote them, oldest first, one a row of text).
    """
    spoken = pl.concat_str("sender", "text", separator=": ")
    return (
        tables.messages.filter(pl.col("sender") != "system")
        .join(buyers.filter(named_buyer()).unique("buyer"), on="buyer", how="semi")
        .sort("buyer", "sent_at", "nth")
        .group_by("buyer", maintain_order=True)
        .agg(last_at=pl.col("sent_at").last(), talk=spoken.tail(lines).str.join("\n"))
        .sort("buyer")
    )
