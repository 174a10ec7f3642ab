"""One recognised sheet to rows of one table: cells read, bad rows set aside."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from exports.cells import times
from exports.cells import values as shapes
from exports.cells.body import Body, body_under
from exports.cells.dates import Order
from exports.cells.headings import bare_header, normal_header
from exports.cells.masking import masked_text
from exports.cells.plain import Column, plain
from exports.cells.pseudonyms import addresses, pseudonyms
from exports.cells.set_aside import Aside, rejected_frame, told_lines
from exports.cells.zones import fits
from exports.errors import DayUnknownError, PeriodFileError
from exports.files.file_day import day_of_name, day_of_title
from exports.files.sheets import Sheet
from exports.layouts import Field, Layout
from exports.recognise import Recognised
from exports.refusals import SeveralDaysError
from exports.result import Reading, Remark, day_span, row_schema, shaped
from exports.tables.amounts import reckoned
from exports.tables.currency import in_one_currency
from exports.tables.finishing import finish
from exports.tables.known import NOTHING, KnownBefore
from exports.tables.order_lines import with_order_ids, without_notes
from exports.tables.row_faults import row_faults
from store.buyer_key import fingerprint

_FREE_TEXT = (
    *("title", "item_title", "sku_text", "comment", "text", "later_text", "reason", "reason_tag"),
    *("close_reason", "status_text", "refund_state", "rating_class"),
)
_UNKNOWN_REMARKS = {"status": "unknown_status", "outcome": "unknown_outcome"}
#: How many unknown words a remark lists.
_WORDS_SHOWN = 20


def read_table(
    sheet: Sheet,
    known: Recognised,
    layout: Layout,
    *,
    day: date | None,
    zone: str,
    before: KnownBefore = NOTHING,
) -> Reading:
    """The rows of one sheet for the table of ``layout``.

    Args:
        sheet: The sheet.
        known: Where its header stands.
        layout: The layout it was recognised as, or a companion of it.
        day: The day the user gave, for files that carry none.
        zone: The shop's time zone.
        before: What is known of the shop before it is read.
    """
    body = _body(sheet, known, layout)
    scopes = _without_summaries(body, layout)
    columns, offsets = _columns(body, layout, zone)
    if (goods := normal_header(layout.head_line)) in body.rows.columns:
        columns["is_goods"] = body.rows[goods].is_not_null()
    named_by = _name_buyers(columns, layout, before.buyer_key)
    currency = in_one_currency(body, layout, columns, before)
    if offsets is not None and not fits(zone, offsets):
        body.remarks.append(Remark("other_zone", {"zone": zone}))
    if scopes is not None:
        columns["scope"] = scopes
    _add_day(columns, sheet, layout, body, day)
    present = frozenset({*columns, *layout.constants})
    types = row_schema(layout.table)
    constants = [
        pl.lit(value).cast(types[name]).alias(name) for name, value in layout.constants.items()
    ]
    rows = pl.DataFrame({**columns, "source_row": body.source_row}).with_columns(constants)
    body.aside += row_faults(rows, layout.table, lambda name: _heading(body, layout, name))
    good = _good_rows(body, rows, layout)
    accepted = rows if good.all() else rows.filter(good)
    finished = finish(accepted, layout, present=present)
    table_rows = shaped(layout.table, finished.rows)
    first, last = day_span(layout.table, table_rows)
    personal = frozenset(map(normal_header, layout.personal))
    return Reading(
        table=layout.table,
        layout=layout.id,
        file_name=sheet.file_name,
        sheet=sheet.sheet,
        rows=table_rows,
        rejected=rejected_frame(body.aside, body.rows, body.source_row, body.spelled, personal),
        unknown_headers=_unknown_headers(body, layout),
        present=present,
        remarks=(*body.remarks, *finished.remarks),
        first_day=first,
        last_day=last,
        currency=currency,
        named_by=named_by,
        quoted=lambda faults: _quoted(faults, body, layout, personal),
        zone=zone if offsets is not None else None,
        offsets=None if layout.universal_times else offsets,
    )


def _quoted(
    faults: pl.DataFrame, body: Body, layout: Layout, personal: frozenset[str]
) -> pl.DataFrame:
    """Faults of the store's door by the file's headings, with the cells as the file has them."""
    parts = []
    for (name,), lines in faults.with_row_index("nth").group_by("column", maintain_order=True):
        at = body.source_row.search_sorted(lines["source_row"])
        ours, cell = str(name), lines["value"]
        heading = pl.repeat(_heading(body, layout, ours) or ours, lines.height, eager=True)
        spelled = layout.spelled(ours) if ours in layout.fields and ours != "buyer" else ()
        # Of several headings the first filled cell was read.
        for found in reversed([known for known in spelled if known in body.rows.columns]):
            raw = body.rows[found].gather(at)
            filled = plain(raw).is_not_null()
            heading = heading.set(filled, body.spelled[found].strip())
            # The value of an order's folded lines stands in no single cell.
            cell = cell if layout.fold_lines else raw.zip_with(filled, cell)
        parts.append(lines.select("nth", "reason", at=at, column=heading, value=cell))
    told = pl.concat(parts).sort("nth")
    return told_lines(told, body.rows, body.source_row, body.spelled, personal)


def _body(sheet: Sheet, known: Recognised, layout: Layout) -> Body:
    body = body_under(sheet.cells, known.header_row, known.headers)
    rows = sheet.cells.slice(known.header_row + 1)
    filled = body.rows.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    if not filled.all():
        rows = rows.filter(filled)
        body.keep(filled)
    rows = _without_repeated_header(body, rows)
    rows = without_notes(body, rows, layout)
    with_order_ids(body, layout)
    _note_extra_cells(body, rows, known, text_file=sheet.sheet == "")
    return body


def _without_repeated_header(body: Body, rows: pl.DataFrame) -> pl.DataFrame:
    """Files glued together hold their header again (Q21)."""
    told = list(body.spelled.items())[:3]
    name, text = told[0]
    first = body.rows[name].str
    if not any(first.contains(word, literal=True).any() for word in {name, text.strip()}):
        return rows
    same = [pl.col(name).str.strip_chars().is_in([name, text.strip()]) for name, text in told]
    repeated = body.rows.select(pl.all_horizontal(same).fill_null(False)).to_series()
    if repeated.any():
        body.remarks.append(Remark("repeated_header", {"count": int(repeated.sum())}))
        rows = rows.filter(~repeated)
        body.keep(~repeated)
    return rows


def _note_extra_cells(
    body: Body, rows: pl.DataFrame, known: Recognised, *, text_file: bool
) -> None:
    """Cells right of the last heading (Q7): nothing where all are empty.

    In a text file a filled one means a separator inside a value, so the cells of its row have
    moved; in a workbook it is a note beside the table.
    """
    last = max(place for place, name in enumerate(known.headers) if name)
    beyond = rows.select(
        pl.any_horizontal(
            pl.lit(False),
            *[
                pl.nth(at).str.strip_chars().str.len_chars() > 0
                for at in range(last + 1, rows.width)
            ],
        ).fill_null(False)
    ).to_series()
    if rows.width <= last + 1 or not beyond.any():
        return
    if text_file:
        at = beyond.arg_true()
        body.aside.append(Aside(at, "", rows[:, last + 1].gather(at), "too_many_cells"))
    else:
        body.remarks.append(Remark("extra_cells", {"count": int(beyond.sum())}))


def _without_summaries(body: Body, layout: Layout) -> pl.Series | None:
    """Leaves summary rows out by their label (Q18) and tells what the kept rows speak of."""
    if layout.summary is None:
        return None
    headings = [name for name in layout.spelled(layout.summary.field) if name in body.rows.columns]
    if not headings:
        return None
    label = body.rows[headings[0]].str.strip_chars()
    other = layout.summary.other
    scope = label.replace_strict(layout.summary.labels, default=other, return_dtype=pl.String)
    dropped = (scope == "drop").fill_null(False)
    if dropped.any():
        body.remarks.append(Remark("summary_rows", {"count": int(dropped.sum())}))
        body.keep(~dropped)
    scope = scope.filter(~dropped)
    if layout.summary.field == layout.day_field:
        # The label took the place of the day, which is that of the other rows (_add_day).
        own_day = body.rows[headings[0]].zip_with(scope == other, _nothing(body.rows.height))
        body.rows = body.rows.with_columns(own_day.alias(headings[0]))
    return scope


def _columns(
    body: Body, layout: Layout, zone: str
) -> tuple[dict[str, pl.Series], pl.DataFrame | None]:
    """The fields' values by name, and the offsets that their times say."""
    offsets: list[pl.DataFrame] = []
    clock = _Clock(zone, _order_of(body, layout), offsets.append)
    columns: dict[str, pl.Series] = {}
    unsettled: dict[str, pl.Series] = {}
    for name, spec in layout.fields.items():
        headings = [heading for heading in layout.spelled(name) if heading in body.rows.columns]
        if not headings:
            continue
        values, waiting = _field(body, layout, name, headings, clock)
        columns[name] = masked_text(values) if name in _FREE_TEXT else values
        if waiting is not None:
            unsettled[name] = waiting
        if spec.required:
            _note_missing(body, values, headings[0], spec)
    if unsettled:
        body.remarks.append(Remark("unsettled_column", {"columns": ", ".join(unsettled)}))
        words = [pl.when(mask).then(pl.lit(name)) for name, mask in unsettled.items()]
        joined = pl.concat_str(words, separator=",", ignore_nulls=True)
        columns["unsettled"] = pl.select(pl.when(joined != "").then(joined)).to_series()
    return columns, pl.concat(offsets).unique() if offsets else None


