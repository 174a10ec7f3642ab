"""Agents against their team: who stands out by more than chance, and who cannot be told apart.

Each agent is compared with the *team*: all other agents whose figure is not outside the limits
itself, so that one slow colleague does not make everybody else look fast. Chance is measured, not
assumed: how much an agent's clusters (days, buyers) differ among themselves widens the limits
(overdispersion, as in Laney's p'-chart). All figures of all agents are one family of tests; the
limits are set so that a team without any real difference is left in peace 49 times of 50
(Bonferroni). A difference too small to be felt is no finding however sure it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.catalog import BY_ID
from metrics.kit.ratio import Z_95, wilson

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Kind = Literal["share", "amount"]

#: Chance that a team of equals has anybody outside the limits.
FAMILY_RISK = 0.02
#: Fewer counted rounds, buyers or cases than this are not judged (docs/numbers.md, "Small
#: numbers").
FEWEST = 20
#: Below so many agents there is no team to stand out from.
FEWEST_AGENTS = 3
#: Figures that are shares of what they are divided by; quantiles count the longer waits.
SHARES = (
    "reply_rate",
    "within_three_minutes",
    "slow_conversations",
    "inquiry_conversion",
    "cross_sell_rate",
    "refund_retention",
    "response_time_median",
    "response_time_p90",
)
#: What a person would feel (ours), each on its figure's own scale: a share differs by two points,
#: waits, money and counts, which start at nothing, by a tenth. Stars start at 1 and nearly all are
#: 5: a tenth of them, half a star, would hide every agent. 0.05 stars is what a score printed to
#: two decimals shows at a glance: one 1-star rating more among eighty.
LEAST_POINTS, LEAST_STARS, LEAST_PART = 0.02, 0.05, 0.10

SCORES: dict[str, type[pl.DataType]] = {
    "metric": pl.String,
    "agent": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "numerator": pl.Float64,
    "n": pl.Float64,
    "team": pl.Float64,
    "limit_low": pl.Float64,
    "limit_high": pl.Float64,
    "z": pl.Float64,
    "verdict": pl.String,
    "rank_from": pl.Int64,
    "rank_to": pl.Int64,
}
#: What is said of an agent's figure.
VERDICTS = ("better", "worse", "inside", "too_few", "no_team")


def totals(units: pl.LazyFrame, /) -> pl.LazyFrame:
    """Sums of an agent's clusters, from which every figure and its uncertainty follows.

    Args:
        units: Rows of ``metrics.agents.units.agent_units``.

    Returns:
        One row per metric and agent, in this order: ``x`` and ``n`` (sums of both counts),
        ``xx``, ``xn``, ``nn`` (sums of their products over clusters), ``clusters``.
    """
    x, n = pl.col("numerator"), pl.col("denominator")
    return (
        units.group_by("metric", "agent")
        .agg(
            x=x.sum(),
            n=n.sum(),
            xx=(x * x).sum(),
            xn=(x * n).sum(),
            nn=(n * n).sum(),
            clusters=pl.len().cast(pl.Int64),
        )
        .sort("metric", "agent")
    )


@dataclass(frozen=True)
class Team:
    """One metric of all agents as vectors in the order of ``names``."""

    metric: str
    kind: Kind
    names: tuple[str, ...]
    x: Floats
    n: Floats
    #: Variance of the value of a single unit, relative to that of independent ones (shares), or
    #: to the squared value (amounts); the pooled one, or the agent's own where that is wider.
    spread: Floats

    @property
    def value(self) -> Floats:
        return np.asarray(self.x / np.where(self.n > 0, self.n, np.nan), dtype=np.float64)

    def pooled(self, members: Flags) -> tuple[float, float]:
        """Sum of both counts of some agents."""
        return float(self.x[members].sum()), float(self.n[members].sum())


def team_of(rows: pl.DataFrame, metric: str) -> Team:
    """The agents of one metric, from rows of ``totals``."""
    some = rows.filter(metric=metric).sort("agent")
    x, n, xx, xn, nn, k = (
        some[name].to_numpy().astype(np.float64)
        for name in ("x", "n", "xx", "xn", "nn", "clusters")
    )
    kind: Kind = "share" if metric in SHARES else "amount"
    value = x / n
    squares = (xx - 2 * value * xn + value**2 * nn) * k / np.maximum(k - 1, 1)
    base = n * value * (1 - value) if kind == "share" else n * value**2
    pooled = squares[k > 1].sum() / max(base[k > 1].sum(), 1e-12)
    own = np.divide(squares, base, out=np.zeros_like(base), where=(base > 0) & (k >= FEWEST))
    least = 1.0 if kind == "share" else 0.0
    # Without enough days or buyers nobody knows how much an amount varies: it is not judged.
    known = kind == "share" or float((k - 1).sum()) >= FEWEST
    spread = np.maximum(pooled, least) if known else np.inf
    wide = own if kind == "amount" else np.zeros_like(own)
    return Team(metric, kind, tuple(some["agent"]), x, n, np.maximum(spread, wide))


def scorecard(rows: pl.DataFrame, /, *, risk: float = FAMILY_RISK) -> pl.DataFrame:
    """Every figure of every agent with its interval, limits, verdict and possible ranks.

    Args:
        rows: Rows of ``totals``.
        risk: Chance of any false alarm in a team of equals.

    Returns:
        One row per metric and agent, in this order: ``value`` (of a quantile: the share of waits
        longer than the middle agent's), ``low`` and ``high`` (95 % interval), ``numerator``,
        ``n``, ``team`` (value of the others inside their limits), ``limit_low`` and
        ``limit_high`` (where chance ends for a figure of this size), ``z``, ``verdict`` (one of
        ``VERDICTS``), ``rank_from`` and ``rank_to`` (1 is best; the places that cannot be ruled
        out).
    """
    teams = {str(name): team_of(rows, str(name)) for name in sorted(set(rows["metric"]))}
    tests = sum(judged(team).sum() for team in teams.values())
    edge = critical(risk, int(tests))
    parts = [_scores(metric, team, edge, risk) for metric, team in teams.items()]
    return pl.concat([pl.DataFrame(schema=SCORES), *parts]).sort("metric", "agent")


def critical(risk: float, tests: int) -> float:
    """How many standard errors are beyond chance, among so many two-sided tests.

    >>> round(critical(0.05, 1), 2), round(critical(0.05, 100), 2)
    (1.96, 3.48)
    """
    return NormalDist().inv_cdf(1 - risk / (2 * max(tests, 1)))


def _enough(team: Team) -> Flags:
    return np.asarray((team.n >= FEWEST) & np.isfinite(team.spread))


def judged(team: Team) -> Flags:
    """Which agents have enough to be judged, if there is a team at all."""
    enough = _enough(team)
    return enough if enough.sum() >= FEWEST_AGENTS else np.zeros_like(enough)


def _scores(metric: str, team: Team, edge: float, risk: float) -> pl.DataFrame:
    z, centre, outside = outliers(team, edge)
    who, value = judged(team), team.value
    low, high = interval(team.kind, value, team.n, team.spread, Z_95)
    limits = interval(team.kind, centre, team.n, team.spread, edge)
    upward = BY_ID[metric].better == "higher"
    good = (z > 0) == upward
    verdict = np.where(outside, np.where(good, "better", "worse"), "inside")
    verdict = np.where(~who | np.isnan(centre), "no_team", verdict)
    verdict = np.where(_enough(team), verdict, "too_few")
    first, last = places(team, upward=upward, risk=risk)
    columns = (
        [metric] * len(value), team.names, value, low, high, team.x, team.n, centre, *limits, z,
        verdict, first, last,
    )  # fmt: skip
    named = dict(zip(SCORES, columns, strict=True))
    return pl.DataFrame(named, strict=False).select(
        _known(name) if dtype == pl.Float64 else pl.col(name).cast(dtype)
        for name, dtype in SCORES.items()
    )


def _known(name: str) -> pl.Expr:
    """A figure, null where there is none; only a distance may be endless."""
    column = pl.col(name).cast(pl.Float64).fill_nan(None)
    return column if name == "z" else pl.when(column.is_finite()).then(column).alias(name)


def outliers(team: Team, edge: float) -> tuple[Floats, Floats, Flags]:
    """Standard errors from the team, the team's value for each agent, and who is outside.

    Starts from the middle agent, then compares each with all others that are not outside
    themselves, until nothing changes. Where fewer than two are left to compare with, or most
    agents would be outside, there is no team and nobody is outside.
    """
    who = judged(team)
    outside = np.zeros_like(who)
    nothing = np.full(len(who), np.nan)
    if not who.any():
        return nothing, nothing, outside
    middle = float(np.median(team.value[who]))
    near = np.argsort(np.abs(np.where(who, team.value, np.inf) - middle))
    members = np.zeros_like(who)
    members[near[: max(2, int(who.sum()) // 2)]] = True
    z, centre = nothing, nothing
    for _ in range(len(who) + 2):
        z, centre = _against(team, who, members)
        noticed = felt(team.metric, team.value, centre)
        outside = who & noticed & (np.abs(z) > edge)
        if np.array_equal(members, who & ~outside):
            break
        members = who & ~outside
    if members.sum() < 2 or members.sum() < outside.sum():
        return nothing, nothing, np.zeros_like(who)
    return z, centre, outside


def _against(team: Team, who: Flags, members: Flags) -> tuple[Floats, Floats]:
    """Each judged agent against the pooled members other than themselves."""
    z, centre = np.full(len(who), np.nan), np.full(len(who), np.nan)
    for place in np.flatnonzero(who):
        others = members.copy()
        others[place] = False
        if not others.any():
            continue
        x, n = team.pooled(others)
        centre[place] = x / n
        z[place] = difference(
            team.kind, (team.x[place], team.n[place]), (x, n), float(team.spread[place])
        )
    return z, centre


def felt(metric: str, value: Floats, other: Floats) -> Flags:
    """Whether a person would notice that a figure is not another one; no where either is unknown.

    Args:
        metric: Which figure, as it is judged (``SHARES``).
        value: The figures.
        other: What each is compared with: the team's, or the agent's own of earlier days.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        if metric in SHARES:
            return np.asarray(np.abs(value - other) >= LEAST_POINTS)
        if BY_ID[metric].unit == "score":
            return np.asarray(np.abs(value - other) >= LEAST_STARS)
        return np.asarray(np.abs(value / other - 1) >= LEAST_PART)


def difference(
    kind: Kind, one: tuple[float, float], other: tuple[float, float], spread: float
) -> float:
    """Standard errors between two values, the first minus the second; 0 where nothing is known.

    Shares by the signed root of the deviance, which holds for rare events too; amounts on the
    log scale, where waits and money are less lopsided.

    Args:
        kind: How the value varies.
        one: Numerator and denominator of the first.
        other: Those of the second.
        spread: Variance of one unit (``Team.spread``).
    """
    (x, n), (y, m) = one, other
    if kind == "amount":
        variance = spread * (1 / n + 1 / m)
        if x <= 0 or y <= 0 or not np.isfinite(variance):
            return 0.0
        apart = float(np.log((x / n) / (y / m)))
        return float(apart / np.sqrt(variance)) if variance > 0 else float(np.sign(apart)) * np.inf
    share = (x + y) / (n + m)
    expected = (n * share, n * (1 - share), m * share, m * (1 - share))
    counted = (x, n - x, y, m - y)
    deviance = 2 * sum(
        o * np.log(o / e) for o, e in zip(counted, expected, strict=True) if o > 0 and e > 0
    )
    return float(np.sign(x / n - y / m) * np.sqrt(max(deviance, 0.0) / spread))


def interval(
    kind: Kind, value: Floats, n: Floats, spread: Floats, z: float
) -> tuple[Floats, Floats]:
    """Where values of this size lie within ``z`` standard errors; Wilson's for shares."""
    size = n / np.where(spread > 0, spread, 1.0)
    if kind == "amount":
        half = z * np.sqrt(spread / n)
        return value * np.exp(-half), value * np.exp(half)
    return wilson(value, size, z)


def places(team: Team, *, upward: bool, risk: float) -> tuple[list[int | None], list[int | None]]:
    """First and last place that an agent may hold, 1 for the best; None where not judged.

    An agent is placed behind only those who are better beyond chance, all pairs being one family.
    """
    who = np.flatnonzero(judged(team))
    edge = critical(risk, len(who) * (len(who) - 1) // 2)
    first: list[int | None] = [None] * len(team.n)
    last: list[int | None] = [None] * len(team.n)
    for a in who:
        z = [
            difference(
                team.kind,
                (team.x[a], team.n[a]),
                (team.x[b], team.n[b]),
                float(max(team.spread[a], team.spread[b])),
            )
            for b in who
            if b != a
        ]
        ahead = [value if upward else -value for value in z]
        first[a] = 1 + sum(value < -edge for value in ahead)
        last[a] = len(who) - sum(value > edge for value in ahead)
    return first, last


def funnel(
    rows: pl.DataFrame, scores: pl.DataFrame, metric: str, /, *, steps: Sequence[float]
) -> pl.DataFrame:
    """The limits of one metric over the size of a figure, for a funnel plot.

    Args:
        rows: Rows of ``totals``.
        scores: What ``scorecard`` made of them.
        metric: Which metric.
        steps: Sizes (denominators) to draw the limits at.

    Returns:
        One row per step: ``n``, ``team`` (the team's value), ``usual_low`` and ``usual_high``
        (95 % of single agents), ``low`` and ``high`` (the limits); empty without a team.
    """
    mine = scores.filter(metric=metric)
    inside = mine.filter(pl.col("verdict") == "inside")
    if inside.is_empty():
        return pl.DataFrame()
    team = team_of(rows, metric)
    centre = float(inside["numerator"].sum()) / float(inside["n"].sum())
    tests = scores.filter(pl.col("verdict").is_in(["inside", "better", "worse"])).height
    n = np.asarray(steps, dtype=np.float64)
    value, spread = np.full(len(n), centre), np.full(len(n), float(np.median(team.spread)))
    low, high = interval(team.kind, value, n, spread, critical(FAMILY_RISK, tests))
    usual_low, usual_high = interval(team.kind, value, n, spread, Z_95)
    return pl.DataFrame(
        {"n": n, "team": value, "usual_low": usual_low, "usual_high": usual_high,
         "low": low, "high": high}
    )  # fmt: skip
