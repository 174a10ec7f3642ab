"""Files between upload and acceptance: read, previewed, not yet written."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from exports.errors import ExportError
from exports.layouts import Layout, load_layouts
from exports.reading import read_file
from exports.result import Reading
from pages.shared import loaders, own_layouts, viewer, wording
from store.lake import store_path
from store.uploads import UploadPreview, already_uploaded, commit, preview


@dataclass
class Staged:
    """One file of this session: what it gave, or why it gave nothing."""

    name: str
    sha256: str
    readings: list[Reading] = field(default_factory=list)
    previews: list[UploadPreview] = field(default_factory=list)
    known_as: str | None = None
    error: ExportError | None = None
    #: Kept only while somebody may still have to say what the file is.
    content: bytes = b""

    @property
    def ready(self) -> bool:
        """Whether accepting it would write anything."""
        return bool(self.readings) and self.known_as is None


def files() -> list[Staged]:
    """The files of this session that wait to be accepted."""
    staged: list[Staged] = st.session_state.setdefault("uploads_staged", [])
    return staged


def read(
    name: str,
    content: bytes,
    /,
    *,
    shop: str,
    layout: str | None = None,
    day: date | None = None,
) -> Staged:
    """A file's rows and what they would change in the shop; nothing is written.

    Args:
        name: File name as uploaded.
        content: Its bytes.
        shop: The shop it is for.
        layout: Id of the layout, where somebody chose one.
        day: The day of figures whose file does not say it.
    """
    staged = Staged(name, hashlib.sha256(content).hexdigest())
    layouts: Sequence[Layout] = [*load_layouts(), *own_layouts.load(shop)]
    try:
        staged.readings = read_file(
            name,
            content,
            layouts=layouts,
            layout=layout,
            day=day,
            zone=loaders.settings(shop).time_zone,
        )
    except ExportError as error:
        staged.error, staged.content = error, content
        return staged
    store = store_path()
    staged.known_as = already_uploaded(store, staged.sha256, shop=shop)
    staged.previews = preview(store, staged.readings, shop=shop)
    return staged


def add(staged: Staged) -> None:
    """Have a file wait; the same file read again takes the place of its first reading."""
    st.session_state["uploads_staged"] = [
        *(other for other in files() if other.sha256 != staged.sha256),
        staged,
    ]


def accept(shop: str, *, told: Callable[[float, str], object]) -> int:
    """Write every file that is ready, one upload each.

    Args:
        shop: The shop whose rows these are.
        told: Called with the share done and the name of the file being written.

    Returns:
        How many files were written.
    """
    ready = [staged for staged in files() if staged.ready]
    for done, staged in enumerate(ready):
        told(done / len(ready), staged.name)
        commit(
            store_path(),
            staged.readings,
            shop=shop,
            file_name=staged.name,
            sha256=staged.sha256,
            uploaded_by=viewer.name(),
        )
    clear()
    return len(ready)


def clear() -> None:
    """Forget the waiting files and let their memory go."""
    st.session_state["uploads_staged"] = []


def spoken(error: ExportError) -> str:
    """The sentence of an error in this session's language."""
    return wording.words()(error.message).format(**error.params)