@dataclass(frozen=True)
class _Clock:
    """How a file's times are read."""

    #: The shop's zone.
    zone: str
    #: Whether day or month stands first.
    order: Callable[[], Order | None]
    #: Takes the offsets that a column says.
    note: Callable[[pl.DataFrame], None]


def _order_of(body: Body, layout: Layout) -> Callable[[], Order | None]:
    """Tells the order of the file's dates, looked for once and only where a cell leaves it open."""

    @cache
    def told() -> Order | None:
        timed = [name for name, spec in layout.fields.items() if spec.shape in ("time", "day")]
        headings = dict.fromkeys(heading for name in timed for heading in layout.spelled(name))
        columns = (body.rows[heading] for heading in headings if heading in body.rows.columns)
        return times.day_order(columns, layout.own_order)

    return told


def _field(
    body: Body, layout: Layout, name: str, headings: list[str], clock: _Clock
) -> tuple[pl.Series, pl.Series | None]:
    """One field's values: of several headings the first filled cell; and what is not settled."""
    values: pl.Series | None = None
    waiting: pl.Series | None = None
    for heading in headings:
        if values is not None and not values.null_count():
            break
        if layout.blank_is_zero and layout.fields[name].shape in ("count", "money"):
            waiting = _fill_blanks(body, heading)
        column = _parsed(body.rows[heading], layout, name, body.spelled[heading], clock)
        column = _known_words(body, layout.fields[name], name, column, heading)
        if column.unclear is not None:
            body.set_aside(column.unclear, heading, "unclear_day")
        if column.offsets is not None:
            clock.note(column.offsets)
        body.set_aside(column.bad, heading, column.reason)
        _note_remarks(body, column, heading)
        values = (
            column.values
            if values is None
            else values.zip_with(values.is_not_null(), column.values)
        )
        waiting = column.unsettled if waiting is None else waiting
    assert values is not None
    if layout.fields[name].over:
        values = _share(body, layout.fields[name], values)
    values = reckoned(body, layout, layout.fields[name], values)
    return values.alias(name), waiting


