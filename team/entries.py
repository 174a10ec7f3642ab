"""What the team writes beside the numbers: one way to write it and to read it again.

Every kind is a model (``team.kinds``). An entry speaks of one subject; a later one of the same
subject takes its place in what is shown, and the earlier ones stay in the store. Columns that all
kinds share have columns of their own in the store, the rest is one JSON object, so that a kind may
gain a field: what an older version left out takes its default, what a newer one added is passed
over.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from store.errors import UNREADABLE_NOTE, StoreError
from store.lake import Store
from store.notes import notes, write_note

E = TypeVar("E", bound="Entry")
Columns = Mapping[str, pl.DataType | type[pl.DataType]]
#: Written as the shop of entries that belong to the store as a whole.
EVERY_SHOP = ""


class Entry(BaseModel):
    """Something a person wrote or ticked about one subject."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    #: Name of the kind in the store; never changed.
    kind: ClassVar[str]
    #: Columns of ``entry_table`` besides those that all kinds share.
    columns: ClassVar[Columns] = {}

    #: What it is about, such as an order id or a week.
    subject: str
    #: Ticked, done, closed or taken out.
    done: bool = False
    text: str = ""
    #: Who wrote it; "app" where nobody said.
    by: str
    #: When it was written (UTC); the store sets it.
    at: datetime | None = None

    @classmethod
    def of_note(cls, note: Mapping[str, Any]) -> Self:
        """The entry behind a row of ``store.records.Notes``."""
        told = cls.of_fields(json.loads(note["fields"]))
        shared = {name: note[name] for name in ("subject", "done", "text")}
        whole = told | shared | {"by": note["saved_by"], "at": note["saved_at"]}
        return cls.model_validate(
            {name: value for name, value in whole.items() if value is not None}
        )

    @classmethod
    def of_fields(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """The kind's own fields out of the stored JSON object."""
        return fields

    def fields(self) -> dict[str, Any]:
        """The kind's own fields as the stored JSON object."""
        return self.model_dump(mode="json", exclude=set(Entry.model_fields))


#: Columns that the table of every kind has.
SHARED: Columns = {
    "subject": pl.String,
    "done": pl.Boolean,
    "text": pl.String,
    "by": pl.String,
    "at": pl.Datetime("us"),
}


def write(store: Store, shop: str, entry: Entry) -> None:
    """Keep an entry; of its subject it is the one that counts from now on.

    Args:
        store: The store.
        shop: The shop.
        entry: What was written; its ``at`` is the moment of writing, whatever it says.
    """
    write_note(
        store,
        shop,
        entry.kind,
        entry.subject,
        by=entry.by,
        done=entry.done,
        text=entry.text,
        fields=entry.fields(),
    )


def take_out(store: Store, shop: str, kind: type[Entry], subject: str, *, by: str) -> None:
    """Close a subject and leave nothing in what is shown; what it said before stays in the store.

    Args:
        store: The store.
        shop: The shop.
        kind: Its kind.
        subject: The subject.
        by: Who takes it out.
    """
    write_note(store, shop, kind.kind, subject, by=by, done=True)


def entries(store: Store, shop: str | None, kind: type[E]) -> list[E]:
    """The newest entry of each subject of one kind, most recently written first.

    Args:
        store: The store.
        shop: The shop; None for a kind that belongs to the store as a whole, wherever its entries
            were written.
        kind: Which kind.

    Raises:
        StoreError: When a stored field does not fit the kind.
    """
    return [_read(kind, note) for note in notes(store, shop, kind.kind).to_dicts()]


def _read(kind: type[E], note: Mapping[str, Any]) -> E:
    try:
        return kind.of_note(note)
    except ValueError as error:
        fault = error.errors()[0] if isinstance(error, ValidationError) else None
        reason = f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" if fault else str(error)
        raise StoreError(
            UNREADABLE_NOTE,
            by=note["saved_by"],
            at=note["saved_at"].isoformat(sep=" ", timespec="minutes"),
            kind=kind.kind,
            reason=reason,
        ) from error


def entry_table(kind: type[E], told: Iterable[E]) -> pl.DataFrame:
    """Entries of one kind as rows, in their order.

    Args:
        kind: Which kind; it says the columns, so that no entries make an empty table.
        told: The entries.

    Returns:
        ``subject``, ``done``, ``text``, ``by``, ``at`` (UTC) and the kind's own ``columns``.
    """
    schema = {**SHARED, **kind.columns}
    rows = [entry.model_dump(include=set(schema)) for entry in told]
    return pl.DataFrame(rows, schema=schema, orient="row")
