"""What happened, as rows in the columns of ``store.schemas``."""

from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from sample_data import chats
from sample_data.buyers import nicks
from sample_data.chats import Lines
from sample_data.goods import ITEMS
from sample_data.orders import CLOSES_UNPAID, OrderItems, Orders
from sample_data.phrases import PhraseBook
from sample_data.plan import DAY, Ints, Plan
from sample_data.ratings import Ratings, words
from sample_data.refunds import EXCHANGE, REASONS, Refunds
from store import schemas

STATES = ("unpaid", "paid", "shipped", "finished", "closed")
STATUS_TEXTS = (
    "等待买家付款",
    "买家已付款，等待卖家发货",
    "卖家已发货，等待买家确认",
    "交易成功",
    "交易关闭",
)
CLOSE_REASONS = ("订单未关闭", "买家未付款", "退款")
REGIONS = (
    "浙江省",
    "江苏省",
    "广东省",
    "四川省",
    "山东省",
    "河南省",
    "湖北省",
    "上海",
    "北京",
    "福建省",
)
#: Words of an application still open, by tier.
OPEN_WORDS = (
    "买家已经申请退款，等待卖家同意",
    "买家已经申请退款，等待卖家同意",
    "卖家已经同意退款，等待买家退货",
    "买家已经退货，等待卖家确认收货",
)
KINDS = ("仅退款", "仅退款", "退货退款", "换货")
GOODS_STATES = ("未发货", "买家未收到货", "买家已退货", "买家已收到货")
#: 超时时间: when an open application decides itself.
DUE_AFTER = 7 * DAY
NO_REFUND = "没有申请退款"


def messages(plan: Plan, lines: Lines, book: PhraseBook) -> pl.DataFrame:
    """The chat lines by time."""
    rows = chats.frame(plan, lines, book, nicks(lines.buyer))
    return rows.select(
        pl.lit(plan.shop).alias("shop"),
        "buyer",
        "sent_at",
        "sender",
        "agent",
        "text",
        pl.lit(0, pl.Int16).alias("nth"),
    )


def order_states(plan: Plan, orders: Orders) -> Ints:
    """Position in ``STATES`` of every order at the end of the span."""
    paid = orders.paid < plan.end
    given_up = ~paid & (orders.created + CLOSES_UNPAID < plan.end)
    return np.select(
        [
            given_up | (orders.closed < plan.end),
            orders.received < plan.end,
            orders.shipped < plan.end,
            paid,
        ],
        [4, 3, 2, 1],
        0,
    )


def refunded_fen(plan: Plan, refunds: Refunds) -> Ints:
    """Yuan that went back by each application by the end of the span, in fen."""
    went_back = refunds.succeeds & (refunds.ended < plan.end) & (refunds.tier != EXCHANGE)
    return np.where(went_back, refunds.amount_fen, 0)


def orders(
    plan: Plan, orders: Orders, items: OrderItems, refunds: Refunds, buyers: pl.Series
) -> pl.DataFrame:
    """The orders by creation."""
    state = order_states(plan, orders)
    paid = orders.paid < plan.end
    total = orders.goods_fen + orders.postage_fen
    refunded = np.bincount(refunds.order, refunded_fen(plan, refunds), len(orders))
    first = np.searchsorted(items.order, np.arange(len(orders)))
    kinds = np.bincount(items.order, minlength=len(orders))
    titles = pl.Series([item.title for item in ITEMS])
    closed = np.where(state != 4, 0, np.where(paid, 2, 1))
    return _full(
        "orders",
        plan,
        order_id=pl.Series(orders.ids).cast(pl.String),
        buyer=buyers,
        created_at=plan.times(orders.created),
        paid_at=plan.times(orders.paid),
        shipped_at=plan.times(orders.shipped),
        received_at=plan.times(orders.received),
        goods_payable_fen=orders.goods_fen,
        postage_fen=orders.postage_fen,
        total_fen=total,
        paid_fen=np.where(paid, total, 0),
        paid_is_net=np.zeros(len(orders), dtype=np.bool_),
        settled_fen=pl.Series(total - refunded.astype(np.int64)).set(pl.Series(state != 3), None),
        refund_fen=refunded.astype(np.int64),
        status=pl.Series(STATES).gather(state),
        status_text=pl.Series(STATUS_TEXTS).gather(state),
        close_reason=pl.Series(CLOSE_REASONS).gather(closed),
        title=titles.gather(items.item[first]),
        kinds=kinds,
        pieces=np.bincount(items.order, items.quantity, len(orders)).astype(np.int64),
        region=pl.Series(REGIONS).gather(orders.buyer % len(REGIONS)),
        platform=pl.repeat("taobao", len(orders), eager=True),
    )