def _fill_blanks(body: Body, heading: str) -> pl.Series | None:
    """A lone blank is 0; where every row is blank, tells that nothing is settled."""
    blank = body.rows[heading].is_null()
    if blank.all():
        return blank if blank.len() else None
    body.rows = body.rows.with_columns(pl.col(heading).fill_null("0"))
    return None


def _share(body: Body, spec: Field, part: pl.Series) -> pl.Series:
    """Part ÷ whole where the whole is there and above 0."""
    headings = [name for name in map(normal_header, spec.over) if name in body.rows.columns]
    if not headings:
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, part.len())
    whole = shapes.counts(body.rows[headings[0]]).values
    pair = pl.DataFrame({"part": part, "whole": whole})
    part_of = pl.when(pl.col("whole") > 0).then(pl.col("part") / pl.col("whole"))
    return pair.select(part_of).to_series()


def _parsed(cells: pl.Series, layout: Layout, name: str, heading: str, clock: _Clock) -> Column:
    spec = layout.fields[name]
    match spec.shape:
        case "money":
            return shapes.money(cells, spec.zero_words, thousands=layout.thousands)
        case "time":
            return times.times(cells, clock.zone, clock.order)
        case "day":
            return times.days(cells, clock.zone, clock.order)
        case "rate" if spec.over:
            return shapes.counts(cells)
        case "rate":
            return shapes.rates(cells, spec.unit)
        case "duration":
            return times.durations(cells, times.unit_of(heading, spec.unit))
        case "word":
            return shapes.words(cells, layout.words[spec.words])
        case "email_hash":
            return shapes.texts(cells)
        case shape:
            return shapes.READERS[shape](cells)


def _name_buyers(columns: dict[str, pl.Series], layout: Layout, key: bytes | None) -> str:
    """Buyers' e-mail addresses, whatever their column, become pseudonyms; tells by which key."""
    if "buyer" not in columns:
        return ""
    buyers = columns["buyer"]
    of_address = layout.fields["buyer"].shape == "email_hash"
    hidden = buyers.is_not_null() if of_address else addresses(buyers)
    if of_address and key is None:
        del columns["buyer"]
    elif hidden.any():
        columns["buyer"] = pseudonyms(buyers, key).zip_with(hidden, buyers)
    return fingerprint(key) if hidden.any() and key is not None else ""


