"""Chat layouts C1-C5, C7, C8 of docs/exports.md, "Chats"."""

import json
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.chats.records import consult_lines, is_consult_reply, list_lines
from exports.chats.rows import ChatRows, chat_rows, numbered
from exports.chats.speakers import agent_account
from exports.chats.texts import TextLayout, cell_lines, spoken_lines, told_layout

JAN_2 = datetime(2025, 1, 2)
ASKED = JAN_2 + timedelta(hours=9, minutes=1, seconds=2)
ANSWERED = JAN_2 + timedelta(hours=9, minutes=1, seconds=30)
BUYER = "tb000000001"
#: What the example of every layout in docs/exports.md says.
DIALOGUE = [(BUYER, ASKED, "buyer", "", "在吗"), (BUYER, ANSWERED, "agent", "小一", "在的亲")]

DAILY = """示例店:小一
2011年3月5日09:01:02  买家甲:在吗
2011年3月5日09:01:30  示例店:小一:在的亲
"""
CLIENT = f"{BUYER}\r\n2025-1-2 9:01:02\r\n在吗\r\n已读\r\n示例店:小一2025-1-2 9:01:30\r\n在的亲\r\n"
BRACKET = f"[{BUYER}] 2025-01-02 09:01:02\n在吗\n[示例店:小一] 2025-01-02 09:01:30\n在的亲\n"
SHORT = "[tb000000001] 10:30\n在吗\n[示例店:小一] 10:31\n在的亲\n"
#: A shop's main account has no colon in its name.
MAIN_ACCOUNT = "".join(
    f"{nick} 2025-3-1 9:0{n}:00\n{text}\n"
    for n, (nick, text) in enumerate(
        [(BUYER, "在吗"), ("示例店", "在的亲"), (BUYER, "20.00可以吗")]
    )
)
LETTERS = "Subject: weekly numbers\nDate: 2025-03-01 09:01:02\n\nDear team,\nas attached.\n" * 3
STATEMENT = """交易明细
打印时间：2025-03-05 14:00
3月1日 收入 10.00 余额 90.00
3月2日 支出 5.00 余额 85.00
"""
PAYMENTS = "".join(
    f"{kind} 2025-03-0{day} 10:00:00\n-2{day}.00 元\n"
    for day, kind in enumerate(["微信支付", "支付宝", "微信支付", "支付宝"], 1)
)
PARCEL = "".join(
    f"{place} 2025-03-0{day} 10:00:00\n"
    for day, place in enumerate(["到达杭州", "离开杭州", "到达杭州", "已签收"], 1)
)
LINKS = "https://item.example.com/1 2025-03-01 10:00\nopened\n" * 3
WEB = f"2025-01-02\n09:01:02\n在吗\n{BUYER}\n09:01:30\n在的亲\n示例店:小一\n"
CONSULT = {
    "sessions": [
        {
            "meta": {"dataId": "20250102_1_2_3", "buyerNick": "x**", "isUnReply": "已回复"},
            "messages": [
                {
                    "gmtCreated": "2025-01-02 09:01:02.000",
                    "userNickFrom": BUYER,
                    "userNickTo": "示例店:小一",
                    "msg": "在吗",
                    "msgId": "1",
                },
                {
                    "gmtCreated": "2025-01-02 09:01:30.000",
                    "userNickFrom": "cntaobao示例店：小一",
                    "userNickTo": BUYER,
                    "msg": "在的亲",
                    "msgId": "2",
                },
            ],
        }
    ]
}


def messages(text: str, layout: TextLayout | None = None) -> ChatRows:
    """What a text says; one of a single message is no chat until somebody says its layout."""
    layout = layout or told_layout(text)
    assert layout is not None
    spoken = spoken_lines(text, layout)
    return chat_rows(spoken.lines, unmatched=spoken.unmatched)


