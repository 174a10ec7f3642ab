import pytest

from exports.errors import (
    AmbiguousLayoutError,
    MissingColumnsError,
    NoSuchLayoutError,
    NotATableError,
    NothingKnownError,
    TooManyUnknownError,
    UnknownLayoutError,
)
from exports.files.sheets import read_sheets
from exports.layouts import Layout, layout_by_id, load_layouts
from exports.reading import read_file
from exports.reasons import REMARKS
from exports.recognise import recognise
from tests.exports.small_files import csv_file, xlsx_file, zip_file

DAY = "2025-01-02"


def layout_of(*headings: str) -> str:
    row = [DAY if "时间" in heading else "1" for heading in headings]
    (sheet,) = read_sheets("export.csv", csv_file(headings, row))
    return recognise(sheet, load_layouts()).layout.id


@pytest.mark.parametrize(
    ("headings", "layout"),
    [
        pytest.param(
            ["订单编号", "支付单号", "买家实付金额", "订单付款时间", "店铺名称"],
            "taobao_orders_f9",
            id="a subset is its likest generation",
        ),
        pytest.param(
            ["订单付款时间", "退款编号", "订单编号", "退款状态", "退款的申请时间"],
            "taobao_refunds_2017",
            id="refunds, though order headings stand among them",
        ),
        pytest.param(
            ["主订单编号", "子订单编号", "订单付款时间", "买家实付金额", "购买数量"],
            "taobao_order_items_2026",
            id="items, though order headings stand among them",
        ),
        pytest.param(
            ["订单编号", "买家会员名", "总金额", "订单创建时间", "我们的备注"],
            "taobao_orders_a",
            id="a column of one's own does no harm",
        ),
    ],
)
def test_sellers_choose_columns(headings: list[str], layout: str) -> None:
    assert layout_of(*headings) == layout


def test_unknown_headings_are_kept_in_the_report() -> None:
    header = ["订单编号", "买家会员名", "总金额", "订单创建时间", "我们的 备注"]
    (reading,) = read_file("a.csv", csv_file(header, ["1", "a", "2", DAY, "x"]))
    assert reading.unknown_headers == ("我们的 备注",)


def test_a_header_in_row_16_is_not_searched() -> None:
    rows = [["说明"]] * 15 + [["订单编号", "订单创建时间", "总金额"], ["1", DAY, "2"]]
    with pytest.raises(UnknownLayoutError, match="rows 1 to 15"):
        read_file("a.csv", csv_file(*rows))


def test_an_unknown_file_names_what_was_looked_at_found_and_missing() -> None:
    header = ["退款编号", "订单编号 ", "退款状态", "我们的 备注"]
    content = xlsx_file({"表一": [header, ["1", "2", "3", "4"]]})
    with pytest.raises(UnknownLayoutError) as refused:
        read_file("我的.xlsx", content)
    text = str(refused.value)
    for part in (
        "我的.xlsx",
        "表一",
        "rows 1 to 2",
        "[退款编号, 订单编号, 退款状态, 我们的 备注]",
        "map the columns",
        "Closest is",
    ):
        assert part in text
    assert refused.value.params["missing"] == "[退款的申请时间]"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        pytest.param(
            [["", "占位人", "13800138000", "示例省,示例路1号", "29.9"]] * 2,
            "[***, ***, ***, ***]",
            id="values",
        ),
        pytest.param(
            [["占位人", "示例省"], ["占位人", "示例省"]], "[***, ***]", id="like the rest"
        ),
        pytest.param([["姓名", "Order  No"], ["占位人", "7"]], "[姓名, Order No]", id="headings"),
        pytest.param(
            [["姓名", "a@b.example"], ["x", "7"]], "[***, ***]", id="an address among them"
        ),
        pytest.param(
            [["总金额", "13800138000"]], "[总金额, ***]", id="what layouts know is no secret"
        ),
    ],
)
def test_a_refusal_quotes_headings_and_no_values(rows: list[list[str]], found: str) -> None:
    with pytest.raises(NothingKnownError) as refused:
        read_file("a.csv", csv_file(*rows))
    assert refused.value.params["found"] == found
    assert "sheet" not in str(refused.value)
    assert "import --map" in str(refused.value)


def test_a_file_without_one_known_heading() -> None:
    with pytest.raises(NothingKnownError, match=r"found \[x, y\]"):
        read_file("a.csv", b"x,y\n1,2\n")


def test_enough_known_headings_among_too_many_others_says_why() -> None:
    header = ["订单编号", "订单创建时间", *(f"列{at}" for at in range(8))]
    with pytest.raises(TooManyUnknownError, match="only 2 of 10 headings are known"):
        read_file("a.csv", csv_file(header, ["1", DAY]))


@pytest.mark.parametrize(
    ("headings", "layout"),
    [
        pytest.param(["订单编号", "评价时间", "服务态度"], "ratings_zh", id="ratings"),
        pytest.param(["buyer", "sender", "sent_at", "text"], "messages_en", id="chat lines"),
        pytest.param(["day", "dimension", "score", "count"], "rating_days_en", id="daily scores"),
    ],
)
def test_a_template_is_known_among_any_number_of_columns(headings: list[str], layout: str) -> None:
    assert layout_of(*headings, *(f"列{at}" for at in range(30))) == layout


