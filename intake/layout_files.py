"""An own layout as a file: written beside it, read by ``import --map`` on another machine.

The file is TOML in the words of ``exports/layouts``, without what follows from it (the id).
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from pydantic import ValidationError

from exports.cells.values import DTYPES
from exports.layouts import Layout
from exports.mapping import MEANINGS, is_kept_as_text, lacking, own_id, renewed
from exports.result import row_schema

__all__ = ["Layout", "LayoutFileError", "layout_file", "read_layout_file"]

#: What a layout file may say, in the order it is written; see ``exports/layouts/README.md``.
KEYS = (
    *(
        "name",
        "table",
        "platform",
        "currency",
        "thousands",
        "day_field",
        "header",
        "optional",
        "required",
        "personal",
    ),
    *("constants", "fields", "words"),
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
#: Control characters that JSON leaves as they are and TOML forbids.
_DELETE = "\x7f"


class LayoutFileError(ValueError):
    """Error raised when a layout file cannot be used; the text says where and what to do."""


def layout_file(layout: Layout) -> str:
    """The layout as TOML; :func:`read_layout_file` makes the same layout of it."""
    told = layout.model_dump(mode="json", exclude_defaults=True)
    lines = [f"{key} = {_value(told[key])}" for key in KEYS if key in told and key != "words"]
    lines = [line for line in lines if not line.startswith("fields = ")]
    lines += ["", "[fields]", *_entries(told.get("fields", {}))]
    for name, words in told.get("words", {}).items():
        lines += ["", f"[words.{_key(name)}]", *_entries(words)]
    return "\n".join([*lines, ""])


def read_layout_file(name: str, content: bytes) -> Layout:
    """The layout that a file says.

    Args:
        name: The file's name, for the sentence of an error.
        content: Its bytes.

    Raises:
        LayoutFileError: If it is no layout by which a file can be read.
    """
    try:
        told = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LayoutFileError(f"{name}: the file is not UTF-8 text.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LayoutFileError(f"{name}: this is no TOML file: {error}.") from error
    if unknown := sorted(set(told) - {*KEYS}):
        keys = ", ".join(KEYS)
        raise LayoutFileError(f"{name}: unknown key {_listed(unknown)}; a layout has {keys}.")
    try:
        layout = Layout.model_validate({"id": "own", "own": True, **told})
    except ValidationError as error:
        raise LayoutFileError(f"{name}: {_fault(error)}") from error
    if fault := next(_faults(layout), None):
        raise LayoutFileError(f"{name}: {fault}")
    spelled = [text for field in layout.fields.values() for text in field.spellings]
    header = tuple(dict.fromkeys([*layout.header, *layout.optional, *spelled]))
    made = {"header": header, "optional": (), "id": own_id(layout.table, header)}
    # Held to what the form would have made of it, the care for personal cells included.
    return renewed(layout.model_copy(update=made))


def _faults(layout: Layout) -> Iterator[str]:
    """What makes a layout useless though each of its parts is well formed."""
    if not layout.name.strip():
        yield "the layout needs a name."
    for choices in lacking(layout.table, {**layout.fields, **layout.constants}):
        yield f"table {layout.table} needs {' or '.join(choices)}; give it in [fields]."
    types = row_schema(layout.table)
    for column, field in layout.fields.items():
        if not field.spellings:
            yield f"fields.{column} needs a heading in spellings."
        if DTYPES[field.shape] != types.get(column, pl.String()):
            yield f"fields.{column} cannot have the shape {field.shape!r}."
        if (field.shape == "word") != bool(field.words):
            yield f'fields.{column}: the shape "word" and a list of words go together.'
        yield from _strange_meanings(layout, column)
    for column, text in layout.constants.items():
        said = MEANINGS.get(column, ()) if not is_kept_as_text(layout.table, column) else ()
        if pl.Series([text]).cast(types[column], strict=False).null_count():
            yield f"constants.{column}: {text!r} cannot be read."
        elif said and text not in said:
            yield f"constants.{column}: use one of {', '.join(said)}."
    if layout.day_field and types.get(layout.day_field) != pl.Date():
        yield f"day_field: table {layout.table} has no day {layout.day_field!r}."
    if "day" in types and "day" not in layout.fields and not layout.day_field:
        yield f'table {layout.table} needs day in [fields], or day_field = "day".'
    named = [
        name for item in layout.required for name in ([item] if isinstance(item, str) else item)
    ]
    if strange := sorted(set(named) - set(layout.fields)):
        yield f"required: {_listed(strange)} stands in no field."


def _strange_meanings(layout: Layout, column: str) -> Iterator[str]:
    """Words that mean what their column cannot say."""
    field = layout.fields[column]
    if column not in MEANINGS or is_kept_as_text(layout.table, column):
        return
    possible = MEANINGS[column]
    meanings = {*layout.words.get(field.words, {}).values()}
    meanings |= {field.unknown} if field.unknown is not None else set()
    if strange := sorted(meanings - {*possible}):
        known = ", ".join(possible)
        yield f"words of {column}: no meaning {_listed(strange)}; use one of {known}."


def _fault(error: ValidationError) -> str:
    """The first fault of a layout, without the machinery's own words."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    said = first["msg"].removeprefix("Value error, ").removeprefix("own: ")
    return f"{place}: {said}." if place else f"{said}."


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


def _key(text: str) -> str:
    return text if _BARE_KEY.fullmatch(text) else _text(text)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")


def _value(value: Any) -> str:
    """A JSON value as TOML writes it; what is null is left out."""
    match value:
        case str():
            return _text(value)
        case bool() | int() | float():
            return json.dumps(value)
        case dict():
            said = {key: part for key, part in value.items() if part is not None}
            return "{ " + ", ".join(_entries(said)) + " }" if said else "{}"
        case _:
            return "[" + ", ".join(map(_value, value)) + "]"
