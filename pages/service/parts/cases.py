"""What the case book reads and writes: the sample, one conversation, the cases marked."""

from datetime import date
from hashlib import sha256

import polars as pl

from metrics.cases.findings import findings, rule_book
from metrics.cases.sample import candidates, case_lines, conversation, drawn, events
from metrics.cases.turns import turns
from pages.shared import loaders, wording
from pages.shared.filters import View
from store.lake import store_path
from store.settings import ShopSettings
from store.shop_tables import ShopTables
from team.entries import entries, entry_table
from team.kinds import Case


def case_findings(
    tables: ShopTables, settings: ShopSettings, /, *, buyer: str, day: date
) -> pl.LazyFrame:
    """Findings of one conversation; see ``metrics.cases.findings``."""
    return findings(turns(case_lines(tables, settings, buyer=buyer, day=day)), rule_book())


def sampled(
    tables: ShopTables, settings: ShopSettings, /, *, first: date, last: date, agent: str, seed: int
) -> pl.DataFrame:
    """Conversations drawn to be read; see ``metrics.cases.sample.drawn``."""
    found = candidates(tables, settings, first=first, last=last, agent=agent).collect()
    return drawn(found, agent=agent, seed=seed)


def sample(view: View, agent: str, seed: int) -> pl.DataFrame:
    """The conversations to read; the same agent, days and seed draw the same."""
    asked = {"first": view.first, "last": view.last, "agent": agent, "seed": seed}
    return loaders.counted(sampled, view.shop, **asked)


def lines(shop: str, buyer: str, day: date) -> pl.DataFrame:
    """The lines of a conversation."""
    return loaders.counted(conversation, shop, buyer=buyer, day=day)


def story(shop: str, buyer: str, day: date) -> pl.DataFrame:
    """Orders, refunds and ratings around a conversation."""
    return loaders.counted(events, shop, buyer=buyer, day=day)


def found(shop: str, buyer: str, day: date) -> pl.DataFrame:
    """What the rules find in a conversation."""
    return loaders.counted(case_findings, shop, buyer=buyer, day=day)


def rule_name(rule: str) -> str:
    """A rule's name in this session's language; its id where the rule is gone."""
    for known in rule_book().rule:
        if rule in (known.shown_as, known.id):
            return str(getattr(known.name, wording.tongue()))
    return rule


def handle(subject: str) -> str:
    """A case's name in widget keys, which reach the browser: no buyer may be read from it."""
    return sha256(subject.encode()).hexdigest()[:12]


def marked(shop: str) -> list[Case]:
    """Every case of the shop's case book, the newest first."""
    return [case for case in entries(store_path(), shop, Case) if not case.done]


def book(shop: str) -> pl.DataFrame:
    """The case book as rows, the newest first; see ``team.entries.entry_table``."""
    return entry_table(Case, marked(shop))


def searched(cases: pl.DataFrame, words: str) -> pl.DataFrame:
    """The cases that hold every word somewhere: agent, buyer, day, rule, tags, wordings, notes."""
    names = {rule: rule_name(rule) for rule in cases["rule"].unique().to_list()}
    text = pl.concat_str(
        "agent", "buyer", pl.col("day").dt.to_string(), "rule", pl.col("rule").replace(names),
        "better", "text", pl.col("tags").list.join(" "), separator=" ", ignore_nulls=True,
    ).str.to_lowercase()  # fmt: skip
    holds = [text.str.contains(word, literal=True) for word in words.lower().split()]
    return cases.filter(pl.all_horizontal(pl.lit(True), *holds))
