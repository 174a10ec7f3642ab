"""Columns that a kind of export can have and a file has not, and which numbers are none for it."""

from collections.abc import Mapping, Sequence

from exports.cells.headings import normal_header
from exports.layouts import layout_by_id, load_layouts
from exports.result import Reading, Remark
from opening import Column, needed
from told.mark import mark as _

REMARKS = {
    "column_lacking": _(
        "The file has no column “{column}”: there is no value for {metrics} unless another file "
        "tells the same. Tick it when you export."
    ),
}
#: Columns that are made of other fields of the layout.
_MADE_OF: dict[str, tuple[str, ...]] = {"refund_fen": ("refund_fen", "refund_word")}
#: What readings themselves remark on.
_TOLD_ELSEWHERE = ("no_buyer",)
#: So many columns are named, and so many numbers with each.
_COLUMNS_SHOWN, _METRICS_SHOWN = 3, 4


def lacking_columns(readings: Sequence[Reading], /) -> list[Remark]:
    """What a file of one shop does not tell although its kind of export can, most important first.

    A column is lacking where the layout of one of the file's readings has a heading for it, the
    file has not, and no other reading tells the same.

    Args:
        readings: What the file gave.
    """
    lacking: dict[str, list[str]] = {}
    # A companion is read from the sheet of another layout, which knows the headings.
    known = {
        normal_header(name)
        for reading in readings
        if (layout := layout_by_id(load_layouts(), reading.layout))
        for name in (*layout.header, *layout.optional)
    }
    for need, names in needed().items():
        if need.reason in _TOLD_ELSEWHERE or _told(readings, need.columns):
            continue
        heading = next(
            (
                found
                for reading in readings
                for table, column in need.columns
                if table == reading.table and (found := _heading(reading, column, known))
            ),
            "",
        )
        if heading:
            lacking.setdefault(heading, []).extend(names)
    return [
        Remark("column_lacking", _params(heading, list(dict.fromkeys(names))))
        for heading, names in list(lacking.items())[:_COLUMNS_SHOWN]
    ]


def _params(heading: str, names: Sequence[str]) -> Mapping[str, object]:
    more = ["…"] if len(names) > _METRICS_SHOWN else []
    return {"column": heading, "metrics": ", ".join([*names[:_METRICS_SHOWN], *more])}


def _told(readings: Sequence[Reading], columns: Sequence[Column]) -> bool:
    return any(
        reading.table == table and reading.present.intersection(_MADE_OF.get(column, (column,)))
        for reading in readings
        for table, column in columns
    )


def _heading(reading: Reading, column: str, known: set[str]) -> str:
    """The heading that this kind of file can have for a column; "" where it has none.

    A layout of the shop's own knows no heading but those it was made of.
    """
    layout = layout_by_id(load_layouts(), reading.layout)
    if layout is None or not reading.present:
        return ""
    return next(
        (
            spelling
            for field in _MADE_OF.get(column, (column,))
            if field in layout.fields
            for spelling in layout.fields[field].spellings
            if not known or normal_header(spelling) in known
        ),
        "",
    )
