"""The current view: how rows of a new upload meet the rows that are there.

Of two rows with one key the one that got further wins (``store.schemas.reached``), of equally far
ones that of the later upload; a row equal to the one that is there changes nothing. Only files
that can hold a key of the upload are read (by shop, month, and the range of times or ids each file
records), and only files that hold a changed row are rewritten, so that the work depends on the
upload and not on the size of the store.
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate
from typing import Any

import polars as pl
from deltalake.transaction import AddAction

from store.folders import PARTITIONS, event_time, is_dated_by_key, keys, values
from store.lake import Action, LakeTable, removals
from store.schemas import EVENT_TIMES, reached

#: A month with this many small files is written anew as one.
SMALL_FILES = 24
SMALL_ROWS = 200_000


@dataclass(frozen=True)
class Classified:
    """Rows of an upload by what they do to the current view.

    ``fresh`` and ``changed`` are rows to write, of the table's stored columns, at the month where
    their key lives; ``touched`` are the paths of the files that hold the rows they replace.
    """

    fresh: pl.DataFrame
    changed: pl.DataFrame
    unchanged: int
    #: Rows that had got less far than the ones that are there, and change nothing.
    behind: int
    touched: tuple[str, ...]


def last_of_key(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """One row per key: the one that got furthest, the last of those by month, then by place."""
    # Equal hashes may be two keys by chance, distinct ones never are: the quick way out.
    if rows.select(key_hash(table).n_unique()).item() == rows.height:
        return rows
    return latest_of_key(rows, keys(table), reached(table))


def latest_of_key(rows: pl.DataFrame, key: Sequence[str], far: pl.Expr | None) -> pl.DataFrame:
    """Of rows of the log, in the order of its files, each key's current row.

    Of those that got furthest the row of the latest upload; within one upload the last by month,
    then by place in the file, as it was when it came.

    Args:
        rows: With ``sequence`` and ``month``.
        key: The columns that tell keys apart.
        far: How far each row got (``store.schemas.reached``); None where rows have no state.
    """
    by = ["sequence", "month"] if far is None else [far, "sequence", "month"]
    return rows.sort(by, maintain_order=True).unique(subset=key, keep="last", maintain_order=True)


def key_hash(table: str) -> pl.Expr:
    """A number of each row's key: the same for equal keys, and hardly ever for different ones."""
    return _hash(keys(table))


def value_hash(table: str) -> pl.Expr:
    """The same of what is not the key; 0 for a table that is all key."""
    return _hash(values(table))


def _hash(columns: Sequence[str]) -> pl.Expr:
    hashes = (pl.col(name).hash(seed) for seed, name in enumerate(columns))
    return reduce(operator.xor, hashes, pl.lit(0, pl.UInt64))


def classify(
    rows: pl.DataFrame,
    table: str,
    *,
    place: LakeTable,
    files: pl.DataFrame,
    before: Sequence[pl.DataFrame] = (),
) -> Classified:
    """Compare rows of one shop, one per key, with the current view.

    Args:
        rows: Rows with the stored columns.
        table: Name of the table.
        place: Its current table.
        files: The current files of this shop.
        before: Rows with the stored columns that are to come before them, upload by upload.
    """
    present = existing(rows, table, place=place, files=files)
    if before:
        wanted = rows.select(keys(table))
        before = [
            each.join(wanted, on=keys(table), how="semi", maintain_order="left") for each in before
        ]
        present = _after(present, before, table)
    if present.is_empty():
        return Classified(rows, rows.clear(), 0, 0, ())
    key, value = keys(table), values(table)
    met = rows.join(present, on=key, how="left", suffix="_there", validate="1:1")
    known = pl.col("month_there").is_not_null()
    far, far_there = reached(table), reached(table, "_there")
    behind = pl.lit(False) if far is None or far_there is None else far < far_there
    differs = pl.any_horizontal(
        pl.lit(False), *(pl.col(name).ne_missing(pl.col(f"{name}_there")) for name in value)
    )
    met = met.with_columns(
        # A key stays in the month where it lives.
        month=pl.coalesce("month_there", "month"),
        state=pl.when(~known)
        .then(pl.lit("new"))
        .when(behind)
        .then(pl.lit("behind"))
        .when(differs)
        .then(pl.lit("changed")),
    )
    changed = met.filter(state="changed")
    return Classified(
        fresh=met.filter(state="new").select(rows.columns),
        changed=changed.select(rows.columns),
        unchanged=met["state"].null_count(),
        behind=met.filter(state="behind").height,
        touched=tuple(changed["path"].drop_nulls().unique().sort()),
    )


def _after(present: pl.DataFrame, before: Sequence[pl.DataFrame], table: str) -> pl.DataFrame:
    """The current rows as they will be once some uploads have come: key, values and ``month``."""
    columns = [*keys(table), *values(table), "month"]
    uploads = [present, *(last_of_key(rows, table) for rows in before)]
    rows = pl.concat(
        rows.select(*columns, pl.lit(nth).alias("sequence")) for nth, rows in enumerate(uploads)
    )
    latest = latest_of_key(rows, keys(table), reached(table))
    return latest.drop("sequence").with_columns(path=pl.lit(None, pl.String))


