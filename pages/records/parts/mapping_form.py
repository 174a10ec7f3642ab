"""A file with unknown headings: show its first rows and ask what its columns are."""

from collections.abc import Mapping
from typing import Any

import dataframely as dy
import polars as pl
import streamlit as st
from pydantic import ValidationError

from exports.cells.headings import normal_header
from exports.files.sheets import Sheet, read_sheets
from exports.layouts import Layout
from intake.batch import keep_layout
from pages.records.parts import staging
from pages.records.parts.column_names import COLUMN_NAMES
from pages.records.parts.staging import Staged
from pages.shared import viewer, wording
from pages.shared.empty import TABLE_NAMES
from store.lake import store_path
from store.schemas import FED_TABLES
from told.mark import mark

#: Rows shown, and searched for the header.
SHOWN = 15
#: Columns that a file's own cells never give.
MADE = ("shop", "nth", "layout", "source", "platform", "paid_is_net", "unsettled")
#: Words that a column may hold, on screen.
WORDS: dict[str, str] = {
    "buyer": mark("the buyer"),
    "agent": mark("an agent"),
    "robot": mark("a robot"),
    "system": mark("the system"),
    "unpaid": mark("waiting for payment"),
    "paid": mark("paid"),
    "part_shipped": mark("shipped in part"),
    "shipped": mark("shipped"),
    "finished": mark("trade successful"),
    "closed": mark("closed"),
    "unknown": mark("unknown"),
    "success": mark("refunded"),
    "open": mark("not decided"),
    "description": mark("as described"),
    "service": mark("service attitude"),
    "logistics": mark("logistics"),
    "shop": mark("the whole shop"),
    "peer_mean": mark("peers, mean"),
    "peer_best": mark("peers, best"),
}
#: Columns whose words must be told, and what they may mean.
WORDED: dict[str, tuple[str, ...]] = {
    "sender": ("buyer", "agent", "robot", "system"),
    "status": ("unpaid", "paid", "part_shipped", "shipped", "finished", "closed", "unknown"),
    "outcome": ("success", "closed", "open"),
    "dimension": ("description", "service", "logistics"),
    "scope": ("agent", "shop", "peer_mean", "peer_best"),
}


def show(staged: Staged, shop: str | None) -> None:
    """The file's first rows, and the form that makes a layout of them."""
    _, sheet = wording.words(), _sheet(staged)
    if sheet is None:
        return
    with st.expander(_("Tell what the columns are"), icon=":material/table_edit:", expanded=True):
        st.dataframe(sheet.cells.head(SHOWN), alt=_("First rows of the file"))
        at = _header_row(staged, sheet)
        table = st.selectbox(
            _("What the file holds"),
            list(TABLE_NAMES),
            format_func=lambda name: _(TABLE_NAMES[name]),
            key=f"uploads_map_table_{staged.key}",
        )
        headings = _headings(sheet, at)
        chosen = _fields(staged, table, headings)
        words = _words(staged, sheet, at, headings, chosen)
        name = st.text_input(
            _("Name of this kind of file"), staged.name, key=f"uploads_map_name_{staged.key}"
        )
        pressed = st.button(
            _("Remember and read"), type="primary", key=f"uploads_map_save_{staged.key}"
        )
        if pressed and _saved(shop, table, name, chosen, words):
            staging.read(staged.name, staged.content, shop=shop)
            st.rerun()


def _sheet(staged: Staged) -> Sheet | None:
    wanted = str(staged.error.params.get("sheet", "")) if staged.error else ""
    sheets = read_sheets(staged.name, staged.content)
    return next((sheet for sheet in sheets if sheet.sheet == wanted), sheets[0] if sheets else None)


def _header_row(staged: Staged, sheet: Sheet) -> int:
    """The row of the headings, counted from 0; at first the fullest of the first rows."""
    _, head = wording.words(), sheet.cells.head(SHOWN)
    filled = head.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    row = st.number_input(
        _("Row of the headings"),
        1,
        max(head.height, 1),
        (filled.arg_max() or 0) + 1,
        key=f"uploads_map_row_{staged.key}",
    )
    return int(row) - 1


