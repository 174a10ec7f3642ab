"""Truth of the spend, refund and DSR metrics, row by row."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import polars as pl

from sample_data.truth import Facts, Result, added
from sample_data.truth_chats import Chats

Together = Callable[[Sequence[Any]], Result]
DIMENSIONS = ("description", "service", "logistics")
_DAY = timedelta(days=1)
_TWO_WEEKS = timedelta(days=14)
_WINDOW = 180
#: Orders paid from this hour on are due the next day.
_CUT_OFF = 16


def money(together: Together) -> Together:
    """The same over whole fen, in yuan."""

    def of(facts: Sequence[Any]) -> Result:
        value, numerator, denominator = together(facts)
        return value and value / 100, numerator and numerator / 100, denominator

    return of


def yuan_added(facts: Sequence[tuple[int, int]]) -> Result:
    """A share of money: both counts in yuan, from whole fen."""
    value, numerator, denominator = added(facts)
    return value, (numerator or 0) / 100, (denominator or 0) / 100


def per_buyer(facts: Sequence[tuple[str, float]]) -> Result:
    """Sum ÷ different buyers."""
    total, buyers = sum(amount for _, amount in facts), len({buyer for buyer, _ in facts})
    return (total / buyers if buyers else None), total, buyers


def crossed(facts: Sequence[tuple[str, frozenset[str]]]) -> Result:
    """Buyers with two or more different items ÷ different buyers."""
    taken: dict[str, set[str]] = defaultdict(set)
    for buyer, items in facts:
        taken[buyer] |= items
    several = sum(len(items) >= 2 for items in taken.values())
    return (several / len(taken) if taken else None), several, len(taken)


def spend_facts(chats: Chats | None, orders: pl.DataFrame, items: pl.DataFrame) -> dict[str, Facts]:
    """Facts of the five spend metrics, dated by payment."""
    created = [moment.date() for moment in orders["created_at"]]
    first, last = min(created), max(created)
    specs: dict[str, tuple[str, Together]] = {
        "unit_price": ("yuan", money(per_buyer)),
        "order_price": ("yuan", money(added)),
        "pieces_per_buyer": ("pieces", per_buyer),
        "piece_price": ("yuan", money(added)),
        "cross_sell_rate": ("share", crossed),
    }
    books = {
        metric: Facts(
            unit=unit,
            first=first,
            last=last,
            final=last,
            together=together,
            shop=[],
            agents=defaultdict(list),
        )
        for metric, (unit, together) in specs.items()
    }
    taken = defaultdict(set)
    for order, item in items.select("order_id", "item_id").rows():
        taken[order].add(item)
    columns = ("order_id", "buyer", "created_at", "paid_at", "paid_fen", "pieces")
    for order, buyer, made, paid, fen, pieces in orders.select(columns).rows():
        if paid is None:
            continue
        agent = chats and (chats.last_agent(buyer, made) or chats.last_agent(buyer, paid))
        facts = {
            "unit_price": (buyer, fen),
            "order_price": (fen, 1),
            "pieces_per_buyer": (buyer, pieces),
            "piece_price": (fen, pieces),
            "cross_sell_rate": (buyer, frozenset(taken[order])),
        }
        for metric, fact in facts.items():
            books[metric].shop.append((paid.date(), fact))
            if agent:
                books[metric].agents[agent].append((paid.date(), fact))
    return books


def shipping_facts(
    chats: Chats | None, orders: pl.DataFrame, items: pl.DataFrame, refunds: pl.DataFrame
) -> dict[str, Facts]:
    """Facts of the same-day shipping rate, by payment; what is paid by 16:00 is due that day."""
    created = [moment.date() for moment in orders["created_at"]]
    first, last = min(created), max(created)
    parent_of = dict(items.select("item_order_id", "order_id").rows())
    paid_back = defaultdict(list)
    told = ("order_id", "ended_at", "outcome", "kind", "amount_fen")
    for unit, ended, outcome, kind, fen in refunds.select(told).rows():
        if outcome == "success" and "换货" not in kind:
            paid_back[parent_of.get(unit, unit)].append((ended, fen))
    book = Facts(
        unit="share",
        first=first,
        last=last,
        final=last - _DAY,
        together=added,
        shop=[],
        agents=defaultdict(list),
    )
    columns = ("order_id", "buyer", "created_at", "paid_at", "shipped_at", "status", "paid_fen")
    for order, buyer, made, paid, shipped, status, fen in orders.select(columns).rows():
        if paid is None:
            continue
        back = sum(part for ended, part in paid_back[order] if shipped is None or ended < shipped)
        due = paid.date() + _DAY if paid.hour >= _CUT_OFF else paid.date()
        if (shipped is None and status == "closed") or back >= fen > 0 or due > last:
            continue
        fact = (int(shipped is not None and shipped.date() <= due), 1)
        book.shop.append((paid.date(), fact))
        agent = chats and (chats.last_agent(buyer, made) or chats.last_agent(buyer, paid))
        if agent:
            book.agents[agent].append((paid.date(), fact))
    return {"same_day_shipping_rate": book}


def refund_facts(
    chats: Chats | None, refunds: pl.DataFrame, orders: pl.DataFrame, items: pl.DataFrame
) -> dict[str, Facts]:
    """Facts of the four refund metrics."""
    buyer_of = dict(orders.select("order_id", "buyer").rows())
    parent_of = dict(items.select("item_order_id", "order_id").rows())
    asked_days = [moment.date() for moment in refunds["asked_at"]]
    first, last = min(asked_days), max(asked_days)

    def book(unit: str, first: date, last: date, together: Together = added) -> Facts:
        return Facts(
            unit=unit,
            first=first,
            last=last,
            final=max(asked_days) - _TWO_WEEKS,
            together=together,
            shop=[],
            agents=defaultdict(list),
        )

    created = [moment.date() for moment in items["created_at"]]
    books = {
        "refund_retention": book("share", first, last),
        "refund_retention_amount": book("share", first, last, yuan_added),
        "refund_rate": book("share", min(created), max(created)),
        "refund_handling_time": book("seconds", first, last),
    }

    def note(metric: str, unit: str, asked: datetime, fact: tuple[float, float]) -> None:
        books[metric].shop.append((asked.date(), fact))
        buyer = buyer_of.get(parent_of.get(unit, unit))
        agent = chats and buyer and chats.last_agent(buyer, asked)
        if agent:
            books[metric].agents[agent].append((asked.date(), fact))

    columns = ("order_id", "asked_at", "ended_at", "outcome", "kind", "amount_fen")
    applications = sorted(refunds.select(columns).rows(), key=lambda row: row[:2])
    for unit, asked, ended, *_ in applications:
        if ended is not None:
            note("refund_handling_time", unit, asked, ((ended - asked).total_seconds(), 1))
    refunded = set()
    for unit, group in groupby(applications, key=lambda row: row[0]):
        rows = list(group)
        lost = [row for row in rows if row[3] == "success" and "换货" not in row[4]]
        if lost:
            refunded.add(unit)
        elif any(row[3] == "open" for row in rows):
            continue
        asked = rows[0][1]
        lost_fen, asked_fen = sum(row[5] for row in lost), max(row[5] for row in rows)
        kept_fen = max(asked_fen - lost_fen, 0)
        note("refund_retention", unit, asked, (int(not lost), 1))
        note("refund_retention_amount", unit, asked, (kept_fen, kept_fen + lost_fen))
    for unit, paid in items.select("item_order_id", "paid_at").rows():
        if paid is not None:
            books["refund_rate"].shop.append((paid.date(), (int(unit in refunded), 1)))
    return books


def counted_ratings(
    ratings: pl.DataFrame, orders: pl.DataFrame
) -> list[tuple[date, dict[str, int]]]:
    """Day and stars of the ratings that count: finished trades, three per buyer and month."""
    trades = {row[0]: row[1:] for row in orders.select("order_id", "received_at", "status").rows()}
    by_month = defaultdict(list)
    columns = ("order_id", "rated_at", "nth", "buyer", *DIMENSIONS)
    for order, rated, nth, buyer, *stars in ratings.select(columns).rows():
        received, status = trades.get(order, (None, "unknown"))
        if status != "closed":
            ended = received or rated
            given = {name: star for name, star in zip(DIMENSIONS, stars, strict=True) if star}
            by_month[buyer, ended.year, ended.month].append((ended, rated, order, nth, given))
    return [
        (rated.date(), given)
        for month in by_month.values()
        for _, rated, _, _, given in sorted(month, key=lambda row: row[:4])[:3]
    ]


def dsr_facts(ratings: pl.DataFrame, orders: pl.DataFrame) -> dict[str, Facts]:
    """Facts of the three scores; a day looks back over 180 days."""
    rated = [moment.date() for moment in ratings["rated_at"]]
    counted = counted_ratings(ratings, orders)
    return {
        f"dsr_{name}": Facts(
            unit="score",
            first=min(rated),
            last=max(rated),
            final=max(rated),
            together=added,
            shop=[(day, (given[name], 1)) for day, given in counted if name in given],
            window=_WINDOW,
        )
        for name in DIMENSIONS
    }


def window_sums(facts: dict[str, Facts], day: date) -> dict[tuple[date, str], tuple[int, int]]:
    """Σ stars and number of ratings of the window that ends on a day, per dimension."""
    since = day - (_WINDOW - 1) * _DAY
    sums = {}
    for name in DIMENSIONS:
        inside = [stars for rated, (stars, _) in facts[f"dsr_{name}"].shop if since <= rated <= day]
        sums[day, name] = (sum(inside), len(inside))
    return sums


def new_sums(facts: dict[str, Facts]) -> dict[tuple[date, str], tuple[int, int]]:
    """Σ stars and number of ratings of each single day, per dimension."""
    sums: dict[tuple[date, str], tuple[int, int]] = {}
    for name in DIMENSIONS:
        for day, (stars, _) in facts[f"dsr_{name}"].shop:
            total, count = sums.get((day, name), (0, 0))
            sums[day, name] = (total + stars, count + 1)
    return sums
