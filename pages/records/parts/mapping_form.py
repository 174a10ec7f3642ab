"""What the columns of a file are: asked once for an unknown file, changed later for a known one.

The form starts from guesses, and says before anything is kept how many rows would be read: it reads
the file by the layout as it stands now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from exports import mapping
from exports.errors import ExportError, NoRowsError, NothingTakenError, PeriodFileError
from exports.files.file_day import day_of_name
from exports.files.sheets import Sheet, read_sheets
from exports.guesses import guess, guessed_table
from exports.layouts import Layout
from exports.mapping import Answers, Mapped, Offered
from exports.reasons import REMARKS
from exports.recognise import HEADER_ROWS
from intake import drafts
from intake.own_layouts import NameTakenError, free_name, in_place, keep_layout, kept_layouts
from pages.records.parts import own_names, staging
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
#: Columns that are asked for beside the needed ones without opening the rest of a long list.
_USUAL = (
    *("buyer", "agent", "created_at", "paid_at", "paid_fen", "status", "refund_fen", "shipped_at"),
    *("day", "scope", "received_users", "inquiry_users", "paid_users_final", "reply_rate"),
    *("avg_response_s", "amount_fen", "outcome", "reason", "count", "raters", "title", "region"),
)


@dataclass(frozen=True)
class Asked:
    """A file's header, and what its form starts from."""

    #: Tells the keys of its widgets from those of other forms.
    key: str
    headings: list[str]
    start: Answers
    #: The file itself, where it is at hand.
    sheet: Sheet | None = None
    #: The row of the headings, from 0.
    at: int = 0
    #: Words that need a meaning though no file shows them.
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def show(staged: Staged, shop: str | None) -> None:
    """The file's first rows, and the form that makes a layout of them."""
    _, sheet = wording.words(), _sheet(staged)
    if sheet is None:
        return
    title = _("Match columns")
    with st.container(border=True):
        st.markdown(f":material/table_edit: **{title}**")
        _first_rows(sheet)
        at = _header_row(staged, sheet)
        table = _table(staged, sheet, at)
        if table is None:
            st.caption(_("Choose what the file holds; then its columns are asked for."))
            return
        guessed = guess(table, sheet, at).columns
        start = Answers({column: Mapped(head) for column, head in guessed.items()}, {})
        # Another row of headings is another form, with guesses of its own.
        moved = "" if at == mapping.likely_header(sheet) else f"_{at + 1}"
        asked = Asked(f"{staged.key}_{table}{moved}", _headings(sheet, at), start, sheet, at)
        told = _answers(asked, table)
        name = st.text_input(
            _("Name of this kind of file"),
            free_name(_stem(staged.name), [one.name for one in kept_layouts(store_path())]),
            key=f"uploads_map_name_{staged.key}",
        )
        day = _day(staged, table, told)
        layout = _layout(name, table, asked, told)
        ready = layout is not None and _would_read(staged, layout, day)
        pressed = st.button(
            _("Remember and read"),
            type="primary",
            disabled=not ready,
            key=f"uploads_map_save_{staged.key}",
        )
        if pressed and ready and layout is not None:
            _read(staged, shop, layout, day)


def edit(layout: Layout) -> Layout | None:
    """The form of a kept layout, filled with its answers; the layout as the form says it now.

    None while something that the table needs is missing.
    """
    _, start = wording.words(), mapping.answers(layout)
    words = {column: told.words or {} for column, told in start.columns.items()}
    key = f"own_{layout.id}_{layout.table}"
    asked = Asked(key, list(layout.header), start, words=words)
    name = st.text_input(_("Name of this kind of file"), layout.name, key=f"own_name_{layout.id}")
    st.caption(_("It feeds: {table}.").format(table=_(TABLE_NAMES[layout.table])))
    told = _answers(asked, layout.table)
    made = _layout(name, layout.table, asked, told)
    return made and made.model_copy(update={"id": layout.id, "platform": layout.platform})


