"""Which reader a file is given to, by what it explains of it; or none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.errors import AmbiguousLayoutError, ExportError, FewRowsError, UnknownLayoutError
from exports.reading import read_file
from exports.refusals import UnknownChatTextError
from tests.exports.chats.test_rows import CLIENT
from tests.exports.small_files import csv_file

HEADER = ["订单编号", "买家会员名", "总金额", "买家实际支付金额", "订单状态", "订单创建时间"]
ORDERS = [
    [f"{n}", f"tb{n}", "9.00", "9.00", "交易成功", f"2025-03-01 10:0{n}:00"] for n in range(6)
]
TABLE = csv_file(HEADER, *ORDERS).decode()


def in_turn(*speakers: str, day: str = "2025-03-0{d}", clock: str = "10:00:00") -> str:
    """Head lines with a word under each, one a day."""
    return "".join(
        f"{nick} {day.format(d=d)} {clock}\n{'一二三四五六七八'[d]}\n"
        for d, nick in enumerate(speakers, 1)
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(in_turn("会议", "复盘", "会议"), id="notes with dates"),
        pytest.param(in_turn("张三", "李四", "张三").replace("一", "100.00"), id="payments"),
        pytest.param(in_turn("到达杭州", "离开杭州", "到达杭州"), id="a parcel's way"),
        pytest.param(in_turn("[x]", "[ ]", "[x]"), id="a list of things to do"),
        pytest.param(
            in_turn("INFO web", "WARN db", "INFO web", "WARN db", day="2025-03-01"), id="a log"
        ),
        pytest.param("| a | at |\n|---|---|\n| 1 | 2025-03-01 10:00 |\n", id="a table in Markdown"),
        pytest.param("张三 13800138000\n李四 13800138001\n", id="telephone numbers"),
        pytest.param("1\n00:00:01 --> 00:00:02\nHello\n", id="subtitles"),
        pytest.param("tb1 2025-1-2 9:01:02\n在吗\ntb1 2025-1-2 9:02:02\n有人吗\n", id="one side"),
        pytest.param(CLIENT + "".join(f"line {n}\n" for n in range(900)), id="a chat, then a log"),
        pytest.param("".join(f"line {n}\n" for n in range(60)) + CLIENT, id="a log, then a chat"),
        pytest.param("".join(f"说明{n}\n" for n in range(20)) + TABLE, id="a table under 20 notes"),
        pytest.param(
            in_turn(*["张三", "李四"] * 3, day="2025-03-05") + "说明\n" * 5 + TABLE,
            id="a table under notes of people in turn",
        ),
    ],
)
def test_a_text_that_is_no_chat_is_refused(text: str) -> None:
    with pytest.raises(UnknownChatTextError):
        read_file("a.txt", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"聊天记录导出\n店铺：示例店\n\n{CLIENT}", id="notes above"),
        pytest.param(f"{CLIENT}\n共2条\n", id="a footer"),
        pytest.param(CLIENT.replace("在吗", "我要,两件,红色,大码"), id="commas in a line"),
    ],
)
def test_a_chat_with_something_beside_it_is_one(text: str) -> None:
    (reading,) = read_file("a.txt", text.encode())
    assert (reading.layout, reading.rows.height) == ("chat_client_text", 2)


def test_a_table_pasted_into_a_chat_is_asked_about() -> None:
    chat = CLIENT.replace("\r\n", "\n")
    text = chat + TABLE.replace("\r\n", "\n") + chat.replace("2025-1-2", "2025-1-3")
    with pytest.raises(AmbiguousLayoutError, match="chat_client_text, taobao_orders"):
        read_file("a.txt", text.encode())
    (reading,) = read_file("a.txt", text.encode(), layout="chat_client_text")
    assert reading.rows.height == 4


def test_known_headings_over_lines_are_no_table() -> None:
    lines = [["只是一行"]] * 30
    with pytest.raises(FewRowsError, match="only 6 of the 21 lines"):
        read_file("a.csv", csv_file(HEADER, *lines[:15], *ORDERS, *lines[:15]))
    (reading,) = read_file("a.csv", csv_file(*lines[:12], HEADER, *ORDERS, *lines[:15]))
    assert reading.rows.height == 6


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            [[*order[:4], "a\tb\tc\td\te\tf\tg\th", order[5]] for order in ORDERS], id="tabs"
        ),
        pytest.param(
            [[*order[:4], "a;b;c;d;e;f;g;h", order[5]] for order in ORDERS], id="semicolons"
        ),
    ],
)
def test_signs_inside_cells_do_not_part_them(rows: list[list[str]]) -> None:
    """They give wider rows than the separator does, but the headings are one cell then."""
    (reading,) = read_file("a.csv", csv_file(HEADER, *rows))
    assert reading.rows["order_id"].to_list() == [f"{n}" for n in range(6)]


PLAIN = st.text(st.characters(codec="ascii", categories=["L", "Zs"]), min_size=1, max_size=12)
HEADS = st.sampled_from(
    ["tb1 2025-1-2 9:01:02", "示例店:小一 2025-1-2 9:01:30", "店 2025-1-2 9:02"]
)


@settings(max_examples=25, deadline=None)
@given(
    messages=st.lists(st.tuples(HEADS, st.lists(PLAIN, max_size=40)), min_size=2, max_size=8),
    above=st.lists(PLAIN, max_size=40),
    name=st.sampled_from(["a.txt", "a.csv"]),
)
def test_no_chat_explains_less_than_most_of_its_text(
    messages: list[tuple[str, list[str]]], above: list[str], name: str
) -> None:
    lines = [*above, *(line for head, said in messages for line in (head, *said))]
    try:
        found = read_file(name, "\n".join(lines).encode())
    except ExportError:
        return
    assert {reading.layout for reading in found} == {"chat_client_text"}
    # By hand: a head explains itself and 19 lines, up to 15 lines above the first are notes.
    said = [sum(1 for line in text if line.strip()) for _head, text in messages]
    notes = sum(1 for line in above if line.strip())
    counted = sum(said) + len(said) + (notes if notes > 15 else 0)
    assert sum(1 + min(lines, 19) for lines in said) >= 0.6 * counted


@settings(max_examples=20, deadline=None)
@given(
    rows=st.lists(st.booleans(), max_size=30), notes=st.integers(0, 12), footers=st.integers(0, 30)
)
def test_no_table_explains_less_than_most_of_the_lines_under_its_header(
    rows: list[bool], notes: int, footers: int
) -> None:
    below = [ORDERS[n % 6] if is_row else ["只是一行"] for n, is_row in enumerate(rows)]
    lines = [["说明"]] * notes + [HEADER] + below + [["说明"]] * footers
    try:
        found = read_file("a.csv", csv_file(*lines))
    except UnknownLayoutError:
        assert any(rows)
        return
    assert {reading.layout for reading in found} <= {"taobao_orders_a", "taobao_orders_b"}
    if any(rows):
        last = max(n for n, is_row in enumerate(rows) if is_row)
        behind = footers + len(rows) - 1 - last
        assert sum(rows) >= 0.6 * (last + 1 + max(behind - 15, 0))
