"""What the buyers of the sample shop say afterwards: stars and a few words."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_data.conversations import Conversations
from sample_data.goods import ITEMS
from sample_data.orders import OrderItems, Orders
from sample_data.plan import Floats, Ints, Plan
from sample_data.rating_process import (
    REFUND_FACTS,
    RatingDraws,
    RatingHabits,
    TradeFacts,
    draw_ratings,
)
from sample_data.refunds import EXCHANGE, Refunds

#: A good shop near the usual target of 4.8.
HABITS = RatingHabits(
    rated_share=0.6,
    mixes={
        "description": (0.004, 0.003, 0.014, 0.060, 0.919),
        "service": (0.003, 0.002, 0.010, 0.045, 0.940),
        "logistics": (0.004, 0.003, 0.014, 0.055, 0.924),
    },
)
#: Share of the ratings that carry words.
WORDS_SHARE = 0.35
GOOD_WORDS = (
    "质量很好，和描述一样", "穿着舒服，会回购", "颜色正，没有色差", "客服很耐心，推荐的尺码很准",
    "物流很快，第二天就到了", "面料柔软，性价比高", "送人的，很喜欢", "好评",
)  # fmt: skip
#: Words of a bad rating by its worst dimension.
BAD_WORDS = {
    "description": ("和图片差太多了", "洗一次就起球", "线头多，质量一般"),
    "service": ("客服半天不回", "问什么都说不知道", "态度冷淡，再也不来了"),
    "logistics": ("发货太慢了", "等了一个多星期", "快递盒子都压坏了"),
}


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """Ratings as arrays of one length, by time."""

    order: Ints
    rated: Ints
    #: Shape (ratings, 3): description, service, logistics; 0 where left out.
    stars: npt.NDArray[np.int8]
    #: Position in ``words()``; -1 without words.
    words: Ints

    def __len__(self) -> int:
        return len(self.order)


def words() -> tuple[str, ...]:
    """All comments a rating may carry."""
    return (*GOOD_WORDS, *BAD_WORDS["description"], *BAD_WORDS["service"], *BAD_WORDS["logistics"])


def ratings_of(
    plan: Plan,
    orders: Orders,
    items: OrderItems,
    refunds: Refunds,
    conversations: Conversations,
    waits: Ints,
) -> Ratings:
    """The ratings given inside the span to orders that were received.

    Args:
        plan: Size, span and seed.
        orders: All orders.
        items: Their sub-orders.
        refunds: Their refund applications.
        conversations: All conversations, whether their lines are kept or not.
        waits: Longest wait of each conversation in seconds.
    """
    received = np.flatnonzero(orders.received < plan.end)
    facts = _facts(plan, orders, items, refunds, _waits_of_orders(orders, conversations, waits))
    draws = draw_ratings(_take(facts, received), HABITS, plan.chance("ratings"))
    midnight = np.datetime64(plan.midnight, "us")
    rated = (draws.rated_at - midnight).astype("timedelta64[s]").astype(np.int64)
    inside = rated < plan.end
    return Ratings(
        order=received[draws.order][inside],
        rated=rated[inside],
        stars=draws.stars[inside],
        words=_words(plan, draws)[inside],
    )


def _facts(
    plan: Plan, orders: Orders, items: OrderItems, refunds: Refunds, waits: Floats
) -> TradeFacts:
    count = len(orders)
    rng = plan.chance("tempers")
    product = rng.normal(0, 0.22, len(ITEMS))
    first_item = items.item[np.searchsorted(items.order, np.arange(count))]
    refund = np.zeros(count, dtype=np.int8)
    for name, which in (
        ("refused", (refunds.ended < plan.end) & ~refunds.succeeds),
        ("open", refunds.ended >= plan.end),
        ("refunded", (refunds.ended < plan.end) & refunds.succeeds & (refunds.tier != EXCHANGE)),
    ):
        refund[refunds.order[which]] = REFUND_FACTS.index(name)
    known = np.minimum(orders.received, plan.end).astype("timedelta64[s]")
    return TradeFacts(
        completed_at=np.datetime64(plan.midnight, "us") + known.astype("timedelta64[us]"),
        days_late=orders.days_late,
        wait_seconds=waits,
        refund=refund,
        product=product[first_item],
        # The same buyer is as strict every time: the temper hangs on the buyer's number.
        buyer=rng.normal(0, 0.45, 4_096)[orders.buyer * 2_654_435_761 % 4_096],
        shift=np.zeros((count, 3)),
    )


def _take(facts: TradeFacts, which: Ints) -> TradeFacts:
    return TradeFacts(**{name: column[which] for name, column in vars(facts).items()})


def _waits_of_orders(orders: Orders, conversations: Conversations, waits: Ints) -> Floats:
    """The longest wait in an order's conversations; 0 without one."""
    longest = np.zeros(len(orders))
    came_from = orders.conversation >= 0
    longest[came_from] = waits[orders.conversation[came_from]]
    about = conversations.order >= 0
    np.maximum.at(longest, conversations.order[about], waits[about])
    return longest


def _words(plan: Plan, draws: RatingDraws) -> Ints:
    rng = plan.chance("words")
    count = len(draws.order)
    stars = np.where(draws.stars == 0, 5, draws.stars)
    worst, place = stars.argmin(axis=1), rng.random(count)
    bad = len(GOOD_WORDS) + worst * 3 + (place * 3).astype(np.int64)
    good = (place * len(GOOD_WORDS)).astype(np.int64)
    unhappy = stars.min(axis=1) <= 3
    speaks = rng.random(count) < np.where(unhappy, 0.8, WORDS_SHARE)
    return np.where(speaks, np.where(unhappy, bad, good), -1)
