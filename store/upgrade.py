"""Stores of earlier formats, brought to the one that this program writes.

Every commit of the ledger carries the number of the store's format. A higher one than ours is
refused (``store.ledger``). A lower one is read as it is, and brought up before anything is
written: by the first command that opens the store, or by the first upload or withdrawal. The steps
are one commit of the ledger, so that a store is of one format or the other, whatever happens.
"""

from collections.abc import Callable
from dataclasses import replace

from store.lake import Store
from store.ledger import (
    STORE_VERSION,
    WAIT_SECONDS,
    Ledger,
    read_ledger,
    write_ledger,
    writing,
)
from store.logbook import logger
from store.replay import compared, replayed

_LOG = logger("upgrade")


def upgrade(
    store: Store,
    *,
    waiting: Callable[[], None] | None = None,
    timeout: float = WAIT_SECONDS,
) -> bool:
    """Bring a store of an earlier format to this one.

    Args:
        store: The store.
        waiting: Called once when another writer holds the store.
        timeout: Seconds to wait for it.

    Returns:
        Whether there was anything to do.

    Raises:
        StoreError: When the store is of a newer format, busy for too long or cannot be written.
    """
    if read_ledger(store).store_version == STORE_VERSION:
        return False
    writing(store, lambda ledger: _upgraded(store, ledger), waiting=waiting, timeout=timeout)
    return True


def _upgraded(store: Store, ledger: Ledger) -> None:
    found = ledger.store_version  # perhaps ours by now: another process may have been quicker
    after = ledger
    for version in range(found, STORE_VERSION):
        after = _STEPS[version](store, after)
    if found < STORE_VERSION:
        after = replace(after, store_version=STORE_VERSION)
        write_ledger(store, ledger, after, note={"upgraded": [found, STORE_VERSION]})
        _LOG.info("format %d, was %d", STORE_VERSION, found)


def _views_made_anew(store: Store, ledger: Ledger) -> Ledger:
    """Current rows that got furthest, and without what withdrawals of 0.1.0 left standing."""
    wrong, _unreadable = compared(store, ledger)
    return replayed(store, ledger, wrong)


#: Per format what brings a store to the next one. Each gives the ledger to come and writes none.
_STEPS: dict[int, Callable[[Store, Ledger], Ledger]] = {1: _views_made_anew}
