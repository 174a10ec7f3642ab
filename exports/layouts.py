"""The known exports: one TOML per layout, read once.

A layout says which headings a file has, which of our columns each feeds, in what shape its cells
are, and what its words mean. ``extends`` names the layout it shares all that with, so that a
generation of a file usually holds nothing but its own header.
"""

import tomllib
from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from exports.cells.headings import normal_header
from exports.cells.values import DTYPES
from store.currency import is_currency
from store.schemas import FED_TABLES

#: Keys that speak to the loader and are no part of a layout.
_LOADER_KEYS = ("extends", "abstract", "only")
#: Fields of no column, per table; its finisher reads them (``exports.tables.orders``).
READ_ONLY: dict[str, tuple[str, ...]] = {
    "orders": ("refund_word", "line_state", "currency"),
    "order_items": ("refund_word", "line_state", "currency"),
    "refunds": ("currency",),
    "service_days": ("currency",),
}
#: What a word of ``refund_word`` may mean; "success" is no refund where an amount says 0.
REFUND_WORDS = ("refunded", "success", "part", "none")
#: Where dates are written in one order, with two digits of the year too.
_PLATFORM_ORDERS = dict.fromkeys(
    ("taobao", "jd", "pinduoduo", "douyin", "1688", "wechat", "kuaishou", "xiaohongshu"), "ymd"
)
_FOLDER = Path(__file__).with_name("layouts")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Added(_Strict):
    """Amounts of further headings that belong to an amount in some rows only."""

    headings: tuple[str, ...]
    #: The heading whose cell decides, and the words it must read.
    where: str
    words: tuple[str, ...]


class Field(_Strict):
    """One of our columns: the headings that feed it, best first, and the shape of its cells.

    Where a file has several of the headings, the first filled cell of a row counts.
    """

    spellings: tuple[str, ...]
    #: A key of ``exports.cells.values.DTYPES``.
    shape: str
    #: rate: "percent" or "fraction" where known; duration: what a bare number counts.
    unit: str = ""
    #: Which of the layout's word lists says what a word means.
    words: str = ""
    #: What a word outside the list means; unset = its row is set aside.
    unknown: str | None = None
    #: Words that mean an amount of 0.
    zero_words: tuple[str, ...] = ()
    #: A row without it is set aside.
    required: bool = False
    #: The share is a quotient: these headings hold its denominator (both are counts).
    over: tuple[str, ...] = ()
    #: Money: headings whose amounts are added to the cell's and taken from it; blank = 0.
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    #: Money: what is added where another cell says so.
    plus_where: tuple[Added, ...] = ()
    #: Money: headings that all read 0 where nothing was changed; the amount is 0 then.
    unless_zero: tuple[str, ...] = ()
    #: How the lines of one order become one value; "furthest" is the state that got furthest,
    #: "head" the order's own line (``Layout.head_line``), else the sum of its lines.
    fold: Literal["first", "last", "sum", "max", "head", "furthest"] = "first"
    #: Stands on one line of an order only and holds for all of them.
    of_order: bool = False

    @model_validator(mode="after")
    def _shape_exists(self) -> Self:
        if self.shape not in DTYPES:
            raise ValueError(f"no shape {self.shape!r}; use one of {sorted(DTYPES)}")
        if self.shape != "money" and self.headings() - {*self.spellings, *self.over}:
            raise ValueError("only money is reckoned from several headings")
        return self

    def headings(self) -> set[str]:
        """Every heading it reads, as the layout spells them."""
        added = (name for part in self.plus_where for name in (*part.headings, part.where))
        return {
            *(*self.spellings, *self.over, *self.plus, *self.minus, *self.unless_zero, *added),
        }


class Summary(_Strict):
    """How rows that are no data are known: by their label in the column of ``field``."""

    field: str
    #: Per label "drop", or the scope the row speaks of ("shop", "peer_mean", "peer_best").
    labels: dict[str, Literal["drop", "shop", "peer_mean", "peer_best"]]
    #: What all other rows speak of.
    other: Literal["agent", "shop"] = "agent"


