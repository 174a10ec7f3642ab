"""Copied chat texts (C1-C4 and the cells of C7 in docs/exports.md): from text to spoken lines.

A *spoken line* is one message before anybody asked who is buyer and who is agent:

``source_row`` (line of the text, from 1), ``day`` (null where the text has none), ``clock``
(``9:01:02``), ``nick`` (as written), ``text``.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from exports.chats.speakers import names_agent, plain_nick

TextLayout = Literal["chat_daily_text", "chat_client_text", "chat_bracket_text", "chat_web_text"]
TEXT_LAYOUTS: tuple[TextLayout, ...] = get_args(TextLayout)

#: What the chat window prints between messages; never said by anybody.
WINDOW_NOISE = ("已读", "未读", "发送中")
#: How many lines decide which layout a text has.
_LOOKED_AT = 400
#: A talk has at least so many messages: one line with a time in it stands in any letter.
_LEAST_MESSAGES = 2
#: Lines of one message that count as explained by its head line; more may be anything.
_LONG_MESSAGE = 20
#: Lines above the first head line that count as notes and are not held against a chat.
_NOTES_ABOVE = 15
#: Of the lines from the first head line on, the share that must be explained.
_EXPLAINED = 0.6

_DAY = r"20\d{2}(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
# A nick holds no separator of a CSV file, else the last column of an order file looks like a chat;
# and it ends in no colon, else "发货时间：2025-03-05 14:00" is somebody who speaks.
_NICK = r"[^,;\t\"\[\]]*?[^,;\t\"\[\]:：\s]"
_DAILY = rf"^({_DAY})\s*({_CLOCK})\s+(.+)$"
# Day and time may touch, but then only two-digit ones can be told apart.
_MOMENT = rf"({_DAY})\s+({_CLOCK})"
_MOMENT_TOUCHING = r"(20\d{2}-\d{2}-\d{2})(\d{2}:\d{2}(?::\d{2})?)"
_CLIENT = rf"^({_NICK})?\s*{_MOMENT}$"
_CLIENT_TOUCHING = rf"^({_NICK})?\s*{_MOMENT_TOUCHING}$"
_NICK_LINE = rf"^{_NICK}$"
_BRACKET = rf"^\[([^\[\]]+)\]\s*({_DAY})?\s*({_CLOCK})$"
_DAY_LINE = rf"^({_DAY})$"
_CLOCK_LINE = rf"^({_CLOCK})$"
_AGENT_LINE = r"^([^:：\s,]+)[:：][^:：\s,]+$"
#: A line that is an amount, such as a list of payments has.
_AMOUNT = r"^\W*\d[\d,]*\.\d\d\D{0,3}$|余额"
#: What programs write where people put their names.
_LOG_LEVEL = r"^(?i:\[?(?:trace|debug|info|notice|warn(?:ing)?|error|fatal|critical)\b)"
#: Minutes within which an answer follows, and the share of turns that must be such answers.
_SOON, _ANSWERED = 30, 0.2
#: So many lines of as many cells are a table.
_TABLE_LINES, _TABLE_CELLS = 3, 4

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
    neither has, it is none: nothing is guessed. The messages it gives must then be a talk.
    """
    text = "\n".join(text.splitlines()[:_LOOKED_AT])
    lines = text_lines(text)
    line, following = pl.col("line"), pl.col("line").shift(-1)
    opens_section = line.first().str.contains(_AGENT_LINE)
    heads: dict[TextLayout, pl.Expr] = {
        "chat_daily_text": line.str.contains(_DAILY) & opens_section,
        "chat_client_text": _client_head().struct.field("clock").is_not_null(),
        "chat_bracket_text": line.str.contains(_BRACKET),
        "chat_web_text": line.str.contains(_DAY_LINE) & following.str.contains(_CLOCK_LINE),
    }
    counts = lines.select(heads[layout].sum().alias(layout) for layout in TEXT_LAYOUTS).row(0)
    (best, most), (_, second) = sorted(
        zip(TEXT_LAYOUTS, counts, strict=True), key=lambda item: -item[1]
    )[:2]
    if not most or most < 3 * second:
        return None
    return best if _is_talk(spoken_lines(text, best)) else None


def is_explained(spoken: Spoken) -> bool:
    """Whether head lines explain most of a text, and no table stands in it.

    A head line explains itself and the lines of its message, of a long one some. Lines above the
    first head are no part of the chat; a few of them are notes.
    """
    words = spoken.lines["text"].fill_null("")
    taken = words.str.count_matches("\n", literal=True) + 1 + (words != "").cast(pl.UInt32)
    above = spoken.unmatched.height if spoken.unmatched.height > _NOTES_ABOVE else 0
    explained = int(taken.clip(upper_bound=_LONG_MESSAGE).sum())
    return explained >= _EXPLAINED * (int(taken.sum()) + above) and not _holds_table(words)


