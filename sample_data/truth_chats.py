"""Truth of the reply metrics and of inquiry conversion, line by line."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from sample_data.truth import Facts, added, counted, quantile

_RANK = {"buyer": 0, "robot": 1, "system": 1, "agent": 2}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """One chat line; a buyer's line has the agent it must have been addressed to."""

    at: datetime
    sender: str
    agent: str


@dataclass(frozen=True)
class Round:
    """A buyer's question and the human answer to it, if one came the same day."""

    opened: datetime
    agent: str
    wait: float | None
    robot_only: bool
    replier: str


@dataclass
class Chats:
    """All buyer-days, in time order, and every buyer's human lines."""

    days: dict[tuple[str, date], list[Line]]
    human: dict[str, list[tuple[datetime, str]]]
    first: date
    last: date
    rounds: dict[tuple[str, date], list[Round]] = field(default_factory=dict)

    def received(self) -> list[tuple[str, date]]:
        """Buyer-days with a buyer's line."""
        return [key for key, lines in self.days.items() if any(x.sender == "buyer" for x in lines)]

    def last_agent(self, buyer: str, moment: datetime | None) -> str | None:
        """Who wrote to the buyer last, from midnight three days before the moment's day on."""
        if moment is None:
            return None
        lines = self.human.get(buyer, [])
        place = bisect_right(lines, (moment, "\U0010ffff")) - 1
        since = datetime.combine(moment.date(), time()) - 3 * _DAY
        if place < 0 or lines[place][0] < since:
            return None
        return lines[place][1]


def read_chats(messages: pl.DataFrame) -> Chats:
    """Sort the lines into buyer-days and cut those into rounds."""
    grouped: dict[tuple[str, date], list[Line]] = defaultdict(list)
    human: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for buyer, at, sender, agent in messages.select("buyer", "sent_at", "sender", "agent").rows():
        grouped[buyer, at.date()].append(Line(at, sender, agent))
        if sender == "agent":
            human[buyer].append((at, agent))
    for lines in human.values():
        lines.sort()
    named = {key: _addressed(lines) for key, lines in grouped.items()}
    every_day = [day for _, day in named]
    chats = Chats(named, human, min(every_day), max(every_day))
    chats.rounds = {key: _rounds(lines) for key, lines in named.items()}
    return chats


def _addressed(lines: list[Line]) -> list[Line]:
    lines = sorted(lines, key=lambda line: (line.at, _RANK[line.sender]))
    named = []
    for place, line in enumerate(lines):
        agent = line.agent
        if line.sender == "buyer" and not agent:
            before = [other.agent for other in lines[:place] if other.agent]
            after = [other.agent for other in lines[place + 1 :] if other.agent]
            agent = before[-1] if before else after[0] if after else ""
        named.append(Line(line.at, line.sender, agent))
    return named


def _rounds(lines: list[Line]) -> list[Round]:
    rounds = []
    opening: Line | None = None
    robot = False
    for line in lines:
        if line.sender == "buyer" and opening is None:
            opening, robot = line, False
        elif line.sender == "robot":
            robot = True
        elif line.sender == "agent" and opening is not None:
            wait = (line.at - opening.at).total_seconds()
            rounds.append(Round(opening.at, opening.agent, wait, False, line.agent))
            opening = None
    if opening is not None:
        rounds.append(Round(opening.at, opening.agent, None, robot, ""))
    return rounds


def reply_facts(chats: Chats) -> dict[str, Facts]:
    """Facts of the nine reply metrics."""
    books: dict[str, Facts] = {}

    def book(metric: str, unit: str, together: Any) -> None:
        books[metric] = Facts(
            unit=unit,
            first=chats.first,
            last=chats.last,
            final=chats.last,
            together=together,
            shop=[],
            agents=defaultdict(list),
        )

    book("reply_rate", "share", added)
    for metric in ("response_time_platform", "response_time_tool", "first_response_time"):
        book(metric, "seconds", added)
    book("response_time_median", "seconds", quantile(0.5))
    book("response_time_p90", "seconds", quantile(0.9))
    book("within_three_minutes", "share", added)
    book("answer_ratio", "per_message", added)
    book("slow_conversations", "buyer_days", counted)

    def note(metric: str, day: date, agent: str, fact: Any) -> None:
        books[metric].shop.append((day, fact))
        if agent:
            books[metric].agents[agent].append((day, fact))

    for (_, day), lines in chats.days.items():
        _note_lines(books, note, day, lines)
    for (_, day), rounds in chats.rounds.items():
        _note_rounds(books, note, day, rounds)
    return books


