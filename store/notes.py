"""What the team wrote or ticked beside the numbers."""

import json
from collections.abc import Mapping
from typing import Any

import dataframely as dy
import polars as pl

from store.jottings import append, jotted, jottings_version
from store.lake import Store
from store.records import Notes


def notes(store: Store, shop: str | None, kind: str) -> dy.DataFrame[Notes]:
    """The newest note of each subject of one kind, most recently written first.

    Without a shop a subject is the same one whichever shop its notes stand with.
    """
    rows = history(store, shop, kind).unique(subset="subject", keep="last", maintain_order=True)
    return Notes.cast(rows.reverse())


def history(store: Store, shop: str | None, kind: str, subject: str | None = None) -> pl.DataFrame:
    """Every note of a kind, or of one subject, oldest first; of any shop where none is named."""
    rows = jotted(store, "notes", Notes).filter(kind=kind)
    rows = rows if shop is None else rows.filter(shop=shop)
    return rows if subject is None else rows.filter(subject=subject)


def write_note(
    store: Store,
    shop: str,
    kind: str,
    subject: str,
    *,
    by: str,
    done: bool = False,
    text: str = "",
    fields: Mapping[str, Any] | None = None,
) -> None:
    """Write a note; it replaces the subject's earlier one in what is shown.

    Args:
        store: The store.
        shop: The shop.
        kind: What is noted, such as "contacted" or "handover".
        subject: What it is about, such as an order id.
        by: Who writes.
        done: Whether the thing is done (a tick).
        text: Free text.
        fields: Further values, kept as JSON.
    """
    row = {
        "shop": shop,
        "kind": kind,
        "subject": subject,
        "saved_by": by,
        "done": done,
        "text": text,
        "fields": json.dumps(dict(fields or {}), ensure_ascii=False, default=str),
    }
    append(store, "notes", Notes, row)


def notes_version(store: Store) -> int:
    """A number that changes with every note."""
    return jottings_version(store, "notes")
