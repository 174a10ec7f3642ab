"""The ledger: which uploads the store holds, and which version of every table belongs to them.

An upload changes many Delta tables, each in a commit of its own. What makes it one is the order:
all other tables first, the ledger last. Its commit lists the uploads and, for every table, the
version to read (``Pin``). Readers open exactly these versions, so they see an upload whole or not
at all, however far a writer has come. A writer that dies leaves tables ahead of their pins; the
next one brings them back (:func:`heal`) before it starts.
"""

import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import polars as pl
from deltalake.exceptions import CommitFailedError
from filelock import FileLock, Timeout

from store.errors import (
    BUSY,
    CONTESTED,
    NEWER_STORE,
    NO_FOLDER,
    UNWRITABLE,
    NewerStoreError,
    StoreBusyError,
    StoreError,
)
from store.folders import pinned_tables
from store.lake import LakeTable, Snapshot, Store, columns_of, is_remote, join, removals
from store.logbook import logger
from store.records import Uploads

_LOG = logger("ledger")
#: Raised when older programs could no longer read the store rightly, together with a step of
#: ``store.upgrade``. 2: chat lines may leave open who serves (``store.sides``), and of two rows
#: with one key the one that got further counts (``store.schemas.reached``).
STORE_VERSION = 2
#: How long a writer waits for another one, in seconds.
WAIT_SECONDS = 600.0
ATTEMPTS = 30

T = TypeVar("T")


@dataclass(frozen=True)
class Pin:
    """The versions of one table that belong to the ledger's uploads (0 = nothing written yet)."""

    log: int = 0
    current: int = 0
    #: Ledger version that last changed the table or what its uploads cover.
    touched: int = 0


@dataclass(frozen=True)
class Ledger:
    """The store's uploads and pins at one ledger version."""

    uploads: pl.DataFrame
    snapshot: Snapshot | None = None
    #: The format it was written in; a lower one than ours until ``store.upgrade`` brought it here.
    store_version: int = STORE_VERSION
    #: A number of the store's own: a folder deleted and filled anew is another store.
    store_id: int = 0
    sequence: int = 0
    pins: dict[str, Pin] = field(default_factory=dict)
    #: By upload whose times said their offset: the zone they were brought to.
    zones: dict[str, str] = field(default_factory=dict)

    @property
    def version(self) -> int:
        """Number of this ledger version; 0 before the first upload."""
        return self.snapshot.version if self.snapshot else 0

    def pin(self, table: str) -> Pin:
        """The versions to read of a table."""
        return self.pins.get(table, Pin())


def ledger_table(store: Store) -> LakeTable:
    """The Delta table of the ledger: one row per upload and table it fed."""
    return LakeTable(join(store, "uploads"), columns_of(Uploads))


def read_ledger(store: Store) -> Ledger:
    """The ledger as it stands; without uploads where the store was never written.

    Raises:
        NewerStoreError: When a newer program wrote the store.
        StoreError: When what is named as the store is a file.
    """
    if not is_remote(store) and Path(join(store)).exists() and not Path(join(store)).is_dir():
        raise StoreError(NO_FOLDER, store=str(store))
    table = ledger_table(store)
    newest = table.latest()
    if newest is None or newest.version == 0:
        return Ledger(table.empty, newest)
    return _ledger(str(store), table, newest)


@lru_cache(maxsize=16)
def _ledger(store: str, table: LakeTable, at: Snapshot) -> Ledger:
    written = table.note(at.version)
    if (found := int(written["store_version"])) > STORE_VERSION:
        raise NewerStoreError(NEWER_STORE, store=store, found=found, known=STORE_VERSION)
    paths = table.files(at.version)["path"].to_list()
    return Ledger(
        uploads=table.scan(paths).collect().sort("sequence", "table"),
        snapshot=at,
        store_version=found,
        store_id=int(written["store_id"]),
        sequence=int(written["sequence"]),
        pins={name: Pin(**pin) for name, pin in written["pins"].items()},
        zones=written.get("zones", {}),
    )


