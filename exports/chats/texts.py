"""Copied chat texts (exports.md C1-C4 and the cells of C7): from text to spoken lines.

A *spoken line* is one message before anybody asked who is buyer and who is agent:

``source_row`` (line of the text, from 1), ``day`` (null where the text has none), ``clock``
(``9:01:02``), ``nick`` (as written), ``text``.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

TextLayout = Literal["chat_daily_text", "chat_client_text", "chat_bracket_text", "chat_web_text"]
TEXT_LAYOUTS: tuple[TextLayout, ...] = get_args(TextLayout)

#: What the chat window prints between messages; never said by anybody.
WINDOW_NOISE = ("已读", "未读", "发送中")
#: How many lines decide which layout a text has.
_LOOKED_AT = 400

_DAY = r"20\d{2}(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
# A nick holds no separator of a CSV file, else the last column of an order file looks like a chat.
_NICK = r"[^,;\t\"\[\]]+?"
_DAILY = rf"^({_DAY})\s*({_CLOCK})\s+(.+)$"
# Day and time may touch, but then only two-digit ones can be told apart.
_MOMENT = rf"({_DAY})\s+({_CLOCK})"
_MOMENT_TOUCHING = r"(20\d{2}-\d{2}-\d{2})(\d{2}:\d{2}(?::\d{2})?)"
_CLIENT = rf"^({_NICK})?\s*{_MOMENT}$"
_CLIENT_TOUCHING = rf"^({_NICK})?\s*{_MOMENT_TOUCHING}$"
_BRACKET = rf"^\[([^\[\]]+)\]\s*({_DAY})?\s*({_CLOCK})$"
_DAY_LINE = rf"^({_DAY})$"
_CLOCK_LINE = rf"^({_CLOCK})$"
_AGENT_LINE = r"^([^:：\s,]+)[:：][^:：\s,]+$"

SPOKEN = {
    "source_row": pl.Int64,
    "day": pl.String,
    "clock": pl.String,
    "nick": pl.String,
    "text": pl.String,
}


@dataclass(frozen=True)
class Spoken:
    """The messages of a text, and the lines before the first head line, which fit nowhere."""

    lines: pl.DataFrame
    #: ``source_row``, ``text``.
    unmatched: pl.DataFrame


def text_lines(text: str) -> pl.DataFrame:
    """One row per line that is not blank: ``source_row`` from 1, ``line`` without outer blanks."""
    lines = pl.Series("line", text.lstrip("\ufeff").splitlines(), dtype=pl.String)
    return (
        lines.to_frame()
        .with_row_index("source_row", offset=1)
        .with_columns(pl.col("source_row").cast(pl.Int64), pl.col("line").str.strip_chars())
        .filter(pl.col("line") != "")
    )


def told_layout(text: str) -> TextLayout | None:
    """Which of the four chat texts this is, told by its head lines; None if it is none of them.

    Of two layouts that fit, the one with at least three times the head lines of the other; if
    neither has, it is none: nothing is guessed.
    """
    lines = text_lines("\n".join(text.splitlines()[:_LOOKED_AT]))
    line, following = pl.col("line"), pl.col("line").shift(-1)
    opens_section = line.first().str.contains(_AGENT_LINE)
    client = line.str.contains(_CLIENT) | line.str.contains(_CLIENT_TOUCHING)
    heads: dict[TextLayout, pl.Expr] = {
        "chat_daily_text": line.str.contains(_DAILY) & opens_section,
        "chat_client_text": client,
        "chat_bracket_text": line.str.contains(_BRACKET),
        "chat_web_text": line.str.contains(_DAY_LINE) & following.str.contains(_CLOCK_LINE),
    }
    counts = lines.select(heads[layout].sum().alias(layout) for layout in TEXT_LAYOUTS).row(0)
    (best, most), (_, second) = sorted(
        zip(TEXT_LAYOUTS, counts, strict=True), key=lambda item: -item[1]
    )[:2]
    return best if most and most >= 3 * second else None


def spoken_lines(text: str, layout: TextLayout) -> Spoken:
    """The messages of a copied chat text."""
    lines = text_lines(text)
    if layout == "chat_web_text":
        return _web(lines)
    lines = lines.filter(~pl.col("line").is_in(WINDOW_NOISE))
    if layout == "chat_daily_text":
        return _spoken(_daily_heads(lines))
    if layout == "chat_bracket_text":
        return _spoken(_bracket_heads(lines))
    return _spoken(_client_heads(lines))


def cell_lines(cell: str) -> Spoken:
    """The messages of one C7 cell: a time line, then ``name: text``, a blank line between."""
    lines = text_lines(cell).filter(~pl.col("line").is_in(WINDOW_NOISE))
    clock = pl.col("line").str.extract(_CLOCK_LINE)
    block = clock.is_not_null().cum_sum()
    said = pl.col("line").slice(1).str.join("\n")
    spoken = (
        lines.with_columns(block=block)
        .filter(pl.col("block") > 0)
        .group_by("block", maintain_order=True)
        .agg(pl.col("source_row").first(), clock=clock.first(), said=said)
        .with_columns(_name_and_text("said"), day=pl.lit(None, pl.String))
        .unnest("said")
    )
    unmatched = lines.filter(block == 0).select("source_row", text="line")
    return Spoken(spoken.select(SPOKEN.keys()), unmatched)


def _name_and_text(column: str) -> pl.Expr:
    """Splits ``name: text``; an agent's name holds a colon itself (``shop:nick: text``)."""
    agent = pl.col(column).str.extract_groups(
        r"(?s)^(?P<nick>[^:：\s]+[:：][^:：\s]+)[:：]\s+(?P<text>.*)$"
    )
    plain = pl.col(column).str.extract_groups(r"(?s)^(?P<nick>[^:：]+)[:：]\s*(?P<text>.*)$")
    is_agent = agent.struct.field("nick").is_not_null()
    return pl.when(is_agent).then(agent).otherwise(plain).alias(column)


