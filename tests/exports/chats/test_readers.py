"""Chat files as a person uploads them."""

import json
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from exports.errors import AmbiguousLayoutError, DayUnknownError, MissingColumnsError
from exports.reading import Reading, read_file
from exports.refusals import CrmChatError, UnknownChatTextError
from store.schemas import Messages
from tests.exports.chats.test_rows import (
    ANSWERED,
    ASKED,
    BRACKET,
    BUYER,
    CLIENT,
    CONSULT,
    DAILY,
    DIALOGUE,
    SHORT,
    WEB,
)
from tests.exports.small_files import csv_file, xlsx_file

JAN_2 = date(2025, 1, 2)
HEADINGS = ["店铺", "买家", "客服", "发送方", "发送时间", "消息内容"]
ENGLISH = ["shop", "buyer", "agent", "sender", "sent_at", "text"]
LINE = ["示例店", BUYER, "小一", "客服", "2025-01-02 09:01:30", "在的亲"]


def read(name: str, content: bytes, **options: Any) -> Reading:
    (reading,) = read_file(name, content, **options)
    return reading


def said(reading: Reading) -> list[tuple[Any, ...]]:
    return reading.rows.select("buyer", "sent_at", "sender", "agent", "text").rows()


@pytest.mark.parametrize(
    ("name", "text", "layout"),
    [
        pytest.param("旺旺.txt", CLIENT, "chat_client_text", id="C2"),
        pytest.param("旺旺.txt", BRACKET, "chat_bracket_text", id="C3"),
        pytest.param("旺旺.txt", WEB, "chat_web_text", id="C4"),
        pytest.param("no ending", BRACKET, "chat_bracket_text", id="the name says nothing"),
    ],
)
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_copied_texts(name: str, text: str, layout: str, encoding: str) -> None:
    reading = read(name, text.encode(encoding))
    assert (reading.table, reading.layout) == ("messages", layout)
    assert said(reading) == DIALOGUE
    assert (reading.first_day, reading.last_day) == (JAN_2, JAN_2)
    assert reading.rejected.is_empty()


def test_c1_in_gb2312() -> None:
    reading = read("2011-3-5.txt", DAILY.encode("gb2312"))
    assert reading.layout == "chat_daily_text"
    assert reading.rows["agent"].to_list() == ["小一", "小一"]


def test_c5_reply() -> None:
    content = json.dumps(CONSULT, ensure_ascii=False).encode()
    reading = read("consult.json", content)
    assert reading.layout == "chat_consult_reply"
    assert reading.rows["sender"].to_list() == ["buyer", "agent"]


def test_c3_short_form_asks_for_its_day() -> None:
    content = SHORT.encode()
    with pytest.raises(DayUnknownError):
        read("聊天.txt", content)
    reading = read("聊天.txt", content, day=JAN_2)
    assert reading.rows["sent_at"].to_list() == [datetime(2025, 1, 2, 10, n) for n in (30, 31)]
    assert [remark.code for remark in reading.remarks] == ["seconds_missing"]


def test_a_line_that_fits_nothing_is_set_aside_with_its_number() -> None:
    reading = read("聊天.txt", ("电话13800000000\n" + BRACKET).encode())
    assert said(reading) == DIALOGUE
    assert reading.rejected.rows() == [(1, "", "电话***", "unmatched_line", '{"line":"电话***"}')]


def test_an_unknown_text_shows_numbered_lines() -> None:
    with pytest.raises(UnknownChatTextError, match="1: 今天很忙; 3: 没有时间"):
        read("日记.txt", "今天很忙\n\n没有时间\n".encode())


def test_one_message_is_a_chat_where_somebody_says_so() -> None:
    content = f"{BUYER} 2025-1-2 9:01:02\n在吗\n".encode()
    with pytest.raises(UnknownChatTextError, match=r"choose its layout .*chat_client_text"):
        read("聊天.txt", content)
    alone = [("\t", ASKED, "unknown", BUYER, "在吗")]
    assert said(read("聊天.txt", content, layout="chat_client_text")) == alone


def test_a_text_read_as_the_wrong_layout_is_refused() -> None:
    with pytest.raises(UnknownChatTextError):
        read("聊天.txt", BRACKET.encode(), layout="chat_daily_text")


