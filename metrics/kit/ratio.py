"""The one way this project divides, and how sure a share is."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

N = TypeVar("N", pl.Expr, npt.NDArray[np.float64])
#: Two-sided 95 % quantile of the normal distribution.
Z_95 = 1.959963984540054


def ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Divide, and answer null where there is nothing to divide by.

    Polars answers ``inf`` or ``NaN`` for a zero denominator, and either one
    poisons every mean taken afterwards. Null reads as a dash on a card.

    >>> frame = pl.DataFrame({"answered": [1, 0], "asked": [4, 0]})
    >>> frame.select(ratio(pl.col("answered"), pl.col("asked"))).to_series().to_list()
    [0.25, None]
    """
    return pl.when(denominator != 0).then(numerator / denominator)


def wilson(share: N, trials: N, z: float = Z_95) -> tuple[N, N]:
    """Both ends of Wilson's interval of a share, ``z`` standard errors wide; for 95 % unless told.

    Args:
        share: Successes ÷ trials, as an expression or as numbers.
        trials: The denominator; over 0 where there is a share.
        z: How many standard errors.

    >>> low, high = wilson(np.array([0.0, 0.5]), np.array([10.0, 10.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.237], [0.278, 0.763])
    """
    middle = share + z**2 / (2 * trials)
    half = z * ((share * (1 - share)).clip(0) / trials + z**2 / (4 * trials**2)) ** 0.5
    scale = 1 + z**2 / trials
    return ((middle - half) / scale).clip(0, 1), ((middle + half) / scale).clip(0, 1)


def wilson_low(successes: pl.Expr, trials: pl.Expr) -> pl.Expr:
    """Lower end of the Wilson 95 % interval of ``successes / trials``; null for no trials."""
    return wilson(ratio(successes, trials), trials)[0]


def wilson_high(successes: pl.Expr, trials: pl.Expr) -> pl.Expr:
    """Upper end of the Wilson 95 % interval of ``successes / trials``; null for no trials.

    >>> frame = pl.DataFrame({"k": [0, 5, 10], "n": [10, 10, 10]})
    >>> frame.select(wilson_high(pl.col("k"), pl.col("n")).round(3)).to_series().to_list()
    [0.278, 0.763, 1.0]
    """
    return wilson(ratio(successes, trials), trials)[1]


def with_interval(rows: pl.DataFrame, /) -> pl.DataFrame:
    """Shares counted as ``numerator`` and ``denominator``, with ``low`` and ``high``.

    Returns:
        The rows as they came; ``low`` and ``high`` are the Wilson 95 % interval, null where the
        denominator is 0 or null.

    >>> rows = pl.DataFrame({"numerator": [5, 0], "denominator": [10, 0]})
    >>> with_interval(rows).select(pl.col("low", "high").round(3)).rows()
    [(0.237, 0.763), (None, None)]
    """
    counts = pl.col("numerator"), pl.col("denominator")
    return rows.with_columns(low=wilson_low(*counts), high=wilson_high(*counts))
