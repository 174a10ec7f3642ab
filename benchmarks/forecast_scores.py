"""What the benchmark of the forecast counts: errors, coverage, gates, the call list."""

import polars as pl

#: Shares of the call list at which it is compared with the oracle's.
_SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)


def _with_all(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rows, rows.with_columns(kind=pl.lit("all"))])


def _error(column: str) -> pl.Expr:
    return ((pl.col(column) - pl.col("actual")) ** 2).mean().sqrt()


def summary(rows: pl.DataFrame) -> pl.DataFrame:
    """Errors, coverage and width per kind and over all of them, per horizon.

    Returns:
        ``to_…``: root mean square error over that of the oracle, clairvoyant, persistence and
        expiry only; ``to_better`` over the better of the last two. ``at_limit``: the part of
        ``to_oracle`` that is the forecast's own doing, free of how the dice fell, because the
        oracle is the expected score: √(1 + mean (forecast - oracle)² ÷ mean (oracle - actual)²);
        ``expiry_at_limit`` the same of expiry only.
    """
    noise = (pl.col("oracle") - pl.col("actual")) ** 2

    def at_limit(column: str) -> pl.Expr:
        gap = (pl.col(column) - pl.col("oracle")) ** 2
        return (1 + gap.mean() / noise.mean()).sqrt()

    return (
        _with_all(rows)
        .group_by("kind", "horizon")
        .agg(
            to_oracle=_error("mean") / _error("oracle"),
            at_limit=at_limit("mean"),
            expiry_at_limit=at_limit("expiry_only"),
            to_clairvoyant=_error("mean") / _error("clairvoyant"),
            to_persistence=_error("mean") / _error("persistence"),
            to_expiry_only=_error("mean") / _error("expiry_only"),
            oracle_to_persistence=_error("oracle") / _error("persistence"),
            cover_80=pl.col("actual").is_between("low_80", "high_80").mean(),
            cover_95=pl.col("actual").is_between("low_95", "high_95").mean(),
            width_80=(pl.col("high_80") - pl.col("low_80")).mean(),
            crps=pl.col("crps").mean(),
            crps_persistence=(pl.col("persistence") - pl.col("actual")).abs().mean(),
            rmse=_error("mean"),
            bias=(pl.col("mean") - pl.col("actual")).mean(),
        )
        .with_columns(to_better=pl.max_horizontal("to_persistence", "to_expiry_only"))
        .sort("kind", "horizon")
    )


def gates(rows: pl.DataFrame) -> pl.DataFrame:
    """Reliability of the chance to be under a gate, in tenths, and the Brier score.

    Climatology says for every forecast what share fell under a gate so far from its own score.
    """
    long = (
        rows.with_columns(step=pl.int_ranges(0, pl.col("below").list.len()))
        .explode("below", "fell", "step")
        .with_columns(usual=pl.col("fell").mean().over("horizon", "step"))
        .with_columns(tenth=(pl.col("below") * 10).floor().clip(0, 9) / 10)
    )
    brier = ((pl.col("below") - pl.col("fell")) ** 2).mean()
    climatology = ((pl.col("usual") - pl.col("fell")) ** 2).mean()
    columns = {
        "forecasts": pl.len(),
        "said": pl.col("below").mean(),
        "came": pl.col("fell").mean(),
        "brier": brier,
        "brier_climatology": climatology,
    }
    return pl.concat(
        [
            long.group_by("tenth").agg(**columns).sort("tenth"),
            long.select(tenth=pl.lit(None, dtype=pl.Float64), **columns),
        ]
    )


def calls(ranks: pl.DataFrame) -> pl.DataFrame:
    """Of the orders that went low, how many stand in the first shares of the list.

    Returns:
        Per kind and share of the list: ``low_orders``, ``held`` and ``oracle_held`` (shares of
        them) and their ratio ``of_oracle``.
    """
    both = _with_all(ranks)
    return (
        pl.concat(
            both.group_by("kind").agg(
                pl.lit(share).alias("top"),
                pl.len().alias("low_orders"),
                held=(pl.col("place") <= share).mean(),
                oracle_held=(pl.col("oracle_place") <= share).mean(),
            )
            for share in _SHARES
        )
        .with_columns(of_oracle=pl.col("held") / pl.col("oracle_held"))
        .sort("kind", "top")
    )