USERSCRIPT = {
    "导出汇总": [["客户数", "1"]],
    BUYER: [
        ["客户名", "消息序号", "发送时间", "发送内容", "发送账号", "账号类型"],
        [BUYER, "1", "09:01:02", "在吗", BUYER, "客户"],
        [BUYER, "2", "09:01:30", "在的亲", "示例店:小一", "客服"],
        [BUYER, "3", "09:02:00", "还在吗", "小二", "客服"],
    ],
}


def test_c6_the_export_moment_in_the_name_is_no_day() -> None:
    with pytest.raises(DayUnknownError):
        read("千牛聊天记录_原始逐条_2025-01-05_10-00.xlsx", xlsx_file(USERSCRIPT))


def test_c6_with_a_day_given() -> None:
    reading = read("千牛聊天记录.xlsx", xlsx_file(USERSCRIPT), day=JAN_2)
    assert (reading.layout, reading.sheet) == ("chat_userscript", BUYER)
    third = (BUYER, datetime(2025, 1, 2, 9, 2), "agent", "小二", "还在吗")
    assert said(reading) == [*DIALOGUE, third]


CELLS = {
    "聊天记录": [
        ["客户ID", "聊天记录"],
        [BUYER, f"09:01:02\n{BUYER}: 在吗\n\n09:01:30\n示例店:小一: 在的亲"],
        ["tb000000002", "(无聊天内容)"],
        ["tb000000003", "(提取失败: 超时)"],
    ]
}


def test_c7_one_cell_per_customer() -> None:
    with pytest.raises(DayUnknownError):
        read("聊天.xlsx", xlsx_file(CELLS))
    reading = read("聊天.xlsx", xlsx_file(CELLS), day=JAN_2)
    assert reading.layout == "chat_cells"
    assert said(reading) == DIALOGUE
    assert reading.rows["source_row"].to_list() == [2, 2]
    assert reading.rejected.select("source_row", "reason").rows() == [(4, "chat_not_fetched")]


def test_c7_a_cell_filled_to_its_limit_is_remarked_on() -> None:
    cut = f"09:01:02\n{BUYER}: " + "在" * 32_720
    sheet = [["客户ID", "聊天记录"], [BUYER, cut]]
    reading = read("聊天.xlsx", xlsx_file({"聊天记录": sheet}), day=JAN_2)
    assert [(r.code, r.params["count"]) for r in reading.remarks] == [("cut_cell", 1)]


def test_c8_analyser_workbook() -> None:
    lists = [
        {"time": "2025-01-02T09:01:02Z", "sender_nick": BUYER, "content": {"text": "在吗"}},
        {
            "time": "2025-01-02T09:01:30",
            "sender_nick": "示例店:小一",
            "content": {"text": "在的亲"},
        },
    ]
    rows = [
        ["platform", "date", "messages", "user_nick", "shop_name", "users"],
        ["taobao", "2025-01-02", json.dumps(lists), BUYER, "示例店", f"{BUYER},示例店:小一"],
    ]
    reading = read("chats.xlsx", xlsx_file({"Sheet1": rows}))
    assert reading.layout == "chat_analyser"
    assert said(reading) == DIALOGUE
    assert reading.rows["shop_name"].unique().to_list() == ["示例店"]
    assert [(r.code, r.params["count"]) for r in reading.remarks] == [("zone_unclear", 1)]


def test_c9_crm_table_is_refused_with_the_reason() -> None:
    headings = [
        "service_staff_id",
        "buyer_nick",
        "direction",
        "type",
        "content",
        "url_list",
        "time",
    ]
    row = ["1", BUYER, "0", "1", "在吗", "", "2025-01-02 09:01:02"]
    with pytest.raises(CrmChatError, match="direction"):
        read("crm.xlsx", xlsx_file({"Sheet1": [headings, row]}))


def test_a_chat_workbook_asked_for_by_name_wants_its_headings() -> None:
    with pytest.raises(MissingColumnsError, match="聊天记录"):
        read("x.xlsx", xlsx_file({"Sheet1": [["客户ID", "别的"]]}), layout="chat_cells")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize(
    ("headings", "words"),
    [
        pytest.param(HEADINGS, ["买家", "客服", "机器人", "系统"], id="Chinese"),
        pytest.param(ENGLISH, ["buyer", "agent", "robot", "system"], id="English"),
    ],
)
def test_the_template_in_both_languages(
    headings: list[str], words: list[str], encoding: str
) -> None:
    rows = [["示例店", BUYER, "小一", word, "2025-01-02 09:01:02", "在吗"] for word in words]
    reading = read("chats.csv", csv_file(headings, *rows, encoding=encoding))
    assert reading.rows["sender"].to_list() == ["buyer", "agent", "robot", "system"]
    assert reading.rows["shop_name"].unique().to_list() == ["示例店"]
    stored = reading.rows.with_columns(shop=pl.lit("示例店"))
    assert Messages.validate(stored, cast=True).height == 4


