"""Chats as JSON: the consult reply of 生意参谋 (C5) and the lists inside a workbook (C8).

Both give spoken lines, as ``exports.chats.texts`` does.
"""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

#: A clock as these files write it: ISO 8601 or the same with a blank, maybe with a fraction,
#: maybe with a Z (which is read as shop time: whether it is truly UTC is unknown).
_WRITTEN = r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?:Z|\+08:?00)?$"

_SESSION_LINES = {
    "written_by": pl.String,
    "written_to": pl.String,
    "moment": pl.String,
    "text": pl.String,
    "message_id": pl.String,
    "conversation": pl.Int64,
}


def is_consult_reply(text: str) -> bool:
    """Whether a text is the JSON of C5: an object with ``sessions``, each with ``messages``."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return False
    try:
        reply = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return False
    sessions = reply.get("sessions")
    return isinstance(sessions, list) and all(
        isinstance(session, dict) and isinstance(session.get("messages"), list)
        for session in sessions
    )


def consult_lines(text: str) -> pl.DataFrame:
    """The messages of a consult reply; ``source_row`` counts them from 1.

    A session that is listed twice gives its messages once: they carry an id.
    """
    sessions = json.loads(text.lstrip("\ufeff"))["sessions"]
    lines = pl.DataFrame(
        list(_session_lines(sessions)), schema=_SESSION_LINES, orient="row"
    ).with_row_index("source_row", offset=1)
    keyless = pl.col("message_id").is_null()
    return (
        lines.filter(keyless | pl.struct("message_id", "moment").is_first_distinct())
        .with_columns(
            pl.col("source_row").cast(pl.Int64),
            *_day_and_clock("moment"),
        )
        .rename({"written_by": "nick", "written_to": "to"})
        .drop("moment", "message_id")
    )


def _session_lines(sessions: list[dict[str, Any]]) -> Iterator[tuple[str | int | None, ...]]:
    for number, session in enumerate(sessions):
        for message in session["messages"]:
            fields = ("userNickFrom", "userNickTo", "gmtCreated", "msg", "msgId")
            yield (*(_text(message.get(field)) for field in fields), number)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _day_and_clock(column: str) -> tuple[pl.Expr, pl.Expr]:
    moment = pl.col(column)
    return (
        pl.coalesce(moment.str.extract(_WRITTEN, 1), moment).alias("day"),
        pl.coalesce(moment.str.extract(_WRITTEN, 2), pl.lit("")).alias("clock"),
    )


def list_lines(conversations: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The messages of C8 conversations, one JSON list each.

    Args:
        conversations: ``source_row, shop_name, buyer, messages``.

    Returns:
        Spoken lines with ``shop_name`` and ``buyer``, and ``source_row, text`` of the
        conversations whose list cannot be read.
    """
    lists = [_listed(cell) for cell in conversations["messages"]]
    readable = pl.Series([entries is not None for entries in lists], dtype=pl.Boolean)
    entries = pl.Series(
        "entry",
        [entries or [] for entries in lists],
        dtype=pl.List(pl.Struct({"moment": pl.String, "nick": pl.String, "text": pl.String})),
    )
    lines = (
        conversations.select("source_row", "shop_name", "buyer", entries)
        .with_row_index("conversation")
        .explode("entry")
        .filter(pl.col("entry").is_not_null())
        .unnest("entry")
        .with_columns(*_day_and_clock("moment"))
        .drop("moment")
    )
    unread = conversations.filter(~readable).select("source_row", text=pl.col("messages"))
    return lines, unread


def _listed(cell: str | None) -> list[dict[str, str | None]] | None:
    try:
        entries = json.loads(cell or "")
        return [
            {
                "moment": _text(entry.get("time")),
                "nick": _text(entry.get("sender_nick")),
                "text": _content(entry.get("content")),
            }
            for entry in entries
        ]
    except (ValueError, AttributeError, TypeError, RecursionError):  # no JSON, or no such list
        return None


def _content(content: object) -> str | None:
    """A message's words: its text, else the summary of what is no text (a picture, a card)."""
    if isinstance(content, dict):
        return _text(content.get("text") or content.get("summary"))
    return _text(content)
