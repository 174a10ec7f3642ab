"""Files between upload and acceptance: read and compared, not yet written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256

import streamlit as st

from exports.errors import ExportError, NothingTakenError
from exports.layouts import Layout, layout_by_id, load_layouts
from exports.mapping import is_own
from exports.reasons import counted
from exports.result import Reading
from intake import batch
from intake.batch import DEFAULT_SHOP, FilePlan
from pages.shared import filters, loaders, viewer, wording
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


def read(
    name: str,
    content: bytes,
    /,
    *,
    shop: str | None,
    layout: str | None = None,
    day: date | None = None,
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
        own: A layout just made for it, not kept yet; it goes before the kept ones.

    Returns:
        Why it cannot be accepted, if it cannot.
    """
    key, others = sha256(content).hexdigest(), files()
    again = layout is not None or day is not None or own is not None or _refused(key)
    if any(other.key == key for other in others) and not again:
        return None
    owned = [own, *_own_layouts(shop)] if own else _own_layouts(shop)
    reader = partial(batch.read_export, name, content, layout=layout, day=day, own_layouts=owned)
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


def owner(shop: str | None) -> str:
    """The shop that layouts made for a file belong to, where the file is to say its own."""
    return shop or filters.shop() or DEFAULT_SHOP


def _own_layouts(shop: str | None) -> list[Layout]:
    """Layouts of every shop, and of the one these files will begin."""
    names = dict.fromkeys([owner(shop), *loaders.shop_names()])
    return [layout for name in names for layout in batch.kept_layouts(store_path(), name)]


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


def spoken(error: ExportError) -> str:
    """The sentence of an error in this session's language, layouts by their names."""
    _, params = wording.words(), dict(error.params)
    layout = layout_by_id(load_layouts(), str(params.get("closest")))
    if layout is not None:
        params["closest"] = _(layout.name)
    match error:
        case NothingTakenError():
            params["why"] = counted(error.reasons, _)
    return _(error.message).format(**params)
