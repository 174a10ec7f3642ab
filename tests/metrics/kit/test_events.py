"""The days known beforehand, against the calendar and the moon."""

from datetime import date, datetime, timedelta

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


def test_every_lunar_year_begins_with_the_new_moon_before_21_february() -> None:
    """The moon takes 29.53 days, give or take half a day, from its new one of 6 January 2000."""
    assert [day.year for day in SPRING_FESTIVALS] == list(range(2019, 2031))
    new_moon, month = datetime(2000, 1, 6, 18), timedelta(days=29.530589)
    for day in SPRING_FESTIVALS:
        assert date(day.year, 1, 21) <= day <= date(day.year, 2, 20)
        noon = datetime(day.year, day.month, day.day, 12)
        off = (noon - new_moon + month / 2) % month - month / 2
        assert abs(off) < timedelta(days=1), day
