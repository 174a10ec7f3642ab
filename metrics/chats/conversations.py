"""What a shop's chat lines come to: how long buyers waited, who wrote to whom, who wrote last.

Every conversation metric reads these frames, and none needs the lines themselves. They depend on
the lines of their own day only, so a store keeps them day by day (``store.condensed``): a
twelfth of the rows, in order already. Without a store they are made on the spot; the numbers are
the same.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import cast

import dataframely as dy
import polars as pl

from metrics.chats.reception import (
    AGENT,
    BUYER,
    ROBOT,
    SYSTEM,
    counted_lines,
    new_buyer_day,
    ordered_lines,
    within,
)
from metrics.chats.rounds import rounds
from metrics.kit.days import on_days
from store.schemas import Messages
from store.settings import ShopSettings
from store.shop_tables import Frames, Recipe, ShopTables, Source

#: Buyers who write to one agent within so many minutes are served side by side (ours).
BLOCK = "10m"


@dataclass(frozen=True)
class Conversations:
    """The chat lines of some days, condensed. Names are text or Categorical."""

    #: One row per wait: ``metrics.chats.rounds.rounds``.
    rounds: pl.LazyFrame
    #: One row per buyer, day and agent, "" where nobody is known: ``asked_at`` (the buyer's first
    #: line to the agent), ``replied_at`` and ``robot_at`` (the last human and robot line under
    #: the agent's name), ``asked`` and ``written`` (lines of the buyer and of the human).
    contacts: pl.LazyFrame
    #: One row per buyer, day and agent as the lines name them ("" for none): ``first_line_at``.
    first_lines: pl.LazyFrame
    #: The agents whom each buyer wrote to on each day: ``buyer``, ``day``, ``agent``.
    agents_asked: pl.LazyFrame
    #: ``buyer``, ``sent_at``, ``agent`` of human lines; of lines that follow each other on one
    #: day by one agent perhaps only the first. Who wrote last before a moment is the same.
    human_lines: pl.LazyFrame
    #: One row per buyer, named agent and ``block`` (start of ten minutes) in which one of them
    #: wrote to the other, with its ``day``: ``asked`` and ``written`` (lines of buyer and human).
    blocks: pl.LazyFrame


def conversations(
    tables: ShopTables,
    settings: ShopSettings,
    /,
    *,
    first: date | None = None,
    last: date | None = None,
) -> Conversations:
    """The conversations of some days.

    Args:
        tables: The shop's tables.
        settings: Filtered buyers and robots.
        first: First day; unset: from the beginning.
        last: Last day, included; unset: to the end.
    """
    kept = tables.condensed.get(recipe(settings))
    if kept is None:
        return _from_lines(tables, settings, first, last)
    wanted = on_days(first, last)
    if settings.filtered_buyers:
        wanted &= ~pl.col("buyer").is_in(settings.filtered_buyers)
    contacts = kept["contacts"].filter(wanted)
    asked = contacts.filter(pl.col("asked_at").is_not_null())
    human = kept["human_lines"].filter(wanted)
    return Conversations(
        rounds=kept["rounds"].filter(wanted),
        contacts=contacts,
        first_lines=asked.select("buyer", "agent", "day", first_line_at="asked_at"),
        agents_asked=asked.filter(pl.col("agent") != "").select("buyer", "day", "agent"),
        human_lines=human.select("buyer", "sent_at", "agent"),
        blocks=kept["blocks"].filter(wanted),
    )


def recipe(settings: ShopSettings, /) -> Recipe:
    """How a store condenses chat lines: the frames of ``condense``, by the shop's robots."""
    return Recipe(
        "conversations",
        edition=3,
        rules=settings.robot_agents,
        frames=("rounds", "contacts", "human_lines", "blocks"),
        sources=(Source("messages", ("sent_at",)),),
        make=partial(_condensed, settings.robot_agents),
        apart="days",
    )


def _condensed(
    robot_agents: tuple[str, ...], tables: ShopTables, _first: date, _last: date
) -> Frames:
    return condense(tables.messages, robot_agents)


def condense(messages: pl.LazyFrame, robot_agents: tuple[str, ...], /) -> Frames:
    """What a store keeps of the lines of whole days.

    Args:
        messages: Rows of the messages table, of all buyers.
        robot_agents: Senders that count as robots.

    Returns:
        ``rounds``, ``contacts``, ``human_lines`` (with their ``day``) and ``blocks`` as in
        ``Conversations``, names as text, by day and buyer and in time.
    """
    rows = cast("dy.LazyFrame[Messages]", messages)
    lines = ordered_lines(rows, ShopSettings(robot_agents=robot_agents)).cache()
    frames = {
        "rounds": rounds(lines).sort("day", "buyer", "opened_at", maintain_order=True),
        "contacts": contacts(lines).sort("day", "buyer", "agent"),
        "human_lines": _human_lines(lines).sort("day", "buyer", "sent_at", maintain_order=True),
        "blocks": _blocks(lines).sort("day", "buyer", "block", "agent"),
    }
    return {
        name: frame.with_columns(pl.col(pl.Categorical).cast(pl.String))
        for name, frame in frames.items()
    }


