"""The one way this project divides, and how sure a share is."""

import polars as pl

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


def wilson_low(successes: pl.Expr, trials: pl.Expr) -> pl.Expr:
    """Lower end of the Wilson 95 % interval of ``successes / trials``; null for no trials."""
    return _wilson(successes, trials, -1)


def wilson_high(successes: pl.Expr, trials: pl.Expr) -> pl.Expr:
    """Upper end of the Wilson 95 % interval of ``successes / trials``; null for no trials.

    >>> frame = pl.DataFrame({"k": [0, 5, 10], "n": [10, 10, 10]})
    >>> frame.select(wilson_high(pl.col("k"), pl.col("n")).round(3)).to_series().to_list()
    [0.278, 0.763, 1.0]
    """
    return _wilson(successes, trials, 1)


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


def _wilson(successes: pl.Expr, trials: pl.Expr, side: int) -> pl.Expr:
    share = ratio(successes, trials)
    square = Z_95**2
    middle = share + square / (2 * trials)
    spread = Z_95 * (share * (1 - share) / trials + square / (4 * trials**2)).sqrt()
    return ((middle + side * spread) / (1 + square / trials)).clip(0, 1)
