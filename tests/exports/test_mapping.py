"""The shop's own layout: made from answers, stored as JSON, recognised next time."""

import json
from typing import Any

import pytest

from exports.errors import NothingKnownError, UnknownLayoutError
from exports.files.sheets import read_sheets
from exports.layouts import Layout, load_layouts
from exports.mapping import (
    NEEDED,
    Mapped,
    answers,
    constant_columns,
    explained_words,
    known_words,
    lacking,
    likely_header,
    mapped_layout,
    offered_columns,
    renewed,
    unsaid_words,
)
from exports.reading import Reading, read_file
from store.schemas import FED_TABLES
from tests.exports.small_files import csv_file

HEADINGS = ["单", "顾客", "何时下单", "何时付款", "进展", "钱"]
CONTENT = csv_file(
    HEADINGS,
    ["1", "甲", "2025-01-02 09:00:00", "2025-01-02 09:05:00", "搞定", "1,234.5"],
    ["2", "乙", "2025-01-02 09:00:00", "", "等着", "3"],
)
ANSWERS = {
    "order_id": Mapped("单"),
    "buyer": Mapped("顾客"),
    "created_at": Mapped("何时下单"),
    "paid_at": Mapped("何时付款"),
    "status": Mapped("进展", words={"搞定": "finished", "等着": "unpaid"}),
    "paid_fen": Mapped("钱"),
}


def own_layout(**answers: Mapped) -> Layout:
    return mapped_layout("我们的表", "orders", HEADINGS, ANSWERS | answers, platform="taobao")


def read(layout: Layout, content: bytes = CONTENT, name: str = "表.csv") -> Reading:
    (reading,) = read_file(name, content, layouts=(*load_layouts(), layout))
    return reading


def test_an_unknown_file_is_read_once_its_headings_are_mapped() -> None:
    with pytest.raises(NothingKnownError):
        read_file("表.csv", CONTENT)
    reading = read(own_layout())
    assert reading.rows.select("order_id", "buyer", "status", "status_text", "paid_fen").rows() == [
        ("1", "甲", "finished", "搞定", 123450),
        ("2", "乙", "unpaid", "等着", 300),
    ]


def test_the_layout_goes_round_through_json_and_is_recognised_again() -> None:
    layout = own_layout()
    stored = json.dumps(layout.model_dump(mode="json"), ensure_ascii=False)
    again = Layout.model_validate(json.loads(stored))
    assert again == layout
    turned = csv_file(HEADINGS[::-1], ["9", "搞定", "", "2025-01-02", "丙", "3"])
    assert read(again, turned).layout == layout.id


def test_the_same_headings_give_the_same_id() -> None:
    assert own_layout().id == own_layout(paid_fen=Mapped("钱")).id


def test_a_word_nobody_explained_is_unknown() -> None:
    reading = read(own_layout(status=Mapped("进展", words={"搞定": "finished"})))
    assert reading.rows["status"].to_list() == ["finished", "unknown"]
    (remark,) = [remark for remark in reading.remarks if remark.code == "unknown_status"]
    assert remark.params["words"] == "等着"


def test_no_status_word_explained_keeps_every_row() -> None:
    reading = read(own_layout(status=Mapped("进展")))
    assert reading.rows["status"].to_list() == ["unknown", "unknown"]
    assert reading.rejected.is_empty()


PLACE = [*HEADINGS, "送到", "Telefon Kundin"]
PLACED = csv_file(
    PLACE,
    ["1", "甲", "2025-01-02", "", "搞定", "3", "浙江省 杭州市 示例路1号 13800138000", "0571-1"],
    ["2", "乙", "2025-01-02", "", "搞定", "3", "占位人 13800138000 示例路2号", "0571-2"],
    ["3", "丙", "gestern", "", "搞定", "3", "浙江省 杭州市 示例路3号 13800138000", "0571-3"],
)


