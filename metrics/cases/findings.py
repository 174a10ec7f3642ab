"""What a reader should notice in a conversation, by the rules of ``rules.toml``."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

RULES_FILE = Path(__file__).parent / "rules.toml"
#: A list of phrases named inside a phrase.
_NAMED = re.compile("@([a-z_]+)")
#: From a text as people type it to its plain spelling, in this order. Particles that close a
#: clause carry no meaning; 吗, 呢, 吧 and 么 do.
_PLAINER = (
    (r"[^\p{L}\p{N}?%]+", " "),
    (r"[ ?]*\?[ ?]*", "? "),
    (r"[啦咯喽啰]+([ ?]|$)", "了$1"),
    (r"([^一])[哒滴]([ ?]|$)", "${1}的$2"),
    (r"[啊呀哦喔噢哈嘛耶诶哟呐哇噻呗嘞捏嗷]+([ ?]|$)", "$1"),
    (r"^ +| +$", ""),
)


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
    says_times: int = 1
    also: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    after_lacks: tuple[str, ...] = ()
    lately: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    before_lacks: tuple[str, ...] = ()
    before_repeats_beyond: tuple[str, ...] = ()
    min_characters: int | None = None
    max_characters: int | None = None
    min_wait_seconds: int | None = None

    @property
    def phrases(self) -> tuple[str, ...]:
        """Every phrase of every condition."""
        fields = (value for _, value in self if isinstance(value, tuple))
        return tuple(phrase for phrases in fields for phrase in phrases)


class RuleBook(BaseModel):
    """All rules, the named lists of phrases they share as ``@name``, and the shop's spelling."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    spelling: dict[str, str] = Field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    rule: tuple[Rule, ...]

    @model_validator(mode="after")
    def _names_only_lists_above(self) -> "RuleBook":
        known: set[str] = set()
        for place, phrases in (
            *self.words.items(),
            *((rule.id, rule.phrases) for rule in self.rule),
        ):
            unknown = set(_NAMED.findall(" ".join(phrases))) - known
            if unknown:
                raise ValueError(f"{place} names lists that are not above it: {sorted(unknown)}")
            known |= {place} & self.words.keys()
        return self

    def pattern(self, phrases: tuple[str, ...]) -> str:
        """One regular expression that any of the phrases matches."""
        return "|".join(
            f"(?:{_NAMED.sub(lambda named: self._listed(named[1]), phrase)})" for phrase in phrases
        )

    def _listed(self, name: str) -> str:
        return f"(?:{self.pattern(self.words[name])})"


@cache
def rule_book() -> RuleBook:
    """The rules that ship with the product."""
    return RuleBook.model_validate(tomllib.loads(RULES_FILE.read_text(encoding="utf-8")))


def findings(turns: pl.LazyFrame, book: RuleBook, /) -> pl.LazyFrame:
    """Turns that a rule matches.

    Args:
        turns: As ``metrics.cases.turns.turns`` returns them.
        book: The rules.

    Returns:
        One row per turn and finding, by buyer, day, turn and rule: ``buyer``, ``day``, ``turn``,
        ``agent``, ``opened_at``, ``wait_s``, ``text``, ``rule``, ``merit``. Two rules shown under
        one name give one row.
    """
    shown = ("buyer", "day", "turn", "agent", "opened_at", "wait_s", "text")
    # Kept once for all rules; polars would count the turns anew for each.
    heard = _with_neighbours(turns.with_columns(plain=plain(pl.col("text"), book))).cache()
    found = [
        _matching(heard, rule, book).select(
            *shown, rule=pl.lit(rule.shown_as or rule.id), merit=pl.lit(rule.merit)
        )
        for rule in book.rule
    ]
    return (
        pl.concat(found)
        .unique(["buyer", "day", "turn", "rule"])
        .sort("buyer", "day", "turn", "rule")
    )


