"""Readers of chat files: copied texts (C1-C4), the consult reply (C5), workbooks (C6-C9).

The numbers are those of docs/exports.md, "Chats".
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import polars as pl

from exports.cells.headings import normal_header
from exports.cells.masking import masked_text
from exports.chats.records import consult_lines, is_consult_reply, list_lines
from exports.chats.rows import ChatRows, buyer_remarks, chat_rows, repeat_remarks
from exports.chats.texts import (
    TEXT_LAYOUTS,
    cell_lines,
    is_explained,
    spoken_lines,
    text_lines,
    told_layout,
)
from exports.errors import DayUnknownError, MissingColumnsError
from exports.files.limits import check_count
from exports.files.sheets import Member, Sheet
from exports.recognise import HEADER_ROWS, missing_columns
from exports.refusals import CrmChatError, UnknownChatTextError
from exports.result import Reading, Remark, day_span, shaped

CONSULT_REPLY = "chat_consult_reply"
#: The headings that tell a chat workbook, by layout.
CHAT_SHEETS: dict[str, tuple[str, ...]] = {
    "chat_userscript": ("客户名", "消息序号", "发送时间", "发送内容", "发送账号", "账号类型"),
    "chat_cells": ("客户ID", "聊天记录"),
    "chat_analyser": ("date", "messages", "user_nick", "shop_name", "users"),
    "chat_crm": ("service_staff_id", "buyer_nick", "direction", "content", "time"),
}
#: Excel holds 32,767 characters a cell; a tool that cuts does so a little before.
_CELL_LIMIT = 32_700
_NOTHING_SAID = "(无聊天内容)"
_NOT_FETCHED = "(提取失败"
_SAMPLE_LINES, _SAMPLE_LENGTH = 5, 40


def claimed_text(member: Member) -> str | None:
    """The layout of a chat text or consult reply, told by its first lines.

    Nobody asks for a table: a cell of it may hold a copied chat.

    Raises:
        UnknownChatTextError: If a ``.txt`` file is neither of them.
    """
    if member.kind != "text" or (head := member.first_text()) is None:
        return None
    if head.lstrip().startswith("{"):
        return CONSULT_REPLY if is_consult_reply(member.text()) else None
    if layout := told_layout(head):
        return layout
    if member.file_name.lower().endswith(".txt"):
        raise _unknown_text(member.file_name, text_lines(head))
    return None


def read_text(member: Member, layout: str, day: date | None) -> list[Reading]:
    """The messages of a chat text or consult reply.

    Raises:
        UnknownChatTextError: If no message is found in it.
        DayUnknownError: If its heads hold no day (C3 short) and none is given.
    """
    return _text_readings(member, layout, day, asked=True)


def read_claimed_text(member: Member, layout: str, day: date | None) -> list[Reading]:
    """The same of a text that looks like a chat in its first lines, and is one to the end.

    Raises:
        UnknownChatTextError: If no message is found, or if they leave too much of it unexplained.
        DayUnknownError: If its heads hold no day (C3 short) and none is given.
    """
    return _text_readings(member, layout, day, asked=False)


def _text_readings(member: Member, layout: str, day: date | None, *, asked: bool) -> list[Reading]:
    text = member.text()
    if layout == CONSULT_REPLY:
        if not is_consult_reply(text):
            raise _unknown_text(member.file_name, text_lines(text))
        return [_reading(member.file_name, "", layout, chat_rows(consult_lines(text)))]
    check_count(member.file_name, text)
    name = next(one for one in TEXT_LAYOUTS if one == layout)
    spoken = spoken_lines(text, name)
    if spoken.lines.is_empty() or not (asked or is_explained(spoken)):
        raise _unknown_text(member.file_name, text_lines(text))
    lines = _dated(spoken.lines, day, member.file_name, "")
    rows = chat_rows(lines, unmatched=spoken.unmatched)
    return [_reading(member.file_name, "", layout, rows)]


def claimed_workbook(member: Member) -> str | None:
    """The layout of a chat workbook, told by the headings of its sheets."""
    sheets = member.sheets()
    return next((name for name in CHAT_SHEETS if any(_header_at(s, name) for s in sheets)), None)


def read_workbook(member: Member, layout: str, day: date | None) -> list[Reading]:
    """The messages of a chat workbook; sheets without its headings (a summary) are left alone.

    Raises:
        CrmChatError: For C9, which does not say who wrote.
        DayUnknownError: For C6 and C7, which hold clock times only, if no day is given.
    """
    if layout == "chat_crm":
        raise CrmChatError(file=member.file_name)
    tables = [
        (sheet, _below(sheet, at, headers))
        for sheet in member.sheets()
        if (found := _header_at(sheet, layout))
        for at, headers in [found]
    ]
    if not tables:
        raise _missing(member, layout)
    return [_sheet_reading(sheet, table, layout, day) for sheet, table in tables]


def _missing(member: Member, layout: str) -> MissingColumnsError:
    sheet = member.sheets()[0]
    found = {normal_header(cell) for cell in sheet.cells.row(0)}
    lacking = [heading for heading in CHAT_SHEETS[layout] if heading not in found]
    return missing_columns(sheet, layout, lacking)


def _unknown_text(file_name: str, lines: pl.DataFrame) -> UnknownChatTextError:
    first = lines.head(_SAMPLE_LINES)
    said = masked_text(first["line"]).str.slice(0, _SAMPLE_LENGTH)
    sample = "; ".join(
        f"{row}: {line}" for row, line in zip(first["source_row"], said, strict=True)
    )
    layouts = ", ".join(TEXT_LAYOUTS)
    return UnknownChatTextError(file=file_name, sample=sample, layouts=layouts)


def _header_at(sheet: Sheet, layout: str) -> tuple[int, list[str]] | None:
    """Row (from 0) and headings of a sheet's header, if it is a sheet of this layout."""
    wanted = set(CHAT_SHEETS[layout])
    for at, row in enumerate(sheet.cells.head(HEADER_ROWS).rows()):
        headers = [normal_header(cell) for cell in row]
        if wanted <= set(headers):
            return at, headers
    return None