def test_of_an_address_the_region_is_kept_and_nothing_else() -> None:
    answers = ANSWERS | {"region": Mapped("送到")}
    reading = read(mapped_layout("我们的表", "orders", PLACE, answers), PLACED)
    assert reading.rows["region"].to_list() == ["浙江省", None]
    (aside,) = reading.rejected.to_dicts()
    assert (aside["source_row"], aside["value"]) == (4, "gestern")
    # Neither the address nor what nobody has told us of is kept with a row set aside.
    cells = ["3", "丙", "gestern", None, "搞定", "3"]
    assert json.loads(aside["cells"]) == dict(zip(HEADINGS, cells, strict=True))


def test_a_layout_of_the_first_form_is_read_by_todays_rules() -> None:
    today = mapped_layout("我们的表", "orders", PLACE, ANSWERS | {"region": Mapped("送到")})
    kept = today.model_dump(mode="json") | {"personal": []}
    kept["fields"]["region"]["shape"] = "text"
    kept["fields"]["status"]["unknown"] = None
    kept["words"]["status"] = {}
    earlier = Layout.model_validate(kept)
    assert read(earlier, PLACED).rows.is_empty()
    reading = read(renewed(earlier), PLACED)
    assert reading.rows.select("status", "region").rows() == [
        ("unknown", "浙江省"),
        ("unknown", None),
    ]
    assert "示例路" not in reading.rejected["cells"].item()
    assert renewed(today) == today.model_copy(update={"personal": today.personal})


def test_what_a_table_still_needs() -> None:
    assert lacking("orders", ["buyer"]) == [("order_id",), ("created_at", "paid_at")]
    assert lacking("orders", ["order_id", "paid_at"]) == []


def test_figures_without_a_date_take_the_day_of_the_file() -> None:
    headings = ["谁", "回复率", "等了多久"]
    layout = mapped_layout(
        "客服",
        "service_days",
        headings,
        {
            "agent": Mapped("谁"),
            "reply_rate": Mapped("回复率", unit="percent"),
            "avg_response_s": Mapped("等了多久", unit="minute"),
        },
    )
    reading = read(layout, csv_file(headings, ["小一", "1", "1.5"]), "客服20250102.csv")
    (row,) = reading.rows.to_dicts()
    assert (str(row["day"]), row["scope"], row["agent"]) == ("2025-01-02", "agent", "小一")
    assert (row["reply_rate"], row["avg_response_s"]) == (0.01, 90.0)


def test_a_row_without_what_it_needs_is_set_aside_and_any_other_is_kept() -> None:
    orders = csv_file(
        HEADINGS,
        ["", "甲", "2025-01-02", "", "搞定", "3"],
        ["2", "", "", "2025-01-03", "", ""],
    )
    reading = read(own_layout(), orders)
    assert reading.rejected.select("source_row", "value", "reason").rows() == [
        (2, "", "missing_id")
    ]
    assert reading.rows.select("order_id", "status", "paid_fen").rows() == [("2", "unknown", None)]
    # No word says whose figure it is, and there is no meaning for none.
    headings = ["谁", "范围", "回复率"]
    columns = dict(zip(("agent", "scope", "reply_rate"), map(Mapped, headings), strict=True))
    layout = mapped_layout("客服", "service_days", headings, columns)
    lines = csv_file(headings, ["小一", "agent", "95%"], ["小二", "", "90%"])
    reading = read(layout, lines, "客服20250102.csv")
    assert reading.rejected["source_row"].to_list() == [3]
    assert reading.rows["agent"].to_list() == ["小一"]


