"""One law for intervals and gates: a gate is read off the same distribution as a quantile."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.forecast.bands import ScorePath

shares = st.floats(0.001, 0.999)


@st.composite
def paths(draw: st.DrawFn) -> ScorePath:
    """One day ahead of any shop: few or many ratings kept and due, narrow or wide, leaning."""
    kept = draw(st.integers(0, 50))
    mean = draw(st.floats(1.5, 5))
    return ScorePath(
        today=4.5,
        mean=np.array([mean]),
        deviation=np.array([draw(st.sampled_from([0.0, 0.01, 0.1, 0.4]))]),
        skewness=np.array([draw(st.floats(-3, 1))]),
        ratings=np.array([kept + draw(st.floats(0, 30))]),
        from_expired=np.zeros(1),
        from_sources={},
        kept_stars=np.array([kept * draw(st.floats(1, 5))]),
        kept_ratings=np.array([float(kept)]),
        all_five_chance=np.array([draw(st.sampled_from([0.0, 0.01, 0.3, 0.8, 1.0]))]),
    )


@given(path=paths(), lower=shares, higher=shares)
@settings(max_examples=100, deadline=None)
def test_quantiles_rise(path: ScorePath, lower: float, higher: float) -> None:
    low, high = sorted([lower, higher])
    assert path.quantile(low)[0] <= path.quantile(high)[0] + 1e-12


@given(path=paths(), gate=st.floats(1, 5))
@settings(max_examples=100, deadline=None)
def test_a_gate_is_the_quantile_read_backwards(path: ScorePath, gate: float) -> None:
    """Quantiles of a lower share lie under the gate, those of a higher one on or over it."""
    below = float(path.below(gate)[0])
    if below > 0.001:
        assert path.quantile(below - 0.001)[0] <= gate
    if below < 0.999:
        assert path.quantile(below + 0.001)[0] >= gate - 1e-9


def test_a_day_without_low_stars_keeps_a_score_over_its_gate() -> None:
    """Nine 5★ stay and one rating is due, with nine chances in ten no low one.

    From a probability of 1 - 0.9 ÷ 2 on the score is 5. The smooth distribution, a mirrored
    exponential one, has 4.99 undercut with exp(-0.6) = 0.55; a score of 5 lifts that.
    """
    ten = ScorePath(
        today=5.0,
        mean=np.array([4.95]),
        deviation=np.array([0.1]),
        skewness=np.array([-2.0]),
        ratings=np.array([10.0]),
        from_expired=np.zeros(1),
        from_sources={},
        kept_stars=np.array([45.0]),
        kept_ratings=np.array([9.0]),
        all_five_chance=np.array([0.9]),
    )
    assert ten.below(4.99)[0] == pytest.approx(0.455, abs=0.001)
    assert ten.below(5.0)[0] == pytest.approx(0.55, abs=0.01)
    assert ten.below(5.01)[0] == 1
    assert ten.below(1.0)[0] == 0