def _holds_table(words: pl.Series) -> bool:
    """Whether a message holds lines of equally many cells: a table, or one somebody pasted."""
    long = words.filter(words.str.count_matches("\n", literal=True) >= _TABLE_LINES - 1)
    lines = long.str.split("\n").explode().drop_nulls()
    if lines.is_empty():
        return False
    for separator in (",", "\t", ";", "|"):
        cells = lines.str.count_matches(separator, literal=True)
        runs = cells.rle().struct.unnest()
        tables = (pl.col("value") >= _TABLE_CELLS - 1) & (pl.col("len") >= _TABLE_LINES)
        if runs.select(tables.any()).item():
            return True
    return False


def _is_talk(spoken: Spoken) -> bool:
    """Whether what was read is a talk, rather than some lines that end in a time.

    More than one message, most of which say something; the head lines explain most of the text;
    and an agent speaks, or people answer each other within the hour.
    """
    said, words = spoken.lines, spoken.lines["text"]
    if said.height < _LEAST_MESSAGES or 2 * words.is_in(["", None]).sum() >= said.height:
        return False
    if not is_explained(spoken):
        return False
    return _agent_speaks(said) or _answer_each_other(said)


def _answer_each_other(said: pl.DataFrame) -> bool:
    """Whether people speak in turn, soon after each other, and about more than amounts."""
    nick = pl.col("nick").fill_null("")
    talk = said.with_columns(at=_minute("day", "clock"), nick=nick)
    turns = talk.filter((nick != nick.shift()).fill_null(True))
    if turns.height <= turns["nick"].n_unique():
        return False
    wait = (pl.col("at") - pl.col("at").shift()).abs()
    soon = turns.select((wait <= _SOON).sum()).item()
    amounts, levels = talk.select(
        pl.col("text").str.contains(_AMOUNT).sum(), pl.col("nick").str.contains(_LOG_LEVEL).sum()
    ).row(0)
    most = max(amounts, levels)
    return bool(soon >= _ANSWERED * (turns.height - 1) and 2 * most < said.height)


def _minute(day: str, clock: str) -> pl.Expr:
    """Minutes since some midnight; a text without days is of one."""
    parts = pl.col(day).str.extract_groups(r"(\d{4})\D(\d{1,2})\D(\d{1,2})").struct
    date = pl.date(*(parts.field(part).cast(pl.Int32) for part in "123"))
    hours, minutes = (
        pl.col(clock).str.extract(r"^(\d{1,2}):(\d{2})", group).cast(pl.Int64) for group in (1, 2)
    )
    return date.to_physical().cast(pl.Int64).fill_null(0) * 1440 + hours * 60 + minutes


def _agent_speaks(said: pl.DataFrame) -> bool:
    if "section" in said.columns and said["section"].is_not_null().any():
        return True
    nick = plain_nick(pl.col("nick"))
    found = names_agent(nick) | nick.str.contains("-->", literal=True)
    return bool(said.select(found.any()).item())


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


def _client_head() -> pl.Expr:
    """``nick``, ``day`` and ``clock`` of a C2 head line; all null for any other line.

    The nick may stand alone in the line before. What holds a day itself is no nick but a sentence
    about times.
    """
    line, above = pl.col("line"), pl.col("line").shift(1)
    loose = line.str.extract_groups(_CLIENT).struct
    touching = line.str.extract_groups(_CLIENT_TOUCHING).struct
    nick, day, clock = (pl.coalesce(loose.field(n), touching.field(n)) for n in "123")
    lone = clock.is_not_null() & nick.is_null()
    name = pl.coalesce(nick, pl.when(lone & above.str.contains(_NICK_LINE)).then(above))
    named = name.is_not_null() & ~name.str.contains(_DAY)
    head = pl.struct(nick=name, day=day, clock=clock, lone=lone)
    return pl.when(clock.is_not_null() & named).then(head)


def _client_heads(lines: pl.DataFrame) -> pl.DataFrame:
    """C2: ``nick YYYY-M-D H:MM:SS`` in one line, or the nick alone in the line before."""
    found = lines.with_columns(head=_client_head()).unnest("head")
    is_nick = pl.col("lone").shift(-1).fill_null(False) & pl.col("clock").is_null()
    return found.filter(~is_nick).drop("lone")


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
