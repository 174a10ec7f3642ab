"""The six agents of the sample shop and the habits planted in them.

| agent | habit | what a page must notice |
|---|---|---|
| 小一 | ordinary | nothing |
| 小二 | ordinary | nothing |
| 小三 | slow: waits four times as long | response times, three minutes, slow conversations |
| 小四 | leaves questions unanswered | reply rate, platform average, three minutes, answer ratio |
| 小五 | one short, blunt line per answer | answer ratio, inquiry conversion |
| 小六 | excellent: fast, warm, sells | response times, inquiry conversion (all for the better) |

Everything else is equal among them on purpose: a page that names more has raised a false alarm.
小四 sells more to those who do get an answer, so that the conversion of all inquiries is ordinary.
"""

from dataclasses import dataclass
from typing import Literal

Style = Literal["plain", "blunt", "warm"]
STYLES: tuple[Style, ...] = ("plain", "blunt", "warm")
ROBOT = "店小蜜"


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How one agent works."""

    name: str
    habit: str
    #: Half of the waits are shorter, in seconds.
    wait_s: float = 26.0
    #: Standard deviation of the logarithm of the wait.
    wait_spread: float = 0.7
    #: Share of conversations that never get a line from the agent.
    ignores: float = 0.02
    #: Share of conversations whose last question stays open.
    leaves_open: float = 0.03
    #: Lines beyond the first per answer, on average.
    more_lines: float = 0.5
    style: Style = "plain"
    #: Share of answered inquiries that become an order.
    sells: float = 0.40
    #: Works mostly before or after 15:30.
    shift: Literal["early", "late"] = "early"
    #: Metrics in which this agent stands outside the team's limits, and on which side.
    worse_in: tuple[str, ...] = ()
    better_in: tuple[str, ...] = ()


AGENTS: tuple[Habits, ...] = (
    Habits(name="小一", habit="ordinary", shift="early"),
    Habits(name="小二", habit="ordinary", shift="late"),
    Habits(
        name="小三",
        habit="slow",
        wait_s=105.0,
        worse_in=(
            "response_time_platform",
            "response_time_tool",
            "response_time_median",
            "response_time_p90",
            "within_three_minutes",
            "first_response_time",
            "slow_conversations",
        ),
        shift="late",
    ),
    Habits(
        name="小四",
        habit="leaves questions unanswered",
        ignores=0.28,
        leaves_open=0.22,
        sells=0.545,
        worse_in=(
            "reply_rate",
            "response_time_platform",
            "within_three_minutes",
            "answer_ratio",
        ),
        shift="early",
    ),
    Habits(
        name="小五",
        habit="short and blunt",
        more_lines=0.0,
        style="blunt",
        sells=0.20,
        worse_in=("answer_ratio", "inquiry_conversion"),
        shift="late",
    ),
    Habits(
        name="小六",
        habit="excellent",
        wait_s=10.0,
        wait_spread=0.6,
        style="warm",
        sells=0.60,
        better_in=(
            "response_time_platform",
            "response_time_tool",
            "response_time_median",
            "response_time_p90",
            "first_response_time",
            "inquiry_conversion",
        ),
        shift="early",
    ),
)