def existing(
    rows: pl.DataFrame, table: str, *, place: LakeTable, files: pl.DataFrame
) -> pl.DataFrame:
    """The current rows that share a key with ``rows``: key, values, ``month`` and ``path``."""
    key = keys(table)
    close = near(rows, table, files)
    if close.is_empty():
        return opened(place, []).select(*key, *values(table), "month", "path").collect()
    if not is_dated_by_key(table):
        close = _holding(rows, key[0], place, close)
    found = opened(place, close["path"].to_list())
    if is_dated_by_key(table):
        time = EVENT_TIMES[table][0]
        found = found.filter(pl.col(time).is_between(rows[time].min(), rows[time].max()))
    return (
        found.select(*key, *values(table), "month", "path")
        .join(rows.lazy().select(key), on=key, how="semi")
        .collect()
    )


def near(rows: pl.DataFrame, table: str, files: pl.DataFrame) -> pl.DataFrame:
    """Files whose recorded range overlaps the rows'."""
    if is_dated_by_key(table):
        column = EVENT_TIMES[table][0]
        files = files.filter(pl.col("month").is_in(rows["month"].unique().to_list()))
    else:
        column = keys(table)[0]
    return within(files, column, rows[column].min(), rows[column].max())


def within(files: pl.DataFrame, column: str, low: Any, high: Any) -> pl.DataFrame:
    """Files that may hold a value from ``low`` to ``high``; one without a range may hold any."""
    apart = (pl.col(f"max.{column}") < low) | (pl.col(f"min.{column}") > high)
    return files.filter(apart.ne_missing(True))


def _holding(
    rows: pl.DataFrame, column: str, place: LakeTable, files: pl.DataFrame
) -> pl.DataFrame:
    """Files that hold at least one of the rows' ids; only the id column is read."""
    wanted = rows.lazy().select(column).unique()
    held = (
        opened(place, files["path"].to_list())
        .select(column, "path")
        .join(wanted, on=column, how="semi")
        .select(pl.col("path").unique())
        .collect()
    )
    return files.join(held, on="path", how="semi")


def opened(place: LakeTable, paths: Sequence[str]) -> pl.LazyFrame:
    """The stored columns and ``path``, as :meth:`LakeTable.files` writes it."""
    if not paths:
        return place.empty.lazy().with_columns(path=pl.lit(None, pl.String))
    # By file name alone, which is unique: folders are spelt differently from system to system.
    full = {path.rsplit("/", 1)[-1]: path for path in paths}
    name = pl.col("path").str.extract(r"([^/\\\\]+)$")
    return place.scan(paths, include_file_paths="path").with_columns(
        path=name.replace_strict(full, return_dtype=pl.String)
    )


def replacing(
    gone: pl.DataFrame,
    rows: pl.DataFrame,
    table: str,
    *,
    place: LakeTable,
    files: pl.DataFrame,
    touched: Sequence[str],
) -> list[Action]:
    """Rewrite the touched files without the keys of ``gone``, and write ``rows`` beside them.

    Args:
        gone: Rows whose keys leave the touched files.
        rows: Rows to write, one per key, each at its month.
        table: Name of the table.
        place: Its current table.
        files: The current files of this shop.
        touched: Paths of the files that hold the keys of ``gone``.
    """
    stale = files.filter(pl.col("path").is_in(list(touched)))
    months = rows["month"].unique().to_list()
    small = small_files(files, months).join(stale, on="path", how="anti")
    stale = pl.concat([stale, small])
    if stale.is_empty():
        kept = place.empty
    else:
        kept = (
            place.scan(stale["path"].to_list())
            .join(gone.lazy().select(keys(table)), on=keys(table), how="anti")
            .collect()
        )
    return [
        *written(pl.concat([kept, rows]) if kept.height else rows, table, place),
        *removals(stale, PARTITIONS),
    ]


def small_files(files: pl.DataFrame, months: list[str]) -> pl.DataFrame:
    """Small files of months that have too many of them."""
    small = files.filter(pl.col("month").is_in(months) & (pl.col("rows") < SMALL_ROWS))
    return small.filter(pl.len().over("month") >= SMALL_FILES)


def written(rows: pl.DataFrame, table: str, place: LakeTable) -> list[AddAction]:
    """Write rows of one shop to files by month, in order of time."""
    return [
        action
        for month in by_month(rows)
        for action in place.write(in_order(month, table), folder=month.item(0, "month"))
    ]


def by_month(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """The rows of each month, in their order."""
    if rows.is_empty():
        return []
    if rows["month"].is_sorted():
        runs = rows["month"].rle().struct.field("len").to_list()
        return [rows.slice(end - run, run) for run, end in zip(runs, accumulate(runs), strict=True)]
    return rows.partition_by("month", maintain_order=True)


def in_order(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Rows by event time: files then cover short spans, and most of them need not be read."""
    if is_in_order(rows, table):
        return rows
    return rows.sort(event_time(table), maintain_order=True)


def is_in_order(rows: pl.DataFrame, table: str) -> bool:
    """Whether rows already lie by event time."""
    return bool(rows.select(event_time(table)).to_series().is_sorted())
