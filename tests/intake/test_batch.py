from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from exports.errors import ExportError
from exports.result import Reading, Remark
from intake.batch import (
    DEFAULT_SHOP,
    FilePlan,
    ReadFile,
    accept,
    plan,
    plan_files,
    prepare,
    zone_of,
)
from intake.report import told
from opening import opened
from sample_data import SAMPLE_SHOP
from store.door import admitted
from store.settings import ShopSettings
from store.shop_settings import save_settings
from store.tables import scan, shops
from store.uploads import commit, of_cell, rejected, uploads
from tests.frames import MAY_1
from tests.store.feeds import reading, set_aside

HEADER = "店铺,买家,客服,发送方,发送时间,消息内容"
ASKS = ",小王,小美,买家,2024-05-01 09:00:00,在吗"
REPLIES = ",小王,小美,客服,2024-05-01 09:00:30,在的"


def chats(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


def of_shops(*names: str | None) -> Reading:
    """Orders numbered from 1, each naming a shop or none."""
    rows = [
        {"order_id": str(nth), "created_at": MAY_1, "shop_name": name}
        for nth, name in enumerate(names, 1)
    ]
    return reading("orders", rows)


def a_file(*readings: Reading, name: str = "a.csv") -> ReadFile:
    return ReadFile(name, sha256(name.encode()).hexdigest(), readings)


def shared(plan: FilePlan) -> dict[str, list[str]]:
    """Order ids by shop."""
    return {
        part.shop: [order for reading in part.readings for order in reading.rows["order_id"]]
        for part in plan.parts
    }


def hold(store: Path, *names: str) -> None:
    """A store that has these shops."""
    for name in names:
        (one,) = plan(store, [a_file(of_shops(None), name=name)], shop=name)
        accept(store, one, "test")


@pytest.mark.parametrize(
    ("held", "asked", "names", "expected"),
    [
        pytest.param([], None, [None], {DEFAULT_SHOP: ["1"]}, id="nobody says: the default"),
        pytest.param([], None, ["甲", "甲"], {"甲": ["1", "2"]}, id="the rows say"),
        pytest.param([], None, ["甲", "乙", "甲"], {"甲": ["1", "3"], "乙": ["2"]}, id="two shops"),
        pytest.param(["甲"], None, [None], {"甲": ["1"]}, id="the store's only shop"),
        pytest.param(["甲"], None, ["乙"], {"乙": ["1"]}, id="rows that name another shop"),
        pytest.param(["甲", "乙"], None, [None], {DEFAULT_SHOP: ["1"]}, id="several to choose"),
        pytest.param(["甲"], "乙", ["甲", None], {"乙": ["1", "2"]}, id="the user says"),
        pytest.param([DEFAULT_SHOP], None, ["甲"], {DEFAULT_SHOP: ["1"]}, id="an unnamed shop"),
        pytest.param([], None, ["甲", None], {"甲": ["1", "2"]}, id="one name for all rows"),
        pytest.param(["乙"], None, ["甲", None], {"甲": ["1"], "乙": ["2"]}, id="a name for some"),
        pytest.param([SAMPLE_SHOP], None, [None], {DEFAULT_SHOP: ["1"]}, id="beside the sample"),
        pytest.param([SAMPLE_SHOP, "甲"], None, [None], {"甲": ["1"]}, id="the only own shop"),
        pytest.param(
            [SAMPLE_SHOP], SAMPLE_SHOP, [None], {SAMPLE_SHOP: ["1"]}, id="the sample asked"
        ),
    ],
)
def test_whose_rows_they_are(
    store: Path,
    held: list[str],
    asked: str | None,
    names: list[str | None],
    expected: dict[str, list[str]],
) -> None:
    hold(store, *held)
    (one,) = plan(store, [a_file(of_shops(*names))], shop=asked)
    assert shared(one) == expected


def test_files_are_read_in_the_zone_of_the_only_own_shop(store: Path) -> None:
    hold(store, SAMPLE_SHOP)
    for shop, zone in ((SAMPLE_SHOP, "Europe/Paris"), ("甲", "America/New_York")):
        save_settings(store, shop, ShopSettings(time_zone=zone), "test")
    assert zone_of(store, None) == ShopSettings().time_zone
    hold(store, "甲")
    assert zone_of(store, None) == "America/New_York"
    assert zone_of(store, SAMPLE_SHOP) == "Europe/Paris"


def test_a_file_that_names_no_shop_follows_the_others_of_its_batch(store: Path) -> None:
    files = [a_file(of_shops(None), name="a"), a_file(of_shops("甲"), name="b")]
    assert [shared(one) for one in plan(store, files)] == [{"甲": ["1"]}, {"甲": ["1"]}]
    files.append(a_file(of_shops("乙"), name="c"))
    assert shared(plan(store, files)[0]) == {DEFAULT_SHOP: ["1"]}


def test_what_the_plan_remarks(store: Path) -> None:
    (several,) = plan(store, [a_file(of_shops("甲", "乙"))])
    assert several.remarks == (Remark("several_shops", {"count": 2, "shops": "甲, 乙"}),)
    hold(store, DEFAULT_SHOP)
    (joined,) = plan(store, [a_file(of_shops("甲"))])
    assert joined.remarks == (Remark("named_shop", {"named": "甲", "shop": DEFAULT_SHOP}),)


def test_a_file_of_two_shops_is_an_upload_of_each(store: Path) -> None:
    told = [
        of_shops("甲", "乙"),
        reading("messages", [{"buyer": "a", "sent_at": MAY_1, "sender": "buyer"}] * 0),
    ]
    told[0] = Reading(**{**vars(told[0]), "rejected": set_aside(9)})
    (one,) = plan(store, [a_file(*told)])
    result = accept(store, one, "ann")
    assert list(result.added) == ["甲", "乙"]
    assert (result.rows_accepted, result.rows_rejected) == (2, 1)
    assert shops(store) == ["甲", "乙"]
    assert scan(store, "orders", "乙").collect()["order_id"].to_list() == ["2"]
    assert rejected(store)["shop"].to_list() == ["甲"]
    assert uploads(store)["uploaded_by"].unique().to_list() == ["ann"]


def test_cells_emptied_go_with_their_shop(store: Path) -> None:
    bad = {"created_at": MAY_1, "paid_fen": 5, "refund_fen": 9}
    named = [("甲", "1"), ("乙", "2")]
    given = reading("orders", [bad | {"order_id": nth, "shop_name": shop} for shop, nth in named])
    (one,) = plan(store, [a_file(admitted(given))])
    assert [part.previews[0].emptied for part in one.parts] == [1, 1]
    result = accept(store, one, "ann")
    assert (result.rows_accepted, result.rows_rejected, result.cells_emptied) == (2, 0, 2)
    told = rejected(store).filter(of_cell()).select("shop", "source_row", "value")
    assert told.rows() == [("甲", 2, "0.09"), ("乙", 3, "0.09")]


def test_a_csv_goes_all_the_way(store: Path) -> None:
    seen: list[tuple[int, str]] = []
    files = [("聊天.csv", chats(ASKS, REPLIES, ",小王,小美,买家,yesterday,在吗"))]
    (one,) = plan_files(store, files, told=lambda done, name: seen.append((done, name)))
    (part,) = one.parts
    (preview,) = part.previews
    assert (preview.new, preview.updated, preview.unchanged, preview.set_aside) == (2, 0, 0, 1)
    assert (preview.first_day, preview.last_day) == (date(2024, 5, 1), date(2024, 5, 1))
    assert seen == [(0, "聊天.csv")]
    assert shops(store) == []
    accept(store, one, "ann")
    lines = scan(store, "messages", DEFAULT_SHOP).sort("sent_at").collect()
    assert lines.select("buyer", "agent", "sender", "text").rows() == [
        ("小王", "小美", "buyer", "在吗"),
        ("小王", "小美", "agent", "在的"),
    ]
    assert rejected(store).select("source_row", "value").rows() == [(4, "yesterday")]


def test_what_came_is_counted_before_anybody_looks(store: Path) -> None:
    (one,) = plan_files(store, [("聊天.csv", chats(ASKS, REPLIES))])
    added = accept(store, one, "ann").added
    assert not (store / "condensed").exists()
    prepare(store, [*added, *added])
    made = {path: path.stat().st_mtime_ns for path in store.glob("condensed/**/*.parquet")}
    assert made
    opened(store, DEFAULT_SHOP, ShopSettings())
    assert made == {path: path.stat().st_mtime_ns for path in made}


def test_the_same_file_again_is_recognised(store: Path) -> None:
    twice = [("a.csv", chats(ASKS)), ("copy of a.csv", chats(ASKS))]
    first, second = plan_files(store, twice)
    added = accept(store, first, "ann")
    # Planned before the first was accepted, and still not added twice.
    assert accept(store, second, "ann").recognised == added.added
    assert uploads(store).height == 1
    (third,) = plan_files(store, twice[:1])
    assert not third.ready
    assert third.parts[0].known_as == added.added[DEFAULT_SHOP]


def test_the_same_bytes_twice_in_a_batch_are_named_before_anything_is_accepted(store: Path) -> None:
    files = [("a.csv", chats(ASKS)), ("b.csv", chats(ASKS, REPLIES)), ("c.csv", chats(ASKS))]
    first, other, again = plan_files(store, files)
    assert [one.same_as for one in (first, other, again)] == [None, None, "a.csv"]
    assert [one.ready for one in (first, other, again)] == [True, True, False]
    assert [one.parts[0].previews[0].new for one in (first, other, again)] == [1, 1, 0]
    assert told(again).as_text().startswith("c.csv: the same bytes as a.csv; nothing to add")
    assert told(again).as_json()["same_as"] == "a.csv"


def test_bytes_of_which_one_name_says_no_day_are_no_twins(store: Path) -> None:
    """What the first name lacks the second says: only a file that is taken has a twin."""
    content = "旺旺账号名称,满意评价量,旺旺评价量\n小一,9,10\n".encode()
    bare, dated = plan_files(store, [("a.csv", content), ("a20250102.csv", content)])
    assert bare.file.error is not None
    assert (dated.same_as, dated.ready) == (None, True)


def test_a_file_uploaded_before_is_not_compared_with_the_store(store: Path) -> None:
    """Rows that a later file changed since would be told as changed back."""
    same = {"order_id": "1", "created_at": MAY_1}
    earlier = a_file(reading("orders", [same | {"title": "a"}]), name="1.csv")
    later = a_file(reading("orders", [same | {"title": "b"}]), name="2.csv")
    for one in (earlier, later):
        accept(store, plan(store, [one])[0], "ann")
    (again,) = plan(store, [earlier])
    (change,) = again.parts[0].previews
    assert again.recognised
    assert (change.new, change.updated, change.unchanged) == (0, 0, 1)


def test_overlapping_halves_in_any_order_are_the_whole(store: Path, tmp_path: Path) -> None:
    lines = [f",小王,小美,买家,2024-05-0{day} 09:00:00,{day}" for day in range(1, 7)]
    for place, files in (
        (store, [chats(*lines)]),
        (tmp_path / "halves", [chats(*lines[2:]), chats(*lines[:4]), chats(*lines)]),
    ):
        for nth, content in enumerate(files):
            (one,) = plan_files(place, [(f"{nth}.csv", content)])
            accept(place, one, "ann")
    rows = [
        scan(place, "messages", DEFAULT_SHOP).collect().sort(pl.all())
        for place in (store, tmp_path / "halves")
    ]
    assert rows[0].equals(rows[1])
    assert rows[0].height == 6


def test_a_file_that_cannot_be_read_carries_its_reason(store: Path) -> None:
    bad, good = plan_files(store, [("a.csv", b"what,is,this\n1,2,3\n"), ("b.csv", chats(ASKS))])
    assert not bad.ready
    assert good.ready
    with pytest.raises(ExportError, match=r"a\.csv"):
        accept(store, bad, "ann")
    assert shops(store) == []


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param(
            [",小王,小美,买家,yesterday,在吗", ",小王,小美,谁,2024-05-01 09:00:00,在吗"],
            "not one of its 2 rows .* 1 × not a time; 1 × a word that is not in the list",
            id="every row is set aside",
        ),
        pytest.param([], "no row under the headings", id="there is none"),
    ],
)
def test_a_file_of_which_no_row_is_taken_is_refused(
    store: Path, lines: list[str], reason: str
) -> None:
    (one,) = plan_files(store, [("聊天.csv", chats(*lines))], shop="甲")
    assert not one.ready
    assert not one.recognised
    # What is set aside is still there to be shown and downloaded.
    (part,) = one.parts
    assert [reading.rejected.height for reading in part.readings] == [len(lines)]
    with pytest.raises(ExportError, match=reason):
        accept(store, one, "ann")
    assert not store.exists()


def test_bytes_that_gave_no_row_may_be_read_anew(store: Path) -> None:
    """Earlier versions kept an upload without rows, and took the same bytes for known."""
    content = chats(ASKS)
    digest = sha256(content).hexdigest()
    lost = Reading(**{**vars(of_shops()), "rejected": set_aside(2)})
    commit(store, [lost], shop="甲", file_name="a.csv", sha256=digest, uploaded_by="ann")
    (one,) = plan_files(store, [("a.csv", content)], shop="甲")
    assert one.ready
    assert accept(store, one, "ann").rows_accepted == 1
    assert scan(store, "messages", "甲").collect().height == 1
