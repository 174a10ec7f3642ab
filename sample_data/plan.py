"""How large the sample shop is, when it trades, and where its chance comes from."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

HOUR, DAY = 3_600, 86_400
#: Later than anything: the moment of an event that never comes.
NEVER = 2**40
#: Nine days after Double 11, so that its ratings arrive while its orders are still on the way.
DEFAULT_LAST_DAY = date(2025, 11, 20)
#: Chat lines of a conversation, on average; only used to plan how many conversations to draw,
#: a few more than needed, since what is too much is left out.
MEAN_LINES, MARGIN = 7.0, 1.2
#: Conversations per order when no number of messages is asked for.
PER_ORDER = 1.6
#: Share of the conversations about an order; at most so many per order.
ABOUT_ORDER_SHARE, MOST_PER_ORDER = 0.36, 2

#: Orders of a weekday against the mean, Monday first.
WEEKDAYS = (0.97, 0.95, 0.97, 0.98, 1.02, 1.07, 1.04)
#: Orders of a campaign day against a plain one, by (month, day).
CAMPAIGN_DAYS = {
    (6, 1): 1.5, (6, 16): 1.4, (6, 17): 1.6, (6, 18): 3.2, (6, 19): 1.3,
    (11, 1): 2.1, (11, 2): 1.5, (11, 9): 1.3, (11, 10): 1.8, (11, 11): 5.5, (11, 12): 1.7,
    (12, 11): 1.3, (12, 12): 2.4,
}  # fmt: skip
#: Visitors of an hour; agents are at work from 08:00 to 23:00.
HOURS = (
    1.0, 0.5, 0.3, 0.2, 0.2, 0.3, 0.6, 1.4, 4.0, 6.0, 7.2, 6.6,
    5.6, 6.2, 6.8, 6.6, 6.2, 5.4, 5.2, 6.6, 8.4, 9.0, 7.4, 2.6,
)  # fmt: skip
OPENS, CLOSES = 8 * HOUR, 23 * HOUR


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Size, span and seed of one sample shop."""

    days: int = 200
    orders_per_day: float = 30.0
    seed: int = 11
    #: Chat lines wanted (never exceeded); None = what the orders bring along.
    messages: int | None = None
    last_day: date = DEFAULT_LAST_DAY
    #: Chat lines are kept for so many last days; None = all days.
    chat_days: int | None = None
    shop: str = "示例店"

    def __post_init__(self) -> None:
        if self.days < 1 or self.orders_per_day <= 0:
            raise ValueError("a sample shop needs at least one day and some orders per day")
        if self.messages is not None and self.messages < 1:
            raise ValueError("messages must be at least 1; leave it out for the usual number")

    @property
    def first_day(self) -> date:
        return self.last_day - timedelta(days=self.days - 1)

    @property
    def midnight(self) -> datetime:
        """Start of the first day: second 0 of every ``Ints`` of moments."""
        return datetime.combine(self.first_day, time())

    @property
    def end(self) -> int:
        """Seconds of the whole span: what happens at or after this is not known yet."""
        return self.days * DAY

    @property
    def orders(self) -> int:
        return max(1, round(self.days * self.orders_per_day))

    @property
    def conversations(self) -> int:
        """Conversations to draw over the whole span."""
        if self.messages is None:
            return max(1, round(self.orders * PER_ORDER))
        share_of_days = self.days / max(1, self.days - self.first_chat_day)
        return max(1, round(self.messages / MEAN_LINES * MARGIN * share_of_days))

    @property
    def conversations_about_orders(self) -> int:
        return min(round(self.conversations * ABOUT_ORDER_SHARE), self.orders * MOST_PER_ORDER)

    @property
    def conversations_before_sale(self) -> int:
        return max(1, self.conversations - self.conversations_about_orders)

    @property
    def visits(self) -> int:
        """How large the crowd is that heavy and regular buyers are a part of."""
        return max(self.orders, self.conversations_before_sale)

    @property
    def first_chat_day(self) -> int:
        """Index of the first day whose chat lines are kept."""
        return 0 if self.chat_days is None else max(0, self.days - self.chat_days)

    @cached_property
    def day_weights(self) -> Floats:
        """Trade of each day; the mean is 1."""
        days = [self.first_day + timedelta(days=n) for n in range(self.days)]
        weights = np.array(
            [WEEKDAYS[day.weekday()] * CAMPAIGN_DAYS.get((day.month, day.day), 1.0) for day in days]
        )
        return np.asarray(weights / weights.mean(), dtype=np.float64)

    def chance(self, subject: str) -> np.random.Generator:
        """The random numbers of one subject: a change in one leaves the others as they were."""
        return np.random.default_rng([self.seed, crc32(subject.encode())])

    def times(self, seconds: Ints, *, foreseen: bool = False) -> pl.Series:
        """Shop times of these moments; null for what has not happened by the end of the span.

        Args:
            seconds: Seconds since the first day's midnight.
            foreseen: True for a promise or deadline, which is known before it comes.
        """
        known = (seconds >= 0) & (seconds < (NEVER if foreseen else self.end))
        micros = np.where(known, seconds, 0) * 1_000_000
        moments = pl.Series(micros).cast(pl.Duration("us")) + pl.Series([self.midnight])
        return moments.set(pl.Series(~known), None)


def draw_days(rng: np.random.Generator, plan: Plan, count: int) -> Ints:
    """Days of ``count`` visits, ascending, as the days' weights have it."""
    share = plan.day_weights / plan.day_weights.sum()
    return np.repeat(np.arange(plan.days), rng.multinomial(count, share))


def draw_seconds(rng: np.random.Generator, count: int) -> Ints:
    """Seconds of the day of ``count`` visits, as the hours' weights have it."""
    edges = np.concatenate([[0.0], np.cumsum(HOURS)])
    place = np.interp(rng.random(count) * edges[-1], edges, np.arange(25) * float(HOUR))
    return np.asarray(np.minimum(place, DAY - 1), dtype=np.int64)
