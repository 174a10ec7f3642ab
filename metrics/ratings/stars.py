"""What single ratings do to a mean of stars: needed, left, and the effect of one.

A score is a sum of stars and a count, never a rounded mean, and targets such as 4.8 are taken
as the decimal that is written. All is counted in fractions, because one bit of binary rounding
moves a ceiling by a whole rating.
"""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from store.settings import Industry

MOST_STARS = 5
#: Half of the last printed digit of a score with two decimals.
PRINTED_HALF = Fraction(5, 1000)

Standing = Literal["no_ratings", "reached", "reachable", "out_of_reach"]


def exactly(number: float | Decimal) -> Fraction:
    """A number as the decimal a person reads.

    >>> exactly(4.8)
    Fraction(24, 5)
    """
    return Fraction(str(number))


def star_sum(mean: float | Decimal, count: int) -> Fraction:
    """Sum of stars behind a printed mean.

    >>> star_sum(4.76, 3000)
    Fraction(14280, 1)
    """
    return exactly(mean) * count


def standing(stars: int | Fraction, count: int, target: float) -> Standing:
    """Where a score stands to its target, for the words beside the number.

    A target of 5 is out of reach as soon as one rating was lower, whatever follows.

    >>> standing(4700, 1000, 4.8), standing(4800, 1000, 4.8)
    ('reachable', 'reached')
    >>> standing(4999, 1000, 5), standing(5000, 1000, 5), standing(0, 0, 4.8)
    ('out_of_reach', 'reached', 'no_ratings')
    """
    if count == 0:
        return "no_ratings"
    if stars >= exactly(target) * count:
        return "reached"
    return "reachable" if target < MOST_STARS else "out_of_reach"


def five_star_needed(stars: int | Fraction, count: int, target: float) -> int | None:
    """5-star ratings needed to lift a score to a target: ceil((T·N - S) ÷ (5 - T)).

    0 where the target is reached, None where no number of ratings reaches it or none is there.
    Source: docs/numbers.md, "DSR"; the seller page prints the same gap.

    >>> five_star_needed(star_sum(4.7, 1000), 1000, 4.8)
    500
    >>> five_star_needed(star_sum(4.76, 3000), 3000, 4.8)
    600
    """
    match standing(stars, count, target):
        case "reached":
            return 0
        case "reachable":
            goal = exactly(target)
            return ceil((goal * count - stars) / (MOST_STARS - goal))
        case _:
            return None


def room_left(stars: int | Fraction, count: int, target: float, rating: int) -> int | None:
    """Ratings of so many stars that a score bears before it is under the target.

    floor((S - T·N) ÷ (T - r)). 0 where the score is under the target already; None where a
    rating so high never pulls it under, or there is no score.

    >>> stars = star_sum(4.83, 2000)
    >>> [room_left(stars, 2000, 4.8, rating) for rating in (1, 2, 3, 4, 5)]
    [15, 21, 33, 75, None]
    """
    goal = exactly(target)
    if count == 0 or rating >= goal:
        return None
    return max(0, floor((stars - goal * count) / (goal - rating)))


def effect_of_new(
    stars: int | Fraction, count: int, rating: int, *, ratings: int = 1
) -> float | None:
    """How far k more ratings of r stars move the score: (r - μ)·k ÷ (N + k); None without a score.

    >>> effect_of_new(47, 10, 1), effect_of_new(47, 10, 1, ratings=10)
    (-0.33636363636363636, -1.85)
    """
    if count == 0:
        return None
    return float((rating - Fraction(stars) / count) * ratings / (count + ratings))


def effect_of_expiry(stars: int | Fraction, count: int, rating: int) -> float | None:
    """How far the score moves when one rating leaves: (μ - r) ÷ (N - 1).

    None where nothing would be left.

    >>> round(effect_of_expiry(47, 10, 1), 4)
    0.4111
    """
    if count <= 1:
        return None
    return float((Fraction(stars) / count - rating) / (count - 1))


def versus_industry(score: float, industry: Industry) -> float | None:
    """Place between the industry's mean and its best (+) or worst (-), as the seller page has it.

    (shop - mean) ÷ (best - mean) above the mean, (shop - mean) ÷ (mean - worst) below it. 0 at
    the mean; None where the industry's mean is its best or worst.

    >>> versus_industry(4.9, Industry(mean=4.8, best=5.0, worst=4.0))
    0.5
    >>> versus_industry(4.6, Industry(mean=4.8, best=5.0, worst=4.0))
    -0.25
    """
    shop, mean = exactly(score), exactly(industry.mean)
    if shop == mean:
        return 0.0
    reach = exactly(industry.best) - mean if shop > mean else mean - exactly(industry.worst)
    return float((shop - mean) / reach) if reach > 0 else None


def raters_between(gap: int, target: float, mean: float) -> tuple[int, int | None] | None:
    """How many ratings stand behind a printed score and its gap of 5-star ratings.

    The gap k = ceil(N·(T - μ) ÷ (5 - T)) is rounded up and μ printed with two decimals, so N is
    known as an interval only: (k - 1)·(5 - T) ÷ (T - μ) < N <= k·(5 - T) ÷ (T - μ), with μ half
    a hundredth lower on the left and higher on the right.

    Returns:
        Lowest and highest N; the highest is None where μ may touch the target. None where the
        printed target is reached or 5, which say nothing about N.

    >>> raters_between(18, 4.75, 4.71)
    (95, 128)
    >>> raters_between(3, 4.75, 4.75)
    (101, None)
    """
    goal, shown = exactly(target), exactly(mean)
    lowest, highest = shown - PRINTED_HALF, shown + PRINTED_HALF
    if gap <= 0 or goal >= MOST_STARS or lowest >= goal:
        return None
    left = floor((gap - 1) * (MOST_STARS - goal) / (goal - lowest)) + 1
    if highest >= goal:
        return left, None
    return left, floor(gap * (MOST_STARS - goal) / (goal - highest))
