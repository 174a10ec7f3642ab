from math import log, sqrt

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from metrics.views.health.likelihood import Law, against_past, against_target


def array(value: float) -> "np.typing.NDArray[np.float64]":
    return np.array([value])


def root_of(ratio: float, up: bool) -> float:
    return sqrt(max(ratio, 0)) * (1 if up else -1)


def log_likelihood(law: Law, total: float, n: float, mean: float) -> float:
    """Of ``n`` observations that add up to ``total``, by the textbook, constants left out."""
    if law == "share":
        yes = total * log(mean) if total else 0
        return yes + ((n - total) * log(1 - mean) if n > total else 0)
    if law == "count":
        return (total * log(mean) if total else 0) - n * mean
    return -n * log(mean) - total / mean


def test_half_against_nine_tenths() -> None:
    found = against_past("share", array(5), array(10), array(90), array(100), 1.0)
    apart = 5 * log(0.5) + 5 * log(0.5) + 90 * log(0.9) + 10 * log(0.1)
    together = 95 * log(95 / 110) + 15 * log(15 / 110)
    assert found[0] == pytest.approx(-sqrt(2 * (apart - together)))
    assert against_past("share", array(5), array(10), array(90), array(100), 4.0)[0] == (
        pytest.approx(found[0] / 2)
    )


laws = st.sampled_from(("share", "count", "mean"))
counts = st.integers(1, 500)
parts = st.floats(0.01, 0.99)


@given(law=laws, n=counts, part=parts, past_n=counts, past=parts)
def test_two_means_against_one(law: Law, n: int, part: float, past_n: int, past: float) -> None:
    total, past_total = n * part, past_n * past
    together = (total + past_total) / (n + past_n)
    ratio = 2 * (
        log_likelihood(law, total, n, part)
        + log_likelihood(law, past_total, past_n, past)
        - log_likelihood(law, total, n, together)
        - log_likelihood(law, past_total, past_n, together)
    )
    found = against_past(law, array(total), array(n), array(past_total), array(past_n), 1.0)
    assert found[0] == pytest.approx(root_of(ratio, part > past), abs=1e-5)


@given(law=st.sampled_from(("share", "mean")), n=counts, part=parts, target=parts)
def test_a_mean_against_a_target(law: Law, n: int, part: float, target: float) -> None:
    total = n * part
    ratio = 2 * (log_likelihood(law, total, n, part) - log_likelihood(law, total, n, target))
    found = against_target(law, array(total), array(n), target, 1.0)
    assert found[0] == pytest.approx(root_of(ratio, part > target), abs=1e-5)


@pytest.mark.parametrize(("total", "sign"), [(0, -1), (10, 1)])
def test_nothing_and_all_are_no_hole(total: float, sign: int) -> None:
    found = against_past("share", array(total), array(10), array(50), array(100), 1.0)
    assert np.isfinite(found[0])
    assert found[0] * sign > 2
