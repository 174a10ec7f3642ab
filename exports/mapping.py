"""The own layout, made on the mapping form for a file no built-in layout knows.

The form asks: which table, which heading feeds which column, what is the same in every row, what
numbers count, what words mean. The answer is a ``Layout`` like any other;
``model_dump(mode="json")`` is what is stored, ``Layout.model_validate`` brings it back, and the
same headings are recognised next time. :func:`answers` turns it into the form's answers again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import polars as pl

from exports.cells import times
from exports.cells import values as shapes
from exports.cells.headings import normal_header
from exports.cells.plain import Column
from exports.files.sheets import Sheet
from exports.layouts import Field, Layout, load_layouts
from exports.recognise import HEADER_ROWS
from store.schemas import (
    DSR_DIMENSIONS,
    FED_TABLES,
    ORDER_STATES,
    REFUND_OUTCOMES,
    SENDERS,
    SERVICE_SCOPES,
)

#: Columns a file of the table must bring; of an inner list one is enough.
NEEDED: dict[str, tuple[str | tuple[str, ...], ...]] = {
    "messages": ("buyer", "sender", "sent_at", "text"),
    "service_days": (),
    "orders": ("order_id", ("created_at", "paid_at")),
    "order_items": ("order_id",),
    "refunds": ("refund_id", "order_id", "asked_at"),
    "ratings": ("order_id", "rated_at", DSR_DIMENSIONS),
    "rating_days": ("dimension", "score"),
    "rating_snapshots": ("dimension", "score"),
    "reviews": ("buyer", "rated_at", "text"),
}
#: Columns that are made while reading, never mapped.
_MADE = ("shop", "nth", "paid_is_net", "platform", "unsettled", "layout", "source", "status_text")
#: What the words of a column may mean.
MEANINGS: dict[str, tuple[str, ...]] = {
    "status": ORDER_STATES,
    "outcome": REFUND_OUTCOMES,
    "sender": SENDERS,
    "dimension": DSR_DIMENSIONS,
    "scope": SERVICE_SCOPES,
}
#: The ``scope`` of a refund is the file's own text.
_TEXTS = (("refunds", "scope"),)
#: Shapes a constant cannot have: what tells rows apart or when they were is never the same in all.
_NEVER_CONSTANT = ("time", "day", "flag")
_TELL_ROWS_APART = ("order_id", "item_order_id", "refund_id", "buyer", "text")
#: What a word stands for where nobody said it; a column that is missing here sets its row aside.
UNSAID = {"status": "unknown", "outcome": "open"}
_NUMBERS = ("qa_ratio", "versus_industry")
_SCORES = ("score", "target", "industry_mean", "industry_best", "industry_worst")
UNITS: dict[str, tuple[str, ...]] = {
    "duration": ("second", "minute", "hour", "day"),
    "rate": ("", "fraction", "percent"),
}


@dataclass(frozen=True)
class Offered:
    """One column of a table that a heading can be mapped to."""

    column: str
    shape: str
    #: Whether the table needs it (alone, or it or a neighbour of ``NEEDED``).
    needed: bool
    #: What its bare numbers may count; empty where there is nothing to say.
    units: tuple[str, ...]
    #: What its words may mean; empty where they are kept as text.
    meanings: tuple[str, ...]


@dataclass(frozen=True)
class Mapped:
    """The answer for one column: the file's heading, and what its cells count or mean."""

    heading: str
    unit: str = ""
    words: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Answers:
    """Everything the form was told of a layout, its name and table apart."""

    columns: Mapping[str, Mapped]
    #: Per column what every row says, as a person types it; of a column of words the meaning.
    constants: Mapping[str, str]


def offered_columns(table: str) -> tuple[Offered, ...]:
    """What the form offers for a table, in the table's order."""
    schema = FED_TABLES[table].create_empty().schema
    flat = [name for item in NEEDED[table] for name in ((item,) if isinstance(item, str) else item)]
    offers = []
    for column, dtype in {**schema, "shop_name": pl.String()}.items():
        if column not in _MADE:
            meanings = () if is_kept_as_text(table, column) else MEANINGS.get(column, ())
            shape = "word" if meanings else _shape(column, dtype)
            offers.append(Offered(column, shape, column in flat, UNITS.get(shape, ()), meanings))
    return tuple(offers)


