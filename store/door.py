"""The store's door: what every import is held to, whichever layout or mapping made its rows.

The rules are those of ``store.schemas``. A cell that cannot be is emptied together with what rests
on it, and told; its row stays. Only a row whose key, day or order cannot be is set aside, and one
that says nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import polars as pl

from store.schemas import CONTRADICTED, DUE_TIMES, FED_TABLES, RESTING, SAYING

#: What is told of a cell that fell with the one it was reckoned from.
RESTS_ON_IMPOSSIBLE = "rests_on_impossible"
#: What is told of a row, and of a cell, that lies in the future.
ROW_TO_COME, CELL_TO_COME = "row_to_come", "cell_to_come"
#: Bounds of a key, which have no reason of their own.
_KEY_REASONS = {"nullability": "missing_value", "check": "unknown_word"}
#: Marks rows that lost a cell, while they are held to the rules.
_EMPTIED = "__emptied"
_FAULTS = {
    "source_row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "falls": pl.Boolean(),
}


class Feed(Protocol):
    """What one sheet of a file gives for one table (``exports.reading.Reading``)."""

    @property
    def table(self) -> str:
        """Name of the table it feeds."""

    @property
    def layout(self) -> str:
        """Id of the layout it was read by."""

    @property
    def file_name(self) -> str:
        """The file, as uploaded."""

    @property
    def sheet(self) -> str:
        """The sheet, "" for text files."""

    @property
    def rows(self) -> pl.DataFrame:
        """Accepted rows: the table's columns except ``shop``, and ``source_row``."""

    @property
    def rejected(self) -> pl.DataFrame:
        """Rows set aside: ``source_row, column, value, reason, cells``."""

    @property
    def emptied(self) -> pl.DataFrame:
        """Cells emptied in accepted rows, in the columns of ``rejected``; one line per cell."""

    @property
    def zone(self) -> str | None:
        """The zone that times with an offset were brought to; None where no time says one."""

    @property
    def first_day(self) -> date | None:
        """First shop day it covers."""

    @property
    def last_day(self) -> date | None:
        """Last shop day it covers."""


AnyFeed = TypeVar("AnyFeed", bound=Feed)


@dataclass(frozen=True)
class Rule:
    """One rule of a table as the door applies it."""

    #: Where it holds; null counts as true.
    holds: pl.Expr
    #: The cell that cannot be where it does not hold.
    column: str
    #: A code of ``exports.reasons``.
    reason: str
    #: Whether the row falls with the cell: a key, a day, an order, all that it says.
    falls: bool
    #: What the cell says instead.
    instead: str | bool | None = None
    #: Whether it asks that the row says anything at all.
    says: bool = False


@dataclass(frozen=True)
class Admitted:
    """Rows that passed, and what did not."""

    rows: pl.DataFrame
    #: One line per cell: ``source_row``, our ``column``, its ``value`` as text, ``reason`` and
    #: whether the row ``falls`` with it.
    faults: pl.DataFrame


def admitted(
    reading: AnyFeed,
    quoted: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
    until: date | None = None,
) -> AnyFeed:
    """A reading as the store takes it; one that is beyond reproach comes back as it is.

    Args:
        reading: What a sheet gave for a table; a dataclass.
        quoted: Turns lines of :attr:`Admitted.faults` into lines of ``rejected``, one each and in
            their order, in the file's own words; our own words unless given.
        until: The last day on which anything can have happened.
    """
    passed = admit(reading.rows, reading.table, until)
    if passed.faults.is_empty():
        return reading
    faults = passed.faults
    told = (quoted or _plainly)(faults)
    # A row set aside is one line, however many of its cells are at fault.
    fallen = told.filter(faults["falls"]).unique("source_row", keep="first", maintain_order=True)
    changes: dict[str, Any] = {
        "rows": passed.rows,
        "rejected": pl.concat([reading.rejected, fallen]),
        "emptied": pl.concat([reading.emptied, told.filter(~faults["falls"])]),
    }
    return replace(reading, **changes)  # type: ignore[type-var]