@pytest.mark.parametrize(
    ("table", "columns", "headings"),
    [
        pytest.param("orders", "order_id paid_at buyer", ("order_id", "paid_at"), id="one of two"),
        pytest.param(
            "orders",
            "order_id paid_at created_at paid_fen",
            ("order_id", ("created_at", "paid_at")),
            id="either of two",
        ),
        pytest.param(
            "service_days",
            "agent reply_rate avg_response_s",
            ("agent", ("reply_rate", "avg_response_s")),
            id="what a row is of, and any figure",
        ),
        pytest.param(
            "messages",
            "buyer sender sent_at text agent",
            ("buyer", "sender", "sent_at", "text", "agent"),
            id="who was asked tells lines apart",
        ),
    ],
)
def test_the_headings_by_which_a_kind_of_file_is_known(
    table: str, columns: str, headings: tuple[object, ...]
) -> None:
    picks = {column: Mapped(f"列{column}") for column in columns.split()}
    layout = mapped_layout("x", table, [told.heading for told in picks.values()], picks)
    assert layout.required == headings


@pytest.mark.parametrize("table", FED_TABLES)
def test_amounts_alone_are_read_as_money(table: str) -> None:
    """Kept in hundredths: 12 in a file are 1200 of an amount, and 12 of anything counted."""
    money = {offer.column for offer in offered_columns(table) if offer.shape == "money"}
    assert money == {name for name in FED_TABLES[table].column_names() if name.endswith("_fen")}


