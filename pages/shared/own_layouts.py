"""The shop's own layouts: files it taught the program, recognised from then on.

They are notes of kind "layout", one per layout, and travel with the store.
"""

import json
from collections.abc import Mapping
from typing import Any

from exports.layouts import Layout
from pages.shared import viewer
from store.lake import store_path
from store.notes import notes, write_note

_KIND = "layout"


def load(shop: str) -> list[Layout]:
    """The shop's own layouts, the newest first."""
    kept = notes(store_path(), shop, _KIND)
    return [Layout.model_validate(json.loads(fields)["layout"]) for fields in kept["fields"]]


def save(shop: str, layout: Layout) -> None:
    """Remember a layout; one of the same id is replaced."""
    fields: Mapping[str, Any] = {"layout": layout.model_dump(mode="json")}
    write_note(
        store_path(), shop, _KIND, layout.id, by=viewer.name(), text=layout.name, fields=fields
    )
