"""From spoken lines to rows of ``messages``: who is buyer, who is agent, what is no message.

The layouts stand in docs/exports.md, "Chats". An agent is written ``<shop nick>:<agent nick>``; of
it the part after the colon is kept, because performance tables list the same account both ways.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from exports.cells.masking import masked_text
from exports.cells.plain import folded
from exports.chats.speakers import (
    SYSTEM_NAMES,
    agent_account,
    markless,
    names_agent,
    others_of,
    plain_nick,
    with_speakers,
)
from exports.layouts import Layout
from exports.result import Remark
from store.schemas import OPEN_SENDER
from store.sides import marked

#: The sub-account through which the platform itself hands conversations on.
SERVICE_ASSISTANT = "服务助手"

#: Cards and notices that a chat log prints like messages; nobody typed them.
_NOTICES = (
    r"(撤回了一条消息$)|(^当前用户来自)|(^由\s*服务助手\s*转交给)|(^原因[:：]\s*【.*】$)"
    r"|(^[¥￥]$)|(^https?://\S+$)|(^(商品详情页|商品推荐|请确认收货地址)(\n|$))"
)
_HANDED_TO = r"转交给\s*(\S+)"

MESSAGE_KEY = ("buyer", "sent_at", "sender", "agent", "text")


@dataclass(frozen=True)
class ChatRows:
    """What chat lines gave: messages, and the lines set aside."""

    #: ``shop_name, buyer, sent_at, sender, agent, text, nth, source_row``.
    rows: pl.DataFrame
    #: ``source_row, column, value, reason``.
    rejected: pl.DataFrame
    #: How many times came without seconds: response times are then true to a minute only.
    coarse_times: int
    #: How many lines stood a second time in the file.
    repeated: int = 0


def numbered(messages: pl.DataFrame) -> pl.DataFrame:
    """Adds ``nth``: 0 for the first, 1 for the second of several identical lines of one second."""
    crowded = _crowded(messages)
    messages = messages.with_columns(nth=pl.lit(0, pl.Int16))
    if crowded.is_empty():
        return messages
    of_key = pl.int_range(pl.len(), dtype=pl.Int16).over(_key(messages))
    nth = messages.select(pl.col(_key(messages)).gather(crowded)).select(of_key).to_series()
    return messages.with_columns(messages["nth"].clone().scatter(crowded, nth))


def told_once(messages: pl.DataFrame) -> pl.DataFrame:
    """The lines in the order of the file without those that stand a second time, and ``nth``.

    Who writes one thing twice in a second does it in consecutive lines; where lines of another
    moment lie between two that are identical, the file holds a piece of a chat twice.
    """
    crowded = _crowded(messages)
    if crowded.is_empty():
        return messages.with_columns(nth=pl.lit(0, pl.Int16))
    run = messages["sent_at"].rle_id().gather(crowded)
    near = messages.select(pl.col(_key(messages)).gather(crowded)).with_columns(run=run)
    again = near.select(pl.col("run") != pl.col("run").first().over(_key(messages))).to_series()
    if again.any():
        places = crowded.filter(again)
        messages = messages.filter(~pl.int_range(pl.len()).is_in(places.implode()))
    return numbered(messages)


def _key(messages: pl.DataFrame) -> list[str]:
    return [name for name in ("shop_name", *MESSAGE_KEY) if name in messages.columns]


def _crowded(messages: pl.DataFrame) -> pl.Series:
    """Where a buyer has several lines in one second: few have, so only those are compared whole."""
    second = messages.select(pl.col("buyer").hash() ^ pl.col("sent_at").hash(1)).to_series()
    in_order = second.sort()
    met_again = in_order.filter(in_order == in_order.shift()).unique()
    return second.is_in(met_again.implode()).arg_true()


def finished(messages: pl.DataFrame) -> pl.DataFrame:
    """Messages with their texts masked and ``nth`` counted on what is stored."""
    text = masked_text(messages["text"].fill_null(""))
    return told_once(messages.with_columns(text))


def finish_messages(
    rows: pl.DataFrame, layout: Layout, present: frozenset[str]
) -> tuple[pl.DataFrame, list[Remark]]:
    """Messages of the template: names as chats have them, ``nth`` counted.

    Who wrote is what the file says; texts are masked already.
    """
    if "buyer" in present and _marked(rows["buyer"]):
        rows = rows.with_columns(plain_nick(pl.col("buyer")))
    if "agent" in present and _marked(rows["agent"]):
        rows = rows.with_columns(agent_account(pl.col("agent")))
    absent = [pl.lit("").alias(name) for name in ("agent", "text") if name not in present]
    rows = rows.with_columns(absent).with_columns(pl.col("agent", "text").fill_null(""))
    once = told_once(rows)
    return once, [*repeat_remarks(rows.height - once.height), *buyer_remarks(once)]


def _marked(nicks: pl.Series) -> bool:
    """Whether any nick has a colon or the platform's prefix; plain ones are left as they are."""
    return bool(nicks.str.contains_any([":", "：", "cntaobao"]).any())


