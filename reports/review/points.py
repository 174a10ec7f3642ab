"""What a point of the review's agenda is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import plotly.graph_objects as go
import polars as pl

from metrics.views.review import WEEK, week_name
from reports.review.weekly import Review
from told.masking import masked, shortened
from told.spoken import Spoken
from told.tables import Column

PointCode = Literal["changed", "why", "forecast", "agents", "cases", "actions"]
State = Literal["better", "worse", ""]


@dataclass(frozen=True)
class Number:
    """One large figure: what it is, what it was, and its weeks."""

    label: str
    value: str
    note: str = ""
    state: State = ""
    line: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of the point, for the screen and for files."""

    name: str
    frame: pl.DataFrame
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Point:
    """One agenda point: a finding, at most three numbers, a few sentences, a chart, tables."""

    code: PointCode
    title: str
    finding: str
    numbers: tuple[Number, ...] = ()
    lines: tuple[str, ...] = ()
    figure: go.Figure | None = None
    alt: str = ""
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Telling:
    """How a review is told: language, and who is named."""

    review: Review
    words: Spoken
    agents: Mapping[str, str]
    mask_buyers: bool = True

    def buyer(self, name: str) -> str:
        """A buyer's name as it may be shown."""
        shown = masked if self.mask_buyers else shortened
        return str(pl.select(shown(pl.lit(name))).item()) if name else ""

    def agent(self, account: str) -> str:
        """An agent's name as it may be shown."""
        return self.agents.get(account, account)

    def week(self, monday: date) -> str:
        """A week with its days: "W46 · 11/10–11/16"."""
        sunday = monday + WEEK - (WEEK / 7)
        return f"{week_name(monday)[5:]} · {monday.month}/{monday.day}–{sunday.month}/{sunday.day}"


def agent_names(review: Review, words: Spoken, *, mask: bool) -> dict[str, str]:
    """What each agent is called: the name set for the account, or a number where masked.

    Numbers follow the accounts' own order, so that they stay from slide to slide.
    """
    _ = words
    shown = {each.account: each.display or each.account for each in review.settings.agents}
    named = review.counted.movers.filter(pl.col("cut") == "agent")["slice"].to_list()
    accounts = {*review.counted.agents["agent"], *review.cases["agent"], *named} - {""}
    if not mask:
        return {account: shown.get(account, account) for account in accounts}
    return {
        account: _("Agent {n}").format(n=place)
        for place, account in enumerate(sorted(accounts), start=1)
    }
