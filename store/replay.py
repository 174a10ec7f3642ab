"""The current view as the log tells it: compared with the one that is there, and made anew.

A current row is right when its values are those of its key's current row in the log, and when it
came from there: an upload that repeats a row leaves the earlier upload's in place, but a row that
no upload left in the log brought would outlive the next withdrawal.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from store.current import key_hash, latest_of_key, value_hash, written
from store.folders import PARTITIONS, current_table, is_dated_by_key, keys, log_table
from store.lake import Store, removals
from store.ledger import Ledger, moved, write_ledger
from store.schemas import FED_TABLES, reached

#: A table and a shop.
View = tuple[str, str]


def compared(store: Store, ledger: Ledger) -> tuple[list[View], list[View]]:
    """The current views that are not what the log tells, and those that cannot be read."""
    wrong: list[View] = []
    unreadable: list[View] = []
    for table in FED_TABLES:
        for shop in _shops(store, ledger, table):
            try:
                if not _is_mirror(store, ledger, table, shop):
                    wrong.append((table, shop))
            except (OSError, pl.exceptions.PolarsError):
                unreadable.append((table, shop))
    return wrong, unreadable


def made_anew(store: Store, ledger: Ledger, views: Sequence[View]) -> None:
    """Replay the log into those of the views that are still wrong; the ledger makes it true."""
    after = replayed(store, ledger, views)
    if after is not ledger:
        write_ledger(store, ledger, after, note={"made_anew": views})


def replayed(store: Store, ledger: Ledger, views: Sequence[View]) -> Ledger:
    """The ledger to come once those of the views that are still wrong are made anew."""
    after = ledger
    for table, shop in views:
        if not _is_mirror(store, ledger, table, shop):
            after = _replayed(store, after, table, shop)
    return after


def _shops(store: Store, ledger: Ledger, table: str) -> list[str]:
    """Every shop with files of a table; one whose uploads are all withdrawn may have rows left."""
    logged, shown = _files(store, ledger, table)
    return pl.concat([logged["shop"], shown["shop"]]).unique().sort().to_list()


def _files(store: Store, ledger: Ledger, table: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The log's and the current view's files."""
    pin = ledger.pin(table)
    return log_table(store, table).files(pin.log), current_table(store, table).files(pin.current)


def _is_mirror(store: Store, ledger: Ledger, table: str, shop: str) -> bool:
    log, place = log_table(store, table), current_table(store, table)
    logged, shown = (files.filter(shop=shop) for files in _files(store, ledger, table))
    months = pl.concat([logged["month"], shown["month"]])
    return all(
        _agree(log.scan(_paths(logged, part)), place.scan(_paths(shown, part)), table)
        for part in _parts(table, months)
    )


def _parts(table: str, months: pl.Series) -> Iterator[list[str]]:
    """Months that share no key with others: one by one where the key dates the row, else all."""
    each = months.unique().sort().to_list()
    yield from ([month] for month in each) if is_dated_by_key(table) else [each]


def _paths(files: pl.DataFrame, months: list[str]) -> list[str]:
    # In this order the rows of one upload and month lie as they did in its file.
    return files.filter(pl.col("month").is_in(months))["path"].sort().to_list()


def _agree(logged: pl.LazyFrame, shown: pl.LazyFrame, table: str) -> bool:
    """Whether the current rows are those of the log, each once and each from there."""
    marks = {"key": key_hash(table), "value": value_hash(table)}
    far = {} if (how_far := reached(table)) is None else {"far": how_far}
    told = logged.select("sequence", "month", **marks, **far).collect()
    there = shown.select("sequence", **marks).collect()
    repeated = told["key"].n_unique() < told.height
    latest = latest_of_key(told, ["key"], pl.col("far") if far else None) if repeated else told
    if there.height != latest.height:
        return False
    if latest.join(there, on=["key", "value", "sequence"], how="anti").is_empty():
        return True
    # Rows that a later upload only repeated came from an earlier one.
    return (
        latest.join(there, on=["key", "value"], how="anti").is_empty()
        and there.join(told, on=["key", "value", "sequence"], how="anti").is_empty()
    )


def _replayed(store: Store, ledger: Ledger, table: str, shop: str) -> Ledger:
    """One commit that puts the log's latest rows in the place of a view's; the ledger to come."""
    log, place, pin = log_table(store, table), current_table(store, table), ledger.pin(table)
    logged, shown = (files.filter(shop=shop) for files in _files(store, ledger, table))
    rows = (
        latest_of_key(log.scan(_paths(logged, part)).collect(), keys(table), reached(table))
        for part in _parts(table, logged["month"])
    )
    actions = [action for latest in rows for action in written(latest, table, place)]
    note = {"made_anew": shop, "log_version": pin.log}
    version = place.commit([*actions, *removals(shown, PARTITIONS)], onto=pin.current, note=note)
    return moved(ledger, table, current=version)