def _known_words(body: Body, spec: Field, name: str, column: Column, heading: str) -> Column:
    """Words outside the list take the field's own meaning for them, and are listed."""
    if spec.unknown is None or not column.bad.any():
        return column
    strange = body.rows[heading].filter(column.bad).str.strip_chars()
    listed = ", ".join(strange.value_counts(sort=True)[heading].head(_WORDS_SHOWN).to_list())
    code = _UNKNOWN_REMARKS.get(name, "unknown_words")
    body.remarks.append(Remark(code, {"column": body.spelled[heading], "words": listed}))
    nothing = column.bad.new_from_index(0, 0).extend_constant(False, column.bad.len())
    return Column(column.values.set(column.bad, spec.unknown), column.reason, nothing)


def _note_missing(body: Body, values: pl.Series, heading: str, spec: Field) -> None:
    reason = "missing_id" if spec.shape == "id" else "missing_value"
    body.set_aside(values.is_null(), heading, reason)


def _note_remarks(body: Body, column: Column, heading: str) -> None:
    spelled = body.spelled[heading].strip()
    if column.coarse:
        params = {"column": spelled, "count": column.coarse}
        body.remarks.append(Remark("seconds_missing", params))
    if column.guessed:
        params = {"column": spelled, "shape": column.guessed}
        body.remarks.append(Remark("guessed_shape", params))


def _add_day(
    columns: dict[str, pl.Series], sheet: Sheet, layout: Layout, body: Body, given: date | None
) -> None:
    """Rule D: the rows' own day, else a title's, else the user's, else the file name's."""
    if not layout.day_field:
        return
    if layout.day_field in columns:
        days = columns[layout.day_field].drop_nulls().unique()
        if layout.one_day and days.len() > 1:
            raise SeveralDaysError(file=sheet.file_name, sheet=sheet.sheet, days=days.len())
        if days.len() == 1:
            _note_conflict(body, days.item(), sheet.file_name)
        if "scope" in columns:
            _fill_scoped_days(columns, layout, body, days)
        return
    day = day_of_title(sheet.cells) or given or day_of_name(sheet.file_name)
    if day is None:
        raise DayUnknownError(file=sheet.file_name, sheet=sheet.sheet)
    _note_conflict(body, day, sheet.file_name)
    columns[layout.day_field] = pl.repeat(day, body.rows.height, dtype=pl.Date, eager=True)


def _fill_scoped_days(
    columns: dict[str, pl.Series], layout: Layout, body: Body, days: pl.Series
) -> None:
    """Peer rows take the day of the one data row; any other row without a day is set aside."""
    found = columns[layout.day_field]
    if layout.summary is not None and days.len() == 1:
        scoped = columns["scope"] != layout.summary.other
        found = columns[layout.day_field] = found.set(scoped & found.is_null(), days.item())
    heading = next(name for name in layout.spelled(layout.day_field) if name in body.rows.columns)
    _note_missing(body, found, heading, layout.fields[layout.day_field])


def _nothing(height: int) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, height)


def _note_conflict(body: Body, day: date, file_name: str) -> None:
    try:
        named = day_of_name(file_name)
    except PeriodFileError:
        return
    if named is not None and named != day:
        body.remarks.append(Remark("day_conflict", {"day": day, "named": named}))


def _heading(body: Body, layout: Layout, name: str) -> str:
    """The file's own heading of one of our columns; "" where it has none."""
    spelled = layout.spelled(name) if name in layout.fields else ()
    return next((body.spelled[heading] for heading in spelled if heading in body.spelled), "")


def _good_rows(body: Body, rows: pl.DataFrame, layout: Layout) -> pl.Series:
    """Which rows are accepted; one bad line of an order takes the whole order aside."""
    good = body.good()
    if layout.fold_lines and not good.all():
        orders = rows["order_id"]
        at = (orders.is_in(orders.filter(~good).drop_nulls().to_list()) & good).arg_true()
        if at.len():
            blank = pl.Series([""]).new_from_index(0, at.len())
            body.aside.append(Aside(at, "", blank, "other_line_set_aside"))
            good = good.scatter(at, False)
    return good


def _unknown_headers(body: Body, layout: Layout) -> tuple[str, ...]:
    known = layout.known_headers()
    return tuple(body.spelled[name].strip() for name in _strange(body.spelled, known))


def _strange(names: dict[str, str], known: frozenset[str]) -> Iterator[str]:
    return (name for name in names if bare_header(name) not in known and name not in known)
