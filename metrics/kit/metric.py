"""What a metric is: one object that holds its names, its rule, its rows and how it is measured.

Each subject's module makes its metrics beside their facts; ``metrics.catalog`` gathers them.
Everything else - the catalogue, help texts, column heads, rows behind a number, agents' figures -
is drawn from these objects.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, Protocol

import polars as pl

from metrics.kit.needs import Need
from metrics.kit.periods import By
from store.settings import ShopSettings
from store.shop_tables import ShopTables

Unit = Literal["share", "seconds", "money", "score", "pieces", "per_message", "buyer_days"]
Better = Literal["higher", "lower", "neither"]
Subject = Literal["inquiry", "reply", "spend", "refund", "dsr"]
Count = Literal["numerator", "denominator"]
#: Metrics that speak of one matter; the headline of each is the family's first.
Family = Literal[
    "reply",
    "speed",
    "conversion",
    "spend",
    "shipping",
    "refunds_kept",
    "refunds_asked",
    "dsr_description",
    "dsr_service",
    "dsr_logistics",
]
#: The tables of one feed; a feed of several tables speaks for the days that all of them cover.
Feed = tuple[str, ...]

#: Columns that the facts of every metric have; a subject adds what its cuts need.
FACTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "day": pl.Date,
    "at": pl.Datetime("us"),
    "kind": pl.String,
    "subject": pl.String,
    "buyer": pl.String,
    "agent": pl.String,
    "amount": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "left_out": pl.String,
}


class Facts(Protocol):
    """The rows a metric is made of: the one statement of what counts, and of what does not."""

    def __call__(
        self,
        metric_id: str,
        tables: ShopTables,
        settings: ShopSettings,
        /,
        *,
        first: date,
        last: date,
        by_agent: bool = False,
    ) -> pl.LazyFrame:
        """The rows of some days, those left out with the reason.

        A share or mean is Σ numerator ÷ Σ denominator over the rows that count, a count Σ
        numerator, a quantile that of the numerators. What is counted once per buyer of the period
        (``Metric.additive`` is False) is counted on the buyer's first row of these days.

        Args:
            metric_id: The metric.
            tables: The shop's tables.
            settings: The shop's rules.
            first: First day, shop time.
            last: Last day, included.
            by_agent: Whether agents are asked for: then every row that counts for an agent
                stands once for each of them, and those nobody is known for have none. Else
                ``agent`` is who had to do with the row, as far as its table tells.

        Returns:
            One row per order, round and so on, in no order: ``day`` (of its cohort), ``at``,
            ``kind``, ``subject`` (its id), ``buyer``, ``agent``, ``amount`` (money, seconds or
            stars), ``numerator`` and ``denominator`` (what it adds to the two counts; money as
            ``Metric.in_fen`` says), ``left_out`` (a code of ``Metric.left_out``, null where it
            counts), and what the cuts of its subject need.
        """


class Measuring(Protocol):
    """How metrics are measured over spans of days or per agent."""

    def __call__(
        self,
        tables: ShopTables,
        settings: ShopSettings,
        /,
        *,
        metrics: Sequence["Metric"],
        first: date,
        last: date,
        by: By,
    ) -> pl.LazyFrame:
        """The columns of ``metrics.kit.periods.MEASURED``, unsorted."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number of the product: how to read it, what it rests on and how it is measured."""

    id: str
    subject: Subject
    family: Family
    name: str
    unit: Unit
    better: Better
    numerator: str
    denominator: str
    definition: str
    #: Where the rule comes from: "guide" (seller guides), "export" (files), "ours".
    source: Literal["guide", "export", "ours"]
    #: What can feed it, best first.
    feeds: tuple[Feed, ...]
    #: The note where no file feeds it at all.
    missing: str
    facts: Facts
    measured: Measuring
    #: What the tables of a feed must tell, most important first; without it there is no value.
    needs: tuple[Need, ...] = ()
    #: Whether its feeds fill each other's gaps day by day; else the best feed stands alone.
    feeds_merge: bool = False
    #: How old a day must be before its value no longer changes.
    maturity: timedelta = timedelta(0)
    #: Its last final day, from the tables, its last covered day and the shop's rules (perhaps
    #: unknown); unset: ``maturity`` before the last covered day.
    final_day: Callable[[ShopTables, date, ShopSettings | None], date] | None = None
    #: Which days of facts a longer figure leaves out because they are not final; unset: none.
    open_days: Callable[["Metric", ShopTables, ShopSettings], pl.Expr] | None = None
    #: Whether a span that nobody ended goes on to the last day that is covered in part.
    takes_part_days: bool = False
    #: False where the value of a period is not the sum of its days (distinct buyers, medians).
    additive: bool = True
    #: False where nothing tells whose doing it is.
    per_agent: bool = True
    #: The share of facts that stay under the value, where it is a quantile.
    quantile: float | None = None
    #: Which of the two counts facts give as whole fen; they become units when they are summed.
    in_fen: tuple[Count, ...] = ()
    #: Fields of the shop's settings that move it.
    settings: tuple[str, ...] = ()
    #: What a shop is held to that has set no target of its own (docs/numbers.md, "Targets").
    target: float | None = None
    #: Why a row may not count, by code.
    left_out: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: What its measurements alone may say beside a value, by code.
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: Figures that its words name in braces.
    figures: Mapping[str, int] = field(default_factory=dict, hash=False)

    def told(
        self,
        words: Literal["numerator", "denominator", "definition"],
        translate: Callable[[str], str] = str,
        /,
    ) -> str:
        """One of the metric's texts in a language, its figures filled in."""
        text: str = getattr(self, words)
        return translate(text).format(**self.figures)
