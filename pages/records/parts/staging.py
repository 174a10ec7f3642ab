"""Files between upload and acceptance: read and compared, not yet written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256

import streamlit as st

from exports.errors import ExportError, NothingTakenError
from exports.layouts import Layout
from exports.mapping import is_own
from exports.reasons import counted
from exports.result import Reading
from intake import batch
from intake.batch import FilePlan
from intake.own_layouts import kept_layouts, layout_names
from pages.shared import viewer, wording
from store.lake import store_path
from store.uploads import UploadPreview


@dataclass(frozen=True)
class Staged:
    """One file of this session and what accepting it would do."""

    plan: FilePlan
    #: Kept only while somebody may still have to say what the file is.
    content: bytes = b""

    @property
    def name(self) -> str:
        """The file's name, as uploaded."""
        return self.plan.file.name

    @property
    def key(self) -> str:
        """Tells this content from all others."""
        return self.plan.file.sha256

    @property
    def error(self) -> ExportError | None:
        """Why it could not be read."""
        return self.plan.file.error

    @property
    def readings(self) -> list[Reading]:
        """Everything read, shop by shop."""
        return [reading for part in self.plan.parts for reading in part.readings]

    @property
    def previews(self) -> list[tuple[str, UploadPreview]]:
        """What it would change, with the shop it would change."""
        return [(part.shop, change) for part in self.plan.parts for change in part.previews]

    @property
    def by_own_layout(self) -> bool:
        """Whether it was read by a layout that the shop made on the mapping form."""
        return any(is_own(reading.layout) for reading in self.readings)

    @property
    def known(self) -> bool:
        """Whether the same bytes were uploaded before, so that nothing is left to add."""
        return self.error is None and self.plan.recognised


def files() -> list[Staged]:
    """The files of this session that wait to be accepted."""
    staged: list[Staged] = st.session_state.setdefault("uploads_staged", [])
    return staged


def twins() -> dict[str, str]:
    """Files that hold the same bytes as one that waits, by name: the one that waits."""
    told: dict[str, str] = st.session_state.setdefault("uploads_twins", {})
    return told


def read(
    name: str,
    content: bytes,
    /,
    *,
    shop: str | None,
    layout: str | None = None,
    day: date | None = None,
    zone: str | None = None,
    own: Layout | None = None,
) -> ExportError | None:
    """Read a file and have it wait; bytes that wait already are read again only on request.

    All waiting files are planned together: where only some of them name their shop, the others
    follow.

    Args:
        name: File name as uploaded.
        content: Its bytes.
        shop: The shop it is for; None where the files shall say.
        layout: Id of the layout, where somebody chose one.
        day: The day of figures whose file does not say it.
        zone: The zone the shop is in, where somebody said so; it holds for the files after it too.
        own: A layout just made for it, not kept yet.

    Returns:
        Why it cannot be accepted, if it cannot.
    """
    key, others = sha256(content).hexdigest(), files()
    again = layout is not None or day is not None or own is not None or _refused(key)
    twin = next((other for other in others if other.key == key), None)
    if twin is not None and not again:
        if twin.name != name:
            twins()[name] = twin.name
        return None
    known = kept_layouts(store_path())
    if own is not None:
        # It goes before the kept ones, and is the one asked for.
        known, layout = [own, *(one for one in known if one.id != own.id)], own.id
    zones: dict[str | None, str] = st.session_state.setdefault("uploads_zones", {})
    if zone:
        zones[shop] = zone
    reader = partial(
        batch.read_export,
        name,
        content,
        layout=layout,
        day=day,
        own_layouts=known,
        zone=zones.get(shop) or batch.zone_of(store_path(), shop),
        zone_said=shop in zones,
    )
    earlier = [other.plan.file for other in others if other.key != key]
    file = batch.read_for_shop(store_path(), reader, shop=shop, after=earlier)
    kept = {other.key: other.content for other in others if other.key != key} | {key: content}
    waiting = [*(other.plan.file for other in others if other.key != key), file]
    plans = batch.plan(store_path(), waiting, shop=shop)
    st.session_state["uploads_staged"] = [
        Staged(plan, kept[plan.file.sha256] if plan.file.error else b"") for plan in plans
    ]
    return plans[-1].file.error


def _refused(key: str) -> bool:
    return any(staged.key == key and staged.error for staged in files())


def accept(
    agents: Mapping[str, Sequence[str]], /, *, told: Callable[[float, str], object]
) -> list[str]:
    """Write every file that is ready.

    Args:
        agents: By the key of a file who serves in its chats, where somebody was asked.
        told: Called with the share done and the name of the file being written, or what follows.

    Returns:
        The shops that got rows, in the order they came up.
    """
    ready = [staged for staged in files() if staged.plan.ready]
    shops: list[str] = []
    for done, staged in enumerate(ready):
        told(done / (len(ready) + 1), staged.name)
        plan = batch.answered(store_path(), staged.plan, agents.get(staged.key, ()), viewer.name())
        shops += batch.accept(store_path(), plan, viewer.name()).added
    told(len(ready) / (len(ready) + 1), wording.words()("Counting…"))
    batch.prepare(store_path(), shops)
    clear()
    return list(dict.fromkeys(shops))


def clear() -> None:
    """Forget the waiting files and let their memory go."""
    st.session_state["uploads_staged"] = []
    st.session_state["uploads_zones"] = {}
    twins().clear()


def spoken(error: ExportError) -> str:
    """The sentence of an error in this session's language, layouts by their names."""
    _, params = wording.words(), dict(error.params)
    name = layout_names(store_path()).get(str(params.get("closest")))
    if name is not None:
        params["closest"] = _(name)
    match error:
        case NothingTakenError():
            params["why"] = counted(error.reasons, _)
    return _(error.message).format(**params)
