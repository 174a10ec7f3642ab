"""One shop's tables as every metric reads them, with what a store keeps of their rows.

So that no page has to read all rows, a store keeps frames made by recipes. A recipe names
everything its frames depend on: the rules, and the rows of which tables. A store makes them where
these changed and nowhere else (``store.condensed``); a metric asks ``ShopTables.condensed`` for
its own recipe, and counts without it where there is nothing.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import dataframely as dy
import polars as pl

from store.schemas import (
    Coverage,
    Messages,
    OrderItems,
    Orders,
    RatingDays,
    Ratings,
    RatingSnapshots,
    Refunds,
    Reviews,
    ServiceDays,
)

UNDECIDED = {"day": pl.Date, "speaker": pl.String, "lines": pl.UInt32}
Frames = dict[str, pl.LazyFrame]
#: The tables and, unless all is made at once, the first and the last day of the month to make.
Make = Callable[["ShopTables", date, date], Frames]


@dataclass(frozen=True)
class Source:
    """Rows that a month's frames depend on."""

    table: str
    #: A row is near a month by any of these times.
    moments: tuple[str, ...] = ()
    #: Reaching so far back before the month's first day; None: from the beginning.
    before: timedelta | None = timedelta(0)
    #: Reaching so many days on after its last day.
    after: timedelta = timedelta(0)


@dataclass(frozen=True)
class Recipe:
    """How frames are made of a shop's rows. Recipes of one name, edition and rules are one."""

    name: str
    #: Raised whenever the frames change, so that kept ones are made anew.
    edition: int
    #: The settings that the frames depend on.
    rules: tuple[Hashable, ...]
    #: Names of the frames.
    frames: tuple[str, ...] = field(compare=False)
    #: What they depend on, a table perhaps twice; the months are those of the first one's rows.
    sources: tuple[Source, ...] = field(compare=False)
    make: Make = field(compare=False)
    #: What is made anew when a row changes: its day, for frames (sorted by ``day``) whose days
    #: depend on their own rows of one table only; its month and those near it; or the whole.
    apart: Literal["days", "months", "nothing"] = field(default="months", compare=False)


@dataclass(frozen=True)
class ShopTables:
    """One shop's tables as the metrics see them: lazy, typed, and never None.

    A table that was never imported is an empty frame. ``coverage`` is small and collected, so
    that a metric can decide by it without reading anything.
    """

    shop: str
    messages: dy.LazyFrame[Messages]
    service_days: dy.LazyFrame[ServiceDays]
    orders: dy.LazyFrame[Orders]
    order_items: dy.LazyFrame[OrderItems]
    refunds: dy.LazyFrame[Refunds]
    ratings: dy.LazyFrame[Ratings]
    rating_days: dy.LazyFrame[RatingDays]
    rating_snapshots: dy.LazyFrame[RatingSnapshots]
    reviews: dy.LazyFrame[Reviews]
    coverage: dy.DataFrame[Coverage]
    #: What a store keeps of the rows, by recipe; what is missing is counted from the rows.
    condensed: Mapping[Recipe, Frames] = field(default_factory=dict)
    #: Accounts that decided the sides of chat lines whose files leave them open (``store.sides``);
    #: None where no line does.
    serving: tuple[str, ...] | None = None
    #: Who speaks in lines whose side is not decided, which ``messages`` leaves out: ``day``,
    #: ``speaker``, ``lines``.
    undecided: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNDECIDED))

    def has(self, table: str) -> bool:
        """Whether any file ever fed this table."""
        return table in self.coverage["table"]

    def first_day(self, table: str) -> date | None:
        """First shop day a file of this table covers."""
        day: date | None = self.coverage.filter(pl.col("table") == table)["day"].min()  # type: ignore[assignment]
        return day

    def last_day(self, table: str) -> date | None:
        """Last shop day that this table's files cover whole; the table's as-of day."""
        whole = self.coverage.filter((pl.col("table") == table) & pl.col("whole"))
        day: date | None = whole["day"].max()  # type: ignore[assignment]
        return day