NAMELESS = "agent_named_when_an_agent_wrote"


@pytest.mark.parametrize(
    ("place", "cell", "fault"),
    [
        pytest.param(3, "自动", ("发送方", "自动", "unknown_word"), id="unknown sender"),
        pytest.param(3, "buyer", ("发送方", "buyer", "unknown_word"), id="the other language"),
        pytest.param(3, "", ("发送方", "", "missing_value"), id="no sender"),
        pytest.param(1, "", ("买家", "", "missing_value"), id="no buyer"),
        pytest.param(2, "", ("客服", "", NAMELESS), id="an agent without a name"),
        pytest.param(4, "昨天", ("发送时间", "昨天", "unreadable_time"), id="unreadable time"),
    ],
)
def test_bad_lines_of_the_template_are_set_aside(
    place: int, cell: str, fault: tuple[str, str, str]
) -> None:
    bad = [cell if at == place else value for at, value in enumerate(LINE)]
    reading = read("chats.csv", csv_file(HEADINGS, LINE, bad))
    assert said(reading) == DIALOGUE[1:]
    assert reading.rejected.select("source_row", "column", "value", "reason").rows() == [
        (3, *fault)
    ]


@pytest.mark.parametrize("text", ["-", "暂无", "null", "'在'", '="1"', "0"])
def test_what_was_said_stays_as_it_was(text: str) -> None:
    reading = read("chats.csv", csv_file(HEADINGS, [*LINE[:5], text]))
    assert reading.rows["text"].to_list() == [text]


def test_names_of_the_template_join_with_other_files() -> None:
    rows = [["", f"cntaobao{BUYER}", "示例店：小一", "客服", "2025-01-02 09:01:30", "13800000000"]]
    reading = read("chats.csv", csv_file(HEADINGS, *rows))
    assert said(reading) == [(BUYER, ANSWERED, "agent", "小一", "***")]
    assert reading.rows["shop_name"].to_list() == [None]


def test_a_copied_chat_inside_a_message_is_a_message() -> None:
    rows = [LINE, [*LINE[:5], f"转发：\n{BUYER} 2025-01-01 10:00:00\n在吗"], LINE, LINE]
    reading = read("chats.csv", csv_file(HEADINGS, *rows))
    assert reading.layout == "messages_zh"
    assert reading.rows.height == 4


def test_headings_of_both_languages_mixed_are_unknown() -> None:
    mixed = ["店铺", "buyer", "客服", "sender", "发送时间", "text"]
    with pytest.raises((MissingColumnsError, AmbiguousLayoutError, ValueError), match="headers"):
        read("chats.csv", csv_file(mixed, LINE))


def test_overlapping_halves_of_a_file_give_the_same_keys() -> None:
    """Keys are made of the content, so that the second half updates instead of doubling."""
    lines = [[*LINE[:4], "2025-01-02 09:01:30", text] for text in "甲乙乙丙乙丁"]
    lines += [[*LINE[:4], "2025-01-02 09:01:31", text] for text in "甲甲"]
    key = ("buyer", "sent_at", "sender", "agent", "text", "nth")
    whole = set(read("a.csv", csv_file(HEADINGS, *lines)).rows.select(key).rows())
    first = set(read("a.csv", csv_file(HEADINGS, *lines[:6])).rows.select(key).rows())
    second = set(read("a.csv", csv_file(HEADINGS, *lines[3:])).rows.select(key).rows())
    assert len(whole) == len(lines)
    assert first | second == whole


def test_blurred_buyers_are_remarked_on() -> None:
    rows = [
        ["示例店", buyer, "", "买家", "2025-01-02 09:01:02", "在吗"] for buyer in ("t**1", "t**2")
    ]
    reading = read("chats.csv", csv_file(HEADINGS, *rows))
    assert [(r.code, r.params["count"]) for r in reading.remarks] == [("masked_buyers", 2)]