def repeat_remarks(count: int) -> Iterable[Remark]:
    """Says how many lines stand twice, if any."""
    if count:
        yield Remark("repeated_lines", {"count": count})


def buyer_remarks(messages: pl.DataFrame) -> Iterable[Remark]:
    """Says how many buyers are blurred, if any."""
    buyers = messages["buyer"].filter(messages["sender"] != OPEN_SENDER)
    blurred = buyers.filter(buyers.str.contains("*", literal=True))
    if blurred.len():
        yield Remark("masked_buyers", {"count": blurred.n_unique()})


def chat_rows(spoken: pl.DataFrame, *, unmatched: pl.DataFrame | None = None) -> ChatRows:
    """Spoken lines as messages.

    Args:
        spoken: ``source_row, day, clock, nick, text`` in the order of the file. May also have
            ``buyer`` (else the nick without a colon that spoke last, or speaks next, in the same
            conversation), ``section`` (the agent a C1 section belongs to), ``conversation``
            (what may not borrow a buyer from each other), ``to`` (the nick it was written to) and
            ``shop_name``.
        unmatched: ``source_row, text`` of lines that fit nowhere.
    """
    spoken = spoken.with_columns(folded(spoken["day"]), folded(spoken["clock"]))
    told = _with_roles(_with_columns(spoken).with_columns(sent_at=_moment()))
    fault = (
        pl.when(pl.col("sent_at").is_null())
        .then(
            pl.struct(column=pl.lit("sent_at"), value="written", reason=pl.lit("unreadable_time"))
        )
        .when(pl.col("buyer").fill_null("") == "")
        .then(pl.struct(column=pl.lit("buyer"), value="text", reason=pl.lit("no_buyer_in_chat")))
    )
    told = told.with_columns(fault=fault)
    aside = told.filter(pl.col("fault").is_not_null()).select("source_row", "fault").unnest("fault")
    if unmatched is not None and not unmatched.is_empty():
        lost = unmatched.select(
            "source_row", column=pl.lit(""), value="text", reason=pl.lit("unmatched_line")
        )
        aside = pl.concat([lost, aside])
    good = told.filter(pl.col("fault").is_null()).select("shop_name", *MESSAGE_KEY, "source_row")
    rows = finished(good)
    aside = aside.with_columns(masked_text(aside["value"].fill_null("")))
    coarse = spoken["clock"].str.count_matches(":", literal=True).eq(1).sum()
    return ChatRows(rows, aside.sort("source_row"), int(coarse), good.height - rows.height)


def _with_columns(spoken: pl.DataFrame) -> pl.DataFrame:
    absent = {name: pl.lit(None, pl.String) for name in ("shop_name", "buyer", "section")}
    full = spoken.with_columns(
        **{name: value for name, value in absent.items() if name not in spoken.columns}
    )
    if "conversation" in full.columns:
        return full
    # A new section is a new conversation; a text without sections is one.
    return full.with_columns(conversation=pl.col("section").rle_id())


