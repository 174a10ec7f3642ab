"""Which known export a sheet is: by the names of its headings, never by their places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exports.cells.headings import distinct_headers
from exports.errors import (
    AmbiguousLayoutError,
    MissingColumnsError,
    NothingKnownError,
    TooManyUnknownError,
    UnknownLayoutError,
)
from exports.files.sheets import Sheet
from exports.layouts import Layout

#: How far down a header is searched (Q19).
HEADER_ROWS = 15
#: Of a file's headings, the share a layout must know; below it the likeness is chance.
_KNOWN_SHARE = 0.4


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
    fits = [fit for layout in layouts for fit in _fits(layout, rows)]
    closest = max(fits, key=lambda fit: fit.rank, default=None)
    widest = max(rows, key=_there, default=())
    found = closest.headers if closest and closest.hits > 1 else widest
    layout = closest.layout if closest else layouts[0] if len(layouts) == 1 else None
    missing = layout.missing(found) if layout else []
    if not missing:
        crowded = closest and closest.hits > 1
        error = TooManyUnknownError if crowded else NothingKnownError
    return error(
        file=sheet.file_name,
        sheet=sheet.sheet,
        rows=len(rows),
        found=_listed([header for header in found if header]),
        closest=layout.id if layout else "—",
        missing=_listed(missing),
        known=closest.hits if closest else 0,
        headings=_there(found),
    )


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = [name[:40] for name in names[:most]]
    return "[" + ", ".join(shown) + (", …" if len(names) > most else "") + "]"