def _below(sheet: Sheet, at: int, headers: list[str]) -> pl.DataFrame:
    """The rows under a header, by heading, with the row number a spreadsheet shows."""
    names = dict(zip(sheet.cells.columns, headers, strict=True))
    named = [pl.col(column).alias(name) for column, name in names.items() if name]
    rows = sheet.cells.with_row_index("source_row", offset=1).slice(at + 1)
    return rows.select(pl.col("source_row").cast(pl.Int64), *named)


def _sheet_reading(sheet: Sheet, table: pl.DataFrame, layout: str, day: date | None) -> Reading:
    remarks: tuple[Remark, ...] = ()
    if layout == "chat_userscript":
        rows = chat_rows(_dated(_userscript_lines(table), day, sheet.file_name, sheet.sheet))
    elif layout == "chat_cells":
        lines, unmatched = _cell_table_lines(table)
        rows = chat_rows(_dated(lines, day, sheet.file_name, sheet.sheet), unmatched=unmatched)
        rows = _with_not_fetched(rows, table)
        cut = int(table["聊天记录"].str.len_chars().ge(_CELL_LIMIT).sum())
        remarks = (Remark("cut_cell", {"count": cut}),) if cut else ()
    else:
        lines, unread = list_lines(
            table.select("source_row", "shop_name", "messages", buyer="user_nick")
        )
        rows = chat_rows(lines, unmatched=unread)
        zoned = table["messages"].str.count_matches(r'"time":\s*"[^"]*Z"').sum()
        remarks = (Remark("zone_unclear", {"count": zoned}),) if zoned else ()
    return _reading(sheet.file_name, sheet.sheet, layout, rows, remarks)


