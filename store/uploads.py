"""Uploads: see what a file would change, add it, take it back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import polars as pl

from store.door import Feed, admitted, emptied_reasons
from store.errors import NO_SUCH_UPLOAD, NoSuchUploadError
from store.folders import is_dated_by_key, rejected_table
from store.lake import Store, removals
from store.ledger import WAIT_SECONDS, Ledger, moved, read_ledger, write_ledger, writing
from store.records import Rejected, Uploads
from store.rows import (
    log_rows,
    meet,
    of_upload,
    show_rows,
    stored,
    unlog_rows,
    unshow_rows,
)
from store.schemas import LATER_TIMES
from store.upgrade import upgrade


@dataclass(frozen=True)
class UploadPreview:
    """What a sheet would change, counted in rows; but ``emptied`` counts cells."""

    table: str
    layout: str
    sheet: str
    new: int
    updated: int
    unchanged: int
    #: Older than the row that is there: that one is kept as it stands.
    behind: int
    set_aside: int
    emptied: int
    first_day: date | None
    last_day: date | None


def already_uploaded(store: Store, sha256: str, *, shop: str) -> str | None:
    """The upload that brought rows of these very bytes to this shop, unless it was withdrawn."""
    return _recognised(read_ledger(store), sha256, shop)


def preview(
    store: Store, readings: Sequence[Feed], *, shop: str, after: Sequence[Feed] = ()
) -> list[UploadPreview]:
    """Count what each reading would change, without writing.

    A row is new when the shop has no row of its key, updated when it differs from the one it has,
    unchanged when it is equal, behind when it had got less far. Rows that repeat a key within one
    reading count once; one that an earlier reading brings is there for the later ones, so that the
    new rows of all add up to what the store gains.

    Args:
        store: The store.
        readings: What a file gave.
        shop: The shop whose rows these are.
        after: What will be committed before them, such as earlier files of a batch.
    """
    ledger, earlier = read_ledger(store), list(after)
    previews = []
    for reading in map(admitted, readings):
        previews.append(_preview(store, ledger, reading, shop, after=earlier))
        earlier.append(reading)
    return previews


def unchanging(reading: Feed) -> UploadPreview:
    """The preview of what was uploaded before, or comes twice in a batch: it changes nothing.

    Nothing is compared: a later upload may have changed rows since, and this would not undo it.
    """
    return UploadPreview(
        table=reading.table,
        layout=reading.layout,
        sheet=reading.sheet,
        new=0,
        updated=0,
        unchanged=reading.rows.height,
        behind=0,
        set_aside=reading.rejected.height,
        emptied=reading.emptied.height,
        first_day=reading.first_day,
        last_day=reading.last_day,
    )


def commit(
    store: Store,
    readings: Sequence[Feed],
    *,
    shop: str,
    file_name: str,
    sha256: str,
    uploaded_by: str,
    uploaded_at: datetime | None = None,
    waiting: Callable[[], None] | None = None,
    timeout: float = WAIT_SECONDS,
) -> str:
    """Add one file's rows: all of them or, whatever happens, none.

    The same bytes for the same shop are recognised, and nothing is added.

    Args:
        store: The store.
        readings: What the file gave.
        shop: The shop whose rows these are.
        file_name: Name as uploaded.
        sha256: Of the file's bytes, in hex.
        uploaded_by: Who uploads.
        uploaded_at: When, in UTC without a zone; now unless given.
        waiting: Called once when another import holds the store.
        timeout: Seconds to wait for it.

    Returns:
        The upload's id; the earlier one's where the bytes were recognised.

    Raises:
        StoreError: When the store is busy for too long or of a newer format.
    """
    if not shop or not readings:
        raise ValueError("an upload needs a shop and at least one reading")

    def work(ledger: Ledger) -> str:
        if known := _recognised(ledger, sha256, shop):
            return known
        sequence = ledger.sequence + 1
        upload = _Upload(
            upload_id=f"{sequence:06}-{sha256[:8]}",
            shop=shop,
            sequence=sequence,
            file_name=file_name,
            sha256=sha256,
            uploaded_at=uploaded_at or datetime.now(UTC).replace(tzinfo=None),
            uploaded_by=uploaded_by,
        )
        return _add(store, ledger, upload, [admitted(reading) for reading in readings])

    upgrade(store, waiting=waiting, timeout=timeout)
    return writing(store, work, waiting=waiting, timeout=timeout)


def withdraw(
    store: Store,
    upload_id: str,
    *,
    waiting: Callable[[], None] | None = None,
    timeout: float = WAIT_SECONDS,
) -> None:
    """Take an upload back: its rows go, and rows it had replaced come back.

    Raises:
        NoSuchUploadError: When the store holds no such upload.
    """

    def work(ledger: Ledger) -> None:
        mine = ledger.uploads.filter(upload_id=upload_id)
        if mine.is_empty():
            raise NoSuchUploadError(NO_SUCH_UPLOAD, upload_id=upload_id)
        _take_back(store, ledger, mine)

    upgrade(store, waiting=waiting, timeout=timeout)
    writing(store, work, waiting=waiting, timeout=timeout)


def uploads(store: Store, shop: str | None = None) -> pl.DataFrame:
    """The uploads the store holds, newest first: one row per upload and table it fed."""
    found = read_ledger(store).uploads
    if shop is not None:
        found = found.filter(shop=shop)
    return found.sort("sequence", "table", descending=[True, False])


def brought_elsewhere(store: Store, shop: str, zone: str) -> pl.DataFrame:
    """The uploads whose times were brought to another zone than a shop has now, oldest first.

    What offset they said is not kept: their times are right again once they are withdrawn and
    uploaded anew. ``upload_id, file_name, zone``.
    """
    ledger = read_ledger(store)
    held = ledger.uploads.filter(shop=shop).unique("upload_id").sort("sequence")
    read_in = pl.col("upload_id").replace_strict(ledger.zones, default=None, return_dtype=pl.String)
    return held.select("upload_id", "file_name", zone=read_in).filter(pl.col("zone") != zone)


def rejected(store: Store, upload_id: str | None = None, shop: str | None = None) -> pl.DataFrame:
    """Rows set aside and cells emptied, with their reasons, by upload and row.

    See :func:`of_cell` for which is which.
    """
    place = rejected_table(store)
    files = place.files(read_ledger(store).pin("rejected").log)
    if shop is not None:
        files = files.filter(shop=shop)
    if upload_id is not None:
        files = files.filter(of_upload(upload_id))
    order = ["upload_id", "sheet", "source_row"]
    return place.scan(files["path"].to_list()).sort(order, maintain_order=True).collect()


def of_cell() -> pl.Expr:
    """Whether a line of :func:`rejected` tells of one cell emptied in a row that was taken."""
    return pl.col("reason").is_in(sorted(emptied_reasons()))


@dataclass(frozen=True)
class _Upload:
    upload_id: str
    shop: str
    sequence: int
    file_name: str
    sha256: str
    uploaded_at: datetime
    uploaded_by: str


def _recognised(ledger: Ledger, sha256: str, shop: str) -> str | None:
    # An upload that gave no row brought nothing: its bytes may be read anew, as another layout.
    same = ledger.uploads.filter(shop=shop, sha256=sha256)
    same = same.filter(pl.col("rows_accepted").sum().over("upload_id") > 0)
    return None if same.is_empty() else str(same.item(0, "upload_id"))


def _preview(
    store: Store, ledger: Ledger, reading: Feed, shop: str, *, after: Sequence[Feed]
) -> UploadPreview:
    rows = _rows_of(reading, shop)
    alike = [each for each in after if each.table == reading.table and _may_meet(each, reading)]
    before = [_rows_of(each, shop) for each in alike if each.rows.height]
    met = meet(store, ledger, rows, reading.table, before=before) if rows.height else None
    return UploadPreview(
        table=reading.table,
        layout=reading.layout,
        sheet=reading.sheet,
        new=met.fresh.height if met else 0,
        updated=met.changed.height if met else 0,
        unchanged=met.unchanged if met else 0,
        behind=met.behind if met else 0,
        set_aside=reading.rejected.height,
        emptied=reading.emptied.height,
        first_day=reading.first_day,
        last_day=reading.last_day,
    )


def _may_meet(one: Feed, other: Feed) -> bool:
    """Whether two readings of a table may share a key; days apart they cannot where it is dated."""
    if not is_dated_by_key(one.table):
        return bool(one.rows.height)
    first, last, begins, ends = one.first_day, one.last_day, other.first_day, other.last_day
    return bool(first and last and begins and ends and first <= ends and begins <= last)


def _rows_of(reading: Feed, shop: str) -> pl.DataFrame:
    """A reading's rows as they would be kept."""
    return stored(reading.rows, reading.table, shop=shop, upload_id="", sequence=0)


