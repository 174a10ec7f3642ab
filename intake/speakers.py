"""Who serves, where a chat file leaves it open: what is known, who is to be asked, the answer kept.

The shop's main account bears the shop's name, and performance tables name agents; both become
agents of the shop's settings, as an answer does, so that one list decides (``store.sides``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from exports.cells.masking import masked_text
from exports.result import Reading
from store.lake import Store
from store.schemas import OPEN_SENDER
from store.settings import AgentName
from store.shop_settings import load_settings, save_settings
from store.sides import undecided
from store.tables import shop_tables

#: How many lines are shown of each who may serve, and how much of each.
_SAMPLES, _SAMPLE_LENGTH = 3, 40


@dataclass(frozen=True)
class Speaker:
    """Somebody in a chat file who may be the shop's or a buyer."""

    name: str
    #: How many lines they wrote.
    lines: int
    #: The first of them, without what leads to a person.
    samples: tuple[str, ...]


def open_speakers(readings: Iterable[Reading], serving: Iterable[str]) -> list[Speaker]:
    """Who is to be asked about, most lines first: those in talks of which nobody is known to serve.

    Args:
        readings: What a file gave.
        serving: Accounts known to serve.
    """
    rows = _open_rows(readings)
    if rows.is_empty():
        return []
    unsaid = undecided(rows.lazy(), [*serving]).collect()
    told = rows.filter(pl.col("agent").is_in(unsaid["speaker"].implode()))
    said = masked_text(told["text"]).str.replace_all(r"\s+", " ").str.slice(0, _SAMPLE_LENGTH)
    found = (
        told.with_columns(text=said)
        .group_by("agent", maintain_order=True)
        .agg(pl.len(), pl.col("text").filter(pl.col("text") != "").head(_SAMPLES))
        .sort("len", descending=True, maintain_order=True)
    )
    return [Speaker(name, lines, tuple(texts)) for name, lines, texts in found.rows()]


def known_agents(store: Store, shop: str, readings: Iterable[Reading] = ()) -> set[str]:
    """Accounts that serve by what is known without asking.

    Args:
        store: The store.
        shop: The shop; its main account bears its name.
        readings: What files are about to bring, perhaps performance tables.
    """
    served = [reading.rows for reading in readings if reading.table == "service_days"]
    named = {name for rows in served for name in _agents(rows.lazy())}
    held = _agents(shop_tables(store, shop).service_days)
    return {shop, *load_settings(store, shop).serving, *named, *held}


def _agents(service_days: pl.LazyFrame) -> list[str]:
    rows = service_days.filter(pl.col("scope") == "agent").select(pl.col("agent").unique())
    return [name for name in rows.collect()["agent"] if name]


def name_agents(store: Store, shop: str, names: Sequence[str], by: str) -> None:
    """Have the shop's settings list accounts as agents; earlier uploads count anew by it.

    Args:
        store: The store.
        shop: The shop.
        names: The accounts; those it lists already stay as they are.
        by: Who says so.
    """
    settings = load_settings(store, shop)
    fresh = [name for name in dict.fromkeys(names) if name and name not in settings.serving]
    if fresh:
        agents = (*settings.agents, *(AgentName(account=name) for name in fresh))
        save_settings(store, shop, settings.model_copy(update={"agents": agents}), by)


def settle(store: Store, shop: str, by: str) -> None:
    """Name as agents who is known to serve and speaks in lines that are still undecided.

    To be called when chats or performance tables came; the later of the two settles it.
    """
    unsaid = shop_tables(store, shop).undecided
    if unsaid.height:
        known = known_agents(store, shop)
        name_agents(store, shop, [name for name in unsaid["speaker"] if name in known], by)


def _open_rows(readings: Iterable[Reading]) -> pl.DataFrame:
    parts = [
        reading.rows.filter(pl.col("sender") == OPEN_SENDER)
        for reading in readings
        if reading.table == "messages"
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema={"agent": pl.String})