@pytest.mark.parametrize(
    ("headings", "columns", "words"),
    [
        pytest.param(HEADINGS, {"order_id": Mapped("单")}, "needs a heading for", id="needed"),
        pytest.param(HEADINGS, ANSWERS | {"title": Mapped("无")}, "not in the file", id="heading"),
        pytest.param(HEADINGS, ANSWERS | {"nth": Mapped("单")}, "no column", id="column"),
        pytest.param(
            HEADINGS,
            ANSWERS | {"status": Mapped("进展", words={"搞定": "great"})},
            "no meaning",
            id="meaning",
        ),
    ],
)
def test_wrong_answers_say_what_is_wrong(
    headings: list[str], columns: dict[str, Mapped], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        mapped_layout("x", "orders", headings, columns)


@pytest.mark.parametrize("table", FED_TABLES)
def test_every_table_can_be_mapped_by_what_it_needs(table: str) -> None:
    offers = {offer.column: offer for offer in offered_columns(table)}
    needed = [item if isinstance(item, str) else item[0] for item in NEEDED[table]]
    columns: dict[str, Any] = {column: Mapped(f"列{column}") for column in needed}
    layout = mapped_layout("x", table, [f"列{column}" for column in needed], columns)
    assert all(offers[column].needed for column in needed)
    assert Layout.model_validate(layout.model_dump(mode="json")) == layout


def test_what_the_form_starts_from() -> None:
    (sheet,) = read_sheets("a.csv", csv_file(["我们的表"], [], HEADINGS, ["1", "", "", "", "搞定"]))
    assert likely_header(sheet) == 2
    assert unsaid_words(sheet, 2, "进展", known_words("status")) == ["搞定"]
    assert known_words("status")["交易成功"] == "finished"


def test_only_words_that_nobody_explained_are_asked_for() -> None:
    words = ["交易成功", "搞定", "等着", "等着", "closed", ""]
    (sheet,) = read_sheets("a.csv", csv_file(["单", "进展"], *([w, w] for w in words)))
    assert unsaid_words(sheet, 0, "进展", explained_words("status")) == ["等着", "搞定"]
    assert unsaid_words(sheet, 0, "进展", {"*着": "paid"})[0] != "等着"


# --- what is the same in every row ---------------------------------------------------------------


def test_a_constant_is_in_every_row_as_its_column_wants_it() -> None:
    columns = {"order_id": Mapped("单"), "created_at": Mapped("何时下单")}
    same = {"status": "finished", "paid_fen": "￥1,234.50", "shop_name": "甲"}
    layout = mapped_layout("x", "orders", HEADINGS, columns, constants=same)
    reading = read(layout)
    assert (
        reading.rows.select("status", "paid_fen", "shop_name").rows()
        == [("finished", 123450, "甲")] * 2
    )
    assert "status_derived" not in {remark.code for remark in reading.remarks}


def test_one_agent_and_one_score_for_a_whole_file() -> None:
    chat = {
        "buyer": Mapped("a"),
        "sender": Mapped("b"),
        "sent_at": Mapped("c"),
        "text": Mapped("d"),
    }
    layout = mapped_layout("x", "messages", ["a", "b", "c", "d"], chat, constants={"agent": "小一"})
    lines = csv_file(["a", "b", "c", "d"], ["甲", "agent", "2025-01-02 09:00:00", "在的"])
    assert read(layout, lines).rows["agent"].to_list() == ["小一"]
    same = {"score": "4.8", "dimension": "service"}
    layout = mapped_layout(
        "x", "rating_days", ["人", "注"], {"count": Mapped("人")}, constants=same
    )
    day = read(layout, csv_file(["人", "注"], ["31", ""]), "评分20250102.csv").rows
    assert day.select("dimension", "score", "count", "source").rows() == [
        ("service", 4.8, 31, "template")
    ]


@pytest.mark.parametrize(
    ("same", "told"),
    [
        pytest.param({"created_at": "2025-01-02"}, "same in every row", id="a moment"),
        pytest.param({"order_id": "1"}, "same in every row", id="what tells rows apart"),
        pytest.param({"paid_fen": "much"}, "cannot be read", id="no money"),
        pytest.param({"status": "great"}, "no meaning", id="no word"),
        pytest.param({"buyer": "甲"}, "same in every row", id="a buyer"),
        pytest.param({"title": "x"}, "choose one", id="twice"),
    ],
)
def test_a_constant_that_cannot_be_is_refused(same: dict[str, str], told: str) -> None:
    few = {"order_id": "单", "created_at": "何时下单", "title": "钱"}
    columns = {column: Mapped(heading) for column, heading in few.items()}
    with pytest.raises(ValueError, match=told):
        mapped_layout("x", "orders", HEADINGS, columns, constants=same)


@pytest.mark.parametrize("table", FED_TABLES)
def test_the_form_is_filled_with_what_it_was_told(table: str) -> None:
    """Whatever was answered: the same answers make the same layout again."""
    same = {offer.column for offer in constant_columns(table)}
    columns = {
        offer.column: Mapped(f"列{offer.column}", offer.units[-1] if offer.units else "",
                             {"怪": offer.meanings[-1]} if offer.meanings else None)
        for offer in offered_columns(table) if offer.column != "status_text"
    }  # fmt: skip
    texts = {"word": None, "text": "x", "id": "7", "region": "浙江省"}
    constants = {
        offer.column: texts.get(offer.shape, "3") or offer.meanings[0]
        for offer in constant_columns(table)
        if offer.column in same and not offer.needed and offer.column != "status_text"
    }
    headings = [told.heading for told in columns.values()]
    for given, fixed in (
        (columns, {}),
        ({c: columns[c] for c in columns.keys() - constants.keys()}, constants),
    ):
        layout = mapped_layout("x", table, headings, given, constants=fixed)
        told = answers(layout)
        again = mapped_layout("x", table, headings, told.columns, constants=told.constants)
        assert again.model_copy(update={"fields": {}, "words": {}, "required": ()}) == (
            layout.model_copy(update={"fields": {}, "words": {}, "required": ()})
        )
        assert (again.fields, again.words) == (layout.fields, layout.words)


def test_a_file_that_lacks_what_the_table_can_do_without_is_known_all_the_same() -> None:
    short = csv_file(HEADINGS[:4], ["1", "甲", "2025-01-02 09:00:00", ""])
    assert read(own_layout(), short).rows["paid_fen"].to_list() == [None]
    with pytest.raises(UnknownLayoutError):
        read(own_layout(), csv_file(HEADINGS[1:], ["甲", "2025-01-02", "", "搞定", "3"]))