def plain(text: pl.Expr, book: RuleBook) -> pl.Expr:
    """A text in its plain spelling, in which the phrases of the rules are written.

    Half width, lower case, the book's spelling; one space for any run of other signs, ``?`` kept;
    closing particles dropped.
    """
    spelled = text.str.normalize("NFKC").str.to_lowercase()
    if book.spelling:
        spelled = spelled.str.replace_many(list(book.spelling), list(book.spelling.values()))
    for written, plainer in _PLAINER:
        spelled = spelled.str.replace_all(written, plainer)
    return spelled


def _with_neighbours(turns: pl.LazyFrame) -> pl.LazyFrame:
    """What was said around each turn, null beyond the conversation's ends.

    ``previous`` and ``following`` are the other side's turns before and after, ``earlier`` is the
    same side's turn before, ``lately`` the other side's last two turns.
    """

    def before(turns_back: int) -> pl.Expr:
        return pl.when(pl.col("turn") >= turns_back).then(pl.col("plain").shift(turns_back))

    return turns.with_columns(
        previous=before(1),
        earlier=before(2),
        lately=pl.concat_str(before(3), before(1), separator=" ", ignore_nulls=True),
        following=pl.when(~pl.col("closes")).then(pl.col("plain").shift(-1)),
    )


def _matching(turns: pl.LazyFrame, rule: Rule, book: RuleBook) -> pl.LazyFrame:
    """Turns for which every condition holds; a neighbour that is not there fails its condition.

    Each condition is read only where those before it hold, the cheap ones first: a column between
    two filters keeps polars from reading both at once.
    """
    rows = turns.filter(_in_place(rule))
    for condition in _on_words(rule, book):
        rows = rows.with_columns(holds=condition).filter("holds")
    return rows


def _on_words(rule: Rule, book: RuleBook) -> Iterator[pl.Expr]:
    """What a rule asks of the words of a turn and of its neighbours."""
    for column, phrases, times, wanted in (
        ("previous", rule.after, 1, True),
        ("previous", rule.after_lacks, 1, False),
        ("earlier", rule.earlier, 1, True),
        ("lately", rule.lately, 1, True),
        ("following", rule.before, 1, True),
        ("plain", rule.says, rule.says_times, True),
        ("plain", rule.also, 1, True),
        ("plain", rule.lacks, 1, False),
        ("following", rule.before_lacks, 1, False),
    ):
        text, pattern = pl.col(column).str, book.pattern(phrases)
        if times > 1:
            yield text.count_matches(pattern) >= times
        elif phrases:
            yield text.contains(pattern) == wanted
    if rule.before_repeats_beyond:
        yield _repeated(book.pattern(rule.before_repeats_beyond))


def _in_place(rule: Rule) -> pl.Expr:
    """What a rule asks of a turn besides its words; null counts as no."""
    conditions = [pl.col("side") == rule.side]
    if rule.place == "last":
        conditions.append(pl.col("closes"))
    elif rule.place:
        conditions.append(pl.col("place") == rule.place)
    if rule.min_characters is not None:
        conditions.append(pl.col("characters") >= rule.min_characters)
    if rule.max_characters is not None:
        conditions.append(pl.col("characters") <= rule.max_characters)
    if rule.min_wait_seconds is not None:
        conditions.append(pl.col("wait_s") >= rule.min_wait_seconds)
    return pl.all_horizontal(conditions)


def _repeated(trite: str) -> pl.Expr:
    """Whether the turn that follows takes up a word of this one that was not in the one before.

    Two Chinese characters in a row count as a word, as do letters and digits in a row, and 1米6.
    """

    def words(column: str) -> pl.Expr:
        text = pl.col(column).str.replace_all(trite, " ")
        between = text.str.replace_all(r"(^|\P{Han})\p{Han}", "$1")
        return pl.concat_list(
            text.str.extract_all(r"\d\p{Han}\d|[a-z]+|[a-z0-9]{2,}|\p{Han}{2}"),
            between.str.extract_all(r"\p{Han}{2}"),
        )

    taken_up = words("plain").list.set_intersection(words("following"))
    return taken_up.list.set_difference(words("previous").fill_null([])).list.len() > 0
