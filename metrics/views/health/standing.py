"""Whether a target is met, told day after day so that looking every day does not wear it out."""

from typing import Literal

import numpy as np

from metrics.views.health.change import FEWEST, Days, Told
from metrics.views.health.likelihood import Floats, against_target

Standing = Literal["met", "missed", "cannot_tell", "no_target"]
#: Days that are added up, the shortest that can tell first.
SPANS = (1, 7, 28, 90)
#: Signed root from which a target is surely met or missed. An interval of 95 % looked at every
#: day would call a shop exactly on target "missed" once in three weeks (benchmarks/alarms.py).
SURE = 3.3
#: What was told stands until the 28 days show the other side by so much.
TURNED = 1.0
#: Variance of missed stars over their mean, of a shop whose days do not tell it yet: four stars
#: are missed at once more often than by chance.
STARS_SPREAD = 2.0


def standings(days: Days, told: list[Told], target: float) -> list[tuple[Standing, int]]:
    """The statement of every day, and how many days it rests on.

    Args:
        days: A family's counts; shares and means.
        told: What ``changes`` says of the same days; it knows how far they scatter.
        target: In the unit of the days' values.
    """
    total, n = (np.concatenate([[0.0], np.cumsum(part)]) for part in (days.total, days.n))
    said: list[tuple[Standing, int]] = []
    before: Standing = "cannot_tell"
    for today, usual in enumerate(each.usual for each in told):
        if usual is None:
            said.append((before, SPANS[-1]))
            continue
        starts = np.array([max(today + 1 - span, 0) for span in SPANS])
        totals, ns = total[today + 1] - total[starts], n[today + 1] - n[starts]
        roots = _roots(days, totals, ns, target, usual.spread)
        before, span = _told(roots, before)
        said.append((before, span))
    return said


def _roots(days: Days, totals: Floats, ns: Floats, target: float, spread: float) -> Floats:
    """Per span how far its mean is on the good side; 0 where too few are in it."""
    roots = np.zeros(len(SPANS))
    enough = (ns >= FEWEST) & ((totals > 0) | (days.law == "share"))
    if enough.any():
        found = against_target(days.law, totals[enough], ns[enough], target, spread)
        roots[enough] = found if days.higher_better else -found
    return roots


def _told(roots: Floats, before: Standing) -> tuple[Standing, int]:
    """The shortest span that is sure; else what was told, as long as four weeks do not deny it."""
    for root, span in zip(roots, SPANS, strict=True):
        if abs(root) > SURE:
            return ("met" if root > 0 else "missed"), span
    four_weeks = roots[SPANS.index(28)]
    turned = -four_weeks if before == "met" else four_weeks
    return (before if turned < TURNED else "cannot_tell"), 28


def score_standings(
    scores: Floats, ratings: Floats, days: Days, told: list[Told], target: float
) -> list[tuple[Standing, float]]:
    """Whether a rolling score meets its target, and how far chance moves the score in four weeks.

    The score is what the platform counts, no estimate: within the reach of chance around the
    target the former statement stands.

    Args:
        scores: By day; NaN where unknown.
        ratings: How many each rests on; NaN where only the score is printed.
        days: What comes in by day, as stars missed.
        told: What ``changes`` says of the same days.
        target: In stars.
    """
    said: list[tuple[Standing, float]] = []
    before: Standing = "cannot_tell"
    come = np.convolve(days.n, np.ones(28), mode="full")[: len(days.n)]
    for score, count, new, usual in zip(
        scores, ratings, come, (each.usual for each in told), strict=True
    ):
        reach = 0.0 if np.isnan(count) else np.inf
        if count >= FEWEST:
            missed = (5 - score) * STARS_SPREAD if usual is None else usual.mean * usual.spread
            # As many leave as come, and both are chance.
            reach = float(np.sqrt(2 * new * missed) / count)
        if np.isfinite(score) and abs(score - target) >= reach:
            before = "met" if score >= target else "missed"
        said.append((before, reach))
    return said
