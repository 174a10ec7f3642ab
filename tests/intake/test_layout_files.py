"""A layout as a file: the same layout again, or a sentence that says what is wrong."""

import pytest

from exports.layouts import Layout
from exports.mapping import Mapped, mapped_layout
from exports.reading import read_file
from intake.layout_files import LayoutFileError, layout_file, read_layout_file
from tests.exports.small_files import csv_file

HEADINGS = ['Nr "A"', "Wann\t", "Stand", "Ort", "Anderes"]


def own() -> Layout:
    columns = {
        "order_id": Mapped('Nr "A"'),
        "created_at": Mapped("Wann\t"),
        "status": Mapped("Stand", words={"fertig\x7f": "finished"}),
        "region": Mapped("Ort"),
    }
    same = {"paid_fen": "12.50", "shop_name": "甲"}
    return mapped_layout("我的“表”", "orders", HEADINGS, columns, constants=same, platform="jd")


def figures() -> Layout:
    columns = {"avg_response_s": Mapped("Dauer", unit="minute")}
    same = {"agent": "小一"}
    return mapped_layout("客服", "service_days", ["Dauer"], columns, constants=same)


@pytest.mark.parametrize("layout", [own(), figures()], ids=["orders", "service_days"])
def test_the_file_says_the_whole_layout(layout: Layout) -> None:
    assert read_layout_file("a.toml", layout_file(layout).encode()) == layout


def test_a_file_written_by_hand_is_enough_with_its_headings() -> None:
    text = """
        name = "Webshop"
        table = "orders"
        [fields]
        order_id = { spellings = ["Nr"], shape = "id" }
        created_at = { spellings = ["Wann"], shape = "time" }
        region = { spellings = ["Ort"], shape = "text" }
    """
    layout = read_layout_file("a.toml", text.encode())
    content = csv_file(["Nr", "Wann", "Ort"], ["1", "2025-01-02", "浙江省 杭州市 示例路1号"])
    (reading,) = read_file("a.csv", content, layouts=[layout])
    # Of an address nothing but the region is kept, whatever the file says.
    assert reading.rows.select("order_id", "region").rows() == [("1", "浙江省")]


GOOD = layout_file(own())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("name = ", "this is no TOML file", id="no TOML"),
        pytest.param("\xff", "not UTF-8", id="no text"),
        pytest.param("x = " + "[" * 3000, "this is no TOML file", id="too deep"),
        pytest.param(GOOD + "[extra]\na = 1\n", "unknown key 'extra'", id="key"),
        pytest.param(
            GOOD.replace('shape = "id"', 'shape = "id", of = 1'), "fields.order_id.of", id="field"
        ),
        pytest.param('name = "a"\n', "table: Field required", id="no table"),
        pytest.param(GOOD.replace('"orders"', '"trades"'), "no table 'trades'", id="table"),
        pytest.param(GOOD.replace("order_id =", "order_no ="), "no column", id="column"),
        pytest.param(
            'name = "a"\ntable = "orders"\n[fields]\nbuyer = {spellings = ["a"], shape = "text"}',
            "needs order_id",
            id="needed",
        ),
        pytest.param(GOOD.replace('"id"', '"money"'), "cannot have the shape", id="shape"),
        pytest.param(GOOD.replace('"id"', '"identity"'), "no shape", id="no such shape"),
        pytest.param(GOOD.replace('"finished"', '"great"'), "no meaning 'great'", id="meaning"),
        pytest.param(GOOD.replace('"1250"', '"much"'), "'much' cannot be read", id="constant"),
        pytest.param(GOOD.replace("我的“表”", " "), "needs a name", id="name"),
        pytest.param(
            layout_file(figures()).replace('day_field = "day"', ""), "needs day", id="no day"
        ),
        pytest.param(
            layout_file(figures()).replace('"day"', '"agent"'), "no day 'agent'", id="what day"
        ),
        pytest.param(
            layout_file(figures()).replace('scope = "agent"', 'scope = "me"'),
            "use one of agent",
            id="word",
        ),
    ],
)
def test_what_is_wrong_is_a_sentence(text: str, told: str) -> None:
    content = text.encode("latin-1" if text == "\xff" else "utf-8")
    with pytest.raises(LayoutFileError, match=told) as caught:
        read_layout_file("a.toml", content)
    assert str(caught.value).startswith("a.toml: ")
