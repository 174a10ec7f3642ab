"""The chat lines of all conversations."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from sample_data.agents import AGENTS, STYLES
from sample_data.conversations import Conversations
from sample_data.phrases import CLOSINGS, TOPICS, PhraseBook
from sample_data.plan import CLOSES, DAY, HOUR, Flags, Ints, Plan
from sample_data.rounds import Rounds

#: Who writes a line, by code; the order also breaks ties of one second.
SENDERS = ("buyer", "robot", "system", "agent")
BUYER, ROBOT_LINE, SYSTEM, AGENT = range(4)
#: Share of the evening's late questions that get a line the next morning.
MORNING_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Chat lines as arrays of one length, in no particular order."""

    buyer: Ints
    sent: Ints
    #: Position in ``SENDERS`` and, -1 for nobody, in ``AGENTS``.
    sender: Ints
    agent: Ints
    #: Position in the phrase book.
    text: Ints


def chat_lines(
    rng: np.random.Generator,
    plan: Plan,
    conversations: Conversations,
    rounds: Rounds,
    book: PhraseBook,
) -> Lines:
    """Lines of the days whose chats are kept: whole conversations up to the plan's bound."""
    kept = _kept(rng, plan, conversations, rounds)
    rounds_kept = kept[rounds.conversation]
    lines = _lines(rng, conversations, _take(rounds, rounds_kept), book)
    return _inside(plan, _plus(lines, _mornings(rng, conversations, kept, book)))


def frame(plan: Plan, lines: Lines, book: PhraseBook, nicks: pl.Series) -> pl.DataFrame:
    """Lines as rows by time; ``nicks`` are the buyers' names in the order of the lines."""
    by_time = np.lexsort((lines.sender, lines.buyer, lines.sent))
    names = pl.Series([agent.name for agent in AGENTS] + [""])
    return pl.DataFrame(
        {
            "buyer": nicks.gather(by_time),
            "sent_at": plan.times(lines.sent[by_time]),
            "sender": pl.Series(SENDERS).gather(lines.sender[by_time]),
            "agent": names.gather(lines.agent[by_time] % len(names)),
            "text": book.texts.gather(lines.text[by_time]),
        }
    )


def _kept(
    rng: np.random.Generator, plan: Plan, conversations: Conversations, rounds: Rounds
) -> Flags:
    """Which conversations are written out."""
    inside = conversations.start >= plan.first_chat_day * DAY
    if plan.messages is None:
        return np.asarray(inside)
    sizes = np.bincount(rounds.conversation, rounds.lines, len(conversations)).astype(np.int64)
    sizes += _after_closing(conversations)
    shuffled = rng.permutation(len(conversations))
    shuffled = shuffled[inside[shuffled]]
    fits = np.cumsum(sizes[shuffled]) <= max(plan.messages, int(sizes[shuffled[:1]].sum()))
    kept = np.zeros(len(conversations), dtype=np.bool_)
    kept[shuffled[fits]] = True
    return kept


def _take(rounds: Rounds, which: Flags) -> Rounds:
    return Rounds(**{name: column[which] for name, column in vars(rounds).items()})


def _lines(
    rng: np.random.Generator, conversations: Conversations, rounds: Rounds, book: PhraseBook
) -> Lines:
    count = rounds.lines
    where = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(where)) - (np.cumsum(count) - count)[where]
    # Within a round: the buyer's lines, the robot's, the agent's, the announced transfer.
    after_buyer = nth - rounds.buyer_lines[where]
    after_robot = after_buyer - rounds.robot_lines[where]
    after_agent = after_robot - rounds.agent_lines[where]
    sender = np.select(
        [after_buyer < 0, after_robot < 0, after_agent < 0], [BUYER, ROBOT_LINE, AGENT], SYSTEM
    )
    wait, pause = rounds.wait[where], rounds.pause[where]
    spread = np.minimum(np.where(rounds.answered[where], wait, 40), 40)
    answer_ends = np.where(
        rounds.answered[where], wait + (rounds.agent_lines[where] - 1) * pause, 10
    )
    offset = np.select(
        [sender == BUYER, sender == ROBOT_LINE, sender == AGENT],
        [
            (spread * nth / (rounds.buyer_lines[where] + 0.3)).astype(np.int64),
            1,
            wait + after_robot * pause,
        ],
        answer_ends + 2,
    )
    within = np.where(sender == BUYER, nth, after_robot)
    conversation = rounds.conversation[where]
    return Lines(
        buyer=conversations.buyer[conversation],
        sent=rounds.opened[where] + offset,
        sender=sender,
        agent=rounds.agent[where],
        text=_texts(rng, conversations, rounds, where, sender, within, book),
    )


