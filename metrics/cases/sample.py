"""Which conversations to read, and everything that is known about one of them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Literal, cast

import dataframely as dy
import polars as pl

from metrics.chats.conversations import conversations, received
from metrics.chats.reception import within
from metrics.chats.reply_facts import QUICK
from metrics.kit.days import during
from metrics.kit.order import place_in
from metrics.kit.periods import FEN_PER_UNIT
from metrics.sales.inquiry import inquiries
from store.schemas import Messages
from store.settings import ShopSettings
from store.shop_tables import ShopTables

Stage = Literal["pre_sale", "in_sale", "after_sale"]

#: Kinds of conversation and how many of each a sample holds; of two kinds the first counts.
STRATA: dict[str, int] = {
    "bad_rating": 2,
    "unanswered": 3,
    "slow": 3,
    "lost": 3,
    "good": 2,
}
#: A rating of the service up to this many stars is bad (the platform's 中评).
BAD_STARS = 3
#: A conversation is good to read when nobody waited longer and the buyer paid (ours).
PROMPT = timedelta(seconds=60)
#: How long after a conversation a rating, an order or a refund still belongs to its story.
STORY = timedelta(days=30)


def candidates(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date, agent: str
) -> pl.LazyFrame:
    """Every conversation of an agent that falls into one of the kinds worth reading.

    - *bad_rating*: the buyer's last conversation with the agent in the 30 days before a service
      rating of three stars or less;
    - *unanswered*: the agent did not answer that day;
    - *slow*: somebody waited longer than three minutes;
    - *lost*: an answered inquiry without a payment in the conversion window;
    - *good*: paid, and no wait over a minute.

    Args:
        tables: The shop's tables.
        settings: The shop's rules.
        first: First day, shop time.
        last: Last day, included.
        agent: Whose conversations.

    Returns:
        One row per buyer and day, by day and buyer: ``buyer``, ``day``, ``agent``,
        ``stratum`` (of ``STRATA``), ``longest_s`` (null where nobody answered), ``paid`` (money
        of the order that followed, null if none).
    """
    talks = conversations(tables, settings, first=first, last=last)
    keys = ["buyer", "day", "agent"]
    names = pl.col("buyer", "agent").cast(pl.String)
    mine = pl.col("agent") == agent
    held = received(talks.contacts.filter(mine), settings).with_columns(names)
    longest = (
        talks.rounds.filter(mine)
        .with_columns(names)
        .group_by(keys)
        .agg(longest_s=pl.col("wait_s").max())
    )
    sold = inquiries(tables, settings, first=first, last=last).select(
        "buyer", "day", "inquiry", paid=pl.col("amount_fen") / FEN_PER_UNIT
    )
    facts = (
        held.join(longest, on=keys, how="left", validate="1:1")
        .join(sold, on=["buyer", "day"], how="left", validate="m:1")
        .join(_badly_rated(held, tables, first, last), on=keys, how="left", validate="1:1")
    )
    wait, paid = pl.col("longest_s"), pl.col("paid")
    kinds = {
        "bad_rating": pl.col("bad").is_not_null(),
        "unanswered": ~pl.col("answered"),
        "slow": wait > QUICK.total_seconds(),
        "lost": pl.col("inquiry") & paid.is_null() & pl.lit(tables.has("orders")),
        "good": paid.is_not_null() & (wait <= PROMPT.total_seconds()),
    }
    stratum = pl.coalesce(pl.when(holds).then(pl.lit(kind)) for kind, holds in kinds.items())
    return (
        facts.with_columns(stratum=stratum)
        .drop_nulls("stratum")
        .select(*keys, "stratum", pl.col("longest_s").cast(pl.Float64), "paid")
        .sort("day", "buyer")
    )


def _badly_rated(held: pl.LazyFrame, tables: ShopTables, first: date, last: date) -> pl.LazyFrame:
    """The conversation of each agent that a badly rated order's buyer had last, as ``bad``."""
    bad = tables.ratings.filter(
        pl.col("service") <= BAD_STARS, during("rated_at", first, last + STORY)
    ).cache()
    # Of millions of orders only those of these ratings are looked up.
    trades = tables.orders.select("order_id", order_buyer="buyer")
    trades = trades.join(bad, on="order_id", how="semi")
    rated = (
        bad.join(trades, on="order_id", how="left", validate="m:1")
        .select("rated_at", "order_id", buyer=pl.coalesce("buyer", "order_buyer"))
        .drop_nulls("buyer")
    )
    return (
        rated.join(held.select("buyer", "day", "agent"), on="buyer")
        .filter(pl.col("rated_at").is_between(pl.col("day"), pl.col("day") + STORY))
        .sort("order_id", "rated_at", "day", "agent")
        .group_by("order_id", "rated_at", "agent", maintain_order=True)
        .last()
        .select("buyer", "day", "agent", bad=True)
        .unique()
    )