def constant_columns(table: str) -> tuple[Offered, ...]:
    """The columns that may be the same in every row of a file, in the table's order."""
    return tuple(
        offer
        for offer in offered_columns(table)
        if offer.shape not in _NEVER_CONSTANT and offer.column not in _TELL_ROWS_APART
    )


def is_dated_by_file(table: str, columns: Iterable[str]) -> bool:
    """Whether the rows take the day of a title, of the user or of the file's name."""
    return "day" in FED_TABLES[table].column_names() and "day" not in set(columns)


def likely_header(sheet: Sheet) -> int:
    """The row (from 0) that looks most like a header: the first of the fullest among the first."""
    filled = [sum(bool(cell) for cell in row) for row in sheet.cells.head(HEADER_ROWS).rows()]
    return filled.index(max(filled)) if filled else 0


def unsaid_words(
    sheet: Sheet, header_row: int, heading: str, words: Mapping[str, str]
) -> list[str]:
    """The words of a column that ``words`` does not explain, the 50 most frequent, those first."""
    place = list(sheet.cells.row(header_row)).index(heading)
    cells = sheet.cells.slice(header_row + 1).to_series(place).str.strip_chars()
    strange = cells.filter(shapes.words(cells, words).bad)
    counts = strange.alias("word").value_counts(sort=True)
    return list(counts["word"].head(50).to_list())


def known_words(column: str) -> dict[str, str]:
    """What the built-in layouts say the words of a column mean; the form starts from it."""
    known: dict[str, str] = {}
    for layout in load_layouts():
        field = layout.fields.get(column)
        if field is not None and field.words:
            known = layout.words[field.words] | known
    return known


def mapped_layout(
    name: str,
    table: str,
    headings: Sequence[str],
    columns: Mapping[str, Mapped],
    *,
    constants: Mapping[str, str] | None = None,
    platform: str = "other",
) -> Layout:
    """The own layout.

    Args:
        name: What people call this kind of file.
        table: The table it feeds.
        headings: The file's header as it stands.
        columns: Per column of the table the heading that feeds it.
        constants: Per column what every row says, as a person types it.
        platform: Where the file comes from.

    Raises:
        ValueError: If a needed column is not mapped, a heading is not in the file, a word is
            given a meaning that does not exist, or a constant cannot be read.
    """
    same = dict(constants or {})
    if missing := lacking(table, {**columns, **same}):
        raise ValueError(f"table {table} needs a heading for {' or '.join(missing[0])}")
    _check(table, headings, columns)
    _check_constants(table, same, columns)
    offers = {offer.column: offer for offer in offered_columns(table)}
    words = {
        column: _words(column, answer)
        for column, answer in columns.items()
        if offers[column].meanings
    }
    fields = {
        column: _field(offers[column], answer, needed=_alone(table, column))
        for column, answer in columns.items()
    }
    if "status" in columns and table == "orders":
        fields["status_text"] = Field(spellings=(columns["status"].heading,), shape="text")
    if "outcome" in columns:
        fields["status_text"] = Field(spellings=(columns["outcome"].heading,), shape="text")
    return Layout(
        id=own_id(table, headings),
        name=name,
        table=table,
        platform=platform,
        header=tuple(headings),
        fields=fields,
        required=_required(table, columns),
        words=words,
        personal=_unasked(headings, columns),
        constants=_constants(table, columns, same),
        day_field="day" if is_dated_by_file(table, columns) else "",
        own=True,
    )


def answers(layout: Layout) -> Answers:
    """What the form was told to make this layout; ``mapped_layout`` makes the same of it again."""
    offers = {offer.column: offer for offer in offered_columns(layout.table)}
    columns = {}
    for column, field in layout.fields.items():
        if column in offers and not (column == "status_text" and _is_copy(layout)):
            known = explained_words(column) if field.words else {}
            said = layout.words.get(field.words, {}).items()
            own = {word: meaning for word, meaning in said if known.get(word) != meaning}
            columns[column] = Mapped(field.spellings[0], field.unit, own or None)
    assumed = _constants(layout.table, columns, {})
    same = {
        column: _typed(offers[column], value)
        for column, value in layout.constants.items()
        if column in offers and assumed.get(column) != value
    }
    return Answers(columns, same)