def write_ledger(store: Store, old: Ledger, new: Ledger, *, note: dict[str, object]) -> None:
    """Commit the next ledger: the moment an upload or a withdrawal becomes true.

    The whole list is written as one file: it is small, and read on every page.
    """
    table = ledger_table(store)
    before = table.files(old.version)
    written = {
        "store_version": new.store_version,
        "store_id": old.store_id or secrets.randbits(52),
        "sequence": new.sequence,
        "pins": {name: vars(pin) for name, pin in new.pins.items()},
        "zones": new.zones,
        **note,
    }
    table.commit(
        [
            *table.write(new.uploads, folder="rows"),
            *removals(before, ()),
        ],
        onto=old.version,
        note=written,
    )


def moved(ledger: Ledger, table: str, **versions: int) -> Ledger:
    """The ledger with other versions of one table, marked as touched by the next commit."""
    # A new ledger table takes version 0 to be made and 1 for its first rows.
    pin = replace(ledger.pin(table), touched=ledger.version + 1, **versions)
    return replace(ledger, pins={**ledger.pins, table: pin})


def strayed(store: Store, ledger: Ledger) -> list[tuple[str, str, LakeTable]]:
    """Tables that are ahead of the ledger: a writer is at work, or died."""
    return [
        (name, kind, table)
        for name, kind, table in pinned_tables(store)
        if (newest := table.latest()) is not None
        and newest.version != getattr(ledger.pin(name), kind)
    ]


def heal(store: Store, ledger: Ledger) -> Ledger:
    """Bring tables that a dead writer left ahead back to the ledger's versions.

    Call it only inside :func:`writing`, where no other writer of this machine is at work.
    """
    ahead = strayed(store, ledger)
    if not ahead:
        return ledger
    healed = ledger
    for name, kind, table in ahead:
        version = table.restore(getattr(ledger.pin(name), kind))
        healed = moved(healed, name, **{kind: version})
        _LOG.warning("healed: %s/%s, left by a writer that died", kind, name)
    write_ledger(
        store, ledger, healed, note={"healed": [f"{kind}/{name}" for name, kind, _ in ahead]}
    )
    return read_ledger(store)


def writing(
    store: Store,
    work: Callable[[Ledger], T],
    *,
    waiting: Callable[[], None] | None = None,
    timeout: float = WAIT_SECONDS,
) -> T:
    """Run ``work`` on a healed ledger while no other process of this machine writes.

    Writers elsewhere (a store on S3) are met by Delta's own rule: a commit onto a version that is
    no longer the newest fails, and the work starts again from the newest ledger.

    Args:
        store: The store.
        work: Gets the ledger it is to build on; may run more than once.
        waiting: Called once when another writer holds the store.
        timeout: Seconds to wait for it.

    Raises:
        StoreBusyError: When the other writer takes longer than ``timeout``.
    """
    for attempt in range(ATTEMPTS):
        try:
            with lock(store, waiting=waiting, timeout=timeout):
                return work(heal(store, read_ledger(store)))
        except CommitFailedError:
            pause(attempt)
    raise StoreError(CONTESTED, store=str(store), attempts=ATTEMPTS)


def pause(attempt: int) -> None:
    """Step back after a lost race, longer each time, so that rivals fall out of step."""
    time.sleep(random.uniform(0, min(2.0, 0.05 * 2**attempt)))


@contextmanager
def lock(
    store: Store, *, waiting: Callable[[], None] | None = None, timeout: float = WAIT_SECONDS
) -> Iterator[None]:
    """Hold a local store for writing; the lock of a process that dies is free at once."""
    if is_remote(store):
        yield
        return
    folder = Path(join(store))
    gate = FileLock(folder / "writing.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        gate.acquire(timeout=0)
    except Timeout:
        if waiting is not None:
            waiting()
        try:
            gate.acquire(timeout=timeout)
        except Timeout:
            raise StoreBusyError(BUSY, store=str(store), seconds=round(timeout)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(UNWRITABLE, store=str(store), reason=reason) from error
    try:
        yield
    finally:
        gate.release()
