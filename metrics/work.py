"""Work lists: what should be done today, each row with its reason and its deadline."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal

import polars as pl

from metrics.attribution import named_buyer
from metrics.conversations import conversations
from metrics.inquiry import inquiries, with_returning
from metrics.reception import within
from metrics.refund import with_agent
from metrics.refund_words import is_complaint
from metrics.work_ratings import bad_ratings
from store.schemas import ShopTables
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
#: The tables without which a list cannot be made: one of each tuple must be there. "shipping" is
#: the orders of a shop whose files tell of shipping (``tells_of_shipping``).
WORK_SOURCES: dict[WorkKind, tuple[tuple[str, ...], ...]] = {
    "unanswered": (("messages",),),
    "unpaid_order": (("orders",),),
    "lost_inquiry": (("messages",), ("orders",)),
    "late_shipment": (("shipping",),),
    "open_refund": (("refunds",),),
    "bad_rating": (("ratings", "reviews"),),
    "after_sale_closing": (("orders",), ("refunds",)),
}
#: An inquiry that did not order is worth a word for so long (ours).
LOST_INQUIRY_AGE = timedelta(days=3)
#: What holds for a parcel whose file names no promise (guide: 48 hours after payment).
USUAL_PROMISE = timedelta(hours=48)
#: A complaint wants an answer within so long (guide).
COMPLAINT_ANSWER = timedelta(hours=48)
#: After-sale applications end so long after receipt; the last days are listed (guide).
AFTER_SALE = timedelta(days=15)
AFTER_SALE_NOTICE = timedelta(days=2)
#: How far back the agent is looked for who last wrote to a buyer (ours).
LAST_WRITER_AGE = timedelta(days=30)

#: Columns of every work list, in this order.
WORK: dict[str, type[pl.DataType] | pl.DataType] = {
    "kind": pl.String,
    "subject": pl.String,
    "buyer": pl.String,
    "agent": pl.String,
    "order_id": pl.String,
    "at": pl.Datetime("us"),
    "age_hours": pl.Float64,
    "deadline": pl.Datetime("us"),
    "hours_left": pl.Float64,
    "amount_fen": pl.Int64,
    "reason": pl.String,
    "number": pl.Float64,
    "warmth": pl.Int8,
    "text": pl.String,
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
    """One work list as of the end of a day, without what the files tell was settled since.

    Args:
        kind: Which list.
        tables: The shop's tables.
        settings: The shop's rules.
        as_of: The day; deadlines count from the midnight that ends it.

    Returns:
        One row per thing to do, most urgent first (lost inquiries: the warmest, then the newest):
        ``kind``, ``subject`` (stable, for ticks), ``buyer``, ``agent`` (whose it is, else who last
        wrote to the buyer), ``order_id``, ``at`` (since when), ``age_hours``, ``deadline``,
        ``hours_left`` (negative when past), ``amount_fen`` (at stake), ``reason`` (codes of the
        page's wording, joined by ";"), ``number`` (that the reason speaks of), ``warmth`` (how
        many signs of wanting to buy; lost inquiries only), ``text`` (what the buyer wrote;
        ratings only).
    """
    midnight = datetime.combine(as_of, datetime.min.time())
    now = midnight + _DAY
    # Cached by hand: the optimiser would make the list twice, once to see who wrote to its buyers.
    rows = LISTS[kind](tables, settings, midnight).cache()
    missing = [name for name in WORK if name not in rows.collect_schema().names()]
    rows = rows.with_columns(pl.lit(None, WORK[name]).alias(name) for name in missing)
    newest_first = pl.when(pl.col("warmth").is_not_null()).then(-pl.col("at").to_physical())
    return (
        _with_last_writer(rows, tables, settings, now)
        .with_columns(
            kind=pl.lit(kind),
            age_hours=_hours(pl.lit(now) - pl.col("at")),
            hours_left=_hours(pl.col("deadline") - pl.lit(now)),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in WORK.items())
        .sort(
            "warmth",
            newest_first,
            "deadline",
            "at",
            "subject",
            descending=[True, False, False, False, False],
            nulls_last=True,
        )
    )


def _with_last_writer(
    rows: pl.LazyFrame, tables: ShopTables, settings: ShopSettings, now: datetime
) -> pl.LazyFrame:
    """Fill ``agent`` where nobody is named: who of the humans last wrote to the buyer."""
    recent = pl.col("sent_at").is_between(now - LAST_WRITER_AGE, now, "left")
    talks = conversations(tables, settings, first=(now - LAST_WRITER_AGE).date(), last=now.date())
    writers = (
        talks.human_lines.filter(recent)
        .join(rows.filter(named_buyer()).select("buyer").unique(), on="buyer", how="semi")
        .sort("sent_at", "agent")
        .group_by("buyer")
        .agg(writer=pl.col("agent").last())
    )
    named = pl.when(pl.col("agent") != "").then("agent")
    return (
        rows.join(writers, on="buyer", how="left", validate="m:1")
        .with_columns(agent=pl.coalesce(named, "writer"))
        .drop("writer")
    )


def _unanswered(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Buyers of the day whose last question nobody answered, not on a later day either."""
    day = midnight.date()
    after = conversations(tables, settings, first=day + _DAY)
    later = after.human_lines.select("buyer").unique()
    return (
        conversations(tables, settings, first=day, last=day)
        .rounds.filter(pl.col("state") != "answered")
        .group_by(buyer=pl.col("buyer").cast(pl.String))
        .agg(
            at=pl.col("opened_at").min(),
            agent=pl.col("agent").cast(pl.String).last(),
            robot=(pl.col("state") == "robot_only").all(),
        )
        .join(later, on="buyer", how="anti")
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
        with_returning(inquiries(tables, settings, first=first, last=last), tables)
        .filter("inquiry", ~pl.col("ordered"))
        .sort("day")
        .unique("buyer", keep="last", maintain_order=True)
        .cache()
    )
    agents = (
        conversations(tables, settings, first=first, last=last)
        .agents_asked.sort("agent")
        .unique(["buyer", "day"], keep="first", maintain_order=True)
    )
    topics = [f"asked_{topic}" for topic in WARM_WORDS]
    return (
        lost.join(_warm(tables, lost, first, last), on="buyer", how="left", validate="1:1")
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


def _warm(tables: ShopTables, buyers: pl.LazyFrame, first: date, last: date) -> pl.LazyFrame:
    """Per buyer, whether a line of these days asked about each topic of ``WARM_WORDS``."""
    return (
        within(tables.messages, first, last)
        .filter(pl.col("sender") == "buyer")
        .join(buyers, on="buyer", how="semi")
        .group_by("buyer")
        .agg(
            pl.col("text").str.contains(words).any().alias(f"asked_{topic}")
            for topic, words in WARM_WORDS.items()
        )
    )


def _unpaid_orders(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Orders that close by themselves unless they are paid."""
    now, closes = midnight + _DAY, timedelta(hours=settings.unpaid_close_hours)
    return tables.orders.filter(
        pl.col("paid_at").is_null(),
        pl.col("status") == "unpaid",
        pl.col("created_at") < now,
        pl.col("created_at") > now - closes,
    ).select(
        "order_id",
        "buyer",
        subject="order_id",
        at="created_at",
        deadline=pl.col("created_at") + closes,
        amount_fen=pl.coalesce("total_fen", "goods_payable_fen"),
        reason=pl.lit("closes_in_hours"),
        number=_hours(pl.col("created_at") + closes - pl.lit(now)),
    )


def _late_shipments(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Paid orders not shipped by the time promised, or by the usual one where none is named."""
    now = midnight + _DAY
    orders = tables.orders.filter(
        pl.col("paid_at") < now,
        pl.col("shipped_at").is_null() | (pl.col("shipped_at") >= now),
        pl.col("status").is_in(["paid", "part_shipped"]),
    )
    # "Paid" says nothing of the parcel where every order stays so.
    told = tells_of_shipping(tables).filter("told")
    waiting = orders.join(told, how="cross").drop("told").cache()
    promised = (
        tables.order_items.join(waiting, on="order_id", how="semi")
        .group_by("order_id")
        .agg(item_ship_by=pl.col("ship_by").min())
    )
    return (
        waiting.join(promised, on="order_id", how="left", validate="1:1")
        .with_columns(promise=pl.coalesce("ship_by", "item_ship_by"))
        .with_columns(deadline=pl.coalesce("promise", pl.col("paid_at") + USUAL_PROMISE))
        .filter(pl.col("deadline") < now)
        .select(
            "order_id",
            "buyer",
            "deadline",
            subject="order_id",
            at="paid_at",
            amount_fen="paid_fen",
            reason=pl.when(pl.col("promise").is_null())
            .then(pl.lit("late_by_usual"))
            .otherwise(pl.lit("late_hours")),
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
    deadline = pl.col("received_at") + AFTER_SALE
    closing = tables.orders.filter(
        pl.col("status") == "finished",
        deadline.is_between(now, now + AFTER_SALE_NOTICE, "right"),
    ).cache()
    closed = tables.refunds.filter(pl.col("outcome") == "closed").select("order_id").unique()
    by_item = (
        tables.order_items.select("order_id", "item_order_id")
        .join(closing, on="order_id", how="semi")
        .join(closed, left_on="item_order_id", right_on="order_id", how="semi")
    )
    concerned = pl.concat([closed, by_item.select("order_id")]).unique()
    return closing.join(concerned, on="order_id", how="semi").select(
        "order_id",
        "buyer",
        subject="order_id",
        at="received_at",
        deadline=deadline,
        amount_fen="paid_fen",
        reason=pl.lit("refund_was_closed"),
        number=_hours(deadline - pl.lit(now)),
    )


def _bad_ratings(tables: ShopTables, settings: ShopSettings, midnight: datetime) -> pl.LazyFrame:
    """Bad ratings and reviews of the last days without an answer."""
    return bad_ratings(tables, settings, now=midnight + _DAY)


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


def tells_of_shipping(tables: ShopTables, /) -> pl.LazyFrame:
    """Whether the order files tell of shipping at all: one row, ``told``.

    Some know the payment only; there an order that looks unshipped may long have arrived.
    """
    shipped = pl.col("status").is_in(["part_shipped", "shipped", "finished"])
    return tables.orders.select(told=(pl.col("shipped_at").is_not_null() | shipped).any())


def last_lines(tables: ShopTables, buyers: pl.LazyFrame, /, *, lines: int = 3) -> pl.LazyFrame:
    """The end of each buyer's conversation, for reading before one writes.

    Args:
        tables: The shop's tables.
        buyers: One column ``buyer``.
        lines: How many lines.

    Returns:
        One row per buyer with chat lines, by buyer: ``buyer``, ``talk`` (list of ``sender``,
        ``sent_at``, ``text``, oldest first; lines of the system are left out).
    """
    spoken = pl.struct("sender", "sent_at", "text")
    return (
        tables.messages.filter(pl.col("sender") != "system")
        .join(buyers.filter(named_buyer()).unique("buyer"), on="buyer", how="semi")
        .sort("buyer", "sent_at", "nth")
        .group_by("buyer", maintain_order=True)
        .agg(talk=spoken.tail(lines))
        .sort("buyer")
    )
