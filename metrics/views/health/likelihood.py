"""How surely two stretches of days differ, or one differs from a target: likelihood ratios.

A day's evidence is a pair of counts: ``total`` ÷ ``n`` is its value. How far values scatter by
chance follows a law: people answered or not (share), stars missed (count), seconds and money
(mean). What scatters more than its law, as days of real shops do, is told by ``spread``, the
variance over that of the law; every ratio is divided by it (quasi-likelihood).
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
#: "share": ``total`` of ``n`` people; "count": events over ``n`` chances; "mean": a sum over ``n``
#: positive amounts, whose deviation grows with them.
Law = Literal["share", "count", "mean"]


def variance(law: Law, mean: float) -> float:
    """Variance of one observation around a mean, before the spread."""
    match law:
        case "share":
            return mean * (1 - mean)
        case "count":
            return mean
        case "mean":
            return mean**2


def _log_likelihood(law: Law, total: Floats, n: Floats) -> Floats:
    """Of the best-fitting mean, up to what does not depend on it; 0 log 0 is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        match law:
            case "share":
                some = np.where(total > 0, total * np.log(mean), 0.0)
                return some + np.where(n > total, (n - total) * np.log1p(-mean), 0.0)
            case "count":
                return np.where(total > 0, total * np.log(mean), 0.0)
            case "mean":
                return -n * np.log(mean)


def against_past(
    law: Law, total: Floats, n: Floats, past_total: Floats, past_n: Floats, spread: float
) -> Floats:
    """Signed root of the likelihood ratio "two means" against "one mean".

    About normal with deviation 1 where nothing has changed; the doubt about the past is in it.

    Args:
        law: Of the observations.
        total: Sums of the stretches in question.
        n: Their observations, over 0.
        past_total: Sums of the days that each is set against.
        past_n: Their observations, over 0.
        spread: Variance over that of the law, over 0.

    Returns:
        Over 0 where the stretch is higher than its past.
    """
    apart = _log_likelihood(law, total, n) + _log_likelihood(law, past_total, past_n)
    ratio = 2 * (apart - _log_likelihood(law, total + past_total, n + past_n))
    return np.sign(total / n - past_total / past_n) * np.sqrt(np.maximum(ratio, 0) / spread)


def against_target(law: Law, total: Floats, n: Floats, target: float, spread: float) -> Floats:
    """Signed root of the likelihood ratio "a mean of its own" against "the target".

    Args:
        law: Of the observations: "share" or "mean".
        total: Sums of the stretches in question.
        n: Their observations, over 0.
        target: Between 0 and 1 for shares, over 0 for means.
        spread: Variance over that of the law, over 0.

    Returns:
        Over 0 where the stretch is higher than the target.
    """
    mean = total / n
    if law == "mean":
        ratio = 2 * n * (mean / target - 1 - np.log(mean / target))
    else:
        at_target = total * np.log(target) + (n - total) * np.log1p(-target)
        ratio = 2 * (_log_likelihood(law, total, n) - at_target)
    return np.sign(mean - target) * np.sqrt(np.maximum(ratio, 0) / spread)