def drawn(
    found: pl.DataFrame, /, *, agent: str, seed: int, sizes: Mapping[str, int] = STRATA
) -> pl.DataFrame:
    """A sample to read: so many conversations of each kind, the same for the same seed.

    Every conversation has a number made of the seed and its own key, and the lowest are drawn.
    So the draw does not depend on the order of the rows, and another upload changes it only
    where a new conversation takes a place.

    Args:
        found: Rows of ``candidates``, collected.
        agent: Whose conversations.
        seed: Another seed draws others.
        sizes: How many of each kind.

    Returns:
        The rows drawn, kinds in the order of ``sizes``, each kind by its numbers.
    """
    mine = found.filter(agent=agent)
    keys = (mine["day"].cast(pl.String) + "|" + mine["buyer"]).to_list()
    number = [sha256(f"{seed}|{agent}|{key}".encode()).hexdigest() for key in keys]
    return (
        mine.with_columns(number=pl.Series(number, dtype=pl.String))
        .filter(pl.col("stratum").is_in(list(sizes)))
        .sort(place_in(sizes, "stratum"), "number")
        .filter(
            pl.int_range(pl.len()).over("stratum")
            < pl.col("stratum").replace_strict(dict(sizes), return_dtype=pl.Int64)
        )
        .drop("number")
    )


def case_lines(
    tables: ShopTables, settings: ShopSettings, /, *, buyer: str, day: date
) -> dy.LazyFrame[Messages]:
    """The lines of one buyer-day; senders that the shop calls robots are robots."""
    robot = (pl.col("sender") == "agent") & pl.col("agent").is_in(settings.robot_agents)
    lines = (
        within(tables.messages, day, day)
        .filter(pl.col("buyer") == buyer)
        .with_columns(sender=pl.when(robot).then(pl.lit("robot")).otherwise("sender"))
    )
    return cast("dy.LazyFrame[Messages]", lines)


def conversation(
    tables: ShopTables, settings: ShopSettings, /, *, buyer: str, day: date
) -> pl.LazyFrame:
    """The lines of one buyer-day as they are read, with how long each answer took.

    Args:
        tables: The shop's tables.
        settings: Which senders are robots.
        buyer: Whose conversation.
        day: On which day.

    Returns:
        One row per line, oldest first: ``sent_at``, ``sender``, ``agent``, ``text``, ``turn``
        (as in ``metrics.cases.turns``; null for robot and system lines), ``wait_s`` (on the
        human line
        that closes a round: since the round's opening), ``open`` (on the first line of a round
        that nobody answered that day).
    """
    order = ["buyer", "robot", "system", "agent"]
    human = pl.col("sender").is_in(["buyer", "agent"])
    lines = (
        case_lines(tables, settings, buyer=buyer, day=day)
        .select("sent_at", "sender", "agent", "text", "nth")
        .sort(
            "sent_at",
            place_in(order, "sender"),
            "nth",
            maintain_order=True,
        )
        .drop("nth")
        .with_row_index("line")
    )
    spoken = lines.filter(human).with_columns(turn=pl.col("sender").rle_id().cast(pl.Int64))
    starts = (
        spoken.group_by("turn")
        .agg(pl.col("line", "sent_at", "sender").sort_by("line").first())
        .sort("turn")
        .with_columns(
            asked_at=pl.col("sent_at").shift(1),
            last=pl.int_range(pl.len()) == pl.len() - 1,
        )
        .select(
            "line",
            wait_s=pl.when((pl.col("sender") == "agent") & pl.col("asked_at").is_not_null()).then(
                (pl.col("sent_at") - pl.col("asked_at")).dt.total_seconds()
            ),
            open=(pl.col("sender") == "buyer") & pl.col("last"),
        )
    )
    return (
        lines.join(spoken.select("line", "turn"), on="line", how="left", validate="1:1")
        .join(starts, on="line", how="left", validate="1:1")
        .with_columns(pl.col("open").fill_null(False))
        .sort("line")
        .drop("line")
    )