def _is_copy(layout: Layout) -> bool:
    """Whether the state as written is kept beside what it means, unasked."""
    return any(column in layout.fields for column in ("status", "outcome"))


def lacking(table: str, columns: Iterable[str]) -> list[tuple[str, ...]]:
    """What the table needs and nothing is mapped to; of the columns of one item one is enough."""
    needed = [(item,) if isinstance(item, str) else item for item in NEEDED[table]]
    return [choices for choices in needed if not set(choices) & set(columns)]


def explained_words(column: str) -> dict[str, str]:
    """The words of a column that need no question: known ones, and the meanings themselves."""
    return {**known_words(column), **{meaning: meaning for meaning in MEANINGS[column]}}


def renewed(layout: Layout) -> Layout:
    """A shop's own layout of an earlier version, read by today's rules.

    Earlier forms kept a whole address as its region, set every row aside whose status word nobody
    had explained, and knew a file no more that lacked one of its columns.
    """
    fields = {
        column: field.model_copy(
            update={"shape": "region"}
            if column == "region"
            else {"unknown": UNSAID[column]}
            if column in UNSAID and field.words
            else {}
        )
        for column, field in layout.fields.items()
    }
    told = {
        normal_header(text)
        for column, field in layout.fields.items()
        if column != "region"
        for text in field.spellings
    }
    untold = [heading for heading in layout.header if normal_header(heading) not in told]
    personal = tuple(dict.fromkeys([*layout.personal, *untold]))
    named = [column for item in layout.required for column in _flat(item)]
    needed = _required(layout.table, dict.fromkeys([*named, *fields]))
    changes = {"fields": fields, "personal": personal, "required": needed}
    return layout.model_copy(update=changes)


def is_kept_as_text(table: str, column: str) -> bool:
    """Whether a column of words keeps the file's own text in this table."""
    return (table, column) in _TEXTS


def _words(column: str, answer: Mapped) -> dict[str, str]:
    said = dict(answer.words or {})
    if strange := set(said.values()) - set(MEANINGS[column]):
        raise ValueError(f"{column}: no meaning {sorted(strange)}; use {list(MEANINGS[column])}")
    return {**explained_words(column), **said}


def _unasked(headings: Sequence[str], columns: Mapping[str, Mapped]) -> tuple[str, ...]:
    """Headings whose cells are not kept with a row set aside: what nobody told us may be personal.

    The region is told, but its cells are whole addresses.
    """
    told = {normal_header(answer.heading) for name, answer in columns.items() if name != "region"}
    return tuple(heading for heading in headings if normal_header(heading) not in told)


def _field(offer: Offered, answer: Mapped, *, needed: bool) -> Field:
    words = offer.column if offer.meanings else ""
    return Field(
        spellings=(answer.heading,),
        shape=offer.shape,
        unit=answer.unit,
        words=words,
        unknown=UNSAID.get(offer.column),
        required=needed or (bool(words) and offer.column not in UNSAID),
    )


def _flat(item: str | tuple[str, ...]) -> tuple[str, ...]:
    return (item,) if isinstance(item, str) else item


def _required(table: str, columns: Iterable[str]) -> tuple[str | tuple[str, ...], ...]:
    """The columns whose headings a file must have to be one of this kind.

    Those the table needs and those that say what a row is of; of a table that needs none besides,
    one of the figures. A file may lack any other: what it does not tell is unknown.
    """
    mapped = [column for column in columns if column not in _MADE]
    needed: list[str | tuple[str, ...]] = []
    for item in NEEDED[table]:
        there = tuple(column for column in _flat(item) if column in mapped)
        needed += [there[0] if len(there) == 1 else there] if there else []
    told = {column for item in needed for column in _flat(item)}
    keys = FED_TABLES[table].primary_key()
    needed += [column for column in mapped if column in keys and column not in told]
    others = tuple(c for c in mapped if c not in keys and c not in told)
    if not NEEDED[table] and others:
        needed.append(others)
    return tuple(needed)


