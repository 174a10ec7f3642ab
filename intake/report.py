"""What an import did, in sentences and as JSON."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from exports.errors import ExportError
from exports.layouts import Layout
from exports.reasons import REASONS
from exports.reasons import REMARKS as READING_REMARKS
from intake.batch import REMARKS as SHOP_REMARKS
from intake.batch import FilePlan

#: Longest piece of a cell at fault that is shown.
_SHOWN = 40
REMARKS = {**READING_REMARKS, **SHOP_REMARKS}


@dataclass(frozen=True)
class ToldSheet:
    """One sheet's rows of one shop and table, by what became of them."""

    shop: str
    table: str
    layout: str
    #: What people call the layout: of a built-in one its id.
    layout_name: str
    sheet: str
    new: int
    updated: int
    unchanged: int
    #: Older than what is known, which is kept as it stands.
    behind: int
    set_aside: int
    reasons: dict[str, int]
    #: Per reason the first rows it holds for, as a spreadsheet numbers them, with their cell.
    rows_set_aside: dict[str, str]
    #: Cells emptied in rows that are taken.
    emptied: int
    reasons_emptied: dict[str, int]
    #: As ``rows_set_aside``.
    cells_emptied: dict[str, str]
    first_day: str | None
    last_day: str | None
    unknown_headers: list[str]

    @property
    def accepted(self) -> int:
        """Rows that stand in the store afterwards because of this sheet, or stood there before."""
        return self.new + self.updated + self.unchanged + self.behind

    def aside_lines(self) -> list[str]:
        """Per reason how many rows are set aside, and the first of them."""
        return [
            f"    set aside, {count} x {why}: {self.rows_set_aside[why]}"
            for why, count in self.reasons.items()
        ]


@dataclass(frozen=True)
class Told:
    """One file's report."""

    file: str
    sheets: list[ToldSheet]
    remarks: list[str]
    recognised: bool
    #: The earlier file of the batch that holds the same bytes, if one does.
    same_as: str | None
    error: str | None

    @property
    def set_aside(self) -> int:
        """Rows set aside, over all sheets."""
        return sum(sheet.set_aside for sheet in self.sheets)

    @property
    def emptied(self) -> int:
        """Cells emptied in rows that are taken, over all sheets."""
        return sum(sheet.emptied for sheet in self.sheets)

    @property
    def taken_whole(self) -> bool:
        """Whether the file could be read and nothing in it was left out."""
        return not (self.error or self.set_aside or self.emptied)

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        sheets = [{**vars(sheet), "rows_accepted": sheet.accepted} for sheet in self.sheets]
        counts = {"set_aside": self.set_aside, "emptied": self.emptied}
        return {**vars(self), "sheets": sheets, **counts}

    def _known(self) -> str:
        """Why nothing of the file is added, where its bytes came before."""
        if self.recognised:
            return ": these bytes were uploaded before"
        return f": the same bytes as {self.same_as}; nothing to add" if self.same_as else ""

    def as_text(self) -> str:
        """The report as lines for a terminal."""
        if self.error:
            aside = (line for sheet in self.sheets for line in sheet.aside_lines())
            return "\n".join([self.error, *aside, *(f"  {remark}" for remark in self.remarks)])
        lines = [self.file + self._known()]
        for sheet in self.sheets:
            days = f", {sheet.first_day} to {sheet.last_day}" if sheet.first_day else ""
            place = f" [{sheet.sheet}]" if sheet.sheet else ""
            lines.append(
                f"  {sheet.shop} · {sheet.table} ({sheet.layout_name}{place}{days}): "
                f"{sheet.accepted} rows: {sheet.new} new, {sheet.updated} updated, "
                f"{sheet.unchanged} unchanged; {sheet.set_aside} set aside"
                + (f"; {sheet.behind} older than what is known, which stays" * (sheet.behind > 0))
                + (f"; {sheet.emptied} cells emptied" if sheet.emptied else "")
            )
            lines += sheet.aside_lines()
            lines += [
                f"    cells emptied, {count} x {why}: {sheet.cells_emptied[why]}"
                for why, count in sheet.reasons_emptied.items()
            ]
        if self.set_aside or self.emptied:
            lines.append("  Correct those rows in the file and import it again; the rest stands.")
        return "\n".join([*lines, *(f"  {remark}" for remark in self.remarks)])


def told(plan: FilePlan, own: Iterable[Layout] = ()) -> Told:
    """What accepting a planned file does, or why it cannot be accepted.

    Args:
        plan: The file.
        own: The own layouts, which are called by their names.
    """
    names = {layout.id: f"“{layout.name}”" for layout in own}
    sheets = [
        ToldSheet(
            shop=part.shop,
            table=preview.table,
            layout=preview.layout,
            layout_name=names.get(preview.layout, preview.layout),
            sheet=preview.sheet,
            new=preview.new,
            updated=preview.updated,
            unchanged=preview.unchanged,
            behind=preview.behind,
            set_aside=preview.set_aside,
            reasons=_reasons(reading.rejected["reason"].to_list()),
            rows_set_aside=_places(reading.rejected),
            emptied=preview.emptied,
            reasons_emptied=_reasons(reading.emptied["reason"].to_list()),
            cells_emptied=_places(reading.emptied),
            first_day=str(preview.first_day) if preview.first_day else None,
            last_day=str(preview.last_day) if preview.last_day else None,
            unknown_headers=list(reading.unknown_headers),
        )
        for part in plan.parts
        for reading, preview in zip(part.readings, part.previews, strict=True)
    ]
    remarks = [*plan.remarks, *(note for read in plan.file.readings for note in read.remarks)]
    return Told(
        file=plan.file.name,
        sheets=sheets,
        remarks=[REMARKS[remark.code].format(**remark.params) for remark in remarks],
        recognised=plan.recognised,
        same_as=plan.same_as,
        error=_reason(plan.file.error, names) if plan.file.error else None,
    )


def _reason(error: ExportError, names: dict[str, str]) -> str:
    """Why a file is refused; the layout that comes closest by its name."""
    closest = str(error.params.get("closest"))
    params = dict(error.params) | ({"closest": names[closest]} if closest in names else {})
    return error.message.format(**params)


def _reasons(codes: list[str]) -> dict[str, int]:
    return {REASONS.get(code, code): count for code, count in Counter(codes).most_common()}


def _places(lines: pl.DataFrame, most: int = 5) -> dict[str, str]:
    """Per reason where the first rows stand and what their cell says, such as row 7, 评分 "六"."""
    places: dict[str, list[str]] = {}
    told = lines.select("reason", "source_row", "column", "value")
    for code, row, column, value in (
        told.group_by("reason", maintain_order=True).head(most + 1).rows()
    ):
        cell = f"“{value[:_SHOWN]}”" if value else ""
        words = " ".join(part for part in (column, cell) if part)
        places.setdefault(REASONS.get(code, code), []).append(
            f"row {row} ({words})" if words else f"row {row}"
        )
    return {
        why: ", ".join(listed[:most]) + (", …" if len(listed) > most else "")
        for why, listed in places.items()
    }