def said(rows: ChatRows) -> list[tuple[Any, ...]]:
    return rows.rows.select("buyer", "sent_at", "sender", "agent", "text").rows()


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        pytest.param(DAILY, "chat_daily_text", id="C1 daily text"),
        pytest.param(CLIENT, "chat_client_text", id="C2 client"),
        pytest.param(BRACKET, "chat_bracket_text", id="C3 brackets"),
        pytest.param(SHORT, "chat_bracket_text", id="C3 short"),
        pytest.param(MAIN_ACCOUNT, "chat_client_text", id="C2, two people in turn"),
        pytest.param(
            DAILY.replace("示例店:小一:在的亲", "买家甲:在？"),
            "chat_daily_text",
            id="C1, unanswered",
        ),
        pytest.param(f"{BUYER} 2025-1-2 9:01:02\n在吗\n", None, id="C2, one head line"),
        pytest.param(f"[{BUYER}] 2025-01-02 09:01:02\n在吗\n", None, id="C3, one head line"),
        pytest.param(f"2025-01-02\n09:01:02\n在吗\n{BUYER}\n", None, id="C4, one message"),
        pytest.param("".join(DAILY.splitlines(True)[:2]), None, id="C1, one message"),
        pytest.param(LETTERS, None, id="mail with several Date lines"),
        pytest.param(STATEMENT, None, id="bank statement"),
        pytest.param(PAYMENTS, None, id="payments, each under its time"),
        pytest.param(PARCEL, None, id="the way of a parcel, nothing under its lines"),
        pytest.param(LINKS, None, id="addresses and when they were opened"),
        pytest.param(
            "有效期:2025-01-01 00:00 至 2025-01-02 00:00\n详见页面\n" * 2, None, id="spans"
        ),
        pytest.param(CLIENT + "说明\n" * 60, None, id="two head lines above a long text"),
        pytest.param("说明\n" * 60 + CLIENT, None, id="two head lines below a long text"),
        pytest.param("说明\n" * 9 + CLIENT, "chat_client_text", id="notes above a chat"),
        pytest.param(WEB, "chat_web_text", id="C4 web"),
        pytest.param("买家,时间\n1,2025-01-02 09:01:02\n", None, id="a CSV ending in a time"),
        pytest.param("2025-01-02\n2025-01-03\n", None, id="a list of days"),
        pytest.param("今天很忙\n没有时间\n", None, id="plain words"),
        pytest.param("", None, id="empty"),
        pytest.param(WEB + BRACKET, None, id="two layouts at once: nothing is guessed"),
    ],
)
def test_a_text_is_told_by_its_head_lines(text: str, layout: TextLayout | None) -> None:
    assert told_layout(text) == layout


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CLIENT, id="C2 client"),
        pytest.param(BRACKET, id="C3 brackets"),
        pytest.param(WEB, id="C4 web"),
        pytest.param(WEB.replace("2025-01-02", "2025/1/2"), id="C4 slashes"),
        pytest.param(WEB.replace("2025-01-02", "2025年1月2日"), id="C4 Chinese day"),
        pytest.param(BRACKET.replace("[示", "[cntaobao示").replace("店:", "店："), id="prefix"),
    ],
)
def test_copied_texts_give_the_same_dialogue(text: str) -> None:
    read = messages(text)
    assert said(read) == DIALOGUE
    assert read.rejected.is_empty()
    assert read.coarse_times == 0


def test_c1_splits_after_the_whole_agent_nick_and_books_the_buyers_line_on_the_section() -> None:
    text = DAILY + "好的：马上\n示例店:小二\n2011年3月5日10:00:00  买家乙:几时发货：急\n"
    march_5 = datetime(2011, 3, 5)
    assert said(messages(text)) == [
        ("买家甲", march_5.replace(hour=9, minute=1, second=2), "buyer", "小一", "在吗"),
        (
            "买家甲",
            march_5.replace(hour=9, minute=1, second=30),
            "agent",
            "小一",
            "在的亲\n好的：马上",
        ),
        ("买家乙", march_5.replace(hour=10), "buyer", "小二", "几时发货：急"),
    ]


def test_c2_transfer_is_a_system_line_of_the_new_agent() -> None:
    read = messages(CLIENT + "示例店:小一 --> 示例店:小二 2025-1-2 9:05:00\n转给同事\n")
    moved = JAN_2 + timedelta(hours=9, minutes=5)
    assert said(read) == [*DIALOGUE, (BUYER, moved, "system", "小二", "转给同事")]


BUYER_ASKED = (BUYER, "buyer", "", "在吗")
MAIN_ANSWERED = (BUYER, "agent", "示例店", "在的亲")


