"""The key by which buyers' e-mail addresses become pseudonyms: made once, kept in the store.

Addresses are never kept, so that the key is all that lets a buyer of an earlier file be known
again. It is one for all shops of a store.
"""

import hashlib
import secrets
from datetime import UTC, datetime
from functools import lru_cache

import polars as pl
from deltalake.exceptions import CommitFailedError

from store.errors import CONTESTED, OTHER_BUYER_KEY, StoreError
from store.folders import current_table
from store.lake import LakeTable, Store, columns_of, join, removals
from store.ledger import ATTEMPTS, lock, pause, read_ledger
from store.records import BuyerKeys

#: Begins every pseudonym.
PREFIX = "buyer "
#: The tables whose buyers a file may name by address.
_TABLES = ("orders", "refunds", "ratings")


def key_for_reading(store: Store) -> bytes:
    """The store's key; before it has one, a new one that is the same until this process ends.

    Nothing is written: :func:`keep_key` does that, once rows are to be.
    """
    return kept_key(store) or _new_key(str(store))


def kept_key(store: Store) -> bytes | None:
    """The key in the store; None where none was made or it is lost."""
    table = key_table(store)
    newest = table.latest()
    if newest is None:
        return None
    try:
        keys = table.scan(table.files(newest.version)["path"].to_list()).collect()["key"]
    except (OSError, pl.exceptions.PolarsError):
        return None
    return bytes.fromhex(keys[0]) if keys.len() else None


def is_key_lost(store: Store) -> bool:
    """Whether rows name buyers by a key, and the store has none: it was made, and is gone."""
    return kept_key(store) is None and any(_names_by_key(store, table) for table in _TABLES)


def keep_key(store: Store, mark: str, by: str) -> None:
    """Make sure that the store has the key by which rows were read, before these are written.

    Args:
        store: The store.
        mark: The key's :func:`fingerprint`.
        by: Who writes.

    Raises:
        StoreError: When the store has another key by now.
    """
    key = key_for_reading(store)
    if fingerprint(key) == mark:
        _write_first(store, key, by)
    kept = kept_key(store)
    if kept is None or fingerprint(kept) != mark:
        raise StoreError(OTHER_BUYER_KEY, store=str(store))


def fingerprint(key: bytes) -> str:
    """Tells keys apart without telling them."""
    return hashlib.sha256(b"fingerprint " + key).hexdigest()[:16]


def key_table(store: Store) -> LakeTable:
    """Where the key lies: a table of one row."""
    return LakeTable(join(store, "buyer-key"), columns_of(BuyerKeys))


def _write_first(store: Store, key: bytes, by: str) -> None:
    """Write the key unless the store has one; in the place of one whose file is gone."""
    read_ledger(store)  # Refuses a store of a newer program before anything is written.
    table = key_table(store)
    row = {"saved_at": datetime.now(UTC).replace(tzinfo=None), "saved_by": by, "key": key.hex()}
    added = BuyerKeys.validate(pl.DataFrame([row], schema=dict(table.schema)), cast=True)
    for attempt in range(ATTEMPTS):
        try:
            with lock(store):
                if kept_key(store) is None:
                    newest = table.latest()
                    onto = newest.version if newest else 0
                    gone = removals(table.files(onto), ())
                    table.commit([*table.write(added, folder="rows"), *gone], onto=onto, note={})
            return
        except CommitFailedError:
            pause(attempt)
    raise StoreError(CONTESTED, store=str(store), attempts=ATTEMPTS)


def _names_by_key(store: Store, table: str) -> bool:
    place = current_table(store, table)
    rows = place.scan(place.files(read_ledger(store).pin(table).current)["path"].to_list())
    named = pl.col("buyer").str.starts_with(PREFIX).any()
    return bool(rows.select(named.fill_null(False)).collect().item())


@lru_cache
def _new_key(store: str) -> bytes:
    return secrets.token_bytes(32)
