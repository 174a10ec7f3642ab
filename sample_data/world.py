"""One sample shop: everything that happened, and the tables a reader of its files would get."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from sample_data import tables
from sample_data.buyers import nicks
from sample_data.chats import Lines, chat_lines
from sample_data.conversations import Conversations
from sample_data.orders import OrderItems, Orders, draw_orders
from sample_data.phrases import PhraseBook
from sample_data.plan import Plan
from sample_data.ratings import Ratings, ratings_of
from sample_data.refunds import Refunds, draw_refunds
from sample_data.rounds import ends, longest_waits, rounds_of
from sample_data.visits import closed_by_sale, order_visits, pre_sale_visits


@dataclass(frozen=True, kw_only=True)
class World:
    """What happened in a shop, as numbers; ``frames`` turns it into tables of the store."""

    plan: Plan
    book: PhraseBook
    conversations: Conversations
    lines: Lines
    orders: Orders
    items: OrderItems
    refunds: Refunds
    ratings: Ratings

    @cached_property
    def messages(self) -> pl.DataFrame:
        """The ``messages`` table."""
        return tables.messages(self.plan, self.lines, self.book)

    @cached_property
    def frames(self) -> dict[str, pl.DataFrame]:
        """Tables of the store by name, in the columns of ``store.schemas``."""
        buyers = nicks(self.orders.buyer)
        return {
            "messages": self.messages,
            "orders": tables.orders(self.plan, self.orders, self.items, self.refunds, buyers),
            "order_items": tables.order_items(self.plan, self.orders, self.items, self.refunds),
            "refunds": tables.refunds(self.plan, self.orders, self.items, self.refunds),
            "ratings": tables.ratings(self.plan, self.orders, self.ratings, buyers),
        }


def draw_world(plan: Plan) -> World:
    """Let the shop trade: visits, orders, refunds, questions about orders, ratings, chat lines."""
    book = PhraseBook()
    before = pre_sale_visits(plan)
    rounds_before = rounds_of(plan.chance("rounds before"), plan, before)
    orders, items = draw_orders(plan, before, ends(before, rounds_before))
    refunds = draw_refunds(plan, orders, items)
    after = order_visits(plan, orders, refunds, before)
    rounds_after = rounds_of(plan.chance("rounds after"), plan, after)
    conversations = closed_by_sale(plan, before, orders).plus(after)
    rounds = rounds_before.plus(rounds_after, after=len(before))
    waits = longest_waits(conversations, rounds)
    return World(
        plan=plan,
        book=book,
        conversations=conversations,
        lines=chat_lines(plan.chance("lines"), plan, conversations, rounds, book),
        orders=orders,
        items=items,
        refunds=refunds,
        ratings=ratings_of(plan, orders, items, refunds, conversations, waits),
    )