def _texts(
    rng: np.random.Generator,
    conversations: Conversations,
    rounds: Rounds,
    where: Ints,
    sender: Ints,
    within: Ints,
    book: PhraseBook,
) -> Ints:
    """A place in the phrase book per line: the bank it belongs to, then one of its texts."""
    conversation = rounds.conversation[where]
    topic, closing = conversations.topic[conversation], conversations.closing[conversation]
    style = np.array([STYLES.index(agent.style) for agent in AGENTS])[rounds.agent[where]]
    opening = rounds.nth[where] == 0
    # A last line nobody answers is a question, not a farewell.
    closes = rounds.last[where] & ~opening & rounds.answered[where]
    starts, sizes = np.zeros(len(where), dtype=np.int64), np.ones(len(where), dtype=np.int64)

    def use(which: Flags, bank: Ints) -> None:
        starts[which], sizes[which] = bank[..., 0], bank[..., 1]

    buyer, agent = sender == BUYER, sender == AGENT
    several = rounds.buyer_lines[where] > 1
    use(which := buyer, book.asks_on[topic[which]])
    use(which := buyer & opening & (within == np.where(several, 1, 0)), book.opens[topic[which]])
    use(buyer & opening & several & (within == 0), book.greets)
    use(which := buyer & closes & (within == 0), book.closes[closing[which]])
    use(which := agent & (within > 0), book.more[style[which]])
    use(which := agent & (within == 0), book.answers[style[which] * len(TOPICS) + topic[which]])
    which = agent & (within == 0) & closes
    use(which, book.close_answers[style[which] * len(CLOSINGS) + closing[which]])
    use(sender == ROBOT_LINE, book.robot)
    use((sender == ROBOT_LINE) & (rounds.agent[where] < 0), book.robot_night)
    use(sender == SYSTEM, book.transfer)
    return np.asarray(starts + (rng.random(len(where)) * sizes).astype(np.int64))


def _mornings(
    rng: np.random.Generator, conversations: Conversations, kept: Flags, book: PhraseBook
) -> Lines:
    """The agent's line next morning to those who wrote after closing."""
    late = kept & _after_closing(conversations)
    which = np.flatnonzero(late & (rng.random(len(conversations)) < MORNING_SHARE))
    count = len(which)
    next_day = (conversations.start[which] // DAY + 1) * DAY
    return Lines(
        buyer=conversations.buyer[which],
        sent=next_day + 8 * HOUR + rng.integers(60, 5_400, count),
        sender=np.full(count, AGENT),
        agent=rng.integers(0, len(AGENTS), count),
        text=book.morning[0] + rng.integers(0, book.morning[1], count),
    )


def _after_closing(conversations: Conversations) -> Flags:
    """Who writes in the evening when nobody is there, and may get a line next morning."""
    second = conversations.start % DAY
    # Not those who may write on past midnight: that would be an answer of the same day.
    return conversations.night & (second >= CLOSES) & (second < DAY - HOUR / 4)


def _plus(lines: Lines, more: Lines) -> Lines:
    return Lines(
        **{
            name: np.concatenate([column, getattr(more, name)])
            for name, column in vars(lines).items()
        }
    )


def _inside(plan: Plan, lines: Lines) -> Lines:
    """Without what lies after the span, and without a second line of one sender in one second."""
    inside = lines.sent < plan.end
    order = np.lexsort((lines.sender, lines.sent, lines.buyer))
    same = np.ones(len(order) - 1 if len(order) else 0, dtype=np.bool_)
    for column in (lines.buyer, lines.sent, lines.sender):
        same &= np.diff(column[order]) == 0
    inside[order[1:][same]] = False
    return Lines(**{name: column[inside] for name, column in vars(lines).items()})