@pytest.mark.parametrize(
    ("heads", "sides"),
    [
        pytest.param(
            [f"{BUYER} --> 店铺", "示例店:小一"],
            [BUYER_ASKED, (BUYER, "agent", "小一", "在的亲")],
            id="a buyer writes to the shop",
        ),
        pytest.param(
            [f"{BUYER} --> 示例店:小二", "示例店:小一"],
            [(BUYER, "buyer", "小二", "在吗"), (BUYER, "agent", "小一", "在的亲")],
            id="a buyer writes to an agent of the shop",
        ),
        pytest.param(
            [f"{BUYER} --> 店铺", "示例店"],
            [BUYER_ASKED, MAIN_ANSWERED],
            id="where buyers write to the shop, who answers is the shop's",
        ),
        pytest.param(
            [f"{BUYER} --> 示例店", "示例店"],
            [BUYER_ASKED, MAIN_ANSWERED],
            id="the main account is who buyers write to",
        ),
        pytest.param(
            [f"{BUYER} --> 店铺", f"示例店 --> {BUYER}", "示例店:小一"],
            [BUYER_ASKED, MAIN_ANSWERED, (BUYER, "agent", "小一", "好")],
            id="an agent's line to a buyer who speaks is no transfer",
        ),
        pytest.param(
            [BUYER, "示例店", "示例店:小一"],
            [BUYER_ASKED, MAIN_ANSWERED, (BUYER, "agent", "小一", "好")],
            id="the main account is the shop of its sub-accounts",
        ),
        pytest.param(
            [BUYER, "示例店:小一 --> 售前组", "示例店:小二"],
            [BUYER_ASKED, (BUYER, "system", "售前组", "在的亲"), (BUYER, "agent", "小二", "好")],
            id="a transfer to a group",
        ),
        pytest.param(
            [BUYER, "示例店"],
            [("\t示例店", "unknown", BUYER, "在吗"), (f"\t{BUYER}", "unknown", "示例店", "在的亲")],
            id="nothing says who serves",
        ),
        pytest.param(
            [BUYER, "店里小美", "tb2", "店里小美"],
            [
                ("\t店里小美\ttb2", "unknown", BUYER, "在吗"),
                (f"\t{BUYER}\ttb2", "unknown", "店里小美", "在的亲"),
                (f"\t店里小美\t{BUYER}", "unknown", "tb2", "好"),
                (f"\ttb2\t{BUYER}", "unknown", "店里小美", "再见"),
            ],
            id="all others are named, nearest first",
        ),
    ],
)
def test_who_serves_by_what_the_file_says(
    heads: list[str], sides: list[tuple[str, str, str, str]]
) -> None:
    words = ["在吗", "在的亲", "好", "再见"]
    text = "".join(f"{head} 2025-8-26 11:0{at}:00\n{words[at]}\n" for at, head in enumerate(heads))
    rows = messages(text, "chat_client_text").rows
    assert rows.select("buyer", "sender", "agent", "text").rows() == sides


def test_c5_answered_by_a_main_account() -> None:
    """Who it is written to is said, but not which of the two is the shop's."""
    text = json.dumps(CONSULT, ensure_ascii=False).replace("示例店：", "示例店:")
    text = text.replace("示例店:小一", "示例店")
    rows = chat_rows(consult_lines(text)).rows
    assert rows.select("buyer", "sender", "agent").rows() == [
        ("\t示例店", "unknown", BUYER),
        (f"\t{BUYER}", "unknown", "示例店"),
    ]


def test_where_the_file_names_the_buyer_whoever_answers_serves() -> None:
    spoken = cell_lines(f"09:01:02\n{BUYER}: 在吗\n\n09:01:30\n示例店: 在的亲").lines
    rows = chat_rows(spoken.with_columns(buyer=pl.lit(BUYER), day=pl.lit("2025-01-02"))).rows
    assert rows.select("sender", "agent").rows() == [("buyer", ""), ("agent", "示例店")]


def test_c2_touching_two_digit_day_and_time_are_told_apart() -> None:
    read = messages(f"{BUYER} 2025-01-0209:01:02\n在吗\n示例店:小一2025-01-0209:01:30\n在的亲\n")
    assert said(read) == DIALOGUE


