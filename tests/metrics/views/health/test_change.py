from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from metrics.views.health.change import FEWEST_PAST, SETTLED, Days, changes
from metrics.views.health.usual import usual_of
from tests.metrics.views.health import days


def said(some: Days) -> list[str]:
    return [told.change for told in changes(some)]


def test_a_calm_process_has_not_changed() -> None:
    told = said(days.of(days.calm(200)))
    assert set(told[:FEWEST_PAST]) == {"too_few"}
    assert set(told[FEWEST_PAST:]) == {"none"}


@pytest.mark.parametrize(("higher_better", "change"), [(True, "worse"), (False, "better")])
def test_a_fall_is_told_once_with_its_day_and_its_past(higher_better: bool, change: str) -> None:
    told = changes(days.of([*days.calm(100), *[80.0] * 30], higher_better=higher_better))
    assert [each.change for each in told[99:]] == ["none", *[change] * 30]
    assert {each.since for each in told[100:]} == {100}
    assert told[-1].before == pytest.approx(0.95)


def test_a_small_fall_takes_the_evidence_of_several_days() -> None:
    told = said(days.of([*days.calm(100), *[90.0] * 30]))
    first = told.index("worse")
    assert 100 < first < 110
    assert set(told[first:]) == {"worse"}


def test_what_comes_back_is_over_and_the_bad_days_are_no_part_of_the_usual() -> None:
    told = changes(days.of([*days.calm(100), *[80.0] * 10, *days.calm(60)]))
    assert told[105].change == "worse"
    assert told[-1].change == "none"
    usual = told[-1].usual
    assert usual
    assert usual.mean == pytest.approx(0.95)
    words = [each.change for each in told]
    assert sum(now == "worse" != before for before, now in pairwise(words)) == 1


def test_what_stays_becomes_the_usual_without_a_second_cry() -> None:
    told = said(days.of([*days.calm(100), *(total - 15 for total in days.calm(200))]))
    assert set(told[100 : 100 + SETTLED - 1]) == {"worse"}
    assert set(told[100 + SETTLED :]) == {"none"}


def test_days_without_a_file_say_nothing() -> None:
    calm = days.calm(120)
    n = [0.0 if day % 3 == 0 else 100.0 for day in range(120)]
    total = [0.0 if not count else value for value, count in zip(calm, n, strict=True)]
    assert set(said(days.of(total, n))[60:]) == {"none"}


@pytest.mark.parametrize(("n", "change"), [(19, "none"), (20, "worse")])
def test_under_twenty_observations_nothing_is_said(n: int, change: str) -> None:
    # With the day before, 14 of 119 were not answered: within chance.
    some = days.of([*days.calm(100), n - 9.0], [*[100.0] * 100, n])
    assert said(some)[-1] == change


@pytest.mark.parametrize(
    ("law", "usual", "changed", "change"),
    [
        pytest.param("mean", 40.0, 60.0, "worse", id="slower"),
        pytest.param("mean", 40.0, 25.0, "better", id="faster"),
        pytest.param("count", 0.2, 0.5, "worse", id="more stars missed"),
    ],
)
def test_every_law_has_its_changes(law: str, usual: float, changed: float, change: str) -> None:
    total = [100 * usual * (1 + 0.1 * (-1) ** day) for day in range(100)]
    told = said(days.of([*total, *[100 * changed] * 10], law=law, higher_better=False))  # type: ignore[arg-type]
    assert told[99] == "none"
    assert told[-1] == change


counts = st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1)), min_size=40, max_size=70)


@settings(max_examples=30, deadline=None)
@given(counts)
def test_a_day_is_told_from_itself_and_the_days_before(drawn: list[tuple[int, float]]) -> None:
    n = [count for count, _ in drawn]
    some = days.of([round(count * part) for count, part in drawn], n)
    whole = changes(some)
    part = Days(some.law, True, some.total[:-7], some.n[:-7], some.weekday[:-7])
    assert [each.change for each in changes(part)] == [each.change for each in whole[:-7]]


def test_weekdays_that_differ_are_usual_after_eight_weeks() -> None:
    week = [95.0, 95.0, 95.0, 95.0, 95.0, 85.0, 80.0]
    weekday = np.arange(70) % 7
    usual = usual_of("share", np.array(week * 10), np.full(70, 100.0), weekday)
    assert usual
    assert usual.weekdays[6] == pytest.approx(0.80 - 640 / 700, abs=0.01)
    level, _ = usual.levelled(np.array(week), np.full(7, 100.0), np.arange(7))
    assert np.ptp(level) < 3
    assert set(said(days.of(week * 20))[28:]) == {"none"}


def test_weekdays_that_do_not_differ_are_not_told_apart() -> None:
    usual = usual_of("share", np.array(days.calm(84)), np.full(84, 100.0), np.arange(84) % 7)
    assert usual
    assert np.abs(usual.weekdays).max() < 0.002


def test_days_that_scatter_more_than_people_do_need_more() -> None:
    wild = [85.0, 99.0] * 50
    told = said(days.of([*wild, 80.0, 80.0]))
    assert set(told[28:]) == {"none"}
    assert said(days.of([*days.calm(100), 80.0, 80.0]))[-1] == "worse"


def test_a_process_without_chance_has_no_usual() -> None:
    assert set(said(days.of([100.0] * 60))) == {"too_few"}
