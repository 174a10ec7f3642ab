"""How each conversation goes: when the buyer asks, how long the answer takes, how many lines."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from sample_data.conversations import Conversations, habit, load_of
from sample_data.plan import Flags, Floats, Ints, Plan

#: A buyer who is kept waiting leaves the window after so many seconds.
_GIVES_UP_S = 15
#: Never shorter, so that the lines of a round have seconds of their own.
_SHORTEST_WAIT_S = 4


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """Rounds as arrays of one length: the buyer writes, then somebody may answer."""

    #: Position of the conversation.
    conversation: Ints
    #: 0 for the conversation's first round.
    nth: Ints
    last: Flags
    agent: Ints
    #: Seconds since the first day's midnight.
    opened: Ints
    answered: Flags
    wait: Ints
    #: Seconds between two lines of one answer.
    pause: Ints
    buyer_lines: Ints
    agent_lines: Ints
    #: 1 where the robot greets; 1 where a transfer is announced.
    robot_lines: Ints
    system_lines: Ints

    @property
    def lines(self) -> Ints:
        return self.buyer_lines + self.agent_lines + self.robot_lines + self.system_lines

    def plus(self, other: Self, *, after: int) -> Self:
        """Both lots; the other's conversations are numbered on from ``after``."""
        own, more = vars(self), vars(other)
        columns = {name: np.concatenate([own[name], more[name]]) for name in own}
        columns["conversation"] = np.concatenate([self.conversation, other.conversation + after])
        return type(self)(**columns)


def rounds_of(rng: np.random.Generator, plan: Plan, conversations: Conversations) -> Rounds:
    """Every round of the conversations, in their order."""
    where = np.repeat(np.arange(len(conversations)), conversations.rounds)
    first = np.cumsum(conversations.rounds) - conversations.rounds
    nth = np.arange(len(where)) - first[where]
    last = nth == conversations.rounds[where] - 1
    second = conversations.second_agent[where]
    agent = np.where((nth > 0) & (second >= 0), second, conversations.agent[where])
    handed_over = (nth == 0) & (second >= 0)
    answered = _answered(rng, conversations, where, agent, last, handed_over)
    wait = _waits(rng, agent, load_of(plan, conversations.start)[where])
    agent_lines = np.where(answered, 1 + _more_lines(rng, agent), 0)
    pause = rng.integers(4, 13, len(where))
    lasted = np.where(answered, wait + (agent_lines - 1) * pause, _GIVES_UP_S)
    thinks = 6 + rng.exponential(42, len(where)).astype(np.int64)
    before = np.cumsum(lasted + thinks) - (lasted + thinks)
    return Rounds(
        conversation=where,
        nth=nth,
        last=last,
        agent=agent,
        opened=conversations.start[where] + before - before[first][where],
        answered=answered,
        wait=wait,
        pause=pause,
        # A farewell is one line.
        buyer_lines=np.where(last & (nth > 0), 1, np.minimum(rng.geometric(0.70, len(where)), 3)),
        agent_lines=agent_lines,
        robot_lines=np.where((nth == 0) & conversations.robot[where], 1, 0),
        system_lines=np.where(handed_over, 1, 0),
    )


def ends(conversations: Conversations, rounds: Rounds) -> Ints:
    """When each conversation is over."""
    lasted = np.where(rounds.answered, rounds.wait + 2 * rounds.pause, _GIVES_UP_S)
    return np.asarray((rounds.opened + lasted)[np.cumsum(conversations.rounds) - 1])


def longest_waits(conversations: Conversations, rounds: Rounds) -> Ints:
    """Longest wait of each conversation; half an hour for a question left open."""
    waits = np.where(rounds.answered, rounds.wait, 1_800)
    return np.asarray(
        np.maximum.reduceat(waits, np.cumsum(conversations.rounds) - conversations.rounds)
    )


def _answered(
    rng: np.random.Generator,
    conversations: Conversations,
    where: Ints,
    agent: Ints,
    last: Flags,
    handed_over: Flags,
) -> Flags:
    left_open = last & (rng.random(len(where)) < habit("leaves_open")[agent])
    silent = handed_over & (rng.random(len(where)) < 0.33)
    return np.asarray(~(conversations.ignored[where] | left_open | silent))


def _waits(rng: np.random.Generator, agent: Ints, load: Floats) -> Ints:
    deviates = rng.standard_normal(len(agent)) * habit("wait_spread")[agent]
    waits = habit("wait_s")[agent] * load * np.exp(deviates)
    return np.maximum(waits, _SHORTEST_WAIT_S).astype(np.int64)


def _more_lines(rng: np.random.Generator, agent: Ints) -> Ints:
    more = habit("more_lines")[agent]
    return np.minimum(rng.poisson(more), 3).astype(np.int64)
