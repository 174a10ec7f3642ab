"""The orders: which conversations and which silent visits end in one, and how it travels."""

from dataclasses import dataclass

import numpy as np

from sample_data.buyers import draw_buyers, first_new_buyer
from sample_data.conversations import Conversations, habit
from sample_data.goods import PRICES, SKU_COUNTS, draw_items
from sample_data.plan import DAY, HOUR, NEVER, Floats, Ints, Plan, draw_days, draw_seconds

#: At most this share of the orders comes out of conversations.
MOST_SERVED = 0.8
#: Share of the orders that nobody ever pays.
NEVER_PAID = 0.06
#: An unpaid order closes by itself after a day.
CLOSES_UNPAID = DAY
#: Shipping is promised within 48 hours after payment, receipt confirms itself 10 days after.
SHIP_PROMISE, AUTO_CONFIRM = 2 * DAY, 10 * DAY
POSTAGE_FEN, FREE_FROM_FEN = 6_00, 59_00
#: Discounts an order may carry; campaign days give the last one.
DISCOUNTS = (0.0, 0.0, 0.0, 0.05, 0.10, 0.20)


@dataclass(kw_only=True)
class Orders:
    """Orders as arrays of one length, by creation; moments after the span's end are latent."""

    buyer: Ints
    created: Ints
    paid: Ints
    #: The conversation it came from; -1 for a silent one.
    conversation: Ints
    ship_by: Ints
    shipped: Ints
    delivered: Ints
    received: Ints
    goods_fen: Ints
    postage_fen: Ints
    #: When all of it had been refunded; NEVER otherwise.
    closed: Ints

    def __len__(self) -> int:
        return len(self.buyer)

    @property
    def ids(self) -> Ints:
        """19 digits; the sub-orders of one with several items count on from here."""
        return np.asarray(3_000_000_000_000_000_000 + np.arange(len(self)) * 10)

    @property
    def days_late(self) -> Floats:
        """Days shipped beyond the promise."""
        late = (self.shipped - self.ship_by) / DAY
        return np.where(self.shipped < NEVER, np.maximum(late, 0.0), 0.0)


@dataclass(frozen=True, kw_only=True)
class OrderItems:
    """Sub-orders as arrays of one length, in the order of their orders."""

    #: Position of the order; 0 for its first sub-order; how many it has.
    order: Ints
    nth: Ints
    siblings: Ints
    #: Position in ``goods.ITEMS`` and in that item's SKUs.
    item: Ints
    sku: Ints
    quantity: Ints
    paid_fen: Ints

    def __len__(self) -> int:
        return len(self.order)

    def ids(self, orders: Orders) -> Ints:
        """A lone sub-order bears its order's number, as on Taobao."""
        return np.asarray(orders.ids[self.order] + np.where(self.siblings > 1, 1 + self.nth, 0))


def draw_orders(plan: Plan, pre_sale: Conversations, over: Ints) -> tuple[Orders, OrderItems]:
    """Exactly ``plan.orders`` orders; ``over`` is when each conversation before the sale ended."""
    rng = plan.chance("orders")
    buyer, created, conversation = _visits(rng, plan, pre_sale, over)
    by_time = np.argsort(created, kind="stable")
    buyer, created, conversation = buyer[by_time], created[by_time], conversation[by_time]
    paid = created + _payment_delay(rng, len(created))
    items = _items(rng, plan, created)
    goods = np.bincount(items.order, items.paid_fen, len(created)).astype(np.int64)
    shipped, delivered, received = _travel(rng, plan, paid)
    orders = Orders(
        buyer=buyer,
        created=created,
        paid=np.where(paid < plan.end, paid, NEVER),
        conversation=conversation,
        ship_by=paid + SHIP_PROMISE,
        shipped=shipped,
        delivered=delivered,
        received=received,
        goods_fen=goods,
        postage_fen=np.where(goods < FREE_FROM_FEN, POSTAGE_FEN, 0),
        closed=np.full(len(created), NEVER),
    )
    return orders, items