def _moment() -> pl.Expr:
    """Day and clock as written, in whatever shape, as one moment."""
    day = pl.col("day").str.replace_all(r"[年月/.]", "-").str.strip_suffix("日")
    clock = pl.col("clock")
    full = (
        pl.when(clock.str.count_matches(":", literal=True) == 1)
        .then(clock + ":00")
        .otherwise(clock)
    )
    return (day + " " + full).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)


def _with_roles(lines: pl.DataFrame) -> pl.DataFrame:
    """Adds ``sender``, ``agent``, ``buyer`` and ``written`` (the time as the text has it)."""
    notice = lines.select(pl.col("text").str.contains(_NOTICES).fill_null(False)).to_series()
    handed = lines.filter(notice).select(agent_account(pl.col("text").str.extract(_HANDED_TO)))
    lines = with_speakers(
        lines.with_columns(notice=notice, buyer=plain_nick(pl.col("buyer"))),
        handed.to_series().drop_nulls().unique(),
    )
    speaker, to, known = pl.col("speaker"), pl.col("to"), pl.col("buyer")
    serves, to_serves = pl.col("serves"), pl.col("to_serves")
    if lines["buyer"].null_count() < lines.height:
        # Where the file names the buyer, whoever else speaks serves.
        speaks = (speaker == known).any().over(known)
        served = known.is_not_null() & speaks & (speaker != known)
        lines = lines.with_columns(serves=serves | served.fill_null(False))
    transfer = pl.col("arrow") & serves & (to_serves | ~to.is_in(lines["speaker"].implode()))
    lines = lines.with_columns(transfer=transfer.fill_null(False))
    account = agent_account(speaker)
    assistant = serves & (account == SERVICE_ASSISTANT) | speaker.is_in(SYSTEM_NAMES)
    nobody = pl.col("transfer") | assistant.fill_null(False)
    machine = nobody | pl.col("notice")
    own_nick = pl.when(~serves & ~nobody).then(speaker)
    near = pl.coalesce(own_nick.forward_fill(), own_nick.backward_fill())
    partner = pl.when(serves & ~to_serves & ~pl.col("transfer")).then(to)
    handed_to = agent_account(
        pl.coalesce(pl.when("transfer").then(to), pl.col("text").str.extract(_HANDED_TO))
    )
    addressed = pl.when(to_serves & (names_agent(to) | ~pl.col("arrow"))).then(agent_account(to))
    told = lines.with_columns(
        written=pl.concat_str("day", "clock", separator=" ", ignore_nulls=True),
        buyer=pl.coalesce(known, own_nick, partner, near.over(pl.col("conversation"))),
        sender=pl.when(machine)
        .then(pl.lit("system"))
        .when(serves)
        .then(pl.lit("agent"))
        .otherwise(pl.lit("buyer")),
        agent=pl.coalesce(
            pl.when(pl.col("transfer") | pl.col("notice")).then(handed_to),
            pl.when(serves & ~assistant.fill_null(False)).then(account),
            addressed,
            pl.when(~pl.col("transfer") & ~assistant.fill_null(False)).then(
                agent_account(pl.col("section"))
            ),
            pl.lit(""),
        ),
        is_open=~machine & ~serves & known.is_null() & ~pl.col("closed"),
    )
    return _with_open(told)


def _with_open(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines whose side the file leaves open, with all who speak in their conversation."""
    if not lines["is_open"].any():
        return lines
    others = others_of(lines.select("conversation", markless(pl.col("speaker"))))
    pair = pl.col("to").is_not_null()
    listed = pl.when(pair).then(pl.concat_list(markless(pl.col("to")))).otherwise(others)
    opened = {
        "sender": pl.lit(OPEN_SENDER),
        "agent": markless(pl.col("speaker").fill_null("")),
        "buyer": marked(listed),
    }
    return lines.with_columns(
        pl.when("is_open").then(value).otherwise(name).alias(name) for name, value in opened.items()
    )
