"""The days known beforehand, against the calendar and the moon."""

from datetime import date, datetime, timedelta
from math import radians, sin

import pytest

from metrics.kit.events import SPRING_FESTIVALS, Event, events, spans
from store.settings import Campaign, ShopSettings

OWN = Campaign(name="Anniversary", first=date(2025, 6, 1), last=date(2025, 6, 3), orders=10)
YEAR = [
    Event(date(2025, 1, 24), date(2025, 2, 5), "holiday", "Spring Festival"),
    Event(date(2025, 6, 1), date(2025, 6, 3), "campaign", "Anniversary"),
    Event(date(2025, 6, 16), date(2025, 6, 20), "campaign", "618"),
    Event(date(2025, 11, 10), date(2025, 11, 12), "campaign", "Double 11"),
    Event(date(2025, 12, 11), date(2025, 12, 13), "campaign", "Double 12"),
]


def found(first: date, last: date) -> list[Event]:
    return events(ShopSettings(campaigns=(OWN,)), first=first, last=last)


def test_the_events_of_a_year_are_told_in_order() -> None:
    """The year of the snake begins on 29 January 2025: from five days before to a week after."""
    assert found(date(2025, 1, 1), date(2025, 12, 31)) == YEAR


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(date(2025, 6, 3), date(2025, 6, 16), [1, 2], id="its last and its first day"),
        pytest.param(date(2025, 6, 4), date(2025, 6, 15), [], id="the days between"),
        pytest.param(date(2025, 2, 5), date(2025, 2, 5), [0], id="a day"),
        pytest.param(date(2025, 6, 17), date(2025, 6, 18), [2], id="inside"),
    ],
)
def test_an_event_that_touches_the_days_is_one_of_them(
    first: date, last: date, expected: list[int]
) -> None:
    assert spans(found(first, last)) == spans([YEAR[nth] for nth in expected])


def new_moon(lunation: int) -> datetime:
    """In China's time, to a few minutes: the mean moon, and what sun and moon are early or late.

    Source: J. Meeus, Astronomical Algorithms, chapter 49; counted from 6 January 2000.
    """
    sun, moon, node = (
        radians(start + step * lunation)
        for start, step in (
            (2.5534, 29.1053567),
            (201.5643, 385.81693528),
            (160.7108, 390.67050284),
        )
    )
    late = (
        *(-0.40720 * sin(moon), 0.17241 * sin(sun), 0.01608 * sin(2 * moon)),
        *(0.01039 * sin(2 * node), 0.00739 * sin(moon - sun), -0.00514 * sin(moon + sun)),
        *(0.00208 * sin(2 * sun), -0.00111 * sin(moon - 2 * node)),
    )
    days = 29.530588861 * lunation + sum(late)
    return datetime(2000, 1, 6, 14, 20, 37) + timedelta(days=days, hours=8)


def test_the_lunar_year_begins_with_the_first_new_moon_from_21_january_on() -> None:
    moons = [new_moon(lunation).date() for lunation in range(230, 375)]
    expected = [
        next(day for day in moons if day >= date(year, 1, 21)) for year in range(2019, 2031)
    ]
    assert list(SPRING_FESTIVALS) == expected
