"""What people write: as stores written so far hold it, and written and read again."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.errors import StoreError
from store.notes import history, notes, write_note
from team.entries import Entry, entries, entry_table, take_out, write
from team.kinds import (
    KINDS,
    Action,
    Call,
    Case,
    FrozenWeek,
    HandOver,
    KnownMatter,
    OwnLayout,
    SeenNumber,
    WorkTick,
)

SHOP = "店"
LAYOUT = {"id": "own_1", "name": "我的表", "table": "orders", "columns": {"order_id": "订单"}}
#: Kind, subject, done, text, JSON of the store, and what it says: one row of each kind as it was
#: written before there were models.
KEPT: list[tuple[str, str, bool, str, str, Entry]] = [
    (
        "case", "tb|甲|2024-05-02", False, "换色推荐",
        '{"buyer": "tb|甲", "day": "2024-05-02", "agent": "ann", "rule": "slow_first_answer",'
        ' "tags": ["tone", "换货"], "better": "酒红有现货", "merit": "good", "discuss": true}',
        Case(subject="tb|甲|2024-05-02", by="wu", text="换色推荐", buyer="tb|甲",
             day=date(2024, 5, 2), agent="ann", rule="slow_first_answer", tags=("tone", "换货"),
             better="酒红有现货", merit="good", discuss=True),
    ),
    (
        "case", "tb|甲|2024-05-02", True, "", "{}",
        Case(subject="tb|甲|2024-05-02", by="wu", done=True, buyer="tb|甲", day=date(2024, 5, 2)),
    ),
    (
        "action", "9f", False, "call",
        '{"week": "2024-W19", "owner": "ann", "due": "2024-05-20", "done_in": null}',
        Action(subject="9f", by="wu", text="call", week="2024-W19", owner="ann",
               due=date(2024, 5, 20)),
    ),
    (
        "action", "9f", True, "call",
        '{"week": "2024-W19", "owner": "", "due": null, "done_in": "2024-W20"}',
        Action(subject="9f", by="wu", done=True, text="call", week="2024-W19", done_in="2024-W20"),
    ),
    (
        "week", "2024-W19", True, "",
        '{"as_of": "2024-05-12", "seen": [{"metric": "reply_rate", "week": "2024-05-06",'
        ' "value": 0.5, "n": 14.0, "verdict": "worse"}, {"metric": "order_price",'
        ' "week": "2024-05-06", "value": null, "n": null, "verdict": "open"}]}',
        FrozenWeek(subject="2024-W19", by="wu", done=True, as_of=date(2024, 5, 12), seen=(
            SeenNumber(metric="reply_rate", week=date(2024, 5, 6), value=0.5, n=14,
                       verdict="worse"),
            SeenNumber(metric="order_price", week=date(2024, 5, 6), verdict="open"),
        )),
    ),
    (
        "handover", "2024-05-12", False, "parcel 3",
        '{"open": {"unanswered": 1, "open_refund": 0}}',
        HandOver(subject="2024-05-12", by="wu", text="parcel 3",
                 open={"unanswered": 1, "open_refund": 0}),
    ),
    ("handover", "2024-05-12", False, "", "{}", HandOver(subject="2024-05-12", by="wu")),
    (
        "work", "unanswered|a|2024-05-12", True, "done", "{}",
        WorkTick(subject="unanswered|a|2024-05-12", by="wu", done=True, text="done"),
    ),
    ("contacted", "123", True, "", "{}", Call(subject="123", by="wu", done=True)),
    (
        "known", "reply", False, "new colleague", '{"until": "2024-06-01"}',
        KnownMatter(subject="reply", by="wu", text="new colleague", until=date(2024, 6, 1)),
    ),
    (
        "layout", "own_1", False, "我的表", json.dumps(LAYOUT, ensure_ascii=False),
        OwnLayout(subject="own_1", by="wu", text="我的表", layout=LAYOUT),
    ),
]  # fmt: skip
IDS = [f"{kind} {'done' if done else 'open'} {len(told)}" for kind, _, done, _, told, _ in KEPT]
BY_KIND = {kind.kind: kind for kind in KINDS}


def only(store: Path, kind: type[Entry]) -> Entry:
    (entry,) = entries(store, SHOP, kind)
    return entry.model_copy(update={"at": None})


@pytest.mark.parametrize(("kind", "subject", "done", "text", "told", "entry"), KEPT, ids=IDS)
def test_a_store_written_before_reads_the_same(
    store: Path, kind: str, subject: str, done: bool, text: str, told: str, entry: Entry
) -> None:
    fields = json.loads(told)
    write_note(store, SHOP, kind, subject, by="wu", done=done, text=text, fields=fields)
    assert notes(store, SHOP, kind)["fields"].to_list() == [told]
    assert only(store, BY_KIND[kind]) == entry


@pytest.mark.parametrize(("kind", "subject", "done", "text", "told", "entry"), KEPT, ids=IDS)
def test_what_is_written_is_what_older_versions_read(
    store: Path, kind: str, subject: str, done: bool, text: str, told: str, entry: Entry
) -> None:
    write(store, SHOP, entry)
    row = notes(store, SHOP, kind).row(0, named=True)
    assert (row["subject"], row["done"], row["text"]) == (subject, done, text)
    assert (row["saved_by"], row["saved_at"]) == ("wu", entries(store, SHOP, type(entry))[0].at)
    written = json.loads(row["fields"])
    # Where little was written before, a kind now says its defaults too; nothing is said twice.
    assert {**written, **json.loads(told)} == written
    assert not {"subject", "done", "text", "by", "at"} & written.keys()


def test_every_kind_is_tried() -> None:
    assert {kind for kind, *_ in KEPT} == set(BY_KIND)


@pytest.mark.parametrize(
    ("kind", "subject", "fields", "expected"),
    [
        pytest.param(Case, "a|2024-05-02", {"merit": None, "rule": None, "tags": None},
                     {"merit": "learn", "rule": "", "tags": ()}, id="null is the default"),
        pytest.param(Case, "1", {"buyer": "", "day": ""}, {"buyer": "", "day": None},
                     id="a subject that tells no day"),
        pytest.param(Case, "a|2024-05-02", {"buyer": "", "day": None},
                     {"buyer": "a", "day": date(2024, 5, 2)}, id="the subject tells buyer and day"),
        pytest.param(Action, "1", {}, {"week": "", "owner": "", "due": None, "done": False},
                     id="an action without anything"),
        pytest.param(HandOver, "2024-05-12", {"open": {"unanswered": 2}, "mood": "good"},
                     {"open": {"unanswered": 2}}, id="a field of a newer version"),
    ],
)  # fmt: skip
def test_older_and_newer_fields(
    store: Path, kind: type[Entry], subject: str, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    write_note(store, SHOP, kind.kind, subject, by="wu", fields=fields)
    read = only(store, kind).model_dump()
    assert {name: read[name] for name in expected} == expected


def test_a_field_that_does_not_fit_is_told_and_no_buyer_named(store: Path) -> None:
    write_note(store, SHOP, "case", "tb-secret|2024-05-02", by="wu", fields={"discuss": "maybe"})
    with pytest.raises(StoreError, match=r"What wu wrote on .* \(“case”\).*discuss") as caught:
        entries(store, SHOP, Case)
    assert "tb-secret" not in str(caught.value)


def test_the_newest_of_each_subject_counts_and_comes_first(store: Path) -> None:
    for subject, text in (("1", "no answer"), ("2", ""), ("1", "called")):
        write(store, SHOP, Call(subject=subject, by="wu", text=text))
    write(store, "二店", Call(subject="3", by="wu"))
    seen = entries(store, SHOP, Call)
    assert [(call.subject, call.text) for call in seen] == [("1", "called"), ("2", "")]


def test_what_is_taken_out_is_done_and_stays_in_the_history(store: Path) -> None:
    write(store, SHOP, Case(subject="a|2024-05-02", by="wu", text="slow"))
    take_out(store, SHOP, Case, "a|2024-05-02", by="li")
    (case,) = entries(store, SHOP, Case)
    assert (case.done, case.text, case.by, case.day) == (True, "", "li", date(2024, 5, 2))
    assert history(store, SHOP, "case")["text"].to_list() == ["slow", ""]


@pytest.mark.parametrize("kind", [Case, Action, Call])
def test_no_entries_make_an_empty_table_of_the_same_columns(kind: type[Entry]) -> None:
    one = kind(subject="a|2024-05-02", by="wu")
    assert entry_table(kind, []).schema == entry_table(kind, [one]).schema


def test_a_table_holds_what_the_entries_say() -> None:
    case = Case(subject="a|2024-05-02", by="wu", tags=("x", "y"), discuss=True)
    row = entry_table(Case, [case]).row(0, named=True)
    told = ("a", date(2024, 5, 2), ["x", "y"], "learn", True, "wu", None)
    names = ("buyer", "day", "tags", "merit", "discuss", "by", "at")
    assert tuple(row[name] for name in names) == told


def test_a_case_is_known_by_its_buyer_and_day() -> None:
    case = Case(subject=Case.subject_of("tb|甲", date(2024, 5, 2)), by="wu")
    assert (case.buyer, case.day) == ("tb|甲", date(2024, 5, 2))


NUMBERS = st.builds(
    SeenNumber,
    metric=st.text(max_size=5),
    week=st.dates(),
    value=st.none() | st.floats(allow_nan=False),
    n=st.none() | st.floats(allow_nan=False),
    verdict=st.none() | st.text(max_size=5),
)


# Every example writes the same subject anew: the store it stands in may be the same.
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(NUMBERS, max_size=4), st.dates())
def test_a_frozen_week_comes_back_number_for_number(
    store: Path, seen: list[SeenNumber], as_of: date
) -> None:
    week = FrozenWeek(subject="2024-W19", by="wu", done=True, as_of=as_of, seen=tuple(seen))
    write(store, SHOP, week)
    assert only(store, FrozenWeek) == week
