"""From the bytes of a file to rows of our tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from exports.errors import ExportError, NoSuchLayoutError, UnknownLayoutError
from exports.files.sheets import Member, Sheet, members
from exports.layouts import Layout, layout_by_id, load_layouts
from exports.recognise import HEADER_ROWS, Recognised, recognise, recognise_as
from exports.result import Reading, Remark, day_span
from exports.scores.readers import BLOCK_ROWS
from exports.special import SPECIAL_READERS
from exports.table_evidence import check_rows, check_talk, is_table
from exports.tables.known import NOTHING, KnownBefore
from exports.tables.rows import read_table
from store.door import admitted

SHOP_ZONE = "Asia/Shanghai"

#: The rows that tell which export a table is: its headings, or a block of the DSR workbook.
_TELLING_ROWS = max(HEADER_ROWS, BLOCK_ROWS)

__all__ = ["KnownBefore", "Reading", "Remark", "read_file"]


def read_file(
    name: str,
    content: bytes,
    *,
    layouts: Sequence[Layout] | None = None,
    layout: str | None = None,
    day: date | None = None,
    zone: str = SHOP_ZONE,
    until: date | None = None,
    before: KnownBefore = NOTHING,
) -> list[Reading]:
    """Everything a file holds for our tables, bad rows set aside.

    The same content gives the same rows and keys every time.

    Args:
        name: The file's name as uploaded; a day may stand in it.
        content: Its bytes.
        layouts: The layouts to choose from; default the built-in ones. A shop's own come with
            them (``(*load_layouts(), *own)``).
        layout: The id of the layout, where the user says which it is.
        day: The day of the figures, where the user says which it is.
        zone: The shop's time zone, for files whose times carry an offset.
        until: The last day on which anything can have happened; unset: any day.
        before: What is known of the shop: its currency, the key for its buyers.

    Raises:
        ExportError: If the file as a whole cannot be read; nothing of it is then imported. Of an
            archive the files that can be read are, and the others are told by a remark.
    """
    choice = tuple(load_layouts() if layouts is None else layouts)
    wanted = None
    if layout is not None:
        wanted = layout_by_id(choice, layout)
        if wanted is None:
            known = ", ".join(one.id for one in choice)
            raise NoSuchLayoutError(file=name, layout=layout, known=known)
    found, unread = members(name, content)
    readings: list[Reading] = []
    while found:
        # Taken off the list, so that what it was read into goes before the next one is.
        member = found.pop(0)
        try:
            read = _member_readings(member, choice, wanted, day, zone, before)
            if member.nul_bytes:
                read = _with_remarks(read, [Remark("nul_bytes", {"count": member.nul_bytes})])
            before = before.after(_currency_of(read))
            readings += _told_once([_admitted(reading, until) for reading in read])
        except ExportError as error:
            unread.append(error)
    if not readings:
        raise unread[0]
    told = [Remark("skipped_file", {"why": error}) for error in unread]
    return [_placed(reading, name) for reading in _with_remarks(readings, told)]


def _admitted(reading: Reading, until: date | None) -> Reading:
    """What the store's door lets in, asked while the file's own words are still at hand."""
    passed = replace(admitted(reading, reading.quoted, until), quoted=None)
    if passed.rows is reading.rows:
        return passed
    first, last = day_span(passed.table, passed.rows)
    return replace(passed, first_day=first, last_day=last)


def _told_once(readings: list[Reading]) -> list[Reading]:
    """A cell that two tables of a sheet were made of is told with the first."""
    told: list[pl.DataFrame] = []
    kept = []
    for reading in readings:
        if reading.emptied.height:
            cells = reading.emptied.with_columns(sheet=pl.lit(reading.sheet))
            for earlier in told:
                place = ["sheet", "source_row", "column"]
                cells = cells.join(earlier, on=place, how="anti", maintain_order="left")
            told.append(cells)
            reading = replace(reading, emptied=cells.drop("sheet"))
        kept.append(reading)
    return kept


def _member_readings(
    member: Member,
    layouts: Sequence[Layout],
    wanted: Layout | None,
    day: date | None,
    zone: str,
    before: KnownBefore,
) -> list[Reading]:
    if wanted is not None and wanted.reader != "table":
        named = {reader.name: reader for reader in SPECIAL_READERS}
        return named[wanted.reader].read(member, wanted.id, day)
    _refuse_early(member, layouts, wanted)
    table = wanted is None and is_table(member, layouts)
    for reader in SPECIAL_READERS if wanted is None else ():
        if table and reader.of_lines:
            continue
        if claimed := reader.claims(member):
            return reader.take(member, claimed, day)
    found, unread = _recognised(member.sheets(), layouts, wanted)
    for sheet, known in found if table and member.kind == "text" else ():
        check_talk(sheet, known)
    readings: list[Reading] = []
    for sheet, known in found:
        readings += _sheet_readings(sheet, known, layouts, day, zone, before)
        before = before.after(_currency_of(readings))
    skipped = [
        Remark("skipped_sheet", {"sheet": error.params["sheet"], "why": error}) for error in unread
    ]
    return _with_remarks(readings, skipped)


def _refuse_early(member: Member, layouts: Sequence[Layout], wanted: Layout | None) -> None:
    """Refuse a large text that is no known export by its first rows, the rest of it unread.

    All that tells an export stands in them; where they cannot be read alone, nothing is said.
    """
    start = member.beginning()
    if start is None:
        return
    try:
        if any(reader.claims(start) for reader in SPECIAL_READERS if wanted is None):
            return
        sheets = start.sheets()
    except ExportError:
        return
    if min(sheet.cells.height for sheet in sheets) >= _TELLING_ROWS:
        _recognised(sheets, layouts, wanted)


def _recognised(
    sheets: Sequence[Sheet], layouts: Sequence[Layout], wanted: Layout | None
) -> tuple[list[tuple[Sheet, Recognised]], list[UnknownLayoutError]]:
    """The sheets that are known exports; cover sheets beside them are told, not fatal."""
    found, unread = [], []
    for sheet in sheets:
        try:
            known = recognise_as(sheet, wanted) if wanted else recognise(sheet, layouts)
            if wanted is None:
                check_rows(sheet, known)
            found.append((sheet, known))
        except UnknownLayoutError as error:
            unread.append(error)
    if not found:
        raise unread[0]
    return found, unread


def _sheet_readings(
    sheet: Sheet,
    known: Recognised,
    layouts: Sequence[Layout],
    day: date | None,
    zone: str,
    before: KnownBefore,
) -> list[Reading]:
    first = read_table(sheet, known, known.layout, day=day, zone=zone, before=before)
    before = before.after(first.currency)
    beside_it = []
    for companion in known.layout.companions:
        beside = layout_by_id(layouts, companion) or layout_by_id(load_layouts(), companion)
        if beside is not None and not beside.missing(known.headers):
            beside_it.append(read_table(sheet, known, beside, day=day, zone=zone, before=before))
    told = first.rejected["source_row"].to_list()
    return [first, *[_as_companion(reading, told) for reading in beside_it]]


def _currency_of(readings: Sequence[Reading]) -> str:
    return next((reading.currency for reading in readings if reading.currency), "")


def _as_companion(reading: Reading, told: Sequence[int]) -> Reading:
    """What the first reading of the sheet said is not said again: a row is set aside once."""
    rejected = reading.rejected.filter(~pl.col("source_row").is_in(told))
    remarks = tuple(remark for remark in reading.remarks if remark.code != "other_currency")
    return replace(reading, rejected=rejected, unknown_headers=(), remarks=remarks)


def _placed(reading: Reading, archive: str) -> Reading:
    """The sheets of an archive's files, told apart by the file's place in it."""
    if reading.file_name == archive:
        return reading
    inside = reading.file_name.removeprefix(f"{archive}/")
    return replace(reading, sheet=f"{inside}/{reading.sheet}" if reading.sheet else inside)


def _with_remarks(readings: list[Reading], more: Sequence[Remark]) -> list[Reading]:
    """What concerns the whole file is told with its first reading."""
    first, *rest = readings
    return [replace(first, remarks=(*first.remarks, *more)), *rest]
