"""Refund applications: who asks, why, how it ends, and who asks again."""

from dataclasses import dataclass

import numpy as np

from sample_data.orders import OrderItems, Orders
from sample_data.plan import DAY, HOUR, NEVER, Flags, Ints, Plan

#: Paid, not shipped · on its way · return against money · exchange.
TIERS = ("unshipped", "shipped", "give_back", "exchange")
UNSHIPPED, SHIPPED, GIVE_BACK, EXCHANGE = range(4)
TIER_SHARES = (0.26, 0.20, 0.43, 0.11)
#: Share of the paid sub-orders with an application, and how much a late parcel adds.
ASKED_SHARE, LATE_FACTOR = 0.075, 2.2
#: First applications that end in a refund (or an exchange), by tier; and second ones.
SUCCEEDS, SUCCEEDS_AGAIN = (0.86, 0.66, 0.70, 0.80), 0.70
#: Share of the refused or withdrawn ones that apply again.
AGAIN = 0.25
PARTIAL = 0.15
#: Hours from application to end, by tier: at least, at most.
HANDLING_H = ((1, 30), (6, 70), (60, 220), (70, 240))
#: Reasons by tier as the platform words them; the first one also where the parcel was late.
REASONS = (
    ("未按约定时间发货", "拍错/多拍/不喜欢", "拍错/多拍/不喜欢", "其他"),
    ("快递/物流一直未送到", "快递/物流无跟踪记录", "拍错/多拍/不喜欢", "其他"),
    ("七天无理由退换货", "七天无理由退换货", "商品质量问题", "卖家发错货"),
    ("七天无理由退换货", "商品质量问题", "卖家发错货", "七天无理由退换货"),
)


@dataclass(frozen=True, kw_only=True)
class Refunds:
    """Applications as arrays of one length, by application."""

    #: Position of the sub-order and of its order.
    item: Ints
    order: Ints
    tier: Ints
    #: Position in ``REASONS[tier]``.
    reason: Ints
    asked: Ints
    ended: Ints
    succeeds: Flags
    amount_fen: Ints
    again: Flags

    def __len__(self) -> int:
        return len(self.item)


def draw_refunds(plan: Plan, orders: Orders, items: OrderItems) -> Refunds:
    """All applications inside the span; closes the orders whose money all went back."""
    rng = plan.chance("refunds")
    first = _first(rng, plan, orders, items)
    second = _again(rng, first)
    both = {
        name: np.concatenate([column, getattr(second, name)])
        for name, column in vars(first).items()
    }
    _close_orders(orders, items, Refunds(**both))
    kept = both["asked"] < plan.end
    by_time = np.argsort(both["asked"][kept], kind="stable")
    return Refunds(**{name: column[kept][by_time] for name, column in both.items()})


def _first(rng: np.random.Generator, plan: Plan, orders: Orders, items: OrderItems) -> Refunds:
    late = orders.days_late[items.order] > 0.5
    chance = ASKED_SHARE * np.where(late, LATE_FACTOR, 1.0)
    paid = orders.paid[items.order] < plan.end
    item = np.flatnonzero(paid & (rng.random(len(items)) < chance))
    order, count = items.order[item], len(item)
    tier = np.searchsorted(np.cumsum(TIER_SHARES)[:-1], rng.random(count), side="right")
    place = rng.random(count)
    waits = orders.shipped[order] - orders.paid[order]
    asked = np.select(
        [tier == UNSHIPPED, tier == SHIPPED],
        [
            orders.paid[order] + 60 + place * waits * 0.9,
            orders.shipped[order] + (0.1 + place) * (orders.delivered - orders.shipped)[order],
        ],
        orders.delivered[order] + (0.1 + place * 6.4) * DAY,
    ).astype(np.int64)
    partial = (tier != EXCHANGE) & (tier != UNSHIPPED) & (rng.random(count) < PARTIAL)
    share = np.where(partial, rng.integers(20, 61, count), 100)
    reason = rng.integers(0, 4, count)
    return Refunds(
        item=item,
        order=order,
        tier=tier,
        reason=np.where(late[item] & (tier < GIVE_BACK), 0, reason),
        asked=asked,
        ended=asked + _handling(rng, tier),
        succeeds=rng.random(count) < np.array(SUCCEEDS)[tier],
        amount_fen=np.maximum(items.paid_fen[item] * share // 100, 1),
        again=np.zeros(count, dtype=np.bool_),
    )


def _again(rng: np.random.Generator, first: Refunds) -> Refunds:
    """The second application of those who were refused."""
    repeats = np.flatnonzero(~first.succeeds & (rng.random(len(first)) < AGAIN))
    count = len(repeats)
    asked = first.ended[repeats] + (0.1 * DAY + rng.random(count) * 3 * DAY).astype(np.int64)
    taken = {name: column[repeats] for name, column in vars(first).items()}
    taken |= {
        "asked": asked,
        "ended": asked + _handling(rng, first.tier[repeats]),
        "succeeds": rng.random(count) < SUCCEEDS_AGAIN,
        "again": np.ones(count, dtype=np.bool_),
    }
    return Refunds(**taken)


def _handling(rng: np.random.Generator, tier: Ints) -> Ints:
    low, high = np.array(HANDLING_H).T
    hours = low[tier] + rng.random(len(tier)) * (high - low)[tier]
    return np.asarray(hours * HOUR, dtype=np.int64)


def _close_orders(orders: Orders, items: OrderItems, refunds: Refunds) -> None:
    """An order whose every sub-order went back in full closes, unshipped ones never ship."""
    whole = refunds.succeeds & (refunds.tier != EXCHANGE)
    whole &= refunds.amount_fen == np.maximum(items.paid_fen[refunds.item], 1)
    gone = np.bincount(refunds.order[whole], minlength=len(orders))
    all_gone = gone == np.bincount(items.order, minlength=len(orders))
    ended = np.zeros(len(orders), dtype=np.int64)
    np.maximum.at(ended, refunds.order[whole], refunds.ended[whole])
    orders.closed = np.where(all_gone, ended, NEVER)
    before_shipping = np.zeros(len(orders), dtype=np.bool_)
    before_shipping[refunds.order[whole & (refunds.tier == UNSHIPPED)]] = True
    never_ships = all_gone & before_shipping
    for moment in ("shipped", "delivered"):
        setattr(orders, moment, np.where(never_ships, NEVER, getattr(orders, moment)))
    never_received = all_gone & (ended < orders.received) | never_ships
    orders.received = np.where(never_received, NEVER, orders.received)
