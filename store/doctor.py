"""Whether a store is sound, and the upkeep that keeps it quick."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from pydantic import ValidationError

from store.buyer_key import is_key_lost, kept_key
from store.current import SMALL_ROWS, replacing
from store.errors import StoreError
from store.folders import current_table, pinned_tables
from store.lake import LakeTable, Store, is_remote, join
from store.ledger import Ledger, ledger_table, read_ledger, strayed, write_ledger, writing
from store.replay import View, compared, made_anew
from store.schemas import FED_TABLES
from store.shop_settings import load_settings
from store.upgrade import upgrade
from store.uploads import brought_elsewhere
from told.mark import mark as _

#: Files that no version of this age or younger reads are deleted; readers hold one for minutes.
KEEP_HOURS = 168
#: Seconds the doctor waits for an import that runs.
_PATIENCE = 5.0


@dataclass(frozen=True)
class Check:
    """One thing looked at, and how it was found."""

    subject: Literal["store", "uploads", "files", "rows", "settings", "buyer-key"]
    state: Literal["ok", "healed", "problem"]
    #: A message id with {named} fields.
    message: str
    params: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format(**self.params)


def doctor(store: Store) -> list[Check]:
    """Look the store over, and heal what an import that died has left.

    Current rows that are not what the uploads tell are made anew from the log. Every file and row
    is looked at, so that it takes seconds on a large store.
    """
    try:
        ledger = read_ledger(store)
    except (StoreError, DeltaError, OSError) as error:
        sentence = _("The store {store} cannot be read: {reason}")
        return [Check("store", "problem", sentence, {"store": str(store), "reason": str(error)})]
    if ledger.snapshot is None:
        sentence = _("The store {store} is empty: nothing has been uploaded yet.")
        return [Check("store", "ok", sentence, {"store": str(store)}), *_settings(store, [])]
    format_checks = list(_format(store))
    ledger = read_ledger(store)
    shops = ledger.uploads["shop"].unique(maintain_order=True).to_list()
    sentence = _("The store {store} holds {uploads} uploads of {shops} shops.")
    held = {"store": str(store), "uploads": ledger.uploads["upload_id"].n_unique()}
    return [
        Check("store", "ok", sentence, {**held, "shops": len(shops)}),
        *format_checks,
        _unfinished(store, ledger),
        *_files(store, ledger := read_ledger(store)),
        *_rows(store, ledger),
        *_settings(store, shops),
        *_buyer_key(store),
    ]


def optimize(store: Store) -> int:
    """Join small files and delete old ones no reader needs.

    Returns:
        How many files were deleted.
    """
    writing(store, lambda ledger: _join_small(store, ledger), timeout=_PATIENCE)
    tables = [table for _name, _kind, table in pinned_tables(store)]
    notes = [LakeTable(join(store, name), ()) for name in ("settings", "notes")]
    deleted = 0
    for table in (*tables, *notes, ledger_table(store)):
        if table.latest() is not None:
            # `full` also takes the files that a dead writer never committed.
            gone = DeltaTable(table.uri).vacuum(KEEP_HOURS, dry_run=False, full=True)
            deleted += len(gone)
    return deleted


def _join_small(store: Store, ledger: Ledger) -> None:
    after = ledger
    for name in FED_TABLES:
        place, pin = current_table(store, name), ledger.pin(name)
        actions = [
            action
            for files in place.files(pin.current).partition_by("shop")
            if (small := _several_small(files)).height
            for action in replacing(
                place.empty,
                place.empty,
                name,
                place=place,
                files=small,
                touched=small["path"].to_list(),
            )
        ]
        if actions:
            version = place.commit(actions, onto=pin.current, note={"log_version": pin.log})
            # The same rows in other files: what was made of them still holds.
            after = replace(after, pins={**after.pins, name: replace(pin, current=version)})
    if after is not ledger:
        write_ledger(store, ledger, after, note={"optimized": True})


def _several_small(files: pl.DataFrame) -> pl.DataFrame:
    small = files.filter(pl.col("rows") < SMALL_ROWS)
    return small.filter(pl.len().over("month") > 1)


def _format(store: Store) -> Iterator[Check]:
    """A store of an earlier format is brought to this one, unless an import is running."""
    try:
        if upgrade(store, timeout=_PATIENCE):
            sentence = _(
                "The store was of an earlier version's format and was brought to this one."
            )
            yield Check("store", "healed", sentence)
    except StoreError as error:
        yield Check("store", "problem", error.message, error.params)


def _unfinished(store: Store, ledger: Ledger) -> Check:
    """Tables ahead of the ledger are brought back, unless an import is running."""
    if not strayed(store, ledger):
        return Check("uploads", "ok", _("Every upload is whole."))
    try:
        # Whoever may write is given a healed store; there is nothing more to do.
        writing(store, lambda healed: None, timeout=_PATIENCE)
    except StoreError as error:
        return Check("uploads", "problem", error.message, error.params)
    sentence = _("An import had stopped half-way; what it had written was taken back.")
    return Check("uploads", "healed", sentence)


def _files(store: Store, ledger: Ledger) -> Iterator[Check]:
    """Whether every data file is where its table says."""
    if is_remote(store):
        return
    missing = [
        table.locate(path)
        for name, kind, table in pinned_tables(store)
        for path in table.files(getattr(ledger.pin(name), kind))["path"]
        if not Path(table.locate(path)).is_file()
    ]
    if missing:
        sentence = _("{count} data files are missing, the first is {file}. Restore a backup.")
        yield Check("files", "problem", sentence, {"count": len(missing), "file": missing[0]})
    else:
        yield Check("files", "ok", _("Every data file is there."))


def _rows(store: Store, ledger: Ledger) -> Iterator[Check]:
    """Whether the current rows are those that the uploads tell; where not, they are made anew."""
    wrong, unreadable = compared(store, ledger)
    if unreadable:
        sentence = _(
            "The current rows of {tables} cannot be compared with the uploads: their files cannot"
            " be read. Restore a backup."
        )
        yield Check("rows", "problem", sentence, {"tables": _named(unreadable)})
    if wrong:
        yield _made_anew(store, wrong)
    if not wrong and not unreadable:
        yield Check("rows", "ok", _("Every current row is what the uploads tell."))


def _made_anew(store: Store, wrong: list[View]) -> Check:
    tables: dict[str, object] = {"tables": _named(wrong)}
    try:
        writing(store, lambda ledger: made_anew(store, ledger, wrong), timeout=_PATIENCE)
    except StoreError as error:
        return Check("rows", "problem", error.message, error.params)
    except (OSError, pl.exceptions.PolarsError) as error:
        sentence = _(
            "The current rows of {tables} do not match the uploads and cannot be made anew:"
            " {reason}"
        )
        return Check("rows", "problem", sentence, {**tables, "reason": str(error)})
    sentence = _(
        "The current rows of {tables} did not match the uploads; they were made anew from them."
    )
    return Check("rows", "healed", sentence, tables)


def _named(views: list[View]) -> str:
    return ", ".join(f"{table} ({shop})" for table, shop in views)


def _buyer_key(store: Store) -> Iterator[Check]:
    """Whether the key is there that buyers were named by."""
    if is_key_lost(store):
        sentence = _(
            "The key by which buyers' e-mail addresses were turned into pseudonyms is gone: buyers"
            " of later files will count as new. Restore the store's folder buyer-key from a backup."
        )
        yield Check("buyer-key", "problem", sentence)
    elif kept_key(store) is not None:
        yield Check("buyer-key", "ok", _("The key of the buyers' pseudonyms is there."))


def _settings(store: Store, shops: list[str]) -> Iterator[Check]:
    """Whether the saved settings can be read by this version of the program."""
    for shop in shops:
        try:
            zone = load_settings(store, shop).time_zone
        except ValidationError as error:
            sentence = _("The settings of {shop} cannot be read: {reason}. Save them anew.")
            params: dict[str, object] = {"shop": shop, "reason": error.errors()[0]["msg"]}
            yield Check("settings", "problem", sentence, params)
            return
        elsewhere = brought_elsewhere(store, shop, zone)
        if elsewhere.height:
            sentence = _(
                "The times of {files} were brought to another time zone than that of {shop}, "
                "{zone}. Take these uploads back and import the files again."
            )
            files = ", ".join(elsewhere["file_name"].unique(maintain_order=True))
            yield Check(
                "settings", "problem", sentence, {"files": files, "shop": shop, "zone": zone}
            )
    yield Check("settings", "ok", _("The settings of every shop can be read."))
