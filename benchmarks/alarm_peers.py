"""Other ways to call a worsening, on the same days: the rule before, NHS, EWMA, river, ruptures.

Each takes a family's daily values with their observations, and gives the days on which it calls a
worsening that it did not call the day before.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
#: ``(values, n, worse)``: days oldest first; ``worse`` is 1 where higher is worse, else -1.
Method = Callable[[Floats, Floats, int], list[int]]
PAST = 28
#: The slow ones begin here, some days before the first that is watched.
UNASKED = 170


def onsets(called: Iterator[bool]) -> list[int]:
    """Days on which something is called that was not called the day before."""
    days, before = [], False
    for day, now in enumerate(called):
        if now and not before:
            days.append(day)
        before = now
    return days


def rule_before(values: Floats, n: Floats, worse: int) -> list[int]:
    """Version 0.1: outside the limits of 28 days, or worse than their median (its own target)."""

    def calls() -> Iterator[bool]:
        for day in range(len(values)):
            past = values[max(day - PAST, 0) : day]
            if len(past) < 10 or n[day] < 20:
                yield False
                continue
            yield worse * (values[day] - np.median(past)) > 0

    return onsets(calls())


def nhs_four_rules(values: Floats, n: Floats, worse: int) -> list[int]:
    """Making Data Count: a point outside, seven on one side, seven rising, two of three far out."""
    _ = n

    def calls() -> Iterator[bool]:
        for day in range(len(values)):
            past = values[max(day - PAST, 0) : day]
            if len(past) < 15:
                yield False
                continue
            sigma = np.abs(np.diff(past)).mean() / 1.128
            off = worse * (values[max(day - 6, 0) : day + 1] - past.mean()) / max(sigma, 1e-12)
            yield bool(
                off[-1] > 3
                or (len(off) == 7 and ((off > 0).all() or (np.diff(off) > 0).all()))
                or (off[-3:] > 2).sum() >= 2
            )

    return onsets(calls())


def ewma(values: Floats, n: Floats, worse: int) -> list[int]:
    """Exponentially weighted mean (0.2) of daily values in deviations of 56 days, limit 3."""
    _ = n
    kept, weight, state = [], 0.2, 0.0
    for day in range(len(values)):
        past = values[max(day - 56, 0) : day]
        if len(past) < PAST or past.std() == 0:
            kept.append(False)
            continue
        state = (1 - weight) * state + weight * worse * (values[day] - past.mean()) / past.std()
        kept.append(state / (weight / (2 - weight)) ** 0.5 > 3)
    return onsets(iter(kept))


def windowed_ratio(values: Floats, n: Floats, worse: int) -> list[int]:
    """Plain windowed likelihood ratio: 56 days of past, windows of 1 to 28 days, limit 3.3."""
    sums, counts = np.cumsum(values * n), np.cumsum(n)

    def calls() -> Iterator[bool]:
        for day in range(len(values)):
            if day < UNASKED:
                yield False
                continue
            best = 0.0
            for window in range(1, PAST + 1):
                at = day - window
                past = slice(at - 55, at + 1)
                mean = (values[past] * n[past]).sum() / n[past].sum()
                one = (n[past] * (values[past] - mean) ** 2).mean()
                inside = counts[day] - counts[at]
                if one > 0 and inside > 0:
                    shift = (sums[day] - sums[at]) / inside - mean
                    best = max(best, worse * shift * (inside / one) ** 0.5)
            yield best > 3.3

    return onsets(calls())


def adwin(values: Floats, n: Floats, worse: int) -> list[int]:
    """river's ADWIN on daily values scaled by their first weeks."""
    from river import drift

    _, detector = n, drift.ADWIN(clock=1, min_window_length=5)
    scaled = _scaled(values)
    days, mean = [], 0.0
    for day, value in enumerate(scaled):
        detector.update(value)
        if detector.drift_detected and worse * (detector.estimation - mean) > 0:
            days.append(day)
        mean = detector.estimation
    return days


def page_hinkley(values: Floats, n: Floats, worse: int) -> list[int]:
    """river's Page-Hinkley test as it comes, on daily values scaled by their first weeks."""
    from river import drift

    _, detector = n, drift.PageHinkley(mode="up", min_instances=PAST, threshold=20, delta=0.25)
    days = []
    for day, value in enumerate(worse * _scaled(values)):
        detector.update(value)
        if detector.drift_detected:
            days.append(day)
    return days


def pelt(values: Floats, n: Floats, worse: int) -> list[int]:
    """ruptures' PELT over the last 84 days, once a week; called where its last part is worse."""
    import ruptures

    _, scaled = n, _scaled(values)

    def calls() -> Iterator[bool]:
        called = False
        for day in range(len(scaled)):
            # Days of the past are not asked about: they would only take time.
            if day >= UNASKED and day % 7 == 0:
                part = scaled[day - 83 : day + 1]
                model = ruptures.Pelt(model="l2", min_size=5, jump=5).fit(part)
                found = model.predict(pen=3 * np.log(len(part)))
                last = found[-2] if len(found) > 1 else 0
                called = bool(last) and worse * (part[last:].mean() - part[:last].mean()) > 0
            yield called

    return onsets(calls())


def _scaled(values: Floats) -> Floats:
    """In deviations of the first eight weeks from their mean."""
    first = values[:56]
    scaled: Floats = (values - first.mean()) / max(first.std(), 1e-12)
    return scaled


PEERS: dict[str, Method] = {
    "the rule before (0.1)": rule_before,
    "NHS, four rules": nhs_four_rules,
    "EWMA": ewma,
    "windowed likelihood ratio": windowed_ratio,
    "river ADWIN": adwin,
    "river Page-Hinkley": page_hinkley,
    "ruptures PELT": pelt,
}
