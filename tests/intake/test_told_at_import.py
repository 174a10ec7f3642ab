"""What cannot be, or stands twice, is told when a file is imported."""

import logging
from datetime import date, timedelta
from pathlib import Path

import pytest

from exports.errors import UnforeseenError
from exports.reading import read_file
from intake import batch
from intake.batch import plan_files, read_export
from intake.watch import take_in
from tests.exports.small_files import csv_file

RATED = ["订单编号", "买家", "评价时间", "描述相符", "服务态度", "物流服务", "评价内容"]
RATINGS = [[f"{n}", "ann", f"2025-01-{n:02} 20:15:00", "5", "5", "4", ""] for n in range(1, 7)]
ORDERED = [
    "订单编号",
    "买家会员名",
    "总金额",
    "买家实际支付金额",
    "订单状态",
    "订单创建时间",
    "订单付款时间",
]
CHAT = "tb1 2025-1-2 9:01:02\n在吗\n示例店:小一 2025-1-2 9:01:30\n在的亲\n"


def order(n: int, created: str, paid: str) -> list[str]:
    return [f"{n}", f"tb{n}", "9.00", "9.00", "交易成功", created, paid]


@pytest.mark.parametrize(
    ("name", "content", "rows", "again"),
    [
        pytest.param("r.csv", csv_file(RATED, *RATINGS, *RATINGS), 6, 6, id="ratings glued"),
        pytest.param("r.csv", csv_file(RATED, *RATINGS, *RATINGS[3:]), 6, 3, id="a piece of them"),
        pytest.param(
            "r.csv", csv_file(RATED, *RATINGS, RATINGS[5]), 7, 0, id="two items of an order"
        ),
        pytest.param("c.txt", (CHAT * 2).encode(), 2, 2, id="a chat copied twice"),
        pytest.param(
            "c.txt", (CHAT[:27] * 2 + CHAT[27:]).encode(), 3, 0, id="said twice in a second"
        ),
    ],
)
def test_rows_that_stand_twice_count_once(name: str, content: bytes, rows: int, again: int) -> None:
    (reading,) = read_file(name, content)
    assert reading.rows.height == rows
    told = [remark.params["count"] for remark in reading.remarks if remark.code == "repeated_lines"]
    assert told == ([again] if again else [])


def test_days_to_come_are_set_aside_and_times_to_come_emptied() -> None:
    late, soon = "2099-01-01 10:00:00", f"{date.today()} 10:00:00"
    chat = CHAT + CHAT.replace("2025-1-2", "2099-1-2")
    (chats,) = read_export("c.txt", chat.encode()).readings
    assert (chats.rows.height, chats.last_day) == (2, date(2025, 1, 2))
    assert chats.rejected["reason"].to_list() == ["row_to_come"] * 2
    table = csv_file(ORDERED, order(1, soon, late), order(2, soon, soon))
    (orders,) = read_export("o.csv", table).readings
    assert orders.rows["paid_at"].null_count() == 1
    assert orders.last_day == date.today()
    assert orders.emptied.select("source_row", "column", "value", "reason").rows() == [
        (2, "订单付款时间", late, "cell_to_come")
    ]


def test_tomorrow_may_have_begun_where_the_file_was_made() -> None:
    tomorrow = f"{date.today() + timedelta(days=1)} 00:30:00"
    (orders,) = read_export("o.csv", csv_file(ORDERED, order(1, tomorrow, ""))).readings
    assert orders.emptied.is_empty()


def test_an_order_paid_before_it_was_created_keeps_its_payment() -> None:
    table = csv_file(ORDERED, order(1, "2025-03-02 10:00:00", "2025-03-01 10:00:00"))
    (orders,) = read_file("o.csv", table)
    assert orders.rows.select("created_at", "paid_fen").rows() == [(None, 900)]
    assert orders.emptied.select("column", "reason").rows() == [
        ("订单创建时间", "created_before_paid")
    ]


def test_nul_bytes_in_a_text_are_left_out_and_told() -> None:
    table = csv_file(ORDERED, order(1, "2025-03-02 10:00:00", "")).replace(b"tb1", b"t\0b1")
    (orders,) = read_file("o.csv", table)
    assert orders.rows["buyer"].to_list() == ["tb1"]
    assert [(remark.code, *remark.params.values()) for remark in orders.remarks][-1] == (
        "nul_bytes", 1,
    )  # fmt: skip


@pytest.mark.parametrize("head", ["1,1.1,1.1", "1,1,1.1", "x,x.1,x,x.1"])
def test_headings_that_look_like_numbers_are_refused_as_unknown(head: str) -> None:
    file = read_export("a.csv", f"{head}\n1,2,3\n".encode())
    assert "no known export" in str(file.error)
    assert not isinstance(file.error, UnforeseenError)


def test_a_chat_table_without_agents_is_read_as_far_as_it_goes() -> None:
    heads = ["买家", "发送方", "发送时间", "消息内容"]
    lines = [["tb1", who, "2025-01-02 09:01:02", "在"] for who in ("买家", "客服")]
    (reading,) = read_export("a.csv", csv_file(heads, *lines)).readings
    assert reading.rows["sender"].to_list() == ["buyer"]
    assert reading.rejected["reason"].to_list() == ["agent_named_when_an_agent_wrote"]


def test_a_fault_nobody_foresaw_is_a_refusal_with_a_number_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("13800138000")

    monkeypatch.setattr(batch, "read_file", broken)
    with caplog.at_level(logging.ERROR, "store_health"):
        error = read_export("a.csv", b"x").error
    assert isinstance(error, UnforeseenError)
    assert error.number in str(error)
    (line,) = [record.getMessage() for record in caplog.records]
    assert f"error {error.number}, RuntimeError at" in line
    assert "13800138000" not in line + str(error)


def test_a_watch_writes_no_name_of_a_refused_list(store: Path, tmp_path: Path) -> None:
    content = (Path(__file__).parents[1] / "exports/cases/10_no_header_row.csv").read_bytes()
    path = tmp_path / "名单.csv"
    path.write_bytes(content)
    take_in(str(store), path, shop=None, by="test")
    (text,) = (tmp_path / "refused").glob("*.txt")
    told = text.read_text(encoding="utf-8")
    assert "no known export" in told
    assert not any(word in told for word in ("占位人", "13800138000", "示例路"))


def test_an_unknown_text_is_quoted_without_telephone_numbers(store: Path) -> None:
    (plan,) = plan_files(str(store), [("a.txt", "收货人：占位人 13800138000\n好的\n".encode())])
    assert "13800138000" not in str(plan.file.error)
    assert "占位人" not in str(plan.file.error)