def _first_rows(sheet: Sheet) -> None:
    """The rows among which the headings stand, numbered as a spreadsheet numbers them."""
    _, cells = wording.words(), sheet.cells.head(HEADER_ROWS)
    numbered = cells.rename({name: str(nth) for nth, name in enumerate(cells.columns, 1)})
    st.dataframe(
        numbered.with_row_index(" ", 1),
        hide_index=True,
        column_config={" ": st.column_config.NumberColumn(width=40)},
        height=248,
        placeholder="",
        alt=_("First rows of the file"),
    )


def _stem(name: str) -> str:
    """A file's name without its folder and ending."""
    last = name.rsplit("/", 1)[-1]
    return last.rsplit(".", 1)[0] or last


def _sheet(staged: Staged) -> Sheet | None:
    """The sheet to be mapped; parsed once, however often the form is drawn."""
    held: dict[str, Sheet | None] = st.session_state.setdefault("uploads_map_sheets", {})
    if staged.key not in held:
        wanted = str(staged.error.params.get("sheet", "")) if staged.error else ""
        sheets = read_sheets(staged.name, staged.content)
        named = next((sheet for sheet in sheets if sheet.sheet == wanted), None)
        held.clear()
        held[staged.key] = named or (sheets[0] if sheets else None)
    return held[staged.key]


def _header_row(staged: Staged, sheet: Sheet) -> int:
    """The row of the headings, counted from 0; at first the fullest of the first rows."""
    _ = wording.words()
    row = st.number_input(
        _("Row of the headings"),
        1,
        max(min(sheet.cells.height, HEADER_ROWS), 1),
        mapping.likely_header(sheet) + 1,
        key=f"uploads_map_row_{staged.key}",
        width=240,
    )
    return int(row) - 1


def _table(staged: Staged, sheet: Sheet, at: int) -> str | None:
    """What the file holds: guessed, or for a person to say."""
    _, names = wording.words(), list(TABLE_NAMES)
    guessed = guessed_table(sheet, at)
    chosen: str | None = st.selectbox(
        _("What the file holds"),
        names,
        names.index(guessed) if guessed else None,
        format_func=lambda name: _(TABLE_NAMES[name]),
        placeholder=_("choose"),
        key=f"uploads_map_table_{staged.key}",
    )
    return chosen


def _headings(sheet: Sheet, at: int) -> list[str]:
    """The headings of the row, each once, in file order."""
    texts = [text for text in sheet.cells.row(at) if text]
    return list(dict.fromkeys(texts))


def _answers(asked: Asked, table: str) -> Answers:
    """Which heading feeds which column, and what cells count or mean; what is the same in all."""
    offers = mapping.offered_columns(table)
    chosen = _chosen(asked, table, offers)
    same = _constants(asked, table, chosen)
    units, words = _units(asked, offers, chosen), _words(asked, offers, chosen)
    columns = {
        column: Mapped(heading, units.get(column, ""), words.get(column))
        for column, heading in chosen.items()
    }
    return Answers(columns, same)


def _chosen(asked: Asked, table: str, offers: tuple[Offered, ...]) -> dict[str, str]:
    """The columns a file of this kind usually has, and the others behind a fold."""
    _, start = wording.words(), asked.start.columns
    first = [o for o in offers if o.needed or o.column in start or o.column in _USUAL]
    rest = [offer for offer in offers if offer not in first]
    picked = _picked(asked, table, first)
    if rest:
        with st.expander(_("Further columns: {n}").format(n=len(rest))):
            picked |= _picked(asked, table, rest)
    return {offer.column: picked[offer.column] for offer in offers if offer.column in picked}


def _picked(asked: Asked, table: str, offers: list[Offered]) -> dict[str, str]:
    _, chosen = wording.words(), {}
    with st.grid("auto", min_column_width=230):
        for offer in offers:
            name, start = offer.column, asked.start.columns.get(offer.column)
            known = start is not None and start.heading in asked.headings
            picked = st.selectbox(
                f"{_(COLUMN_NAMES[name])} *" if offer.needed else _(COLUMN_NAMES[name]),
                asked.headings,
                asked.headings.index(start.heading) if start and known else None,
                placeholder=_("not in the file"),
                key=f"uploads_map_{asked.key}_{name}",
            )
            if picked:
                chosen[name] = picked
    return chosen


