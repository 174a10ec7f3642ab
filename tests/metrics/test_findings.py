"""The rules against conversations labelled by hand (labelled_conversations.toml)."""

import sys
import tomllib
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from metrics.findings import findings, rule_book, rule_names
from metrics.turns import turns
from tests.frames import NINE, shop_tables

LABELLED = Path(__file__).parent / "labelled_conversations.toml"
SENDERS = {"买": "buyer", "客": "agent"}
RULES = sorted(rule_names(rule_book()))
MIN_PRECISION, MIN_RECALL = 0.9, 0.8


@cache
def labelled() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(LABELLED.read_text(encoding="utf-8"))["conversation"])


def said(buyer: str, line: str) -> dict[str, Any]:
    """One chat line from "minutes:seconds side text"."""
    clock, side, text = line.split(" ", 2)
    minutes, seconds = clock.split(":")
    at = NINE + timedelta(minutes=int(minutes), seconds=int(seconds))
    return {"buyer": buyer, "sender": SENDERS[side], "agent": "li", "sent_at": at, "text": text}


@cache
def found() -> dict[str, frozenset[str]]:
    """Rules found in each labelled conversation, by its number."""
    rows = [
        said(str(place), line) for place, talk in enumerate(labelled()) for line in talk["lines"]
    ]
    tables = shop_tables(messages=rows)
    rules: dict[str, set[str]] = {str(place): set() for place in range(len(labelled()))}
    for buyer, rule in (
        findings(turns(tables.messages), rule_book()).select("buyer", "rule").collect().iter_rows()
    ):
        rules[buyer].add(rule)
    return {buyer: frozenset(names) for buyer, names in rules.items()}


def misses(rule: str) -> tuple[list[str], list[str], int]:
    """Conversations wrongly found and wrongly passed over, and the number rightly found."""
    wrong: list[str] = []
    missed: list[str] = []
    right = 0
    for place, talk in enumerate(labelled()):
        expected, shown = rule in talk["expect"], rule in found()[str(place)]
        right += expected and shown
        if expected != shown:
            (wrong if shown else missed).append(" / ".join(talk["lines"]))
    return wrong, missed, right


@pytest.mark.parametrize("rule", RULES)
def test_rule_agrees_with_a_reader(rule: str, record_property: Any) -> None:
    wrong, missed, right = misses(rule)
    assert right, rule
    precision, recall = right / (right + len(wrong)), right / (right + len(missed))
    record_property("precision", round(precision, 3))
    record_property("recall", round(recall, 3))
    # Shown by pytest -rA, so that the figures can be read without failing.
    sys.stdout.write(f"{rule}: {right} right, precision {precision:.2f}, recall {recall:.2f}\n")
    assert precision >= MIN_PRECISION, wrong
    assert recall >= MIN_RECALL, missed


@pytest.mark.parametrize("rule", RULES)
def test_the_set_tries_each_rule_both_ways(rule: str) -> None:
    tried = Counter(rule in talk["expect"] for talk in labelled() if talk["rule"] == rule)
    assert tried.total() >= 10
    assert min(tried[True], tried[False]) >= 5


def test_the_set_is_as_large_as_promised_and_names_rules_that_exist() -> None:
    assert len(labelled()) >= 150
    assert {rule for talk in labelled() for rule in talk["expect"]} == set(RULES)