def _alone(table: str, column: str) -> bool:
    return column in NEEDED[table]


def _check(table: str, headings: Sequence[str], columns: Mapping[str, Mapped]) -> None:
    there = set(map(normal_header, headings))
    foreign = [answer.heading for answer in columns.values()
               if normal_header(answer.heading) not in there]  # fmt: skip
    if foreign:
        raise ValueError(f"headings {foreign} are not in the file; it has {list(headings)}")
    offered = {offer.column for offer in offered_columns(table)}
    if unknown := set(columns) - offered:
        raise ValueError(f"table {table} has no column {sorted(unknown)} to map")


def _constants(
    table: str, columns: Mapping[str, Mapped], same: Mapping[str, str]
) -> dict[str, str]:
    """What every row says, as the cast to the table's types reads it."""
    offers = {offer.column: offer for offer in offered_columns(table)}
    read = {column: _read_constant(offers[column], text) for column, text in same.items()}
    if table == "service_days" and "scope" not in {*columns, *same}:
        return {"scope": "agent" if "agent" in {*columns, *same} else "shop"} | read
    return ({"source": "template"} if table == "rating_days" else {}) | read


def _check_constants(table: str, same: Mapping[str, str], columns: Mapping[str, Mapped]) -> None:
    possible = {offer.column for offer in constant_columns(table)}
    if unknown := set(same) - possible:
        raise ValueError(f"{sorted(unknown)} cannot be the same in every row of table {table}")
    if twice := set(same) & set(columns):
        raise ValueError(f"{sorted(twice)} have a heading and a constant; choose one")


def _read_constant(offer: Offered, text: str) -> str:
    """What a person typed, as text of the column's type: 12.00 of money is 1200 fen."""
    if offer.meanings:
        if text not in offer.meanings:
            raise ValueError(f"{offer.column}: no meaning {text!r}; use {list(offer.meanings)}")
        return text
    read = cells_read(offer.shape, pl.Series("cell", [text], dtype=pl.String))
    if read.bad.any() or read.values.null_count():
        raise ValueError(f"{offer.column}: {text!r} cannot be read")
    return str(read.values.item())


def is_readable(offer: Offered, text: str) -> bool:
    """Whether a text may be what every row says in a column."""
    try:
        _read_constant(offer, text)
    except ValueError:
        return False
    return True


def cells_read(shape: str, cells: pl.Series) -> Column:
    """Cells of any shape but "word", read by what they alone tell."""
    match shape:
        case "money":
            return shapes.money(cells)
        case "rate":
            return shapes.rates(cells)
        case "time":
            return times.times(cells)
        case "duration":
            return times.durations(cells)
        case _:
            return shapes.READERS[shape](cells)


def _typed(offer: Offered, value: str) -> str:
    """A constant as a person would type it."""
    if offer.shape != "money":
        return value
    fen = int(value)
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"


def is_own(layout_id: str) -> bool:
    """Whether a layout of that id was made on the mapping form."""
    return layout_id.startswith("own_")


def own_id(table: str, headings: Sequence[str]) -> str:
    """The id of an own layout: the same for the same table and headings."""
    text = "\x1f".join([table, *map(normal_header, headings)])
    return f"own_{table}_{blake2b(text.encode(), digest_size=4).hexdigest()}"


def _shape(column: str, dtype: Any) -> str:
    by_dtype = {pl.Int64: "money", pl.Int32: "count", pl.Int8: "stars", pl.Date: "day"}
    if dtype == pl.String:
        return "id" if column.endswith("_id") else "region" if column == "region" else "text"
    if isinstance(dtype, pl.Datetime):
        return "time"
    if dtype == pl.Boolean:
        return "flag"
    if dtype == pl.Float64:
        return _float_shape(column)
    return by_dtype[type(dtype)]


def _float_shape(column: str) -> str:
    if column.endswith("_s"):
        return "duration"
    if column in _NUMBERS:
        return "number"
    return "score" if column in _SCORES else "rate"
