from fractions import Fraction

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from metrics.ratings.stars import (
    effect_of_expiry,
    effect_of_new,
    five_star_needed,
    raters_between,
    room_left,
    standing,
    star_sum,
    versus_industry,
)
from store.settings import Industry


@pytest.mark.parametrize(
    ("mean", "count", "target", "needed"),
    [
        pytest.param(4.7, 1000, 4.8, 500, id="4.7 to 4.8"),
        pytest.param(4.76, 3000, 4.8, 600, id="4.76 to 4.8"),
        pytest.param(4.8, 1000, 4.8, 0, id="at the target"),
        pytest.param(4.9, 1000, 4.8, 0, id="above the target"),
        pytest.param(4.9, 1000, 5.0, None, id="5 is out of reach"),
        pytest.param(5.0, 1000, 5.0, 0, id="5 is reached by fives only"),
        pytest.param(4.9, 0, 4.8, None, id="no ratings"),
    ],
)
def test_five_star_needed(mean: float, count: int, target: float, needed: int | None) -> None:
    assert five_star_needed(star_sum(mean, count), count, target) == needed


@pytest.mark.parametrize(
    ("stars", "count", "target", "words"),
    [
        (4700, 1000, 4.8, "reachable"),
        (4800, 1000, 4.8, "reached"),
        (4799, 1000, 4.8, "reachable"),
        (4900, 1000, 5.0, "out_of_reach"),
        (5000, 1000, 5.0, "reached"),
        (0, 0, 4.8, "no_ratings"),
    ],
)
def test_standing(stars: int, count: int, target: float, words: str) -> None:
    assert standing(stars, count, target) == words


@pytest.mark.parametrize(("rating", "room"), [(1, 15), (2, 21), (3, 33), (4, 75), (5, None)])
def test_room_left(rating: int, room: int | None) -> None:
    assert room_left(star_sum(4.83, 2000), 2000, 4.8, rating) == room


def test_no_room_at_or_under_the_target_and_none_without_ratings() -> None:
    assert room_left(4800, 1000, 4.8, 1) == 0
    assert room_left(4700, 1000, 4.8, 1) == 0
    assert room_left(0, 0, 4.8, 1) is None


targets = st.integers(300, 500).map(lambda hundredths: hundredths / 100)
counts = st.integers(1, 400)


@settings(max_examples=200, deadline=None)
@given(counts, st.data(), targets)
def test_one_less_would_not_reach_the_target(
    count: int, data: st.DataObject, target: float
) -> None:
    stars = data.draw(st.integers(count, 5 * count))
    goal = Fraction(str(target))
    needed = five_star_needed(stars, count, target)
    if needed is None:
        assert goal == 5 > Fraction(stars, count)
        return
    assert stars + 5 * needed >= goal * (count + needed)
    assert needed == 0 or stars + 5 * (needed - 1) < goal * (count + needed - 1)


@settings(max_examples=200, deadline=None)
@given(counts, st.data(), targets, st.integers(1, 5))
def test_one_more_would_lose_the_target(
    count: int, data: st.DataObject, target: float, rating: int
) -> None:
    stars = data.draw(st.integers(count, 5 * count))
    goal = Fraction(str(target))
    room = room_left(stars, count, target, rating)
    if room is None:
        assert rating >= goal
        return
    assert stars + (room + 1) * rating < goal * (count + room + 1)
    assert room == 0 or stars + room * rating >= goal * (count + room)


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 400), st.data(), st.integers(1, 5))
def test_effects_are_the_difference_of_two_means(
    count: int, data: st.DataObject, rating: int
) -> None:
    stars = data.draw(st.integers(count, 5 * count))
    new = (stars + rating) / (count + 1) - stars / count
    gone = (stars - rating) / (count - 1) - stars / count
    assert effect_of_new(stars, count, rating) == pytest.approx(new, abs=1e-12)
    assert effect_of_expiry(stars, count, rating) == pytest.approx(gone, abs=1e-12)


def test_no_effect_without_a_score() -> None:
    assert effect_of_new(0, 0, 5) is None
    assert effect_of_expiry(5, 1, 5) is None


@pytest.mark.parametrize(
    ("score", "place"),
    [(4.8, 0.0), (4.85, 0.25), (5.0, 1.0), (4.6, -0.25), (4.0, -1.0)],
)
def test_versus_industry(score: float, place: float) -> None:
    assert versus_industry(score, Industry(mean=4.8, best=5.0, worst=4.0)) == place


def test_an_industry_without_a_better_shop_has_no_scale() -> None:
    assert versus_industry(4.9, Industry(mean=4.8, best=4.8, worst=4.0)) is None


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 3000), st.data(), targets)
def test_the_interval_of_raters_holds_the_truth(
    count: int, data: st.DataObject, target: float
) -> None:
    stars = data.draw(st.integers(3 * count, 5 * count))
    gap = five_star_needed(stars, count, target)
    shown = float(round(Fraction(stars, count), 2))
    between = raters_between(gap or 0, target, shown)
    if between is None:
        assert not gap or shown - 0.005 >= target - 1e-9
        return
    lowest, highest = between
    assert lowest <= count
    assert highest is None or count <= highest