def _userscript_lines(table: pl.DataFrame) -> pl.DataFrame:
    """C6. The account decides who wrote; the guessed kind only where the account has no colon."""
    account, kind = pl.col("发送账号"), pl.col("账号类型")
    staff = (kind == "客服") & ~account.str.contains("[:：]") & account.ne_missing(pl.col("客户名"))
    return table.filter(pl.any_horizontal(pl.exclude("source_row").is_not_null())).select(
        "source_row",
        day=pl.lit(None, pl.String),
        # A real time cell comes with Excel's day zero before it.
        clock=pl.col("发送时间").str.extract(r"(\d{1,2}:\d{2}(?::\d{2})?)$"),
        nick=pl.when(staff).then(":" + account).otherwise(account),
        text=pl.col("发送内容"),
        buyer=pl.col("客户名"),
    )


def _cell_table_lines(table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """C7: the messages inside every cell, all with the row number of their cell."""
    spoken, unmatched = [], []
    cells = table.filter(pl.col("聊天记录").is_not_null() & ~_says_why_empty())
    for row, buyer, cell in cells.select("source_row", "客户ID", "聊天记录").rows():
        found = cell_lines(cell)
        here = pl.lit(row, pl.Int64)
        spoken.append(found.lines.with_columns(source_row=here, buyer=pl.lit(buyer, pl.String)))
        unmatched.append(found.unmatched.with_columns(source_row=here))
    if not spoken:
        empty = cell_lines("")
        return empty.lines.with_columns(buyer=pl.lit(None, pl.String)), empty.unmatched
    return pl.concat(spoken), pl.concat(unmatched)


def _says_why_empty() -> pl.Expr:
    plain = pl.col("聊天记录").str.strip_chars().str.replace("（", "(").str.replace("）", ")")
    return (plain == _NOTHING_SAID) | plain.str.starts_with(_NOT_FETCHED)


def _with_not_fetched(rows: ChatRows, table: pl.DataFrame) -> ChatRows:
    cell = pl.col("聊天记录").str.strip_chars().str.replace("（", "(")
    lost = table.filter(cell.str.starts_with(_NOT_FETCHED)).select(
        "source_row",
        column=pl.lit("聊天记录"),
        value="聊天记录",
        reason=pl.lit("chat_not_fetched"),
    )
    aside = pl.concat([rows.rejected, lost]).sort("source_row")
    return replace(rows, rejected=aside)


def _dated(lines: pl.DataFrame, day: date | None, file_name: str, sheet: str) -> pl.DataFrame:
    """Lines without a day take the one the user gave."""
    if day is not None:
        return lines.with_columns(pl.col("day").fill_null(day.isoformat()))
    if lines.height and lines["day"].is_null().all():
        raise DayUnknownError(file=file_name, sheet=sheet)
    return lines


def _reading(
    file_name: str, sheet: str, layout: str, rows: ChatRows, remarks: Iterable[Remark] = ()
) -> Reading:
    messages = shaped("messages", rows.rows)
    # Of a cell that holds a whole conversation the first fault is told.
    rejected = rows.rejected.unique("source_row", keep="first", maintain_order=True)
    first, last = day_span("messages", messages)
    return Reading(
        table="messages",
        layout=layout,
        file_name=file_name,
        sheet=sheet,
        rows=messages,
        rejected=rejected.with_columns(cells=pl.struct(line="value").struct.json_encode()),
        remarks=(*_usual_remarks(rows), *remarks),
        first_day=first,
        last_day=last,
    )


def _usual_remarks(rows: ChatRows) -> Iterable[Remark]:
    if rows.coarse_times:
        yield Remark("seconds_missing", {"count": rows.coarse_times, "column": "sent_at"})
    yield from repeat_remarks(rows.repeated)
    yield from buyer_remarks(rows.rows)
