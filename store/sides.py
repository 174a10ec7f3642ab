"""Chat lines whose file leaves open who serves: kept as they are, decided whenever they are read.

A file may name its speakers and nothing else: a main account without a colon, nicks of JD or
WeChat. Such a line says who wrote it and who else took part, and its side follows from the shop's
agents (setting ``agents``). So naming an agent later puts every earlier upload right, and nothing
has to be read again.

In the ``messages`` table such a line has the sender ``OPEN_SENDER``; its ``agent`` is who wrote
it, its ``buyer`` names everybody else in the conversation, nearest first, each behind a ``MARK``.
"""

from collections.abc import Collection

import polars as pl

from store.schemas import OPEN_SENDER

#: Sorts before every name, so that the range of buyers tells which data files hold such lines.
MARK = "\t"
#: How many of the others a line names, as many before it and as many after.
MOST_OTHERS = 4

_KEY = ["buyer", "sent_at", "sender", "agent", "text", "nth"]


def may_hold_open(lowest_buyer: pl.Expr) -> pl.Expr:
    """Whether a data file may hold open lines, by the first of its buyers; unknown counts as no.

    Every file that an edition knowing open lines has written records that buyer.
    """
    return (lowest_buyer < " ").fill_null(False)


def marked(others: pl.Expr) -> pl.Expr:
    """The ``buyer`` of open lines, of a list of the others."""
    return pl.lit(MARK) + others.list.join(MARK)


def decided(messages: pl.LazyFrame, serving: Collection[str]) -> pl.LazyFrame:
    """The lines with every side that follows from the accounts that serve; the others are left out.

    Where one in a conversation serves, the others are buyers; and who speaks alone and is none of
    the shop's agents is a buyer, once the shop has named any. A line that another file brings with
    its side stands once.

    Args:
        messages: Rows of the messages table of one shop.
        serving: Accounts of agents.
    """
    is_open = pl.col("sender") == OPEN_SENDER
    told = messages.filter(is_open).with_columns(_sides(serving))
    told = told.filter(pl.col("sender").is_not_null(), pl.col("buyer").is_not_null())
    closed = messages.filter(~is_open)
    told = told.unique(_KEY, maintain_order=True).join(closed.select(_KEY), on=_KEY, how="anti")
    return pl.concat([closed, told.select(messages.collect_schema().names())])


def undecided(messages: pl.LazyFrame, serving: Collection[str]) -> pl.LazyFrame:
    """Who speaks in the open lines whose side does not follow from the accounts that serve.

    Returns:
        One row per day and speaker, by day, most lines first: ``day``, ``speaker``, ``lines``.
    """
    told = messages.filter(pl.col("sender") == OPEN_SENDER).with_columns(
        _sides(serving), day=pl.col("sent_at").dt.date(), speaker="agent"
    )
    unsaid = pl.any_horizontal(pl.col("sender", "buyer").is_null())
    return (
        told.filter(unsaid)
        .group_by("day", "speaker")
        .agg(lines=pl.len())
        .sort("day", "lines", "speaker", descending=[False, True, False])
    )


def speakers(unsaid: pl.DataFrame) -> list[str]:
    """Who speaks in rows of ``undecided``, most lines first."""
    lines = unsaid.group_by("speaker").agg(pl.col("lines").sum())
    return lines.sort("lines", "speaker", descending=[True, False])["speaker"].to_list()


def _sides(serving: Collection[str]) -> list[pl.Expr]:
    """``sender``, ``buyer`` and ``agent`` of open lines; no sender where nobody serves."""
    accounts = sorted(serving)
    others = pl.col("buyer").str.strip_prefix(MARK).str.split(MARK)
    serves, element = pl.col("agent").is_in(accounts), pl.element()
    buyer = others.list.eval(element.filter(~element.is_in(accounts) & (element != ""))).list
    answered = others.list.eval(element.is_in(accounts)).list.any()
    alone = (pl.col("buyer") == MARK) & pl.lit(bool(accounts))
    return [
        pl.when(serves)
        .then(pl.lit("agent"))
        .when(answered | alone)
        .then(pl.lit("buyer"))
        .alias("sender"),
        pl.when(serves).then(buyer.first()).otherwise("agent").alias("buyer"),
        pl.when(serves).then("agent").otherwise(pl.lit("")).alias("agent"),
    ]
