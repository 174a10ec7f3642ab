"""Which matters are fine, which to watch and where to act (docs/numbers.md, "Verdicts").

Two statements a family, kept apart: whether it differs from its own past (change) and whether its
target is met (standing). Both are told day after day from the days before, so that they carry
since when they hold, and neither cries again about what it has said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import takewhile
from typing import Any, Literal

import numpy as np
import polars as pl

from metrics.catalog import BY_ID
from metrics.kit.metric import Family
from metrics.views.health.change import FEWEST, RECENT, Change, Days, Told, changes
from metrics.views.health.families import FAMILIES, HEADLINE, SCORES, higher_is_better
from metrics.views.health.likelihood import Law, variance
from metrics.views.health.standing import SURE, Standing, score_standings, standings
from metrics.views.health.usual import Usual

Verdict = Literal["act", "watch", "fine", "too_few"]
VERDICTS: tuple[Verdict, ...] = ("act", "watch", "fine", "too_few")
Floats = np.typing.NDArray[np.float64]
DAY = timedelta(days=1)
#: What is shown where nothing is to be said: the shortest of these spans with enough in it.
SHOWN = (7, 28)
#: One row a family.
COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "family": pl.String,
    "metric": pl.String,
    "verdict": pl.String,
    "change": pl.String,
    "standing": pl.String,
    "since": pl.Date,
    "value": pl.Float64,
    "n": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "target": pl.Float64,
    "day": pl.Date,
    "first": pl.Date,
    "changed": pl.Date,
    "recent": pl.Float64,
    "before": pl.Float64,
    "known_until": pl.Date,
}


@dataclass(frozen=True)
class _Said:
    """Both statements of one day, and the verdict they come to."""

    change: Change
    standing: Standing
    verdict: Verdict


def verdicts(
    cells: pl.DataFrame,
    /,
    *,
    targets: Mapping[str, float],
    left_out: Sequence[tuple[date, date]] = (),
    known: Mapping[str, date] | None = None,
    families: Sequence[Family] = FAMILIES,
) -> pl.DataFrame:
    """One row per family: its verdict on its last final day, and since when it holds.

    "act" = the target is surely missed and the matter is not known; "watch" = every other
    worsening; "fine" = the rest; "too_few" = neither statement can be made.

    Args:
        cells: As ``metrics.views.health.cells.cells`` gives them.
        targets: By metric, in its unit.
        left_out: First and last days of events that leave what is usual.
        known: Families that are being worked on, with the day to look again.
        families: Those wanted.

    Returns:
        In the order of ``families``: ``family``, ``metric`` (its headline), ``verdict``,
        ``change``, ``standing``, ``since`` (first day of the verdict; null for "too_few"),
        ``value`` ÷ ``n`` pooled over ``first`` to ``day`` (a rolling score: of ``day``), ``low``
        and ``high`` (an interval that stays valid although it is looked at every day), ``target``,
        ``changed`` (first day of a change that stands), ``recent`` and ``before`` (what is set
        against what; of a score, the mean stars of what comes in), ``known_until`` (null where
        nobody marked it).
    """
    by_family = {name: rows for (name,), rows in cells.group_by("family", maintain_order=True)}
    rows = [
        _Judged.of(family, by_family[family], targets, left_out, known or {}).row()
        if family in by_family
        else _blank(family, targets)
        for family in families
    ]
    return pl.DataFrame(rows, schema=COLUMNS)


def history(
    cells: pl.DataFrame,
    /,
    *,
    targets: Mapping[str, float],
    left_out: Sequence[tuple[date, date]] = (),
) -> pl.DataFrame:
    """What was said of each family on each of its days, each from that day and those before it.

    Args:
        cells: As ``metrics.views.health.cells.cells`` gives them.
        targets: By metric, in its unit.
        left_out: First and last days of events that leave what is usual.

    Returns:
        One row per family and day of its calendar, oldest first: ``family``, ``day``,
        ``verdict``, ``change``, ``standing``.
    """
    rows = []
    for (name,), some in cells.group_by("family", maintain_order=True):
        judged = _Judged.of(name, some, targets, left_out, {})
        rows += [
            {"family": name, "day": judged.first + at * DAY, **asdict(judged.said(at))}
            for at in range(judged.last + 1)
        ]
    said = dict.fromkeys(("verdict", "change", "standing"), pl.String)
    return pl.DataFrame(rows, schema={"family": pl.String, "day": pl.Date, **said})


def _blank(family: Family, targets: Mapping[str, float]) -> dict[str, Any]:
    """A family that no file feeds."""
    metric = HEADLINE[family]
    told = {"family": family, "metric": metric, "verdict": "too_few", "change": "too_few"}
    target = targets.get(metric)
    standing = "no_target" if target is None else "cannot_tell"
    return dict.fromkeys(COLUMNS) | told | {"standing": standing, "target": target}


@dataclass(frozen=True)
class _Judged:
    """A family on the last of its days."""

    family: str
    metric: str
    first: date
    days: Days
    scores: Floats
    ratings: Floats
    told: list[Told]
    stood: list[tuple[Standing, float]]
    target: float | None
    known_until: date | None = field(default=None)

    @classmethod
    def of(
        cls,
        family: str,
        rows: pl.DataFrame,
        targets: Mapping[str, float],
        left_out: Sequence[tuple[date, date]],
        known: Mapping[str, date],
    ) -> "_Judged":
        metric = rows["metric"][0]
        calendar, first = _calendar(rows, left_out), rows["day"][0]
        is_score = family in SCORES
        days = Days(
            law="count" if is_score else _law(metric),
            # A score's counts are stars missed.
            higher_better=not is_score and higher_is_better(metric),
            total=calendar["total"].to_numpy(),
            n=calendar["n"].to_numpy(),
            weekday=calendar["day"].dt.weekday().to_numpy().astype(np.int64) - 1,
        )
        told, target = changes(days), targets.get(metric)
        scores, ratings = calendar["score"].to_numpy(), calendar["ratings"].to_numpy()
        stood: list[tuple[Standing, float]]
        if target is None:
            stood = [("no_target", SHOWN[0])] * len(told)
        elif is_score:
            stood = list(score_standings(scores, ratings, days, told, target))
        else:
            stood = [(said, float(span)) for said, span in standings(days, told, target)]
        until = known.get(family)
        return cls(
            family, metric, first, days, scores, ratings, told, stood, target,
            until if until and until >= rows["day"][-1] else None,
        )  # fmt: skip

    @property
    def last(self) -> int:
        return len(self.told) - 1

    def said(self, at: int) -> _Said:
        """Both statements of a day."""
        change, standing = self.told[at].change, self.stood[at][0]
        if standing == "missed":
            # What is known does not shout, unless it has grown worse.
            accepted = self.known_until is not None
            quiet: Verdict = "watch" if change == "worse" else "fine"
            return _Said(change, standing, quiet if accepted else "act")
        if change == "worse":
            return _Said(change, standing, "watch")
        nothing = change == "too_few" and standing in ("cannot_tell", "no_target")
        return _Said(change, standing, "too_few" if nothing else "fine")

    def row(self) -> dict[str, Any]:
        """The family's row of ``verdicts``."""
        said, at = self.said(self.last), self.last
        told = self.told[at]
        first = self._shown_from(said)
        before = told.before
        return {
            "family": self.family,
            "metric": self.metric,
            "verdict": said.verdict,
            "change": said.change,
            "standing": said.standing,
            "since": None if said.verdict == "too_few" else self._since(said.verdict),
            "target": self.target,
            "day": self.first + at * DAY,
            "first": self.first + first * DAY,
            "changed": None if told.since is None else self.first + told.since * DAY,
            "before": 5 - before if before is not None and self.family in SCORES else before,
            "known_until": self.known_until,
            **self._figures(first),
        }

    def _since(self, verdict: Verdict) -> date:
        """First day of the verdict: of a worsening, the day from which things were worse."""
        backwards = range(self.last, -1, -1)
        same = list(takewhile(lambda at: self.said(at).verdict == verdict, backwards))
        started = self.told[self.last].since
        if verdict in ("act", "watch") and started is not None:
            return self.first + min(started, same[-1]) * DAY
        return self.first + same[-1] * DAY

    def _shown_from(self, said: _Said) -> int:
        """First day of what is added up: of the change, of the standing's span, or of late."""
        at, started = self.last, self.told[self.last].since
        if started is not None:
            return max(started, at - RECENT + 1)
        if self.family not in SCORES and said.standing in ("met", "missed"):
            return max(at + 1 - int(self.stood[at][1]), 0)
        enough = (span for span in SHOWN if self.days.n[-span:].sum() >= FEWEST)
        return max(at + 1 - next(enough, SHOWN[-1]), 0)

    def _figures(self, first: int) -> dict[str, float | None]:
        """Value, n, interval, and what came in of late."""
        total, n = float(self.days.total[first:].sum()), float(self.days.n[first:].sum())
        mean, usual = total / n if n > 0 else None, self.told[-1].usual
        if self.family in SCORES:
            return self._score_figures(None if mean is None else 5 - mean)
        if mean is None or usual is None:
            return {"value": mean, "n": n, "low": None, "high": None, "recent": mean}
        low, high = interval(self.days.law, mean, n, usual)
        return {"value": mean, "n": n, "low": low, "high": high, "recent": mean}

    def _score_figures(self, stars: float | None) -> dict[str, float | None]:
        """A rolling score, the reach of chance around it, and the mean stars of late."""
        score, ratings = float(self.scores[-1]), float(self.ratings[-1])
        reach = self.stood[-1][1] if self.target is not None else 0.0
        return {
            "value": score,
            "n": ratings if np.isfinite(ratings) else None,
            "low": max(score - reach, 1.0),
            "high": min(score + reach, 5.0),
            "recent": stars,
        }