def order_items(plan: Plan, orders: Orders, items: OrderItems, refunds: Refunds) -> pl.DataFrame:
    """The sub-orders, in the order of their orders."""
    state = order_states(plan, orders)[items.order]
    refunded = np.bincount(refunds.item, refunded_fen(plan, refunds), len(items)).astype(np.int64)
    last = np.full(len(items), -1)
    last[refunds.item] = np.arange(len(refunds))
    words_of_last = pl.concat([refund_words(plan, refunds), pl.Series([NO_REFUND])])
    paid = orders.paid[items.order] < plan.end
    skus = [sku for item in ITEMS for sku in item.skus]
    offsets = np.cumsum([0] + [len(item.skus) for item in ITEMS])[:-1]
    return _full(
        "order_items",
        plan,
        order_id=pl.Series(orders.ids[items.order]).cast(pl.String),
        item_order_id=pl.Series(items.ids(orders)).cast(pl.String),
        item_id=pl.Series([item.item_id for item in ITEMS]).gather(items.item),
        merchant_code=pl.Series([item.code for item in ITEMS]).gather(items.item),
        title=pl.Series([item.title for item in ITEMS]).gather(items.item),
        sku_text=pl.Series(skus).gather(offsets[items.item] + items.sku),
        price_fen=pl.Series([item.price_fen for item in ITEMS]).gather(items.item),
        quantity=items.quantity,
        paid_fen=np.where(paid, items.paid_fen, 0),
        refund_state=words_of_last.gather(last % len(words_of_last)),
        refund_fen=refunded,
        status=pl.Series(STATES).gather(state),
        created_at=plan.times(orders.created[items.order]),
        paid_at=plan.times(orders.paid[items.order]),
        shipped_at=plan.times(orders.shipped[items.order]),
        ship_by=plan.times(np.where(paid, orders.ship_by[items.order], -1), foreseen=True),
    )


def refund_words(plan: Plan, refunds: Refunds) -> pl.Series:
    """退款状态 of each application at the end of the span."""
    closed = pl.Series(["退款关闭", "退款成功"]).gather(refunds.succeeds.astype(np.int64))
    still_open = pl.Series(OPEN_WORDS).gather(refunds.tier)
    return still_open.zip_with(pl.Series(refunds.ended >= plan.end), closed)


def refunds(plan: Plan, orders: Orders, items: OrderItems, refunds: Refunds) -> pl.DataFrame:
    """The applications by time; their order id is the sub-order's, as in files since 2021."""
    ended = refunds.ended < plan.end
    outcome = np.where(ended, np.where(refunds.succeeds, 0, 1), 2)
    whole = refunds.amount_fen >= items.paid_fen[refunds.item]
    received = orders.received[refunds.order] <= refunds.asked
    reasons = [reason for tier in REASONS for reason in tier]
    item = items.item[refunds.item]
    return _full(
        "refunds",
        plan,
        refund_id=pl.Series(7_000_000_000_000_000_000 + np.arange(len(refunds))).cast(pl.String),
        order_id=pl.Series(items.ids(orders)[refunds.item]).cast(pl.String),
        asked_at=plan.times(refunds.asked),
        ended_at=plan.times(refunds.ended),
        due_at=plan.times(np.where(ended, -1, refunds.asked + DUE_AFTER), foreseen=True),
        order_paid_at=plan.times(orders.paid[refunds.order]),
        amount_fen=refunds.amount_fen,
        paid_fen=items.paid_fen[refunds.item],
        outcome=pl.Series(schemas.REFUND_OUTCOMES).gather(outcome),
        status_text=refund_words(plan, refunds),
        goods_state=pl.Series(GOODS_STATES).gather(refunds.tier),
        kind=pl.Series(KINDS).gather(refunds.tier),
        stage=pl.Series(["售中", "售后"]).gather(received.astype(np.int64)),
        reason=pl.Series(reasons).gather(refunds.tier * 4 + refunds.reason),
        step_in=pl.repeat("未介入", len(refunds), eager=True),
        scope=pl.Series(["部分退款", "全部退款"]).gather(whole.astype(np.int64)),
        zero_second=np.zeros(len(refunds), dtype=np.bool_),
        item_id=pl.Series([row.item_id for row in ITEMS]).gather(item),
        merchant_code=pl.Series([row.code for row in ITEMS]).gather(item),
    )


def ratings(plan: Plan, orders: Orders, ratings: Ratings, buyers: pl.Series) -> pl.DataFrame:
    """The ratings by time; a dimension left out is null."""
    stars = {
        name: pl.Series(ratings.stars[:, column]).replace(0, None)
        for column, name in enumerate(schemas.DSR_DIMENSIONS)
    }
    comments = pl.Series([*words(), None], dtype=pl.String)
    return _full(
        "ratings",
        plan,
        order_id=pl.Series(orders.ids[ratings.order]).cast(pl.String),
        rated_at=plan.times(ratings.rated),
        nth=np.zeros(len(ratings), dtype=np.int16),
        buyer=buyers.gather(ratings.order),
        comment=comments.gather(ratings.words % len(comments)),
        **stars,
    )


def _full(table: str, plan: Plan, **columns: Any) -> pl.DataFrame:
    """All columns of a table in its order and types; null where nothing was given."""
    schema: type[dy.Schema] = schemas.FED_TABLES[table]
    types = schema.create_empty().schema
    known = pl.DataFrame(columns)
    return known.select(
        pl.lit(plan.shop).alias("shop"),
        *(
            (pl.col(name) if name in columns else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in types.items()
            if name != "shop"
        ),
    )