def admit(rows: pl.DataFrame, table: str, until: date | None = None) -> Admitted:
    """Rows of a table brought to what its schema states.

    Args:
        rows: The table's columns except ``shop``, in their types, and ``source_row``; more columns
            pass untouched.
        table: The table they are for.
        until: The last day on which anything can have happened; unset: any day.

    Raises:
        ValueError: When a column is missing or mistyped: a bug in the reading.
    """
    types = FED_TABLES[table].create_empty().schema
    if lacking := [
        name for name in types if name != "shop" and rows.schema.get(name) != types[name]
    ]:
        raise ValueError(f"rows for {table} lack or mistype {lacking}; found {dict(rows.schema)}")
    rules = (*(_to_come(table, until) if until else ()), *rules_of(table))
    broken = rows.select(
        (~rule.holds.fill_null(True)).any().alias(str(place)) for place, rule in enumerate(rules)
    )
    if not any(broken.row(0)):
        return Admitted(rows, pl.DataFrame(schema=_FAULTS))
    parts = []
    rows = rows.with_columns(pl.lit(False).alias(_EMPTIED))
    # An emptied cell may make another rule look at the next best: so one rule after the other.
    for rule in rules:
        wrong = rows.select(~rule.holds.fill_null(True)).to_series()
        if wrong.any():
            # What is left with nothing to say goes, and its emptied cells are told already.
            untold = wrong & ~rows[_EMPTIED] if rule.says else wrong
            for column, reason in _emptied_by(rule, table):
                parts.append(_faults(rows, untold, column, reason, falls=rule.falls))
            rows = rows.filter(~wrong) if rule.falls else _without(rows, wrong, rule, table)
    faults = pl.concat(parts).sort("source_row", maintain_order=True)
    # A line of the file of which no row is left is set aside, whatever was emptied on the way.
    gone = ~faults["source_row"].is_in(rows["source_row"].cast(pl.Int64).to_list())
    return Admitted(rows.drop(_EMPTIED), faults.with_columns(falls=pl.col("falls") | gone))


@lru_cache
def rules_of(table: str) -> tuple[Rule, ...]:
    """The rules of a table, bounds of single columns first; uniqueness of keys is the view's."""
    return (*_bounds(table), *_across(table), *saying_rules(table))


@lru_cache
def saying_rules(table: str) -> tuple[Rule, ...]:
    """The rules of a table by which a row says anything at all."""
    schema, told = FED_TABLES[table], _KEY_REASONS["nullability"]
    return tuple(
        Rule(getattr(schema, name).make(schema).expr, column, told, falls=True, says=True)
        for name, column in SAYING.get(table, {}).items()
    )


def emptied_reasons() -> frozenset[str]:
    """The reasons of cells emptied; every other one is of a row set aside."""
    rules = [rule for table in FED_TABLES for rule in rules_of(table)]
    told = {rule.reason for rule in rules if not rule.falls}
    return frozenset(told | {RESTS_ON_IMPOSSIBLE, CELL_TO_COME})


def _bounds(table: str) -> Iterator[Rule]:
    schema = FED_TABLES[table]
    keys = schema.primary_key()
    for name, column in schema.columns().items():
        if name == "shop":
            continue
        told = column.metadata or {}
        falls = name in keys or not (column.nullable or "unknown" in told)
        for kind, holds in column.validation_rules(pl.col(name)).items():
            own = _KEY_REASONS.get(kind.partition("__")[0], "breaks_rule")
            reason = own if falls else told.get("impossible", "impossible_number")
            yield Rule(holds, name, reason, falls, told.get("unknown"))


def _to_come(table: str, until: date) -> Iterator[Rule]:
    """Nothing has happened after a day; what is due may lie there."""
    schema = FED_TABLES[table]
    for name, kind in schema.create_empty().schema.items():
        if kind.is_temporal() and name not in DUE_TIMES:
            falls = name in schema.primary_key()
            holds = pl.col(name).cast(pl.Date) <= until
            yield Rule(holds, name, ROW_TO_COME if falls else CELL_TO_COME, falls)


def _across(table: str) -> Iterator[Rule]:
    schema = FED_TABLES[table]
    for name, column in CONTRADICTED.get(table, {}).items():
        holds = getattr(schema, name).make(schema).expr
        yield Rule(holds, column, name, falls=column in schema.primary_key())


def _emptied_by(rule: Rule, table: str) -> Iterator[tuple[str, str]]:
    """The cells that a broken rule empties, with the reason told of each."""
    yield rule.column, rule.reason
    if not rule.falls:
        for resting in RESTING.get(table, {}).get(rule.column, ()):
            yield resting, RESTS_ON_IMPOSSIBLE


def _without(rows: pl.DataFrame, wrong: pl.Series, rule: Rule, table: str) -> pl.DataFrame:
    fills: dict[str, Any] = {column: None for column, _ in _emptied_by(rule, table)}
    fills |= {rule.column: rule.instead, _EMPTIED: True}
    return rows.with_columns(
        pl.when(wrong)
        .then(pl.lit(fill, rows.schema[column]))
        .otherwise(pl.col(column))
        .alias(column)
        for column, fill in fills.items()
    )


def _faults(
    rows: pl.DataFrame, wrong: pl.Series, column: str, reason: str, *, falls: bool
) -> pl.DataFrame:
    cell = pl.col(column)
    at = rows.filter(wrong)
    if reason == RESTS_ON_IMPOSSIBLE:
        # What is empty already is not emptied.
        at = at.filter(cell.is_not_null())
    in_units = column.endswith("_fen") and at.schema[column].is_integer()
    value = pl.format("{}", cell / 100) if in_units else cell.cast(pl.String)
    return at.select(
        pl.col("source_row").cast(pl.Int64),
        column=pl.lit(column),
        value=value.fill_null(""),
        reason=pl.lit(reason),
        falls=pl.lit(falls),
    )


def _plainly(faults: pl.DataFrame) -> pl.DataFrame:
    return faults.drop("falls").with_columns(cells=pl.lit("{}"))