def _client_heads(lines: pl.DataFrame) -> pl.DataFrame:
    """C2: ``nick YYYY-M-D H:MM:SS`` in one line, or the nick alone in the line before."""
    line = pl.col("line")
    loose = line.str.extract_groups(_CLIENT)
    touching = line.str.extract_groups(_CLIENT_TOUCHING)
    found = lines.with_columns(
        *(
            pl.coalesce(loose.struct.field(str(n)), touching.struct.field(str(n))).alias(name)
            for n, name in ((1, "nick"), (2, "day"), (3, "clock"))
        )
    )
    lone = pl.col("clock").is_not_null() & pl.col("nick").is_null()
    return (
        found.with_columns(
            nick=pl.coalesce("nick", pl.when(lone).then(line.shift(1))),
            is_nick=lone.shift(-1, fill_value=False) & pl.col("clock").is_null(),
        )
        .filter(~pl.col("is_nick"))
        .drop("is_nick")
    )


def _bracket_heads(lines: pl.DataFrame) -> pl.DataFrame:
    """C3: ``[nick] YYYY-MM-DD HH:MM:SS``; the short form has no day."""
    head = pl.col("line").str.extract_groups(_BRACKET).struct
    return lines.with_columns(nick=head.field("1"), day=head.field("2"), clock=head.field("3"))


def _daily_heads(lines: pl.DataFrame) -> pl.DataFrame:
    """C1: a line that is only an agent's nick opens a section; content follows the nick."""
    line = pl.col("line")
    shop = line.first().str.extract(_AGENT_LINE)
    next_is_head = line.shift(-1).str.contains(_DAILY)
    section = (line.str.extract(_AGENT_LINE) == shop) & next_is_head & ~line.str.contains(_DAILY)
    head = line.str.extract_groups(_DAILY).struct
    said = head.field("3")
    # The agent's nick holds a colon, so the text begins at the second one.
    pair = said.str.extract_groups(r"^([^:：]+)([:：][^:：]+)[:：](.*)$").struct
    from_agent = pair.field("1") == shop
    plain = said.str.extract_groups(r"^([^:：]+)[:：](.*)$").struct
    return lines.with_columns(
        day=head.field("1"),
        clock=head.field("2"),
        nick=pl.when(from_agent)
        .then(pair.field("1") + pair.field("2"))
        .otherwise(plain.field("1")),
        rest=pl.when(from_agent).then(pair.field("3")).otherwise(plain.field("2")),
        section=pl.when(section).then(line).forward_fill(),
    ).filter(~section)


def _spoken(heads: pl.DataFrame) -> Spoken:
    """Gathers the lines under each head line into one text."""
    rest = pl.col("rest") if "rest" in heads.columns else pl.lit(None, pl.String)
    section = ["section"] if "section" in heads.columns else []
    is_head = pl.col("clock").is_not_null()
    marked = heads.with_columns(
        message=is_head.cum_sum(),
        part=pl.when(is_head).then(rest).otherwise("line"),
    )
    lines = (
        marked.filter(pl.col("message") > 0)
        .group_by("message", maintain_order=True)
        .agg(
            pl.col("source_row", "day", "clock", "nick", *section).first(),
            text=pl.col("part").drop_nulls().str.join("\n"),
        )
        .select(*SPOKEN, *section)
    )
    unmatched = marked.filter(pl.col("message") == 0).select("source_row", text="line")
    return Spoken(lines, unmatched)


def _web(lines: pl.DataFrame) -> Spoken:
    """C4: a day line, then per message time, content (one or more lines), sender."""
    line = pl.col("line")
    clock = line.str.extract(_CLOCK_LINE)
    # A day alone is a date line only where a time follows; else somebody wrote a date.
    is_day = line.str.contains(_DAY_LINE) & line.shift(-1).str.contains(_CLOCK_LINE)
    marked = (
        lines.filter(~line.is_in(WINDOW_NOISE))
        .with_columns(
            day=pl.when(is_day).then(line).forward_fill(),
            clock=clock,
            message=clock.is_not_null().cum_sum(),
            is_day=is_day,
        )
        .filter(~pl.col("is_day"))
    )
    spoken = (
        marked.filter(pl.col("message") > 0)
        .group_by("message", maintain_order=True)
        .agg(
            pl.col("source_row", "day", "clock").first(),
            nick=pl.when(pl.len() > 1).then(line.last()),
            text=line.slice(1, pl.len().cast(pl.Int64) - 2).str.join("\n"),
        )
    )
    unmatched = marked.filter(pl.col("message") == 0).select("source_row", text="line")
    return Spoken(spoken.select(SPOKEN.keys()), unmatched)