def _constants(asked: Asked, table: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """What every row of the file says without a column that says it."""
    _ = wording.words()
    possible = {o.column: o for o in mapping.constant_columns(table) if o.column not in chosen}
    start = {name: text for name, text in asked.start.constants.items() if name in possible}
    picked = st.multiselect(
        _("The same in every row"),
        list(possible),
        list(start),
        format_func=lambda name: _(COLUMN_NAMES[name]),
        placeholder=_("nothing; or for instance one agent for the whole file"),
        help=_("For what the file does not say because it holds for all of it."),
        key=f"uploads_map_same_{asked.key}",
    )
    same: dict[str, str] = {}
    with st.grid("auto", min_column_width=230):
        for name in picked:
            text = _constant(asked, possible[name], start.get(name))
            if text:
                same[name] = text
    return same


def _constant(asked: Asked, offer: Offered, start: str | None) -> str | None:
    """The value of one column for all rows; None while there is none that can be read."""
    _, name = wording.words(), offer.column
    label = _("{column}, in every row").format(column=_(COLUMN_NAMES[name]))
    key = f"uploads_map_same_{asked.key}_{name}"
    if offer.meanings:
        meaning: str | None = st.selectbox(
            label,
            offer.meanings,
            offer.meanings.index(start) if start in offer.meanings else None,
            format_func=lambda code: _(WORDS[code]),
            key=key,
        )
        return meaning
    text = st.text_input(label, start or "", key=key).strip()
    if text and not mapping.is_readable(offer, text):
        st.caption(_("“{text}” cannot be read.").format(text=wording.plain(text)))
        return None
    return text or None


def _units(asked: Asked, offers: tuple[Offered, ...], chosen: Mapping[str, str]) -> dict[str, str]:
    """Per column of bare numbers what they count, where somebody says so."""
    _, units = wording.words(), {}
    with st.grid("auto", min_column_width=230):
        for offer in offers:
            if not offer.units or offer.column not in chosen:
                continue
            codes = [unit for unit in offer.units if unit]
            start = asked.start.columns.get(offer.column)
            unit = st.selectbox(
                _("What the numbers in “{column}” are").format(column=chosen[offer.column]),
                codes,
                codes.index(start.unit) if start and start.unit in codes else None,
                format_func=lambda code: _(UNITS[code]),
                placeholder=_("as the file says"),
                key=f"uploads_map_unit_{asked.key}_{offer.column}",
            )
            if unit:
                units[offer.column] = unit
    return units


def _words(
    asked: Asked, offers: tuple[Offered, ...], chosen: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Per column of words: what each word means that nobody has explained yet."""
    _ = wording.words()
    words: dict[str, dict[str, str]] = {}
    for offer in offers:
        name = offer.column
        if not offer.meanings or name not in chosen:
            continue
        known, heading = asked.words.get(name, {}), chosen[name]
        strange = _strange(asked, name, heading)
        if not strange:
            continue
        st.caption(_("What the words in “{column}” mean").format(column=wording.plain(heading)))
        st.caption(_left_unsaid(name))
        words[name] = {}
        with st.grid("auto", min_column_width=200):
            for word in strange:
                meaning = st.selectbox(
                    wording.plain(word),
                    offer.meanings,
                    offer.meanings.index(known[word]) if word in known else None,
                    format_func=lambda code: _(WORDS[code]),
                    placeholder=_("left open"),
                    key=f"uploads_map_{asked.key}_{name}_{word}",
                )
                if meaning:
                    words[name][word] = meaning
    return words


def _strange(asked: Asked, column: str, heading: str) -> list[str]:
    """Words to be explained: those of the file, or those explained before and further ones."""
    _ = wording.words()
    if asked.sheet is not None:
        known = mapping.explained_words(column)
        return mapping.unsaid_words(asked.sheet, asked.at, heading, known)
    told = list(asked.words.get(column, {}))
    added: list[str] = st.multiselect(
        _("Words of “{column}” to be explained").format(column=wording.plain(heading)),
        told,
        told,
        accept_new_options=True,
        placeholder=_("type a word and press Enter"),
        key=f"uploads_map_words_{asked.key}_{column}",
    )
    return added


def _left_unsaid(column: str) -> str:
    """What becomes of the rows of a word that is left open."""
    _ = wording.words()
    if meaning := mapping.UNSAID.get(column):
        return _("A word that you leave open counts as: {meaning}.").format(
            meaning=_(WORDS[meaning])
        )
    return _("Rows with a word that you leave open are set aside.")


def _day(staged: Staged, table: str, told: Answers) -> date | None:
    """The day of figures that name none in a column: of the file's name, or typed."""
    _ = wording.words()
    if not mapping.is_dated_by_file(table, told.columns):
        return None
    try:
        named = day_of_name(staged.name)
    except PeriodFileError:
        named = None
    if named is not None:
        said = _("Without a column for the day, the day in the file's name counts: {day}.")
        st.caption(said.format(day=wording.day(named)))
        return None
    day: date | None = st.date_input(
        _("Day of the figures"),
        None,
        format="YYYY-MM-DD",
        help=_("Asked for each such file whose name holds no day."),
        key=f"uploads_map_day_{staged.key}",
        width=240,
    )
    return day


def _layout(name: str, table: str, asked: Asked, told: Answers) -> Layout | None:
    """The layout as the form says it now; None, and why, while something is missing."""
    _ = wording.words()
    missing = mapping.lacking(table, {**told.columns, **told.constants})
    if missing:
        choices = [_(" or ").join(_(COLUMN_NAMES[one]) for one in names) for names in missing]
        st.warning(
            _("Choose a column for: {columns}.").format(columns=_(", ").join(choices)),
            icon=":material/rule:",
        )
        return None
    if not name.strip():
        st.warning(_("Give this kind of file a name."), icon=":material/rule:")
        return None
    return mapping.mapped_layout(
        name.strip(), table, asked.headings, told.columns, constants=told.constants
    )


def _would_read(staged: Staged, layout: Layout, day: date | None) -> bool:
    """Say how many rows the file gives by the layout, read as it will be; whether it gives any."""
    _ = wording.words()
    draft = _draft(staged, layout, day)
    if isinstance(draft, ExportError):
        st.warning(staging.spoken(draft), icon=":material/rule:")
        return False
    told = _("{read} of {rows} rows will be read").format(
        read=wording.count(draft.read), rows=wording.count(draft.rows)
    )
    if draft.reasons:
        told = _("{told}; set aside: {why}").format(told=told, why=draft.why(_))
    if draft.read == draft.rows:
        st.success(told, icon=":material/check:")
    else:
        st.warning(told, icon=":material/rule:")
    for remark in draft.remarks:
        st.caption(_(REMARKS[remark.code]).format(**remark.params))
    return draft.read > 0


def _draft(staged: Staged, layout: Layout, day: date | None) -> drafts.Draft | ExportError:
    """The file read by the layout; the last answer is kept, since most runs change nothing."""
    key = (staged.key, layout.model_dump_json(), day)
    last = st.session_state.get("uploads_map_draft")
    if last is None or last[0] != key:
        with st.spinner(wording.words()("Reading {file}").format(file=staged.name)):
            draft = drafts.draft(store_path(), staged.name, staged.content, layout, day=day)
        st.session_state["uploads_map_draft"] = last = (key, draft)
    found: drafts.Draft | ExportError = last[1]
    return found


def _read(staged: Staged, shop: str | None, layout: Layout, day: date | None) -> None:
    """Read the file by the layout and remember it; one that takes no row is not remembered."""
    try:
        layout, earlier = in_place(store_path(), layout)
    except NameTakenError:
        own_names.taken(layout.name)
        return
    refused = staging.read(staged.name, staged.content, shop=shop, own=layout, day=day)
    if not isinstance(refused, NothingTakenError | NoRowsError):
        keep_layout(store_path(), layout, viewer.name())
        own_names.say_replaced(layout, earlier)
    st.rerun()
