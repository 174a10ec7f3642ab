"""Who of those that speak in a chat file serves, as far as the file itself says so.

An agent is written ``<shop nick>:<agent nick>``; the shop's own main account is the shop's nick
alone. In head lines such as ``tb000000001 --> 店铺`` the one on the left speaks to the one on the
right. What no file says, the shop's settings do (``store.sides``).
"""

from collections.abc import Iterator

import polars as pl

from store.sides import MARK, MOST_OTHERS

#: What the reception window calls whichever shop it is.
ANY_SHOP = "店铺"
#: Speakers that are nobody.
SYSTEM_NAMES = ("系统消息", "系统通知", "系统提示", "系统", "平台消息", "平台通知")
ARROW = "-->"
_ARROW = r"^(?P<speaker>.*?)\s*-->\s*(?P<to>.*)$"


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


def with_speakers(lines: pl.DataFrame, handed_to: pl.Series) -> pl.DataFrame:
    """Adds who wrote each line, to whom, and whether the file says that either serves.

    Args:
        lines: Spoken lines with ``buyer``, ``section``, ``shop_name`` and perhaps ``to``, the nick
            a line was written to.
        handed_to: Accounts that the platform's notices name as agents.

    Returns:
        The lines, and of each ``speaker``, ``to``, ``arrow`` (the head line names both),
        ``serves``, ``to_serves``, and ``closed``: whether what is not said to serve is a buyer.
    """
    names = _taken_apart(lines["nick"].unique())
    tos = plain_nick(pl.col("to")) if "to" in lines.columns else pl.lit(None, pl.String)
    lines = lines.with_columns(to=tos)
    said_to = pl.concat([names["to"], lines["to"].unique()]).drop_nulls().unique()
    shop, closed = _shop_side(names, said_to, lines, handed_to)
    serving = pl.Series(sorted(shop), dtype=pl.String).implode()
    names = names.with_columns(
        serves=names_agent(pl.col("speaker")) | pl.col("speaker").is_in(serving)
    )
    joined = lines.join(
        names.rename({"to": "arrow_to"}),
        on="nick",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    ).with_columns(to=pl.coalesce("arrow_to", "to"))
    to = pl.col("to")
    to_serves = (names_agent(to) | to.is_in(serving)).fill_null(False)
    return joined.drop("arrow_to").with_columns(
        to_serves=to_serves if said_to.len() else pl.lit(False),
        serves=pl.col("serves").fill_null(False),
        closed=pl.lit(closed) & (to.is_null() | pl.col("serves").fill_null(False) | to_serves),
    )


def _taken_apart(nicks: pl.Series) -> pl.DataFrame:
    """``nick``, ``speaker``, ``to`` and ``arrow`` of every nick."""
    names = nicks.alias("nick").to_frame().with_columns(speaker=plain_nick(pl.col("nick")))
    arrow = pl.col("speaker").str.contains(ARROW, literal=True).fill_null(False)
    parts = pl.col("speaker").str.extract_groups(_ARROW).struct
    return names.with_columns(
        arrow=arrow,
        speaker=pl.when(arrow).then(parts.field("speaker")).otherwise("speaker"),
        to=pl.when(arrow).then(parts.field("to").str.strip_chars()),
    )


def _shop_side(
    names: pl.DataFrame, said_to: pl.Series, lines: pl.DataFrame, handed_to: pl.Series
) -> tuple[set[str], bool]:
    """Names without a colon that the file says serve; and whether it tells the sides at all."""
    written = [names["speaker"], said_to, lines["section"].unique()]
    nicks = pl.concat(written).drop_nulls().unique().alias("nick").to_frame()
    agents = nicks.filter(names_agent(plain_nick(pl.col("nick"))))["nick"]
    shops = agents.to_frame().select(plain_nick(pl.col("nick")).str.extract(r"^([^:]+):"))
    sure = {*shops.to_series(), *lines["shop_name"].unique(), *handed_to, ANY_SHOP} - {None, ""}
    pairs = names.filter("arrow").select("speaker", "to").rows()
    lefts = {left for left, _ in pairs if ":" not in left and left not in sure}
    # Buyers write to the shop, and nobody writes to a buyer but the shop.
    sure |= {to for left, to in pairs if left in lefts and ":" not in to} - lefts
    buyers = {left for left, to in pairs if left in lefts and (to in sure or ":" in to)}
    speakers = set(names["speaker"].drop_nulls())
    if buyers and agents.is_empty():
        # Where buyers' head lines name the shop, the others are the shop's.
        sure |= {*names.filter(~pl.col("arrow"))["speaker"].drop_nulls()} - lefts
    return sure, bool(agents.len() or buyers or sure & speakers)


def others_of(lines: pl.DataFrame) -> pl.Series:
    """Who else speaks in each line's conversation: before it, then after it, nearest first.

    Args:
        lines: ``conversation`` and ``speaker``, in order.
    """
    found: dict[int, list[str]] = {}
    order = lines.with_row_index("at").partition_by("conversation", maintain_order=True)
    for talk in order:
        speakers = talk["speaker"].fill_null("").to_list()
        before, after = _met(speakers), [*_met(speakers[::-1])][::-1]
        for at, early, late in zip(talk["at"], before, after, strict=True):
            found[at] = list(dict.fromkeys([*early, *late]))
    listed = [found[at] for at in range(lines.height)]
    return pl.Series("others", listed, dtype=pl.List(pl.String))


def _met(speakers: list[str]) -> Iterator[list[str]]:
    """For each line who of the others spoke before it, the last first."""
    last: list[str] = []
    for speaker in speakers:
        yield [name for name in last if name != speaker][:MOST_OTHERS]
        if not last or last[0] != speaker:
            last = [speaker, *(name for name in last if name != speaker)][: MOST_OTHERS + 1]


def markless(nick: pl.Expr) -> pl.Expr:
    """A name without the sign that parts names (``store.sides``)."""
    return nick.str.replace_all(MARK, " ", literal=True)
