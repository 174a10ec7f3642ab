"""A file with unknown headings: show its first rows and ask what its columns are."""

import streamlit as st

from exports import mapping
from exports.cells.headings import normal_header
from exports.errors import NoRowsError, NothingTakenError
from exports.files.sheets import Sheet, read_sheets
from exports.layouts import Layout
from exports.mapping import Mapped, Offered
from exports.recognise import HEADER_ROWS
from intake.batch import keep_layout
from pages.records.parts import staging
from pages.records.parts.column_names import COLUMN_NAMES
from pages.records.parts.staging import Staged
from pages.shared import viewer, wording
from pages.shared.empty import TABLE_NAMES
from store.lake import store_path
from told.mark import mark

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
#: What bare numbers may count, on screen.
UNITS: dict[str, str] = {
    "second": mark("seconds"),
    "minute": mark("minutes"),
    "hour": mark("hours"),
    "day": mark("days"),
    "fraction": mark("shares of 1, such as 0.95"),
    "percent": mark("per cent, such as 95"),
}


def show(staged: Staged, shop: str | None) -> None:
    """The file's first rows, and the form that makes a layout of them."""
    _, sheet = wording.words(), _sheet(staged)
    if sheet is None:
        return
    with st.expander(_("Tell what the columns are"), icon=":material/table_edit:", expanded=True):
        st.dataframe(sheet.cells.head(HEADER_ROWS), alt=_("First rows of the file"))
        at = _header_row(staged, sheet)
        table = st.selectbox(
            _("What the file holds"),
            list(TABLE_NAMES),
            format_func=lambda name: _(TABLE_NAMES[name]),
            key=f"uploads_map_table_{staged.key}",
        )
        headings = _headings(sheet, at)
        columns = _columns(staged, table, sheet, at)
        name = st.text_input(
            _("Name of this kind of file"), staged.name, key=f"uploads_map_name_{staged.key}"
        )
        pressed = st.button(
            _("Remember and read"), type="primary", key=f"uploads_map_save_{staged.key}"
        )
        if pressed and _whole(table, columns):
            _read(staged, shop, mapping.mapped_layout(name, table, headings, columns))


def _sheet(staged: Staged) -> Sheet | None:
    wanted = str(staged.error.params.get("sheet", "")) if staged.error else ""
    sheets = read_sheets(staged.name, staged.content)
    return next((sheet for sheet in sheets if sheet.sheet == wanted), sheets[0] if sheets else None)


def _header_row(staged: Staged, sheet: Sheet) -> int:
    """The row of the headings, counted from 0; at first the fullest of the first rows."""
    _ = wording.words()
    row = st.number_input(
        _("Row of the headings"),
        1,
        max(min(sheet.cells.height, HEADER_ROWS), 1),
        mapping.likely_header(sheet) + 1,
        key=f"uploads_map_row_{staged.key}",
    )
    return int(row) - 1


def _headings(sheet: Sheet, at: int) -> list[str]:
    """The headings of the row, each once, in file order."""
    texts = [text for text in sheet.cells.row(at) if text]
    return list(dict.fromkeys(texts))


def _columns(staged: Staged, table: str, sheet: Sheet, at: int) -> dict[str, Mapped]:
    """Our column -> the heading chosen for it, and what its cells count or mean."""
    offers = mapping.offered_columns(table)
    chosen = _chosen(staged, table, offers, _headings(sheet, at))
    units, words = _units(staged, offers, chosen), _words(staged, sheet, at, offers, chosen)
    return {
        column: Mapped(heading, units.get(column, ""), words.get(column))
        for column, heading in chosen.items()
    }


def _chosen(
    staged: Staged, table: str, offers: tuple[Offered, ...], headings: list[str]
) -> dict[str, str]:
    _, chosen = wording.words(), {}
    with st.grid("auto", min_column_width=230):
        for offer in offers:
            name = offer.column
            twin = next((head for head in headings if normal_header(head) == name), None)
            picked = st.selectbox(
                f"{_(COLUMN_NAMES[name])} *" if offer.needed else _(COLUMN_NAMES[name]),
                headings,
                headings.index(twin) if twin else None,
                placeholder=_("not in the file"),
                key=f"uploads_map_{staged.key}_{table}_{name}",
            )
            if picked:
                chosen[name] = picked
    return chosen


def _units(staged: Staged, offers: tuple[Offered, ...], chosen: dict[str, str]) -> dict[str, str]:
    """Per column of bare numbers what they count, where somebody says so."""
    _, units = wording.words(), {}
    asked = [offer for offer in offers if offer.units and offer.column in chosen]
    with st.grid("auto", min_column_width=230):
        for offer in asked:
            unit = st.selectbox(
                _("What the numbers in “{column}” are").format(column=chosen[offer.column]),
                [unit for unit in offer.units if unit],
                None,
                format_func=lambda code: _(UNITS[code]),
                placeholder=_("as the file says"),
                key=f"uploads_map_unit_{staged.key}_{offer.column}",
            )
            if unit:
                units[offer.column] = unit
    return units


def _words(
    staged: Staged,
    sheet: Sheet,
    at: int,
    offers: tuple[Offered, ...],
    chosen: dict[str, str],
) -> dict[str, dict[str, str]]:
    """Per column of words: what each word means that nobody has explained yet."""
    _ = wording.words()
    words: dict[str, dict[str, str]] = {}
    for offer in offers:
        name = offer.column
        if not offer.meanings or name not in chosen:
            continue
        strange = mapping.unsaid_words(sheet, at, chosen[name], mapping.explained_words(name))
        if not strange:
            continue
        st.caption(_("What the words in “{column}” mean").format(column=chosen[name]))
        st.caption(_left_unsaid(name))
        words[name] = {}
        with st.grid("auto", min_column_width=200):
            for word in strange:
                meaning = st.selectbox(
                    wording.plain(word),
                    offer.meanings,
                    None,
                    format_func=lambda code: _(WORDS[code]),
                    key=f"uploads_map_{staged.key}_{name}_{word}",
                )
                if meaning:
                    words[name][word] = meaning
    return words


def _left_unsaid(column: str) -> str:
    """What becomes of the rows of a word that is left open."""
    _ = wording.words()
    if meaning := mapping.UNSAID.get(column):
        return _("A word that you leave open counts as: {meaning}.").format(
            meaning=_(WORDS[meaning])
        )
    return _("Rows with a word that you leave open are set aside.")


def _whole(table: str, columns: dict[str, Mapped]) -> bool:
    """Whether every column that the table needs has a heading; says which have none."""
    _ = wording.words()
    missing = mapping.lacking(table, columns)
    if missing:
        choices = [_(" or ").join(_(COLUMN_NAMES[name]) for name in names) for names in missing]
        st.error(
            _("Choose a column for: {columns}.").format(columns=_(", ").join(choices)),
            icon=":material/error:",
        )
    return not missing


def _read(staged: Staged, shop: str | None, layout: Layout) -> None:
    """Read the file by the layout; one that takes no row is not remembered."""
    refused = staging.read(staged.name, staged.content, shop=shop, own=layout)
    if not isinstance(refused, NothingTakenError | NoRowsError):
        keep_layout(store_path(), staging.owner(shop), layout, viewer.name())
    st.rerun()