def test_c2_content_spans_lines_and_lines_before_the_first_head_are_set_aside() -> None:
    text = CLIENT.replace("\r\n已读", "\r\n\r\n想问尺码")
    read = messages(f"聊天记录\n{text}")
    assert said(read) == [(BUYER, ASKED, "buyer", "", "在吗\n想问尺码"), DIALOGUE[1]]
    assert read.rejected.rows() == [(1, "", "聊天记录", "unmatched_line")]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("发货时间：2025-1-5 14:00", id="a label"),
        pytest.param("Delivery date: 2025-1-5 14:00", id="an English label"),
        pytest.param("有效期:2025-1-1 00:00 至 2025-1-5 14:00", id="a span"),
        pytest.param("发货时间：\n2025-1-5 14:00", id="a label above its time"),
    ],
)
def test_c2_a_time_told_inside_a_message_is_no_head_line(line: str) -> None:
    read = messages(f"{CLIENT}{line}\n好的\n")
    assert said(read) == [DIALOGUE[0], (*DIALOGUE[1][:4], f"在的亲\n{line}\n好的")]


def test_c3_short_form_has_no_day() -> None:
    spoken = spoken_lines(SHORT, "chat_bracket_text")
    assert spoken.lines["day"].to_list() == [None, None]
    read = chat_rows(spoken.lines.with_columns(day=pl.lit("2025-01-02")))
    assert said(read)[:1] == [(BUYER, JAN_2.replace(hour=10, minute=30), "buyer", "", "在吗")]
    assert read.coarse_times == 2


def test_c4_a_day_inside_a_message_is_no_date_line() -> None:
    text = f"2025-01-02\n09:01:02\n几号发货\n2025-01-05\n可以吗\n{BUYER}\n"
    text += "09:01:30\n在的亲\n示例店:小一\n"
    assert said(messages(text)) == [
        (BUYER, ASKED, "buyer", "", "几号发货\n2025-01-05\n可以吗"),
        DIALOGUE[1],
    ]


def test_c4_second_day_and_a_picture_without_words() -> None:
    text = (
        WEB
        + f"2025-01-03\n08:00:00\n{BUYER}\n08:00:05\n请在客户端查看原始聊天记录，网页版无法展示\n"
    )
    text += "示例店:小一\n"
    jan_3 = datetime(2025, 1, 3, 8)
    placeholder = "请在客户端查看原始聊天记录，网页版无法展示"
    assert said(messages(text))[2:] == [
        # One line after the time is the sender: the content was nothing that can be copied.
        (BUYER, jan_3, "buyer", "", ""),
        (BUYER, jan_3 + timedelta(seconds=5), "agent", "小一", placeholder),
    ]


def test_c5_consult_reply() -> None:
    text = json.dumps(CONSULT, ensure_ascii=False)
    assert is_consult_reply(text)
    read = chat_rows(consult_lines(text))
    # The buyer's line was written to an agent, so it is known whom it was addressed to.
    assert said(read) == [(BUYER, ASKED, "buyer", "小一", "在吗"), DIALOGUE[1]]


def test_c5_a_session_listed_twice_gives_its_messages_once() -> None:
    twice = {"sessions": CONSULT["sessions"] * 2}
    assert chat_rows(consult_lines(json.dumps(twice))).rows.height == 2


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"orders": []}', '{"sessions": [1]}', "sessions,messages\n1,2\n"],
)
def test_other_texts_are_no_consult_reply(text: str) -> None:
    assert not is_consult_reply(text)


def test_c7_cell() -> None:
    cell = f"09:01:02\n{BUYER}: 在吗\n\n09:01:30\n示例店:小一: 在的亲\n第二行: 好"
    lines = cell_lines(cell).lines.with_columns(day=pl.lit("2025-01-02"))
    assert said(chat_rows(lines)) == [
        DIALOGUE[0],
        (BUYER, ANSWERED, "agent", "小一", "在的亲\n第二行: 好"),
    ]