def _headings(sheet: Sheet, at: int) -> list[str]:
    """The headings of the row, each once, in file order."""
    texts = [text for text in sheet.cells.row(at) if text]
    return list(dict.fromkeys(texts))


def _fields(staged: Staged, table: str, headings: list[str]) -> dict[str, str]:
    """Our column -> the heading chosen for it."""
    _, chosen = wording.words(), {}
    columns = [name for name in FED_TABLES[table].column_names() if name not in MADE]
    with st.grid("auto", min_column_width=230):
        for name in columns:
            twin = next((head for head in headings if normal_header(head) == name), None)
            needed = name in _needed(table)
            picked = st.selectbox(
                f"{_(COLUMN_NAMES[name])} *" if needed else _(COLUMN_NAMES[name]),
                headings,
                headings.index(twin) if twin else None,
                placeholder=_("not in the file"),
                key=f"uploads_map_{staged.key}_{table}_{name}",
            )
            if picked:
                chosen[name] = picked
    return chosen


def _words(
    staged: Staged, sheet: Sheet, at: int, headings: list[str], chosen: dict[str, str]
) -> dict[str, dict[str, str]]:
    """Per column of words: what each word of the file means."""
    _, words = wording.words(), {}
    row = list(sheet.cells.row(at))
    for name in chosen.keys() & WORDED.keys():
        column = sheet.cells.to_series(row.index(chosen[name])).slice(at + 1)
        found = column.drop_nulls().unique(maintain_order=True).head(30).to_list()
        st.caption(_("What the words in “{column}” mean").format(column=chosen[name]))
        meanings = {}
        with st.grid("auto", min_column_width=200):
            for word in found:
                meaning = st.selectbox(
                    word,
                    WORDED[name],
                    None,
                    format_func=lambda code: _(WORDS[code]),
                    key=f"uploads_map_{staged.key}_{name}_{word}",
                )
                if meaning:
                    meanings[word] = meaning
        words[name] = meanings
    return words


def _saved(
    shop: str | None,
    table: str,
    name: str,
    chosen: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
) -> bool:
    """Whether the layout could be made and kept; says what is missing where it could not."""
    _ = wording.words()
    if lacking := [column for column in _needed(table) if column not in chosen]:
        names = _(", ").join(_(COLUMN_NAMES[column]) for column in lacking)
        st.error(
            _("Choose a column for: {columns}.").format(columns=names), icon=":material/error:"
        )
        return False
    fields: dict[str, Any] = {
        column: {
            "spellings": [heading],
            "shape": "word" if column in WORDED else _shape(table, column),
            "words": column if column in WORDED else "",
            "required": column in _needed(table),
        }
        for column, heading in chosen.items()
    }
    try:
        layout = Layout.model_validate(
            {
                "id": f"own_{table}_{normal_header(name)}",
                "name": name,
                "table": table,
                "header": list(chosen.values()),
                "fields": fields,
                "required": list(chosen.keys() & set(_needed(table))),
                "words": {column: dict(meanings) for column, meanings in words.items()},
                "own": True,
            }
        )
    except ValidationError as error:
        st.error(error.errors()[0]["msg"], icon=":material/error:")
        return False
    keep_layout(store_path(), staging.owner(shop), layout, viewer.name())
    return True


def _needed(table: str) -> list[str]:
    """Columns without which a row cannot be kept."""
    schema = FED_TABLES[table]
    return [
        name
        for name, column in schema.columns().items()
        if name not in MADE and (column.primary_key or not column.nullable)
    ]


def _shape(table: str, name: str) -> str:
    """The shape of a column's cells, from its type and unit."""
    column = FED_TABLES[table].columns()[name]
    if name.endswith("_fen"):
        return "money"
    if name.endswith("_id") or name == "merchant_code":
        return "id"
    if name.endswith("_s"):
        return "duration"
    match column:
        case dy.Datetime():
            return "time"
        case dy.Date():
            return "day"
        case dy.Bool():
            return "flag"
        case dy.Int8():
            return "stars"
        case dy.Int16() | dy.Int32() | dy.Int64():
            return "count"
        case dy.Float64():
            return "score" if (column.max or 0) == 5 else "rate" if column.max else "number"
        case _:
            return "text"
