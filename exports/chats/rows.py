"""From spoken lines to rows of ``messages``: who is buyer, who is agent, what is no message.

exports.md section 6. An agent is written ``<shop nick>:<agent nick>``; of it the part after the
colon is kept, because performance tables list the same account both ways.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from exports.cells.masking import masked_text
from exports.cells.plain import folded
from exports.layouts import Layout
from exports.result import Remark

#: The sub-account through which the platform itself hands conversations on.
SERVICE_ASSISTANT = "服务助手"

#: Cards and notices that a chat log prints like messages; nobody typed them.
_NOTICES = (
    r"(撤回了一条消息$)|(^当前用户来自)|(^由\s*服务助手\s*转交给)|(^原因[:：]\s*【.*】$)"
    r"|(^[¥￥]$)|(^https?://\S+$)|(^(商品详情页|商品推荐|请确认收货地址)(\n|$))"
)
_HANDED_TO = r"转交给\s*(\S+)"
_TRANSFER = r"-->\s*(\S+)\s*$"

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


def plain_nick(nick: pl.Expr) -> pl.Expr:
    """A nick without its ``cntaobao`` prefix and with half-width colons."""
    return (
        nick.str.replace_all("：", ":", literal=True).str.strip_prefix("cntaobao").str.strip_chars()
    )


def names_agent(nick: pl.Expr) -> pl.Expr:
    """Whether a plain nick is written as agents are: ``shop:name``; an address is no agent."""
    return nick.str.contains(r":[^:\s/]")


def agent_account(nick: pl.Expr) -> pl.Expr:
    """The agent's own name: of ``示例店:小一`` the part after the last colon.

    >>> pl.select(agent_account(pl.lit("cntaobao示例店：小一"))).item()
    '小一'
    """
    return plain_nick(nick).str.split(":").list.last().str.strip_chars()


def numbered(messages: pl.DataFrame) -> pl.DataFrame:
    """Adds ``nth``: 0 for the first, 1 for the second of several identical lines of one second.

    Few buyers have several lines in one second, so only those are compared whole.
    """
    key = [name for name in ("shop_name", *MESSAGE_KEY) if name in messages.columns]
    messages = messages.with_columns(nth=pl.lit(0, pl.Int16))
    second = messages.select(pl.col("buyer").hash() ^ pl.col("sent_at").hash(1)).to_series()
    in_order = second.sort()
    met_again = in_order.filter(in_order == in_order.shift()).unique()
    crowded = second.is_in(met_again.implode()).arg_true()
    if crowded.is_empty():
        return messages
    of_key = pl.int_range(pl.len(), dtype=pl.Int16).over(key)
    nth = messages.select(pl.col(key).gather(crowded)).select(of_key).to_series()
    return messages.with_columns(messages["nth"].clone().scatter(crowded, nth))


def finished(messages: pl.DataFrame) -> pl.DataFrame:
    """Messages with their texts masked and ``nth`` counted on what is stored."""
    text = masked_text(messages["text"].fill_null(""))
    return numbered(messages.with_columns(text))


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
    return numbered(rows), list(buyer_remarks(rows))


def _marked(nicks: pl.Series) -> bool:
    """Whether any nick has a colon or the platform's prefix; plain ones are left as they are."""
    return bool(nicks.str.contains_any([":", "：", "cntaobao"]).any())


def buyer_remarks(messages: pl.DataFrame) -> Iterable[Remark]:
    """Says how many buyers are blurred, if any."""
    blurred = messages["buyer"].filter(messages["buyer"].str.contains("*", literal=True))
    if blurred.len():
        yield Remark("masked_buyers", {"count": blurred.n_unique()})


def chat_rows(spoken: pl.DataFrame, *, unmatched: pl.DataFrame | None = None) -> ChatRows:
    """Spoken lines as messages.

    Args:
        spoken: ``source_row, day, clock, nick, text`` in the order of the file. May also have
            ``buyer`` (else the nick without a colon that spoke last, or speaks next, in the same
            conversation), ``section`` (the agent a C1 section belongs to), ``conversation``
            (what may not borrow a buyer from each other) and ``shop_name``.
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
    rows = finished(
        told.filter(pl.col("fault").is_null()).select("shop_name", *MESSAGE_KEY, "source_row")
    )
    aside = aside.with_columns(masked_text(aside["value"].fill_null("")))
    coarse = spoken["clock"].str.count_matches(":", literal=True).eq(1).sum()
    return ChatRows(rows, aside.sort("source_row"), int(coarse))


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
    nick = plain_nick(pl.col("nick"))
    transfer = nick.str.contains("-->", literal=True)
    is_agent = names_agent(nick) & ~transfer
    account = agent_account(pl.col("nick"))
    assistant = is_agent & (account == SERVICE_ASSISTANT)
    notice = pl.col("text").str.contains(_NOTICES)
    known_buyer = plain_nick(pl.col("buyer"))
    own_nick = pl.when(~is_agent & ~transfer).then(nick)
    near = pl.coalesce(own_nick.forward_fill(), own_nick.backward_fill())
    handed_to = agent_account(
        pl.coalesce(nick.str.extract(_TRANSFER), pl.col("text").str.extract(_HANDED_TO))
    )
    return lines.with_columns(
        written=pl.concat_str("day", "clock", separator=" ", ignore_nulls=True),
        buyer=pl.coalesce(known_buyer, near.over(pl.col("conversation"))),
        sender=pl.when(transfer | assistant | notice.fill_null(False))
        .then(pl.lit("system"))
        .when(is_agent)
        .then(pl.lit("agent"))
        .otherwise(pl.lit("buyer")),
        agent=pl.coalesce(
            pl.when(transfer | notice).then(handed_to),
            pl.when(is_agent & ~assistant).then(account),
            pl.when(~transfer & ~assistant).then(agent_account(pl.col("section"))),
            pl.lit(""),
        ),
    )
