"""The two ways into a chat: before a sale, and about an order."""

from dataclasses import replace

import numpy as np

from sample_data.buyers import draw_buyers, first_new_buyer
from sample_data.conversations import (
    Conversations,
    after_sale_topics,
    in_sale_topics,
    opened,
    pre_sale_topics,
)
from sample_data.orders import Orders
from sample_data.phrases import CLOSINGS, TOPICS
from sample_data.plan import (
    CLOSES,
    DAY,
    HOUR,
    NEVER,
    OPENS,
    Flags,
    Ints,
    Plan,
    draw_days,
    draw_seconds,
)
from sample_data.refunds import EXCHANGE, GIVE_BACK, SHIPPED, UNSHIPPED, Refunds

#: How much more often than a plain order a late and a refunded one is asked about.
LATE_WEIGHT, REFUND_WEIGHT = 4.0, 8.0
#: The topic of a conversation about a refund, by tier.
_REFUND_TOPICS = {
    UNSHIPPED: "give_back",
    SHIPPED: "late",
    GIVE_BACK: "give_back",
    EXCHANGE: "exchange",
}


def pre_sale_visits(plan: Plan) -> Conversations:
    """Conversations of buyers who have not bought yet."""
    rng = plan.chance("visits")
    count = plan.conversations_before_sale
    buyer = draw_buyers(rng, plan, count, first_new=first_new_buyer(plan), heavy=0.004)
    start = draw_days(rng, plan, count) * DAY + draw_seconds(rng, count)
    topic = pre_sale_topics(rng, count)
    drawn = opened(rng, buyer=buyer, start=start, topic=topic, order=np.full(count, -1))
    return drawn.take(_once_a_day(drawn.buyer, drawn.start))


def closed_by_sale(plan: Plan, conversations: Conversations, orders: Orders) -> Conversations:
    """The same conversations, each closing as its outcome has it."""
    rng = plan.chance("closings")
    considers = rng.random(len(conversations)) < 0.6
    closing = np.where(considers, CLOSINGS.index("considers"), CLOSINGS.index("thanks"))
    served = orders.conversation[orders.conversation >= 0]
    closing[served] = CLOSINGS.index("buys")
    return replace(conversations, closing=closing)


def order_visits(
    plan: Plan, orders: Orders, refunds: Refunds, before: Conversations
) -> Conversations:
    """Conversations about an order: where is it, change it, it is late, take it back.

    None with a buyer on a day on which they asked ``before`` the sale: that would be one buyer-day.
    """
    rng = plan.chance("order visits")
    count = plan.conversations_about_orders
    refund_of = np.full(len(orders), -1)
    refund_of[refunds.order[::-1]] = np.arange(len(refunds))[::-1]
    weight = np.where(orders.paid < plan.end, 1.0, 0.0)
    weight *= np.where(orders.days_late > 0.5, LATE_WEIGHT, 1.0)
    weight *= np.where(refund_of >= 0, REFUND_WEIGHT, 1.0)
    if weight.sum() == 0:
        count = 0
    order = np.searchsorted(np.cumsum(weight), rng.random(count) * weight.sum(), side="right")
    order = np.minimum(order, len(orders) - 1)
    start, topic = _moments_and_topics(rng, plan, orders, refunds, order, refund_of[order])
    inside = (start < plan.end) & (start >= 0)
    buyer = np.concatenate([before.buyer, orders.buyer[order]])
    inside &= _once_a_day(buyer, np.concatenate([before.start, start]))[len(before) :]
    return opened(
        rng,
        buyer=orders.buyer[order][inside],
        start=start[inside],
        topic=topic[inside],
        order=order[inside],
    )


def _moments_and_topics(
    rng: np.random.Generator,
    plan: Plan,
    orders: Orders,
    refunds: Refunds,
    order: Ints,
    refund: Ints,
) -> tuple[Ints, Ints]:
    count, place = len(order), rng.random(len(order))
    paid, delivered = orders.paid[order], orders.delivered[order]
    travels = delivered < NEVER
    on_the_way = paid + (place * np.where(travels, delivered - paid, DAY)).astype(np.int64)
    arrived = delivered + (place * 4 * DAY).astype(np.int64)
    after = travels & (rng.random(count) < 0.4)
    start = np.where(after, arrived, on_the_way)
    topic = np.where(after, after_sale_topics(rng, count), in_sale_topics(rng, count))
    late = (orders.days_late[order] > 0.5) & (rng.random(count) < 0.6)
    topic = np.where(late, TOPICS.index("late"), topic)
    about_refund = (refund >= 0) & (rng.random(count) < 0.8)
    if len(refunds):
        asked, tier = refunds.asked[refund], refunds.tier[refund]
        shift = np.where(place < 0.6, -300 - place * 8_000, 60 + place * 20_000)
        start = np.where(about_refund, asked + shift.astype(np.int64), start)
        names = np.array([TOPICS.index(_REFUND_TOPICS[key]) for key in sorted(_REFUND_TOPICS)])
        topic = np.where(about_refund, names[tier], topic)
    return _awake(rng, start), topic


def _once_a_day(buyer: Ints, start: Ints) -> Flags:
    """True for the first conversation listed of each buyer and day."""
    _, first = np.unique(buyer * 100_000 + start // DAY, return_index=True)
    kept = np.zeros(len(buyer), dtype=np.bool_)
    kept[first] = True
    return kept


def _awake(rng: np.random.Generator, start: Ints) -> Ints:
    """Most of those who would write at night write at an hour of the shop instead."""
    second = start % DAY
    night = (second < OPENS) | (second >= CLOSES)
    moved = night & (rng.random(len(start)) < 0.85)
    hour = OPENS + HOUR + (rng.random(len(start)) * 12 * HOUR).astype(np.int64)
    # The next day, so that nobody asks about an order before paying it.
    return np.where(moved, (start // DAY + 1) * DAY + hour, start)
