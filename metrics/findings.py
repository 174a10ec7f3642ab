"""What a reader should notice in a conversation, by the rules of ``conversation_rules.toml``."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

RULES_FILE = Path(__file__).parent / "conversation_rules.toml"


class Name(BaseModel):
    """A rule's name in both languages; rules are edited by shops, not through gettext."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str
    zh: str


class Rule(BaseModel):
    """One pattern of a turn; every condition it names must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    #: The id under which it is shown, where two patterns mean the same.
    shown_as: str = ""
    merit: Literal["good", "bad"]
    name: Name
    side: Literal["agent", "buyer"]
    place: Literal["first", "later", "last"] | None = None
    says: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    after_lacks: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    before_lacks: tuple[str, ...] = ()
    min_characters: int | None = None
    max_characters: int | None = None
    min_wait_seconds: int | None = None


class RuleBook(BaseModel):
    """All rules, and the named lists of phrases that they share as ``@name``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    rule: tuple[Rule, ...]

    def pattern(self, phrases: tuple[str, ...]) -> str:
        """One regular expression that any of the phrases matches."""
        spelled = [
            word
            for phrase in phrases
            for word in (self.words[phrase[1:]] if phrase.startswith("@") else (phrase,))
        ]
        return "|".join(f"(?:{word})" for word in spelled)


@cache
def rule_book() -> RuleBook:
    """The rules that ship with the product."""
    return RuleBook.model_validate(tomllib.loads(RULES_FILE.read_text(encoding="utf-8")))


def rule_names(book: RuleBook) -> dict[str, Name]:
    """Name of every finding, by the id it is shown under."""
    return {rule.shown_as or rule.id: rule.name for rule in book.rule}


def findings(turns: pl.LazyFrame, book: RuleBook, /) -> pl.LazyFrame:
    """Turns that a rule matches.

    Args:
        turns: As ``metrics.turns.turns`` returns them.
        book: The rules.

    Returns:
        One row per turn and finding, by buyer, day, turn and rule: ``buyer``, ``day``, ``turn``,
        ``agent``, ``opened_at``, ``wait_s``, ``text``, ``rule``, ``merit``. Two rules shown under
        one name give one row.
    """
    found = [
        turns.filter(_matches(rule, book)).with_columns(
            rule=pl.lit(rule.shown_as or rule.id), merit=pl.lit(rule.merit)
        )
        for rule in book.rule
    ]
    return (
        pl.concat(found)
        .select("buyer", "day", "turn", "agent", "opened_at", "wait_s", "text", "rule", "merit")
        .unique(["buyer", "day", "turn", "rule"])
        .sort("buyer", "day", "turn", "rule")
    )


def _matches(rule: Rule, book: RuleBook) -> pl.Expr:
    """All conditions of a rule as one expression; null (no such neighbour) counts as no."""
    texts = {
        "says": (pl.col("text"), rule.says, True),
        "also": (pl.col("text"), rule.also, True),
        "lacks": (pl.col("text"), rule.lacks, False),
        "after": (pl.col("previous"), rule.after, True),
        "after_lacks": (pl.col("previous"), rule.after_lacks, False),
        "before": (pl.col("following"), rule.before, True),
        "before_lacks": (pl.col("following"), rule.before_lacks, False),
    }
    conditions = [pl.col("side") == rule.side]
    conditions += [
        (column.str.contains(book.pattern(phrases)) == wanted).fill_null(False)
        for column, phrases, wanted in texts.values()
        if phrases
    ]
    if rule.place == "last":
        conditions.append(pl.col("closes"))
    elif rule.place:
        conditions.append(pl.col("place") == rule.place)
    characters, wait = pl.col("characters"), pl.col("wait_s")
    if rule.min_characters is not None:
        conditions.append(characters >= rule.min_characters)
    if rule.max_characters is not None:
        conditions.append(characters <= rule.max_characters)
    if rule.min_wait_seconds is not None:
        conditions.append((wait >= rule.min_wait_seconds).fill_null(False))
    return pl.all_horizontal(conditions)