def interval(law: Law, mean: float, n: float, usual: Usual) -> tuple[float, float]:
    """Where the true mean lies, told so surely that it may be looked at every day.

    Args:
        law: Of the observations.
        mean: Seen.
        n: Observations.
        usual: How far days scatter.
    """
    of_one = SURE**2 * usual.spread / n
    if law == "share":
        middle, half = mean + of_one / 2, (of_one * (variance(law, mean) + of_one / 4)) ** 0.5
        return (middle - half) / (1 + of_one), (middle + half) / (1 + of_one)
    factor = float(np.exp(of_one**0.5))
    return mean / factor, mean * factor


def _law(metric: str) -> Law:
    return "share" if BY_ID[metric].unit == "share" else "mean"


def _calendar(rows: pl.DataFrame, left_out: Sequence[tuple[date, date]]) -> pl.DataFrame:
    """One row a day, events and days without a file with n 0."""
    days = pl.DataFrame({"day": pl.date_range(rows["day"][0], rows["day"][-1], eager=True)})
    out = pl.any_horizontal(
        pl.lit(False), *(pl.col("day").is_between(first, last) for first, last in left_out)
    )
    counts = (
        pl.when(~out).then(pl.col(name).fill_null(0)).otherwise(0.0).alias(name)
        for name in ("total", "n")
    )
    unknown = pl.col("score", "ratings").fill_null(float("nan"))
    joined = days.join(rows, on="day", how="left", validate="1:1", maintain_order="left")
    return joined.with_columns(*counts, unknown)
