"""Own layouts: made for files no built-in layout knows, kept, changed, deleted, brought back.

They belong to the store as a whole: what headings mean does not depend on the shop, and a layout
is often made before there is any. Earlier versions kept each with a shop; those are found too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from pydantic import ValidationError

from exports.cells.headings import normal_header
from exports.layouts import Layout, load_layouts
from exports.mapping import is_own, renewed
from store.lake import Store
from store.logbook import logger
from store.uploads import uploads
from team.entries import EVERY_SHOP, entries, write
from team.kinds import OwnLayout

_LOG = logger("import")


class NameTakenError(ValueError):
    """Error raised when a layout is to bear a name that another one has."""


@dataclass(frozen=True)
class Kept:
    """An own layout as it is kept."""

    layout: Layout
    by: str
    #: When it was made or last changed (UTC).
    at: datetime
    deleted: bool = False


def kept(store: Store, *, deleted: bool = False) -> list[Kept]:
    """The own layouts of the store, the newest first.

    Args:
        store: The store.
        deleted: Also those that were deleted.
    """
    found = (_kept(entry) for entry in entries(store, None, OwnLayout))
    return [one for one in found if one is not None and (deleted or not one.deleted)]


def kept_layouts(store: Store) -> list[Layout]:
    """What files are recognised by besides the built-in layouts, the newest first."""
    return [one.layout for one in kept(store)]


def twin(layout: Layout, among: Iterable[Layout]) -> Layout | None:
    """The layout of the same table whose files have the same headings, in whatever order."""
    headings = _headings(layout)
    same = (one for one in among if one.table == layout.table and _headings(one) == headings)
    return next(same, None)


def in_place(store: Store, layout: Layout) -> tuple[Layout, Layout | None]:
    """The layout as it would be kept, and the one whose place it would take, if any.

    Raises:
        NameTakenError: If another layout has its name already.
    """
    others = kept_layouts(store)
    earlier = twin(layout, others)
    if earlier is not None:
        layout = layout.model_copy(update={"id": earlier.id})
    _check_name(layout, others)
    return layout, earlier


def keep_layout(store: Store, layout: Layout, by: str) -> Layout | None:
    """Remember a layout, so that files of its headings are read by it from now on.

    Args:
        store: The store.
        layout: The layout; it takes the place of one of the same table and headings.
        by: Who made it.

    Returns:
        The layout whose place it took, if it differs.

    Raises:
        NameTakenError: If another layout has its name already.
    """
    layout, earlier = in_place(store, layout)
    if layout == earlier:
        return None
    _write(store, layout, by)
    return earlier


def forget_layout(store: Store, layout_id: str, by: str) -> Layout:
    """Delete a layout: its files are no longer known; rows already read by it stay.

    Raises:
        KeyError: If there is no such layout.
    """
    layout = _by_id(kept_layouts(store), layout_id)
    _write(store, layout, by, deleted=True)
    return layout


def bring_back(store: Store, layout_id: str, by: str) -> Layout:
    """Undo a deletion.

    Raises:
        KeyError: If there never was such a layout.
        NameTakenError: If another one has taken its name meanwhile.
    """
    layout = _by_id([one.layout for one in kept(store, deleted=True)], layout_id)
    _check_name(layout, kept_layouts(store))
    _write(store, layout, by)
    return layout


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it where it is taken.

    >>> free_name("订单", ["订单", "订单 2"])
    '订单 3'
    """
    known = {other.strip() for other in taken}
    numbered = (f"{name} {number}" for number in range(2, len(known) + 3))
    return next(free for free in (name, *numbered) if free.strip() not in known)


def layout_names(store: Store) -> dict[str, str]:
    """What every layout is called, by id: built-in ones by their msgid, own ones by their name.

    Deleted ones are there too: uploads still speak of them.
    """
    own = {one.layout.id: one.layout.name for one in kept(store, deleted=True)}
    return {layout.id: layout.name for layout in load_layouts()} | own


def files_read(store: Store) -> dict[str, int]:
    """How many uploads each own layout read, by id; layouts that read none are left out."""
    by_layout = (
        uploads(store)
        .select("upload_id", pl.col("layout").str.split(","))
        .explode("layout", empty_as_null=True)
        .group_by("layout")
        .agg(pl.col("upload_id").n_unique())
    )
    return {layout: count for layout, count in by_layout.rows() if is_own(layout)}


def _kept(entry: OwnLayout) -> Kept | None:
    if not entry.layout:
        return None
    try:
        layout = renewed(Layout.model_validate(entry.layout))
    except ValidationError:
        _LOG.warning("own layout %s cannot be read and is left out", entry.subject)
        return None
    return Kept(layout, entry.by, entry.at or datetime.min, entry.done)


def _write(store: Store, layout: Layout, by: str, *, deleted: bool = False) -> None:
    told = layout.model_dump(mode="json")
    entry = OwnLayout(subject=layout.id, by=by, text=layout.name, layout=told, done=deleted)
    write(store, EVERY_SHOP, entry)


def _by_id(layouts: Iterable[Layout], layout_id: str) -> Layout:
    return {layout.id: layout for layout in layouts}[layout_id]


def _check_name(layout: Layout, others: Iterable[Layout]) -> None:
    if any(other.name == layout.name for other in others if other.id != layout.id):
        raise NameTakenError(f"another own layout is called {layout.name!r}")


def _headings(layout: Layout) -> frozenset[str]:
    return frozenset(map(normal_header, layout.header))