def contacts(lines: pl.LazyFrame, /) -> pl.LazyFrame:
    """Which agents and buyers wrote to each other on which days; see ``Conversations.contacts``.

    Args:
        lines: Rows of ``metrics.chats.reception.ordered_lines``.

    Returns:
        ``buyer``, ``day``, ``agent``, ``asked_at``, ``replied_at``, ``robot_at``, ``asked``,
        ``written``; in no order.
    """
    who, sent_at = pl.col("who"), pl.col("sent_at")
    return (
        lines.filter(who != SYSTEM)
        .select(
            "buyer",
            "day",
            "agent",
            # Columns of their own: a plain minimum per group is much faster than a filtered one.
            asked_at=pl.when(who == BUYER).then(sent_at),
            replied_at=pl.when(who == AGENT).then(sent_at),
            robot_at=pl.when(who == ROBOT).then(sent_at),
        )
        .group_by("buyer", "day", "agent")
        .agg(
            pl.col("asked_at").min(),
            pl.col("replied_at", "robot_at").max(),
            asked=pl.col("asked_at").count(),
            written=pl.col("replied_at").count(),
        )
    )


def received(contacts: pl.LazyFrame, settings: ShopSettings, /) -> pl.LazyFrame:
    """Which agents received which buyers on which days, and whether they answered.

    An agent receives a buyer who writes to them. They answer with a valid reply at or after the
    buyer's first line to them, before midnight: a human line, or a robot's under their name where
    the shop counts robots.

    Args:
        contacts: ``Conversations.contacts``.
        settings: Whether a robot's reply counts.

    Returns:
        One row per buyer, day and agent who received them, in no order: ``buyer``, ``day``,
        ``agent``, ``answered``.
    """
    replied_at = pl.col("replied_at")
    if settings.robot_counts_as_reply:
        replied_at = pl.max_horizontal(replied_at, "robot_at")
    return contacts.filter(pl.col("agent") != "", pl.col("asked_at").is_not_null()).select(
        "buyer", "day", "agent", answered=(replied_at >= pl.col("asked_at")).fill_null(False)
    )


def _from_lines(
    tables: ShopTables, settings: ShopSettings, first: date | None, last: date | None
) -> Conversations:
    messages = within(tables.messages, first, last)
    # Cached by hand: the optimiser prunes each use differently and would then sort for each.
    lines = ordered_lines(messages, settings).cache()
    counted = counted_lines(messages, settings)
    human = counted.filter(sender="agent").select("buyer", "sent_at", "agent")
    # Of the first lines no order is needed, and grouping is cheaper than sorting.
    first_lines = (
        counted.filter(sender="buyer")
        .group_by("buyer", "agent", day=pl.col("sent_at").dt.date())
        .agg(first_line_at=pl.col("sent_at").min())
        .cache()
    )
    return Conversations(
        rounds=rounds(lines).cache(),
        contacts=contacts(lines).cache(),
        first_lines=first_lines,
        agents_asked=_agents_asked(first_lines, messages, settings),
        human_lines=human,
        blocks=_blocks(lines),
    )


def _agents_asked(
    first_lines: pl.LazyFrame, messages: dy.LazyFrame[Messages], settings: ShopSettings
) -> pl.LazyFrame:
    keys, named = ["buyer", "day"], pl.col("agent") != ""
    # Lines without an agent are few in most exports, and only their buyer-days need an order.
    unnamed = first_lines.filter(~named).select(keys)
    near = messages.with_columns(day=pl.col("sent_at").dt.date()).join(unnamed, on=keys, how="semi")
    addressed = (
        ordered_lines(near, settings)  # type: ignore[arg-type]  # still rows of the table
        .filter(pl.col("who") == BUYER, named)
        .select(pl.col("buyer").cast(pl.String), "day", pl.col("agent").cast(pl.String))
    )
    return pl.concat([first_lines.filter(named).select(*keys, "agent"), addressed]).unique()


def _human_lines(lines: pl.LazyFrame) -> pl.LazyFrame:
    """The human lines at which somebody else begins to write.

    Which of the lines of one second is the last is a question of names (``attribution``), so the
    line after such a second is kept too.
    """
    agent, buyer, sent_at = pl.col("agent"), pl.col("buyer"), pl.col("sent_at")
    together = (sent_at == sent_at.shift()) & (buyer == buyer.shift())
    follows = together.shift().fill_null(False)
    begins = new_buyer_day() | (agent != agent.shift()).fill_null(True) | follows
    return (
        lines.filter(pl.col("who") == AGENT)
        .filter(begins)
        .select("buyer", "day", "sent_at", "agent")
    )


def _blocks(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Which buyers and agents wrote to each other in which ten minutes."""
    who = pl.col("who")
    return (
        lines.filter(who.is_in([BUYER, AGENT]), pl.col("agent") != "")
        .select("buyer", "day", "agent", "who", block=pl.col("sent_at").dt.truncate(BLOCK))
        .group_by("buyer", "day", "agent", "block")
        .agg(asked=(who == BUYER).sum(), written=(who == AGENT).sum())
    )
