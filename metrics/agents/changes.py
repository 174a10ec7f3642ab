"""Who got better against their own past, beyond chance and beyond what the whole team did."""

import numpy as np
import polars as pl

from metrics.agents.scorecard import (
    FAMILY_RISK,
    FEWEST,
    Floats,
    Team,
    critical,
    felt,
    team_of,
)
from metrics.catalog import BY_ID

CHANGES: dict[str, type[pl.DataType]] = {
    "metric": pl.String,
    "agent": pl.String,
    "before": pl.Float64,
    "n_before": pl.Float64,
    "now": pl.Float64,
    "n": pl.Float64,
    "team_before": pl.Float64,
    "team_now": pl.Float64,
    "z": pl.Float64,
    "verdict": pl.String,
}
#: What is said of a change.
VERDICTS = ("improved", "declined", "steady", "too_few")


def changes(before: pl.DataFrame, now: pl.DataFrame, /) -> pl.DataFrame:
    """Each agent's figures of two spans of days, net of how the other agents' figures moved.

    A campaign makes everybody slower; that is no one's doing. So an agent's change is compared
    with the change of all others taken together, on the scale of odds for shares and of ratios
    for the rest, by the spread that days and buyers show. All changes are one family of tests.

    Args:
        before: ``metrics.agents.scorecard.totals`` of the earlier days.
        now: Those of the later ones.

    Returns:
        One row per metric and agent known in both, in this order: both values with their counts,
        the others' values, ``z`` (standard errors, above 0 for the better), ``verdict`` (one of
        ``VERDICTS``).
    """
    known = sorted(set(before["metric"]) & set(now["metric"]))
    parts = [_moved(before, now, metric) for metric in known]
    empty = pl.DataFrame(schema={**CHANGES, "felt": pl.Boolean})
    moved = pl.concat([empty, *(part for part in parts if part.height)])
    edge = critical(FAMILY_RISK, moved["z"].count())
    beyond = pl.col("felt") & (pl.col("z").abs() > edge)
    return (
        moved.with_columns(
            verdict=pl.when(pl.col("z").is_null())
            .then(pl.lit("too_few"))
            .when(beyond)
            .then(pl.when(pl.col("z") > 0).then(pl.lit("improved")).otherwise(pl.lit("declined")))
            .otherwise(pl.lit("steady"))
        )
        .select(list(CHANGES))
        .sort("metric", "agent")
    )


def _moved(before: pl.DataFrame, now: pl.DataFrame, metric: str) -> pl.DataFrame:
    """One metric's rows; ``z`` null where either span or the others have too little."""
    both = (
        before.filter(metric=metric)
        .select("agent")
        .join(now.filter(metric=metric).select("agent"), on="agent")
    )
    early = team_of(before.join(both, on="agent", how="semi"), metric)
    late = team_of(now.join(both, on="agent", how="semi"), metric)
    enough = (early.n >= FEWEST) & (late.n >= FEWEST)
    count = len(early.names)
    columns: dict[str, list[float | None]] = {"z": [], "team_before": [], "team_now": []}
    for place in range(count):
        others = enough.copy()
        others[place] = False
        known = bool(enough[place] and others.any())
        one = [np.eye(count, dtype=bool)[place], others]
        (own, own_error), (rest, rest_error) = (_step(early, late, who) for who in one)
        error = np.sqrt(own_error + rest_error)
        sign = 1 if BY_ID[metric].better == "higher" else -1
        z = sign * (own - rest) / error if known and error > 0 else None
        columns["z"].append(None if z is None or not np.isfinite(z) else float(z))
        for name, team in (("team_before", early), ("team_now", late)):
            x, n = team.pooled(others)
            columns[name].append(x / n if n else None)
    rows = {
        "metric": [metric] * count,
        "agent": early.names,
        "before": early.value,
        "n_before": early.n,
        "now": late.value,
        "n": late.n,
        **columns,
        "verdict": [None] * count,
        "felt": felt(metric, late.value, early.value),
    }
    return pl.DataFrame(rows, strict=False).select(
        *(pl.col(name).cast(dtype) for name, dtype in CHANGES.items()), "felt"
    )


def _step(early: Team, late: Team, who: Floats) -> tuple[float, float]:
    """How far some agents' pooled value moved, on an even scale, and the variance of that."""
    (was, error), (is_now, other) = (_scaled(team, who) for team in (early, late))
    return is_now - was, error + other


def _scaled(team: Team, who: Floats) -> tuple[float, float]:
    members = np.asarray(who, dtype=bool)
    x, n = team.pooled(members)
    if n <= 0:
        return np.nan, np.nan
    spread = float(np.average(team.spread[members], weights=team.n[members]))
    if team.kind == "share":
        # Half a case on both sides keeps a share of 0 or 1 finite.
        share = (x + 0.5) / (n + 1)
        return float(np.log(share / (1 - share))), spread / ((n + 1) * share * (1 - share))
    if x <= 0:
        return np.nan, np.nan
    return float(np.log(x / n)), spread / n


def most_improved(rows: pl.DataFrame, /) -> pl.DataFrame:
    """The agents who improved beyond chance, each by their surest improvement, surest first.

    Args:
        rows: Rows of ``changes``.

    Returns:
        Rows of ``changes``, one per agent; none where nobody's change stands out.
    """
    improved = rows.filter(verdict="improved").sort("z", "metric", descending=[True, False])
    return improved.unique("agent", keep="first", maintain_order=True)