def test_c8_lists() -> None:
    entries = [
        {"time": "2025-01-02T09:01:02Z", "sender_nick": BUYER, "content": {"text": "在吗"}},
        {
            "time": "2025-01-02T09:01:30",
            "sender_nick": "示例店:小一",
            "content": {"text": "在的亲"},
        },
        {"time": "2025-01-02T09:02:00+02:00", "sender_nick": BUYER, "content": {"summary": "图"}},
    ]
    conversations = pl.DataFrame(
        {
            "source_row": [2, 3],
            "shop_name": ["示例店", "示例店"],
            "buyer": [BUYER, BUYER],
            "messages": [json.dumps(entries), "[{"],
        }
    )
    lines, unread = list_lines(conversations)
    read = chat_rows(lines, unmatched=unread)
    assert said(read) == DIALOGUE
    assert read.rejected.rows() == [
        (2, "sent_at", "2025-01-02T09:02:00+02:00 ", "unreadable_time"),
        (3, "", "[{", "unmatched_line"),
    ]


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        pytest.param("在吗", "buyer", id="words"),
        pytest.param("tb000000001 撤回了一条消息", "system", id="recalled"),
        pytest.param("当前用户来自 商品详情页", "system", id="where the buyer comes from"),
        pytest.param("商品详情页", "system", id="card of an item"),
        pytest.param("这是商品详情页上的吗", "buyer", id="words about the item page"),
        pytest.param("商品推荐\n甲款", "system", id="recommendation card"),
        pytest.param("原因：【离线留言自动分配】", "system", id="reason of a hand-over"),
        pytest.param("￥", "system", id="a lone currency sign"),
        pytest.param("https://item.example.com/item.htm?id=1", "system", id="a lone address"),
        pytest.param("https://item.example.com/1 这个有吗", "buyer", id="an address and words"),
        pytest.param("请确认收货地址", "system", id="address card"),
        pytest.param("请确认收货地址是对的", "buyer", id="words about the address"),
    ],
)
def test_cards_and_notices_are_system_lines(text: str, sender: str) -> None:
    heads = f"[{BUYER}] 2025-01-02 09:01:02\n{text}\n[示例店:小一] 2025-01-02 09:01:30\n在的亲\n"
    assert messages(heads).rows["sender"].to_list() == [sender, "agent"]


def test_the_service_assistant_is_system_and_names_who_takes_over() -> None:
    read = messages(
        BRACKET
        + "[示例店:服务助手] 2025-01-02 09:02:00\n由 服务助手 转交给 示例店:小二\n"
        + "[示例店:服务助手] 2025-01-02 09:03:00\n您好\n"
    )
    assert read.rows.select("sender", "agent").rows()[2:] == [("system", "小二"), ("system", "")]


def test_a_text_in_which_only_agents_speak_has_no_buyer() -> None:
    read = messages("[示例店:小一] 2025-01-02 09:01:30\n在的亲\n", "chat_bracket_text")
    assert read.rows.is_empty()
    assert read.rejected.rows() == [(1, "buyer", "在的亲", "no_buyer_in_chat")]


def test_a_time_that_does_not_exist_is_set_aside() -> None:
    read = messages(BRACKET + f"[{BUYER}] 2025-02-30 09:01:02\n电话13800000000\n")
    assert said(read) == DIALOGUE
    assert read.rejected.rows() == [(5, "sent_at", "2025-02-30 09:01:02", "unreadable_time")]


def test_telephone_numbers_never_leave() -> None:
    read = messages(f"[{BUYER}] 2025-01-02 09:01:02\n打13800000000\n", "chat_bracket_text")
    assert read.rows["text"].to_list() == ["打***"]


@pytest.mark.parametrize(
    ("nick", "account"),
    [
        ("示例店:小一", "小一"),
        ("示例店：小一", "小一"),
        ("cntaobao示例店:小一", "小一"),
        ("小一", "小一"),
        (" 小一 ", "小一"),
        (None, None),
    ],
)
def test_an_agent_is_the_part_after_the_last_colon(nick: str | None, account: str | None) -> None:
    assert pl.select(agent_account(pl.lit(nick, pl.String))).item() == account


LINE = st.tuples(
    st.sampled_from(["ann", "bob"]),
    st.integers(0, 2).map(lambda second: ASKED + timedelta(seconds=second)),
    st.sampled_from(["buyer", "agent"]),
    st.sampled_from(["小一", "小二"]),
    st.sampled_from(["在", "吗"]),
)


@settings(deadline=None, max_examples=80)
@given(st.lists(LINE, max_size=25))
def test_nth_counts_identical_lines_in_file_order(lines: list[tuple[Any, ...]]) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    expected = []
    for line in lines:
        expected.append(seen.get(line, 0))
        seen[line] = seen.get(line, 0) + 1
    frame = pl.DataFrame(
        lines,
        schema={
            "buyer": pl.String,
            "sent_at": pl.Datetime("us"),
            "sender": pl.String,
            "agent": pl.String,
            "text": pl.String,
        },
        orient="row",
    )
    got = numbered(frame)
    assert got["nth"].to_list() == expected
    assert got.drop("nth").rows() == lines