def _note_lines(books: dict[str, Facts], note: Any, day: date, lines: list[Line]) -> None:
    first: dict[str, datetime] = {}
    for line in lines:
        if line.sender == "buyer":
            note("answer_ratio", day, line.agent, (0, 1))
            first.setdefault(line.agent, line.at)
        elif line.sender == "agent":
            note("answer_ratio", day, line.agent, (1, 0))
    if not first:
        return
    replies = [line for line in lines if line.sender in ("agent", "robot")]
    began = min(first.values())
    answered = any(line.at >= began for line in replies)
    books["reply_rate"].shop.append((day, (int(answered), 1)))
    for agent, began in first.items():
        if agent:
            answered = any(line.agent == agent and line.at >= began for line in replies)
            books["reply_rate"].agents[agent].append((day, (int(answered), 1)))
            books["slow_conversations"].agents[agent].append((day, (0, 1)))
    books["slow_conversations"].shop.append((day, (0, 1)))


def _note_rounds(books: dict[str, Facts], note: Any, day: date, rounds: list[Round]) -> None:
    slow: dict[str, int] = defaultdict(int)
    for nth, one in enumerate(rounds):
        office = time(8) <= one.opened.time() < time(23)
        wait = one.wait
        if office and not one.robot_only:
            note(
                "response_time_platform",
                day,
                one.agent,
                (min(wait, 600.0) if wait is not None else 600.0, 1),
            )
        if office:
            quick = wait is not None and wait <= 180
            note("within_three_minutes", day, one.agent, (int(quick), 1))
        if wait is None:
            continue
        if wait < 600:
            note("response_time_tool", day, one.agent, (wait, 1))
        note("response_time_median", day, one.agent, wait)
        note("response_time_p90", day, one.agent, wait)
        if nth == 0:
            note("first_response_time", day, one.replier, (wait, 1))
        slow[one.agent] += wait > 120
    if sum(slow.values()) >= 3:
        books["slow_conversations"].shop.append((day, (1, 0)))
    for agent, count in slow.items():
        if agent and count >= 3:
            books["slow_conversations"].agents[agent].append((day, (1, 0)))


def inquiry_facts(chats: Chats, orders: pl.DataFrame) -> Facts:
    """Facts of inquiry conversion: paid on the inquiry day or one of the three following days."""
    bought = defaultdict(list)
    for order, buyer, created, paid in orders.select(
        "order_id", "buyer", "created_at", "paid_at"
    ).rows():
        bought[buyer].append((order, created, paid))
    last = min(chats.last, max(created.date() for created in orders["created_at"]))
    first = max(chats.first, min(created.date() for created in orders["created_at"]))
    facts = Facts(
        unit="share",
        first=first,
        last=last,
        final=last - 4 * _DAY,
        together=added,
        shop=[],
        agents=defaultdict(list),
    )
    for buyer, day in chats.received():
        lines = [line for line in chats.days[buyer, day] if line.sender == "buyer"]
        asked, until = lines[0].at, day + 3 * _DAY
        own = bought.get(buyer, [])
        before = any(paid and asked - 21 * _DAY <= paid < asked for _, _, paid in own)
        new = [one for one in own if one[1] >= asked and one[1].date() <= until]
        if before and not new:
            continue
        paying = [
            (paid, order, created)
            for order, created, paid in (new if before else own)
            if paid and paid >= asked and paid.date() <= until
        ]
        facts.shop.append((day, (int(bool(paying)), 1)))
        asked_agents = {line.agent for line in lines} - {""}
        for agent in asked_agents:
            facts.agents[agent].append((day, (0, 1)))
        if paying:
            paid, _, created = min(paying)
            agent = chats.last_agent(buyer, created) or chats.last_agent(buyer, paid) or ""
            # A sale to a buyer who wrote to others that day is none of this agent's inquiries.
            if agent in asked_agents:
                facts.agents[agent].append((day, (1, 0)))
    return facts
