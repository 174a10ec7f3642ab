"""Recipes for what a store keeps of its rows, so that no page has to read them all.

A recipe names everything its frames depend on: the rules, and the rows of which tables. A store
makes them where these changed and nowhere else (``store.condensed``); a metric asks
``ShopTables.condensed`` for its own recipe, and counts without it where there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import polars as pl

if TYPE_CHECKING:
    from store.schemas import ShopTables

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
