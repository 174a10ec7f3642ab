"""Who writes to the shop, when, about what, and which agent gets it."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from sample_data.agents import AGENTS
from sample_data.phrases import AFTER_SALE, CLOSINGS, IN_SALE, PRE_SALE, TOPICS
from sample_data.plan import CLOSES, DAY, HOUR, OPENS, Flags, Floats, Ints, Plan

ROBOT_GREETS_SHARE = 0.30
TRANSFER_SHARE = 0.03
#: Share of the night's conversations in which the robot answers; the others stay unanswered.
ROBOT_NIGHT_SHARE = 0.7
#: Busy days slow everybody down: the wait grows with the day's trade to this power.
LOAD_POWER = 0.3


@dataclass(frozen=True, kw_only=True)
class Conversations:
    """Conversations as arrays of one length."""

    buyer: Ints
    #: Seconds since the first day's midnight.
    start: Ints
    #: Position in ``AGENTS``; -1 at night, when nobody is addressed.
    agent: Ints
    #: Who takes over after the first round; -1 without a transfer.
    second_agent: Ints
    #: Position in ``phrases.TOPICS`` and ``phrases.CLOSINGS``.
    topic: Ints
    closing: Ints
    #: Position of the order it is about; -1 before the sale.
    order: Ints
    rounds: Ints
    ignored: Flags
    robot: Flags

    def __len__(self) -> int:
        return len(self.buyer)

    @property
    def night(self) -> Flags:
        return np.asarray(self.agent < 0)

    def take(self, which: Ints | Flags) -> Self:
        """Some of the conversations."""
        return replace(
            self, **{field.name: getattr(self, field.name)[which] for field in fields(self)}
        )

    def plus(self, other: Self) -> Self:
        """Both lots, one after the other."""
        pairs = {
            field.name: np.concatenate([getattr(self, field.name), getattr(other, field.name)])
            for field in fields(self)
        }
        return replace(self, **pairs)


def habit(name: str) -> Floats:
    """One number of every agent's habits, in the order of ``AGENTS``."""
    return np.array([getattr(agent, name) for agent in AGENTS], dtype=np.float64)


def opened(
    rng: np.random.Generator, *, buyer: Ints, start: Ints, topic: Ints, order: Ints
) -> Conversations:
    """Give each conversation an agent, a length and the agent's attention."""
    count = len(buyer)
    agent = _on_duty(rng, start)
    transferred = (rng.random(count) < TRANSFER_SHARE) & (agent >= 0)
    others = (agent + rng.integers(1, len(AGENTS), count)) % len(AGENTS)
    night = agent < 0
    ignored = night | (rng.random(count) < habit("ignores")[agent])
    rounds = 1 + np.minimum(rng.geometric(0.42, count), 9)
    rounds = np.where(ignored, np.minimum(rounds, rng.integers(1, 3, count)), rounds)
    robot = rng.random(count) < np.where(night, ROBOT_NIGHT_SHARE, ROBOT_GREETS_SHARE)
    return Conversations(
        buyer=buyer,
        start=start,
        agent=agent,
        second_agent=np.where(transferred & ~ignored, others, -1),
        topic=topic,
        closing=np.full(count, CLOSINGS.index("thanks")),
        order=order,
        rounds=np.where(transferred & ~ignored, np.maximum(rounds, 2), rounds),
        ignored=ignored,
        robot=robot,
    )


def topics_of(rng: np.random.Generator, names: tuple[str, ...], count: int) -> Ints:
    """Positions in ``TOPICS`` drawn from some topics."""
    places = np.array([TOPICS.index(name) for name in names])
    return places[rng.integers(0, len(names), count)]


def pre_sale_topics(rng: np.random.Generator, count: int) -> Ints:
    """What a buyer asks before the sale."""
    return topics_of(rng, PRE_SALE, count)


def in_sale_topics(rng: np.random.Generator, count: int) -> Ints:
    """What a buyer asks between payment and receipt."""
    return topics_of(rng, IN_SALE, count)


def after_sale_topics(rng: np.random.Generator, count: int) -> Ints:
    """What a buyer asks after receipt or about a refund."""
    return topics_of(rng, AFTER_SALE, count)


def load_of(plan: Plan, start: Ints) -> Floats:
    """How much longer than usual everybody waits on the day of each start."""
    day = np.clip(start // DAY, 0, plan.days - 1)
    return np.asarray(plan.day_weights[day] ** LOAD_POWER)


def _on_duty(rng: np.random.Generator, start: Ints) -> Ints:
    """The agent who gets a conversation; early and late shift overlap, nobody works at night."""
    second = start % DAY
    early = np.array([agent.shift == "early" for agent in AGENTS])
    late_hours = (second > 15.5 * HOUR)[:, None]
    weights = np.where(late_hours, np.where(early, 0.4, 1.6), np.where(early, 1.6, 0.4))
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    agent = (rng.random(len(start))[:, None] > edges).sum(axis=1)
    return np.where((second < OPENS) | (second >= CLOSES), -1, np.minimum(agent, len(AGENTS) - 1))