def test_a_template_that_lacks_a_heading_is_none() -> None:
    headings = ["订单编号", "评价时间", *(f"列{at}" for at in range(30))]
    with pytest.raises(UnknownLayoutError):
        layout_of(*headings)


ORDERS = csv_file(["订单编号", "总金额", "订单创建时间"], ["1", "2", DAY])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"x,y\n1,2\n", "no known export", id="unknown headings"),
        pytest.param(b"%PDF-1.7", "a PDF", id="no table"),
        pytest.param(xlsx_file({"一": [["a"]]})[:200], "damaged", id="damaged"),
        pytest.param(zip_file({"c.csv": b"a,b"}), "an archive inside", id="archive in archive"),
    ],
)
def test_one_unreadable_file_does_not_spoil_an_archive(content: bytes, words: str) -> None:
    archive = zip_file({"b/坏.csv": content, "订单.csv": ORDERS})
    (reading,) = read_file("a.zip", archive)
    assert (reading.sheet, reading.rows["order_id"].to_list()) == ("订单.csv", ["1"])
    (told,) = [remark for remark in reading.remarks if remark.code == "skipped_file"]
    said = REMARKS[told.code].format(**told.params)
    assert "a.zip/b/坏.csv" in said
    assert words in said


def test_an_archive_of_unreadable_files_only_is_refused() -> None:
    with pytest.raises(NotATableError, match=r"a\.zip/a\.pdf: this is a PDF"):
        read_file("a.zip", zip_file({"a.pdf": b"%PDF-1.7", "b.csv": b"x,y\n1,2\n"}))


def twin(name: str, table: str) -> Layout:
    """Two of these differ in nothing but their table."""
    field = {"spellings": ["单号"], "shape": "id"}
    when = {"spellings": ["时间"], "shape": "time"}
    fields = {"order_id": field, "created_at": when}
    return Layout.model_validate(
        {"id": name, "name": name, "table": table, "fields": fields, "required": ["order_id"]}
        | {"header": ["单号", "时间", f"只在{name}"]}
    )


TWINS = [twin("一", "orders"), twin("二", "order_items")]


def test_two_tables_fit_equally_well_so_somebody_has_to_say() -> None:
    with pytest.raises(AmbiguousLayoutError, match=r"fit several exports equally well: 一, 二"):
        read_file("a.csv", csv_file(["单号", "时间"], ["1", DAY]), layouts=TWINS)


def test_said_by_the_user_it_is_read() -> None:
    (reading,) = read_file(
        "a.csv", csv_file(["单号", "时间"], ["1", DAY]), layouts=TWINS, layout="二"
    )
    assert (reading.layout, reading.table) == ("二", "order_items")


def test_one_more_heading_settles_it() -> None:
    (reading,) = read_file(
        "a.csv", csv_file(["单号", "时间", "只在一"], ["1", DAY, ""]), layouts=TWINS
    )
    assert reading.layout == "一"


def test_a_named_layout_whose_columns_are_missing() -> None:
    content = csv_file(["订单编号", "总金额"], ["1", "2"])
    with pytest.raises(MissingColumnsError, match="not a file of layout taobao_refunds_2017"):
        read_file("a.csv", content, layout="taobao_refunds_2017")


def test_a_layout_that_does_not_exist() -> None:
    with pytest.raises(NoSuchLayoutError, match="there is no layout 'nothing'"):
        read_file("a.csv", b"x,y\n1,2\n", layout="nothing")


def test_a_cover_sheet_beside_the_table_is_told() -> None:
    orders = [["订单编号", "总金额", "订单创建时间"], ["1", "2", DAY]]
    content = xlsx_file({"说明": [["导出说明"], ["仅供参考"]], "订单": orders})
    (reading,) = read_file("a.xlsx", content)
    assert (reading.sheet, reading.rows.height) == ("订单", 1)
    (told,) = [remark for remark in reading.remarks if remark.code == "skipped_sheet"]
    assert told.params["sheet"] == "说明"


def test_layouts_are_found_by_id() -> None:
    found = layout_by_id(load_layouts(), "taobao_orders_e")
    assert found is not None
    assert found.table == "orders"
    assert layout_by_id(load_layouts(), "nothing") is None


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"table": "nothing"}, "no table 'nothing'"),
        ({"fields": {"colour": {"spellings": ["颜色"], "shape": "text"}}}, "has no column"),
        ({"fields": {"buyer": {"spellings": ["买家"], "shape": "colour"}}}, "no shape 'colour'"),
        (
            {"fields": {"status": {"spellings": ["态"], "shape": "word", "words": "w"}}},
            "no word list",
        ),
        ({"surprise": 1}, "Extra inputs"),
    ],
)
def test_a_wrong_layout_says_what_is_wrong(broken: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Layout.model_validate({"id": "x", "name": "x", "table": "orders"} | broken)