def _add(store: Store, ledger: Ledger, upload: _Upload, readings: Sequence[Feed]) -> str:
    """Log, current view and rows set aside; the ledger makes them true."""
    entries = _entries(upload, readings)
    note = {**vars(upload), "tables": entries.select("table", "layout", "rows_accepted").to_dicts()}
    after = ledger
    for table in entries["table"]:
        after = moved(after, table)
        rows = pl.concat(
            stored(
                reading.rows,
                table,
                shop=upload.shop,
                upload_id=upload.upload_id,
                sequence=upload.sequence,
            )
            for reading in readings
            if reading.table == table
        )
        if rows.height:
            after, logged = log_rows(store, after, rows, table, note=note)
            after = show_rows(store, after, rows, table, logged=logged)
    after = _set_aside(store, after, upload, readings)
    read_in = next((reading.zone for reading in readings if reading.zone), None)
    after = replace(
        after,
        uploads=pl.concat([ledger.uploads, entries]),
        sequence=upload.sequence,
        zones=ledger.zones | ({upload.upload_id: read_in} if read_in else {}),
    )
    write_ledger(store, ledger, after, note={"added": upload.upload_id})
    return upload.upload_id


def _set_aside(store: Store, ledger: Ledger, upload: _Upload, readings: Sequence[Feed]) -> Ledger:
    """Keep the rows set aside and the cells emptied."""
    columns = Rejected.create_empty().schema
    parts = [
        lines.with_columns(
            upload_id=pl.lit(upload.upload_id),
            sheet=pl.lit(reading.sheet),
            shop=pl.lit(upload.shop),
            file_name=pl.lit(reading.file_name),
            table=pl.lit(reading.table),
        )
        .select(columns.names())
        .cast(columns)
        for reading in readings
        for lines in (reading.rejected, reading.emptied)
        if lines.height
    ]
    if not parts:
        return ledger
    place = rejected_table(store)
    files = place.write(pl.concat(parts), folder="rows", stem=upload.upload_id)
    version = place.commit(files, onto=ledger.pin("rejected").log, note={"added": upload.upload_id})
    return moved(ledger, "rejected", log=version)


