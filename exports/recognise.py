"""Which known export a sheet is: by the names of its headings, never by their places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exports.cells.headings import distinct_headers
from exports.cells.quoting import told_headings
from exports.errors import (
    AmbiguousLayoutError,
    MissingColumnsError,
    NothingKnownError,
    TooManyUnknownError,
    UnknownLayoutError,
)
from exports.files.sheets import Sheet
from exports.layouts import Layout, load_layouts

#: How far down a header is searched (Q19).
HEADER_ROWS = 15
#: Of a file's headings, the share a layout must know; below it the likeness is chance.
_KNOWN_SHARE = 0.4
#: How many rows are looked at to tell headings from values.
_TOLD_ROWS = 2 * HEADER_ROWS


@dataclass(frozen=True)
class Recognised:
    """A sheet's layout, and where its header stands."""

    layout: Layout
    #: Counted from 0.
    header_row: int
    #: Normalised, told apart where one is met twice; "" for an empty cell.
    headers: tuple[str, ...]


@dataclass(frozen=True)
class _Fit:
    layout: Layout
    row: int
    headers: tuple[str, ...]
    #: How many of the file's headings the layout knows.
    hits: int
    #: How many of them its own generation has; the others are known from its sisters.
    own_hits: int
    #: Shared headings ÷ all headings of file and layout.
    likeness: float

    @property
    def rank(self) -> tuple[bool, int, int, float, bool, int]:
        exact = self.likeness == 1
        return exact, self.hits, self.own_hits, self.likeness, self.layout.own, -self.row


def recognise(sheet: Sheet, layouts: Sequence[Layout]) -> Recognised:
    """The layout that knows most of the sheet's headings.

    Sellers choose and reorder columns, so a subset counts for the likest generation.

    Raises:
        UnknownLayoutError: If no layout's required headings stand in one of the first rows.
        AmbiguousLayoutError: If two kinds of file fit equally well.
    """
    rows = _header_rows(sheet)
    plain = [layout for layout in layouts if layout.reader == "table" and not layout.companion_only]
    fits = [fit for layout in plain for fit in _fits(layout, rows) if not _lacks(fit)]
    if not fits:
        raise _unknown(sheet, plain, rows)
    best = max(fits, key=lambda fit: fit.rank)
    rivals = {
        fit.layout.id
        for fit in fits
        if fit.hits == best.hits
        and fit.likeness < 1
        and (fit.layout.table, fit.layout.platform) != (best.layout.table, best.layout.platform)
    }
    if rivals and best.likeness < 1 and not best.layout.own:
        names = ", ".join(sorted({best.layout.id, *rivals}))
        raise AmbiguousLayoutError(file=sheet.file_name, sheet=sheet.sheet, candidates=names)
    return Recognised(best.layout, best.row, best.headers)


def recognise_as(sheet: Sheet, layout: Layout) -> Recognised:
    """Where the header of a named layout stands in the sheet.

    Raises:
        MissingColumnsError: If a required heading stands in none of the first rows.
    """
    rows = _header_rows(sheet)
    fits = list(_fits(layout, rows))
    whole = [fit for fit in fits if not layout.missing(fit.headers)]
    if not whole:
        raise _unknown(sheet, [layout], rows, MissingColumnsError)
    best = max(whole, key=lambda fit: fit.rank)
    return Recognised(layout, best.row, best.headers)


def _header_rows(sheet: Sheet) -> list[tuple[str, ...]]:
    return [tuple(distinct_headers(row)) for row in sheet.cells.head(HEADER_ROWS).rows()]


def _fits(layout: Layout, rows: Sequence[tuple[str, ...]]) -> Iterable[_Fit]:
    known = layout.known_headers()
    exact = layout.own_headers()
    for at, headers in enumerate(rows):
        if layout.header_rows == 2 and at:
            pairs = zip(headers, rows[at - 1], strict=True)
            headers = tuple(own or above for own, above in pairs)
        there = {header for header in headers if header}
        if hits := len(there & known):
            own_hits = len(there & exact)
            likeness = own_hits / len(there | exact)
            yield _Fit(layout, at, headers, hits, own_hits, likeness)


def _lacks(fit: _Fit) -> bool:
    if fit.hits < 2 or fit.layout.missing(fit.headers):
        return True
    # Nobody meets all headings of a template by chance, and people add columns to theirs.
    return not fit.layout.template and fit.hits < _KNOWN_SHARE * _there(fit.headers)


def _there(headers: Sequence[str]) -> int:
    return sum(map(bool, headers))


def _unknown(
    sheet: Sheet,
    layouts: Sequence[Layout],
    rows: Sequence[tuple[str, ...]],
    error: type[UnknownLayoutError] = UnknownLayoutError,
) -> UnknownLayoutError:
    """Why no layout fits; the closest is named where most of what it needs is there."""
    fits = [fit for layout in layouts for fit in _fits(layout, rows)]
    asked = layouts[0] if error is MissingColumnsError else None
    near = [fit for fit in fits if asked or _is_near(fit)]
    closest = max(near, key=lambda fit: fit.rank, default=None)
    at = closest.row if closest else max(range(len(rows)), key=lambda at: _there(rows[at]))
    layout = closest.layout if closest else asked
    missing = layout.missing(closest.headers if closest else rows[at]) if layout else []
    if layout is None:
        error = NothingKnownError
    elif not missing:
        error = TooManyUnknownError
    return error(
        file=sheet.file_name,
        sheet=sheet.sheet,
        rows=len(rows),
        found=told_headings(sheet.cells.head(_TOLD_ROWS).rows(), at, _all_known(layouts)),
        closest=layout.id if layout else "—",
        missing=_listed(missing),
        known=closest.hits if closest else 0,
        headings=_there(rows[at]),
    )


def _is_near(fit: _Fit) -> bool:
    """Whether more than half of what a layout needs is there, and not by chance."""
    needed = len(fit.layout.required)
    return fit.hits > 1 and 2 * (needed - len(fit.layout.missing(fit.headers))) > needed


def missing_columns(sheet: Sheet, layout: str, missing: Sequence[str]) -> MissingColumnsError:
    """The refusal of a sheet that was said to be of a layout and lacks its headings."""
    rows = sheet.cells.head(_TOLD_ROWS).rows()
    searched = [distinct_headers(row) for row in rows[:HEADER_ROWS]]
    at = max(range(len(searched)), key=lambda at: _there(searched[at]))
    return MissingColumnsError(
        file=sheet.file_name,
        sheet=sheet.sheet,
        closest=layout,
        missing=_listed(missing),
        rows=len(searched),
        found=told_headings(rows, at, _all_known(load_layouts())),
    )


def _all_known(layouts: Sequence[Layout]) -> frozenset[str]:
    return frozenset().union(*(layout.known_headers() for layout in layouts))


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = [name[:40] for name in names[:most]]
    return "[" + ", ".join(shown) + (", …" if len(names) > most else "") + "]"
