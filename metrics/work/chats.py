"""The work that chats leave: buyers without an answer, and buyers who asked and did not order.

Each list stands at a midnight, ``now``; ``metrics.work.lists`` brings them into one form.
"""

from datetime import date, datetime, timedelta

import polars as pl

from metrics.chats.conversations import conversations
from metrics.chats.reception import within
from metrics.kit.buyers import named_buyer
from metrics.kit.days import hours
from metrics.sales.inquiry import with_returning
from store.settings import ShopSettings
from store.shop_tables import ShopTables

#: An inquiry that did not order is worth a word for so long (ours).
LOST_INQUIRY_AGE = timedelta(days=3)
#: Words of a buyer who is close to buying (ours): price, size, stock, delivery.
WARM_WORDS: dict[str, str] = {
    "price": r"多少钱|价格|优惠|便宜|打折|包邮|券|活动",
    "size": r"尺[码寸]|身高|体重|多大|合身|码数|几码|[SMLX]+码",
    "stock": r"有货|现货|库存|还有吗|缺货|补货",
    "delivery": r"发货|几天到|多久到|什么快递|今天发|到货",
}
_DAY = timedelta(days=1)


def unanswered(tables: ShopTables, settings: ShopSettings, /, *, now: datetime) -> pl.LazyFrame:
    """Buyers of the day whose last question nobody answered, not on a later day either."""
    day = (now - _DAY).date()
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
            number=hours(pl.lit(now) - pl.col("at")),
        )
    )


def lost_inquiries(tables: ShopTables, settings: ShopSettings, /, *, now: datetime) -> pl.LazyFrame:
    """Buyers who asked before buying in the last days and did not order, the warmest first."""
    last = (now - _DAY).date()
    first = last - LOST_INQUIRY_AGE + _DAY
    lost = (
        with_returning(tables, settings, first=first, last=last)
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


def _buyer_day(buyer: pl.Expr, at: pl.Expr) -> pl.Expr:
    return pl.concat_str(buyer, at.dt.date(), separator="|")


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