class Layout(_Strict):
    """One kind of file. ``model_dump(mode="json")`` and ``model_validate`` go round."""

    id: str
    #: What people call it; a gettext message id.
    name: str
    #: The table it feeds.
    table: str
    platform: str = "other"
    #: The platform's own currency (ISO 4217), where no row names one; "" for none.
    currency: str = ""
    #: The exact headings of this generation, in file order; empty where a family fixes none.
    header: tuple[str, ...] = ()
    #: Further headings a seller may tick.
    optional: tuple[str, ...] = ()
    fields: dict[str, Field] = {}
    #: Fields whose heading must be there; of an inner list one is enough.
    required: tuple[str | tuple[str, ...], ...] = ()
    #: Word lists: per word of the file what it means. ``*`` at an end stands for any text.
    words: dict[str, dict[str, str]] = {}
    #: Headings of personal data: never read, never kept with a row set aside.
    personal: tuple[str, ...] = ()
    #: Columns that are the same for every row.
    constants: dict[str, str] = {}
    summary: Summary | None = None
    #: Rows are lines of an order; one row per order is made of them.
    fold_lines: bool = False
    #: A line without an order id belongs to the order above it, whose cells it leaves blank.
    continues: bool = False
    #: The heading that only lines of goods fill; a line without it is the order's own.
    head_line: str = ""
    #: The heading that lines of one order share; one of them may not repeat the order id.
    same_order: str = ""
    #: What a row's first cell or order id reads (``*`` = any text) in a note or footer.
    notes: tuple[str, ...] = ()
    #: States of an order that has been paid, where no column tells when: ``paid_at`` of all
    #: others is blank, unless money went back.
    paid_states: tuple[str, ...] = ()
    #: "." where ``120.000`` is a hundred and twenty thousand.
    thousands: Literal["", "."] = ""
    #: The platform writes universal time whatever a shop's zone is: its offsets tell of none.
    universal_times: bool = False
    #: The order in which its dates write day, month and year where a file leaves that open; unset =
    #: that of the platform.
    day_order: Literal["", "ymd", "dmy", "mdy"] = ""
    #: The column that takes the file's day (rule D) where the rows carry none.
    day_field: str = ""
    #: True where a sheet of several days is a wrong export.
    one_day: bool = False
    #: True where a lone blank count means 0, and a column blank in every row is not settled yet.
    blank_is_zero: bool = False
    #: 2 where group names stand above the headings; a heading may then stand in either row.
    header_rows: Literal[1, 2] = 1
    #: Layouts read from the same sheet, each for another table.
    companions: tuple[str, ...] = ()
    #: True for a layout that is read only as another's companion.
    companion_only: bool = False
    #: Who reads it: "table", or the name of a reader of ``exports.special``.
    reader: str = "table"
    #: True for a template of ours: its headings alone say what it is.
    template: bool = False
    #: True for the shop's own layout, made on the mapping form.
    own: bool = False

    @model_validator(mode="after")
    def _fields_are_columns(self) -> Self:
        if self.table not in FED_TABLES:
            raise ValueError(f"no table {self.table!r}; use one of {sorted(FED_TABLES)}")
        columns = {*FED_TABLES[self.table].column_names(), "shop_name"} - {"shop"}
        columns |= {*READ_ONLY.get(self.table, ())}
        if foreign := ({*self.fields, *self.constants} - columns):
            raise ValueError(f"{self.id}: table {self.table} has no column {sorted(foreign)}")
        if self.currency and not is_currency(self.currency):
            raise ValueError(f"{self.id}: no currency {self.currency!r}; write it like EUR")
        if unknown := {f.words for f in self.fields.values() if f.words} - set(self.words):
            raise ValueError(f"{self.id}: no word list {sorted(unknown)}")
        if self.paid_states and not {"status", "paid_at"} <= {*self.fields}:
            raise ValueError(f"{self.id}: states of payment need a status and a time")
        if unknown := {*self.words.get("refund", {}).values()} - {*REFUND_WORDS}:
            raise ValueError(f"{self.id}: no refund word {sorted(unknown)}; use {REFUND_WORDS}")
        return self

    @property
    def own_order(self) -> str:
        """The order of day, month and year that its platform writes; "" where not known."""
        return self.day_order or _PLATFORM_ORDERS.get(self.platform, "")

    def known_headers(self) -> frozenset[str]:
        """Every heading this layout can place, normalised."""
        return self._known_headers

    @cached_property
    def _known_headers(self) -> frozenset[str]:
        return _known(self)

    def own_headers(self) -> frozenset[str]:
        """The headings of its own generation, normalised; all it knows where it fixes none."""
        return self._own_headers

    @cached_property
    def _own_headers(self) -> frozenset[str]:
        return frozenset(map(normal_header, self.header)) or self._known_headers

    def spelled(self, field: str) -> tuple[str, ...]:
        """The normalised headings that feed a field, best first."""
        return tuple(normal_header(spelling) for spelling in self.fields[field].spellings)

    def missing(self, headers: Iterable[str]) -> list[str]:
        """The required headings that are not among ``headers`` (normalised)."""
        there = set(headers)
        lacking = []
        for item in self.required:
            choices = (item,) if isinstance(item, str) else item
            if not any(there & set(self.spelled(field)) for field in choices):
                lacking.append(" / ".join(self.fields[field].spellings[0] for field in choices))
        return lacking


def _known(layout: Layout) -> frozenset[str]:
    spelled = (spelling for field in layout.fields.values() for spelling in field.headings())
    own = (layout.head_line, layout.same_order)
    names = (*layout.header, *layout.optional, *layout.personal, *spelled, *filter(None, own))
    return frozenset(map(normal_header, names))


@cache
def load_layouts() -> tuple[Layout, ...]:
    """The built-in layouts, by id."""
    raw = {path.stem: _toml(path) for path in sorted(_FOLDER.glob("*.toml"))}
    return tuple(
        Layout.model_validate(_whole(name, raw) | {"id": name})
        for name in raw
        if not raw[name].get("abstract", False)
    )


def layout_by_id(layouts: Iterable[Layout], name: str) -> Layout | None:
    """The layout of that id, or None."""
    return next((layout for layout in layouts if layout.id == name), None)


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _whole(name: str, raw: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A layout with all that it shares; its own entries win, fields and word lists one by one.

    ``only`` names the shared fields it wants; without it they are all taken.
    """
    own = {key: value for key, value in raw[name].items() if key not in _LOADER_KEYS}
    if "extends" not in raw[name]:
        return own
    base = _whole(raw[name]["extends"], raw)
    wanted = raw[name].get("only", base.get("fields", {}))
    base["fields"] = {key: value for key, value in base.get("fields", {}).items() if key in wanted}
    for part in ("fields", "words", "constants"):
        own[part] = base.get(part, {}) | own.get(part, {})
    return base | own