def _visits(
    rng: np.random.Generator, plan: Plan, pre_sale: Conversations, over: Ints
) -> tuple[Ints, Ints, Ints]:
    """Buyer, moment and conversation of every order, served ones first."""
    served, moments = _served(rng, plan, pre_sale, over)
    silent = plan.orders - len(served)
    first_new = max(first_new_buyer(plan), int(pre_sale.buyer.max(initial=0)) + 1)
    buyers = draw_buyers(rng, plan, silent, first_new=first_new)
    days = draw_days(rng, plan, silent)
    return (
        np.concatenate([pre_sale.buyer[served], buyers]),
        np.concatenate([moments, days * DAY + draw_seconds(rng, silent)]),
        np.concatenate([served, np.full(silent, -1)]),
    )


def _served(
    rng: np.random.Generator, plan: Plan, pre_sale: Conversations, over: Ints
) -> tuple[Ints, Ints]:
    """Which conversations end in an order, and when."""
    agent = np.where(pre_sale.second_agent >= 0, pre_sale.second_agent, pre_sale.agent)
    chance = np.where(pre_sale.ignored, 0.08, habit("sells")[agent])
    chance = chance * min(1.0, MOST_SERVED * plan.orders / max(chance.sum(), 1e-9))
    buys = np.flatnonzero(rng.random(len(pre_sale)) < chance)
    kind, place = rng.random(len(buys)), rng.random(len(buys))
    delay = np.select(
        [kind < 0.76, kind < 0.91, kind < 0.975],
        [20 - 480 * np.log1p(-place), place * 12 * HOUR, (12 + 48 * place) * HOUR],
        (60 + 60 * place) * HOUR,
    )
    moments = over[buys] + delay.astype(np.int64)
    inside = np.flatnonzero(moments < plan.end)[: plan.orders]
    return buys[inside], moments[inside]


def _payment_delay(rng: np.random.Generator, count: int) -> Ints:
    kind, place = rng.random(count), rng.random(count)
    delay = np.select(
        [kind < 0.89, kind < 1 - NEVER_PAID],
        [8 + np.exp(rng.normal(3.0, 0.7, count)), 600 + place * 20 * HOUR],
        NEVER,
    )
    return delay.astype(np.int64)


def _items(rng: np.random.Generator, plan: Plan, created: Ints) -> OrderItems:
    pick = rng.random(len(created))
    kinds = 1 + (pick > 0.76).astype(np.int64) + (pick > 0.94) + (pick > 0.985)
    order = np.repeat(np.arange(len(created)), kinds)
    count = len(order)
    item, pieces = draw_items(rng, count), rng.random(count)
    quantity = 1 + (pieces > 0.90).astype(np.int64) + (pieces > 0.98)
    campaign = plan.day_weights[created // DAY] > 2
    off = np.where(campaign, 5, rng.integers(0, len(DISCOUNTS) - 1, len(created)))
    share = 100 - (np.array(DISCOUNTS)[off][order] * 100).round().astype(np.int64)
    return OrderItems(
        order=order,
        nth=np.arange(count) - (np.cumsum(kinds) - kinds)[order],
        siblings=kinds[order],
        item=item,
        sku=(rng.random(count) * SKU_COUNTS[item]).astype(np.int64),
        quantity=quantity,
        paid_fen=PRICES[item] * quantity * share // 100,
    )


def _travel(rng: np.random.Generator, plan: Plan, paid: Ints) -> tuple[Ints, Ints, Ints]:
    """Shipped, delivered, confirmed: busy days ship later and travel longer."""
    count = len(paid)
    busy = np.maximum(plan.day_weights[np.minimum(paid // DAY, plan.days - 1)], 1.0)
    packing = 15 * HOUR * busy**0.55 * np.exp(rng.normal(0, 0.6, count))
    shipped = paid + packing.astype(np.int64)
    road = 2.4 * DAY * np.minimum(busy, 4) ** 0.2 * np.exp(rng.normal(0, 0.3, count))
    delivered = shipped + road.astype(np.int64)
    confirms = delivered + (rng.random(count) * 5 * DAY).astype(np.int64) + HOUR
    by_itself = np.maximum(shipped + AUTO_CONFIRM, delivered + HOUR)
    received = np.where(rng.random(count) < 0.6, confirms, by_itself)
    paid_ever = paid < NEVER
    never = np.full(count, NEVER)
    return (
        np.where(paid_ever, shipped, never),
        np.where(paid_ever, delivered, never),
        np.where(paid_ever, received, never),
    )
