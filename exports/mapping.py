"""The shop's own layout, made on the mapping form for a file no built-in layout knows.

The form asks: which table, which heading feeds which column, what numbers count, what words mean.
The answer is a ``Layout`` like any other; ``model_dump(mode="json")`` is what is stored with the
shop, ``Layout.model_validate`` brings it back, and the same headings are recognised next time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import polars as pl

from exports.cells import values as shapes
from exports.cells.headings import normal_header
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


def offered_columns(table: str) -> tuple[Offered, ...]:
    """What the form offers for a table, in the table's order."""
    schema = FED_TABLES[table].create_empty().schema
    flat = [name for item in NEEDED[table] for name in ((item,) if isinstance(item, str) else item)]
    offers = []
    for column, dtype in {**schema, "shop_name": pl.String()}.items():
        if column not in _MADE:
            meanings = () if (table, column) in _TEXTS else MEANINGS.get(column, ())
            shape = "word" if meanings else _shape(column, dtype)
            offers.append(Offered(column, shape, column in flat, UNITS.get(shape, ()), meanings))
    return tuple(offers)


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
    platform: str = "other",
) -> Layout:
    """The shop's own layout.

    Args:
        name: What the shop calls this kind of file.
        table: The table it feeds.
        headings: The file's header as it stands.
        columns: Per column of the table the heading that feeds it.
        platform: Where the file comes from.

    Raises:
        ValueError: If a needed column is not mapped, a heading is not in the file, or a word is
            given a meaning that does not exist.
    """
    if missing := lacking(table, columns):
        raise ValueError(f"table {table} needs a heading for {' or '.join(missing[0])}")
    _check(table, headings, columns)
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
    dated_by_file = "day" in FED_TABLES[table].column_names() and "day" not in columns
    return Layout(
        id=_own_id(table, headings),
        name=name,
        table=table,
        platform=platform,
        header=tuple(headings),
        fields=fields,
        required=tuple(columns),
        words=words,
        personal=_unasked(headings, columns),
        constants=_constants(table, columns),
        day_field="day" if dated_by_file else "",
        own=True,
    )


def lacking(table: str, columns: Iterable[str]) -> list[tuple[str, ...]]:
    """What the table needs and nothing is mapped to; of the columns of one item one is enough."""
    needed = [(item,) if isinstance(item, str) else item for item in NEEDED[table]]
    return [choices for choices in needed if not set(choices) & set(columns)]


def explained_words(column: str) -> dict[str, str]:
    """The words of a column that need no question: known ones, and the meanings themselves."""
    return {**known_words(column), **{meaning: meaning for meaning in MEANINGS[column]}}


def renewed(layout: Layout) -> Layout:
    """A shop's own layout of an earlier version, read by today's rules.

    Earlier forms kept a whole address as its region, and set every row aside whose status word
    nobody had explained.
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
    region = layout.fields["region"].spellings if "region" in layout.fields else ()
    personal = tuple(dict.fromkeys([*layout.personal, *region]))
    return layout.model_copy(update={"fields": fields, "personal": personal})


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


def _constants(table: str, columns: Mapping[str, Mapped]) -> dict[str, str]:
    if table == "service_days" and "scope" not in columns:
        return {"scope": "agent" if "agent" in columns else "shop"}
    return {"source": "template"} if table == "rating_days" else {}


def is_own(layout_id: str) -> bool:
    """Whether a layout of that id was made on the mapping form."""
    return layout_id.startswith("own_")


def _own_id(table: str, headings: Sequence[str]) -> str:
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