def events(tables: ShopTables, settings: ShopSettings, /, *, buyer: str, day: date) -> pl.LazyFrame:
    """What is known of the buyer around a conversation: orders, refunds and ratings.

    Args:
        tables: The shop's tables.
        settings: How far back a purchase still explains a conversation.
        buyer: Whose.
        day: The conversation's day; from the after-sale window before it to 30 days after it.

    Returns:
        One row per event, oldest first: ``at``, ``kind`` ("ordered", "paid", "shipped",
        "received", "refund_asked", "refund_ended" or "rated"), ``subject`` (the order or refund),
        ``amount`` (money; stars of the service for a rating), ``words`` (item, reason or comment),
        ``after`` (whether it came at or after the day's midnight).
    """
    # Cached by hand: each kind of event would read all orders, or refunds, for itself.
    mine = tables.orders.filter(pl.col("buyer") == buyer).cache()
    orders = [
        mine.select(
            at=column,
            kind=pl.lit(kind),
            subject="order_id",
            amount=pl.coalesce("paid_fen", "total_fen") / FEN_PER_UNIT,
            words="title",
        )
        for kind, column in (
            ("ordered", "created_at"),
            ("paid", "paid_at"),
            ("shipped", "shipped_at"),
            ("received", "received_at"),
        )
    ]
    ids = pl.concat(
        [
            mine.select("order_id"),
            tables.order_items.join(mine, on="order_id", how="semi").select(
                order_id="item_order_id"
            ),
        ]
    ).unique()
    asked = (
        tables.refunds.join(ids.with_columns(known=True), on="order_id", how="left")
        .filter((pl.col("buyer") == buyer) | pl.col("known").is_not_null())
        .cache()
    )
    refunds = [
        asked.select(
            at=column,
            kind=pl.lit(kind),
            subject="refund_id",
            amount=pl.col("amount_fen") / FEN_PER_UNIT,
            words=words,
        )
        for kind, column, words in (
            ("refund_asked", "asked_at", "reason"),
            ("refund_ended", "ended_at", "outcome"),
        )
    ]
    rated = (
        tables.ratings.join(mine.select("order_id", known=True), on="order_id", how="left")
        .filter((pl.col("buyer") == buyer) | pl.col("known").is_not_null())
        .select(
            at="rated_at",
            kind=pl.lit("rated"),
            subject="order_id",
            amount=pl.col("service").cast(pl.Float64),
            words="comment",
        )
    )
    midnight = datetime.combine(day, datetime.min.time())
    opens = midnight - timedelta(days=settings.after_sale_days)
    return (
        pl.concat([*orders, *refunds, rated])
        .drop_nulls("at")
        .filter(pl.col("at").is_between(opens, midnight + STORY))
        .unique()
        .with_columns(after=pl.col("at") >= midnight)
        .sort("at", "kind", "subject")
    )


def stage(story: pl.DataFrame, first_line_at: datetime, /) -> Stage:
    """Where in a purchase a conversation stands.

    Args:
        story: Rows of ``events``.
        first_line_at: The conversation's first line.

    Returns:
        By what happened last before it: "after_sale" once goods arrived, were rated or asked back,
        "in_sale" between payment and arrival, else "pre_sale".
    """
    past = story.filter(pl.col("at") <= first_line_at).sort("at")["kind"].to_list()
    if not past or past[-1] == "ordered":
        return "pre_sale"
    return "in_sale" if past[-1] in {"paid", "shipped"} else "after_sale"
