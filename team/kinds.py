"""The kinds of things that a team writes, each a model of its own.

Names of kinds and of fields are those of every store written so far: they are never changed.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from team.entries import Columns, Entry

Merit = Literal["good", "learn"]


class Case(Entry):
    """A conversation kept in the case book; done = taken out."""

    kind: ClassVar[str] = "case"
    columns: ClassVar[Columns] = {
        "buyer": pl.String,
        "day": pl.Date,
        "agent": pl.String,
        "rule": pl.String,
        "tags": pl.List(pl.String),
        "better": pl.String,
        "merit": pl.String,
        "discuss": pl.Boolean,
    }

    buyer: str = ""
    day: date | None = None
    #: Whose conversation it is.
    agent: str = ""
    #: The finding that it stands for; "" where none does.
    rule: str = ""
    tags: tuple[str, ...] = ()
    #: How it could have been said.
    better: str = ""
    merit: Merit = "learn"
    #: To be spoken of in the weekly review.
    discuss: bool = False

    @staticmethod
    def subject_of(buyer: str, day: date) -> str:
        """A conversation is known by its buyer and day."""
        return f"{buyer}|{day}"

    @model_validator(mode="before")
    @classmethod
    def _subject_tells_buyer_and_day(cls, told: dict[str, Any]) -> dict[str, Any]:
        buyer, _, day = str(told.get("subject", "")).rpartition("|")
        known = {"buyer": buyer, "day": day if _is_day(day) else None, "merit": "learn"}
        return told | {name: told.get(name) or value for name, value in known.items()}


class Action(Entry):
    """What a weekly review decided to do; the subject is an id kept for life."""

    kind: ClassVar[str] = "action"
    columns: ClassVar[Columns] = {
        "owner": pl.String,
        "due": pl.Date,
        "week": pl.String,
        "done_in": pl.String,
    }

    #: The review that decided it, as 2025-W46.
    week: str = ""
    owner: str = ""
    due: date | None = None
    #: The review in which it was ticked; None while open.
    done_in: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _done_once_a_review_ticked_it(cls, told: dict[str, Any]) -> dict[str, Any]:
        return told | {"done": bool(told.get("done")) or told.get("done_in") is not None}


class SeenNumber(BaseModel):
    """One number as a meeting saw it: its metric, the week's Monday, value, n and verdict."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    metric: str
    week: date
    value: float | None = None
    n: float | None = None
    #: Of ``metrics.views.review.changes``; "open" for a number that was not final.
    verdict: str | None = None


class FrozenWeek(Entry):
    """What the meeting of a week saw; the subject is the week, as 2025-W46."""

    kind: ClassVar[str] = "week"

    #: The newest day that the files covered then.
    as_of: date
    seen: tuple[SeenNumber, ...] = ()


class HandOver(Entry):
    """The note for the next shift; the subject is the day."""

    kind: ClassVar[str] = "handover"

    #: Work list -> rows that were open when it was written.
    open: Mapping[str, int] = Field(default_factory=dict)


class WorkTick(Entry):
    """A tick or a note on a row of the work lists; the subject is "list|row"."""

    kind: ClassVar[str] = "work"


class Call(Entry):
    """Whether the buyer of an order was called for a rating; the subject is the order id."""

    kind: ClassVar[str] = "contacted"


class OwnLayout(Entry):
    """A layout made for files no built-in one knows; done = deleted.

    The subject is its id, the text its name. Layouts belong to the store as a whole: a file of the
    same headings says the same whichever shop it is for. Earlier ones were kept with a shop.
    """

    kind: ClassVar[str] = "layout"

    #: The layout as JSON values; what they mean is for the reader of files to say.
    layout: Mapping[str, Any]

    @classmethod
    def of_fields(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """The whole object is the layout."""
        return {"layout": fields}

    def fields(self) -> dict[str, Any]:
        """The layout itself."""
        return dict(self.layout)


class KnownMatter(Entry):
    """A family of metrics that is being worked on; the subject is the family, the text why."""

    kind: ClassVar[str] = "known"

    #: The day to look at it again; from the next on it speaks as before.
    until: date


#: Every kind there is.
KINDS: tuple[type[Entry], ...] = (
    Case, Action, FrozenWeek, HandOver, WorkTick, Call, OwnLayout, KnownMatter,
)  # fmt: skip


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
