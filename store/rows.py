"""One table's part of an upload: its rows into the log and the current view, and out again."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from deltalake.transaction import AddAction

from store.current import (
    Classified,
    by_month,
    classify,
    is_in_order,
    last_of_key,
    latest_of_key,
    near,
    opened,
    replacing,
    small_files,
    within,
)
from store.folders import (
    PARTITIONS,
    UNDATED,
    current_table,
    event_time,
    is_dated_by_key,
    keys,
    log_table,
)
from store.lake import Action, LakeTable, Store, is_remote, removals
from store.ledger import Ledger, moved
from store.schemas import EVENT_TIMES, FED_TABLES, reached


def stored(
    rows: pl.DataFrame, table: str, *, shop: str, upload_id: str, sequence: int
) -> pl.DataFrame:
    """Rows that passed the store's door, with every stored column."""
    return rows.select(
        pl.lit(shop).alias("shop"),
        *[name for name in FED_TABLES[table].column_names() if name != "shop"],
        month=month_of(rows.select(event_time(table)).to_series()),
        upload_id=pl.lit(upload_id),
        sequence=pl.lit(sequence, pl.Int64),
        source_row=pl.col("source_row").cast(pl.Int64),
    )


def month_of(times: pl.Series) -> pl.Series:
    """Which month's files a row belongs to, told once for each of the days."""
    days = times.cast(pl.Date)
    each = days.unique()
    months = each.dt.strftime("%Y-%m").fill_null(UNDATED)
    # Without rows there is nothing to replace, and the type would stay that of a day.
    return days.replace_strict(each, months, return_dtype=pl.String).cast(pl.String)


def meet(
    store: Store,
    ledger: Ledger,
    rows: pl.DataFrame,
    table: str,
    *,
    before: Sequence[pl.DataFrame] = (),
) -> Classified:
    """Stored rows of one shop compared with its current view, as it will be after ``before``."""
    place = current_table(store, table)
    files = place.files(ledger.pin(table).current).filter(shop=rows.item(0, "shop"))
    return classify(last_of_key(rows, table), table, place=place, files=files, before=before)


def log_rows(
    store: Store, ledger: Ledger, rows: pl.DataFrame, table: str, *, note: dict[str, Any]
) -> tuple[Ledger, list[AddAction]]:
    """Append stored rows of one upload to the log; the ledger to come, and the files."""
    log = log_table(store, table)
    files = [
        file
        for month in by_month(rows)
        for file in log.write(month, folder=month.item(0, "month"), stem=rows.item(0, "upload_id"))
    ]
    version = log.commit(files, onto=ledger.pin(table).log, note=note)
    return moved(ledger, table, log=version), files


def show_rows(
    store: Store, ledger: Ledger, rows: pl.DataFrame, table: str, *, logged: list[AddAction]
) -> Ledger:
    """Bring the current view up to rows that are in the log; the ledger to come."""
    place, pin = current_table(store, table), ledger.pin(table)
    met = meet(store, ledger, rows, table)
    write = pl.concat([met.fresh, met.changed]) if met.changed.height else met.fresh
    if write.is_empty():
        return ledger
    files = place.files(pin.current).filter(shop=rows.item(0, "shop"))
    crowded = small_files(files, write["month"].unique().to_list()).height
    plain = met.fresh.height == rows.height and is_in_order(rows, table) and not crowded
    if plain and not is_remote(store):
        # Nothing but new rows: the log's files are what the view needs.
        actions: list[Action] = [*place.adopt(log_table(store, table), logged)]
    else:
        actions = replacing(
            met.changed, write, table, place=place, files=files, touched=met.touched
        )
    note = {"upload_id": rows.item(0, "upload_id"), "log_version": pin.log}
    return moved(ledger, table, current=place.commit(actions, onto=pin.current, note=note))


def unshow_rows(store: Store, ledger: Ledger, table: str, *, shop: str, upload_id: str) -> Ledger:
    """Take an upload's rows out of the current view and bring back what they had replaced."""
    place, log, pin = current_table(store, table), log_table(store, table), ledger.pin(table)
    files = place.files(pin.current).filter(shop=shop)
    maybe = within(files, "upload_id", upload_id, upload_id)
    gone = opened(place, maybe["path"].to_list()).filter(upload_id=upload_id).collect()
    if gone.is_empty():
        return ledger
    others = log.files(pin.log).filter(pl.col("shop") == shop, ~of_upload(upload_id))
    actions = replacing(
        gone,
        _superseded(gone, table, log, others),
        table,
        place=place,
        files=files,
        touched=gone["path"].unique().to_list(),
    )
    note = {"withdrawn": upload_id, "log_version": pin.log}
    return moved(ledger, table, current=place.commit(actions, onto=pin.current, note=note))


def unlog_rows(store: Store, ledger: Ledger, table: str, *, upload_id: str) -> Ledger:
    """Take an upload's files out of the log."""
    log, pin = log_table(store, table), ledger.pin(table)
    mine = log.files(pin.log).filter(of_upload(upload_id))
    if mine.is_empty():
        return ledger
    actions = removals(mine, PARTITIONS)
    version = log.commit(actions, onto=pin.log, note={"withdrawn": upload_id})
    return moved(ledger, table, log=version)


def of_upload(upload_id: str) -> pl.Expr:
    """Whether a log file is one upload's: its name begins with the id."""
    return pl.col("path").str.split("/").list.last().str.starts_with(f"{upload_id}-")


def _superseded(
    gone: pl.DataFrame, table: str, log: LakeTable, files: pl.DataFrame
) -> pl.DataFrame:
    """For each key of ``gone``, the row that is current among those left in the log, if any is."""
    own_month = month_of(gone.select(event_time(table)).to_series())
    close = near(gone.with_columns(month=own_month), table, files)
    found = log.scan(close["path"].sort().to_list())
    if is_dated_by_key(table):
        time = EVENT_TIMES[table][0]
        found = found.filter(pl.col(time).is_between(gone[time].min(), gone[time].max()))
    known = found.join(gone.lazy().select(keys(table)), on=keys(table), how="semi").collect()
    back = latest_of_key(known, keys(table), reached(table))
    there = gone.select(*keys(table), month_there="month")
    return (
        back.join(there, on=keys(table), how="left", validate="1:1")
        .with_columns(month="month_there")
        .select(back.columns)
    )
