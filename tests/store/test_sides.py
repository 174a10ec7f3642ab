"""Chat lines whose file leaves open who serves, decided by the shop's agents when they are read."""

from datetime import date, datetime
from pathlib import Path

import polars as pl

from exports.reading import read_file
from intake.batch import accept, answered, plan_files
from intake.speakers import name_agents
from metrics.measure import measure
from opening import opened
from store.settings import AgentName, ShopSettings
from store.shop_settings import load_settings
from store.sides import MARK, decided, undecided
from store.tables import shop_tables

MAR_1 = datetime(2025, 3, 1, 9)
#: A buyer, two who serve, and another buyer.
CHAT = [
    ("tb1", "在吗"),
    ("小美", "在的"),
    ("小丽", "我来"),
    ("tb1", "多少钱"),
    ("小丽", "20"),
    ("tb2", "你好"),
    ("小美", "您好"),
]
#: One buyer, and one who serves.
SHORT = [*CHAT[:2], ("tb1", "好")]


def chat(lines: list[tuple[str, str]] = CHAT) -> bytes:
    heads = (f"{nick} 2025-3-1 9:{at:02}:00\n{text}\n" for at, (nick, text) in enumerate(lines))
    return "".join(heads).encode()


def rows(lines: pl.LazyFrame) -> list[tuple[str, str, str]]:
    return lines.sort("sent_at").select("buyer", "sender", "agent").collect().rows()


def test_once_the_agents_are_named_every_line_has_its_buyer() -> None:
    (reading,) = read_file("a.txt", chat())
    lines = reading.rows.lazy()
    assert decided(lines, []).collect().is_empty()
    assert undecided(lines, []).collect().rows() == [
        (date(2025, 3, 1), "tb1", 2),
        (date(2025, 3, 1), "小丽", 2),
        (date(2025, 3, 1), "小美", 2),
        (date(2025, 3, 1), "tb2", 1),
    ]
    assert rows(decided(lines, ["小丽", "小美"])) == [
        ("tb1", "buyer", ""),
        ("tb1", "agent", "小美"),
        ("tb1", "agent", "小丽"),
        ("tb1", "buyer", ""),
        ("tb1", "agent", "小丽"),
        ("tb2", "buyer", ""),
        ("tb2", "agent", "小美"),
    ]
    assert undecided(lines, ["小丽", "小美"]).collect().is_empty()


def test_a_line_that_two_texts_hold_counts_once_though_others_speak_beside_it() -> None:
    parts = [read_file("a.txt", chat(lines))[0].rows for lines in (CHAT, CHAT[:5])]
    both = pl.concat(parts).lazy()
    assert both.filter(sent_at=MAR_1).collect()["buyer"].n_unique() == 2
    assert len(rows(decided(both, ["小丽", "小美"]))) == len(CHAT)


def test_who_speaks_alone_and_is_no_agent_is_a_buyer() -> None:
    (reading,) = read_file("a.txt", chat(CHAT[:1]), layout="chat_client_text")
    assert reading.rows["buyer"].to_list() == [MARK]
    assert rows(decided(reading.rows.lazy(), [])) == []
    assert rows(decided(reading.rows.lazy(), ["小美"])) == [("tb1", "buyer", "")]


def test_naming_an_agent_later_counts_earlier_uploads_anew(store: Path) -> None:
    (plan,) = plan_files(str(store), [("a.txt", chat(SHORT))], shop="店")
    assert {speaker.name for part in plan.parts for speaker in part.speakers} == {"tb1", "小美"}
    accept(str(store), plan, "test")
    assert rate(store) == (None, 0.0, "agents_unknown;feed_messages")
    name_agents(str(store), "店", ["小美"], "test")
    assert rate(store) == (1.0, 1.0, "feed_messages")
    # For this once somebody else: kept frames of other agents are others.
    nobody = ShopSettings(agents=(AgentName(account="别人"),))
    assert rate(store, nobody)[0] is None


def test_an_answer_to_a_file_that_was_uploaded_before_is_kept(store: Path) -> None:
    for names in ([], ["小美"]):
        (plan,) = plan_files(str(store), [("a.txt", chat(SHORT))], shop="店")
        plan = answered(str(store), plan, names, "test")
        if plan.ready:
            accept(str(store), plan, "test")
    assert load_settings(str(store), "店").serving == ("小美",)
    assert [part.speakers for part in plan.parts] == [()]
    assert plan.remarks == ()


def test_a_performance_table_names_the_agents_whichever_comes_first(store: Path) -> None:
    head = "旺旺昵称,接待人数,未回复人数,旺旺回复率,平均响应时长（秒）,咨询人数,3分钟人工响应率\n"
    table = ("咨询接待_2025-03-02.csv", (head + "小美,5,0,100%,20,5,90%\n").encode())
    files = [("a.txt", chat(SHORT)), table]
    for order, shop in ((files, "先聊天"), (files[::-1], "先绩效")):
        for file in order:
            (plan,) = plan_files(str(store), [file], shop=shop)
            accept(str(store), plan, "test")
        assert load_settings(str(store), shop).serving == ("小美",)
        assert shop_tables(str(store), shop).undecided.is_empty()


def rate(store: Path, settings: ShopSettings | None = None) -> tuple[object, ...]:
    rules = settings or load_settings(str(store), "店")
    found = measure(opened(str(store), "店", rules), rules, ids=["reply_rate"]).collect()
    return found.select("value", "denominator", "note").row(0)
