"""Days that are not like others, known beforehand (docs/numbers.md)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from store.settings import ShopSettings
from told.mark import mark as _

EventKind = Literal["campaign", "holiday"]
#: Month and day, first and last: the days on which sales of the season's campaigns peak.
CAMPAIGNS: tuple[tuple[str, tuple[int, int], tuple[int, int]], ...] = (
    (_("618"), (6, 16), (6, 20)),
    (_("Double 11"), (11, 10), (11, 12)),
    (_("Double 12"), (12, 11), (12, 13)),
)
#: First day of the lunar year.
SPRING_FESTIVALS = (
    *(date(2019, 2, 5), date(2020, 1, 25), date(2021, 2, 12), date(2022, 2, 1)),
    *(date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17)),
    *(date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 3)),
)
SPRING_FESTIVAL = _("Spring Festival")
#: Parcels rest from some days before the new year until a week after it.
BEFORE_NEW_YEAR, AFTER_NEW_YEAR = timedelta(days=5), timedelta(days=7)


@dataclass(frozen=True)
class Event:
    """Some days that leave what is usual, with the reason."""

    first: date
    last: date
    kind: EventKind
    #: A message id, or what the shop calls it.
    title: str


def events(settings: ShopSettings, /, *, first: date, last: date) -> list[Event]:
    """Every event that touches some days, oldest first: the known ones and the shop's campaigns.

    Args:
        settings: The shop's campaigns.
        first: First day.
        last: Last day, included.
    """
    own = (Event(each.first, each.last, "campaign", each.name) for each in settings.campaigns)
    every = [*own, *_campaigns(range(first.year, last.year + 1)), *_holidays()]
    inside = (event for event in every if event.first <= last and event.last >= first)
    return sorted(inside, key=lambda event: (event.first, event.last, event.title))


def spans(found: Sequence[Event], /) -> tuple[tuple[date, date], ...]:
    """First and last day of each event."""
    return tuple((event.first, event.last) for event in found)


def _campaigns(years: range) -> Iterator[Event]:
    for year in years:
        for title, start, end in CAMPAIGNS:
            yield Event(date(year, *start), date(year, *end), "campaign", title)


def _holidays() -> Iterator[Event]:
    for new_year in SPRING_FESTIVALS:
        yield Event(
            new_year - BEFORE_NEW_YEAR, new_year + AFTER_NEW_YEAR, "holiday", SPRING_FESTIVAL
        )