def _take_back(store: Store, ledger: Ledger, mine: pl.DataFrame) -> None:
    """Undo what :func:`_add` did; again the ledger makes it true."""
    upload_id, shop = mine.item(0, "upload_id"), mine.item(0, "shop")
    after = ledger
    for table in mine["table"]:
        after = moved(after, table)
        after = unshow_rows(store, after, table, shop=shop, upload_id=upload_id)
        after = unlog_rows(store, after, table, upload_id=upload_id)
    place, pin = rejected_table(store), after.pin("rejected")
    aside = place.files(pin.log).filter(of_upload(upload_id))
    if aside.height:
        actions = removals(aside, place.partitions)
        version = place.commit(actions, onto=pin.log, note={"withdrawn": upload_id})
        after = moved(after, "rejected", log=version)
    left = ledger.uploads.filter(pl.col("upload_id") != upload_id)
    zones = {held: zone for held, zone in ledger.zones.items() if held != upload_id}
    after = replace(after, uploads=left, zones=zones)
    write_ledger(store, ledger, after, note={"withdrawn": upload_id})


def _entries(upload: _Upload, readings: Sequence[Feed]) -> pl.DataFrame:
    """The ledger's rows of an upload: one per table it feeds."""
    rows = []
    for table in dict.fromkeys(reading.table for reading in readings):
        feeds = [reading for reading in readings if reading.table == table]
        firsts = [feed.first_day for feed in feeds if feed.first_day]
        lasts = [feed.last_day for feed in feeds if feed.last_day]
        rows.append(
            {
                **vars(upload),
                "table": table,
                "layout": ",".join(dict.fromkeys(feed.layout for feed in feeds)),
                "rows_accepted": sum(feed.rows.height for feed in feeds),
                "rows_rejected": sum(feed.rejected.height for feed in feeds),
                "first_day": min(firsts, default=None),
                "last_day": max(lasts, default=None),
                "seen_until": _seen_until(table, feeds),
            }
        )
    schema = Uploads.create_empty().schema
    return pl.DataFrame(rows, schema=schema).select(schema.names())


def _seen_until(table: str, feeds: Sequence[Feed]) -> date | None:
    """The last day any row speaks of, where that is later than the file's own last day."""
    time = LATER_TIMES.get(table)
    times = [feed.rows[time].dt.date().max() for feed in feeds if time in feed.rows.columns]
    return max((day for day in times if isinstance(day, date)), default=None)
