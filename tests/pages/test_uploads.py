from datetime import date, datetime
from pathlib import Path

from streamlit.testing.v1 import AppTest

from exports.templates import template_file
from intake.own_layouts import kept_layouts
from store.shop_settings import load_settings
from store.tables import scan, shop_tables, shops
from store.uploads import rejected, uploads
from tests.exports.small_files import csv_file, zip_file
from tests.pages.shops import opened, said

UPLOADS = "records/uploads"
#: Nothing in it says which of the two is the shop's.
OPEN_CHAT = "".join(
    f"{nick} 2025-3-1 9:0{n}:00\n{text}\n"
    for n, (nick, text) in enumerate(
        [("tb000000001", "在吗"), ("小美", "在的，电话13800138000"), ("tb000000001", "好")]
    )
).encode()


def dropped(name: str, content: bytes):  # type: ignore[no-untyped-def]
    at = opened(UPLOADS, lang="en")
    at.file_uploader[0].upload(name, content).run()
    assert not at.exception
    return at


def test_a_file_is_previewed_before_anything_is_written(store: Path) -> None:
    at = dropped(*template_file("messages", "zh"))
    preview = at.dataframe[0].value
    assert preview[["Table", "New", "Set aside"]].to_numpy().tolist() == [["Chats", 2, 0]]
    assert uploads(store).is_empty()


def test_accepting_writes_and_shows_the_shop(store: Path) -> None:
    at = dropped(*template_file("messages", "zh"))
    at.button(key="uploads_accept").click().run()
    assert not at.exception
    assert at.success[0].value == "1 files were added to 示例店."
    assert scan(store, "messages", "示例店").collect().height == 2
    assert at.query_params["shop"] == "示例店"


def test_discarding_forgets_the_file(store: Path) -> None:
    at = dropped(*template_file("messages", "zh"))
    at.button(key="uploads_discard").click().run()
    assert not at.exception
    assert uploads(store).is_empty()
    assert "Before anything is written" not in said(at)


def test_the_same_file_again_has_nothing_to_add(store: Path) -> None:
    at = dropped(*template_file("messages", "zh"))
    at.button(key="uploads_accept").click().run()
    again = dropped(*template_file("messages", "zh"))
    assert "the same file was uploaded before" in said(again)
    assert again.button(key="uploads_accept").disabled


def test_a_row_that_cannot_be_read_is_set_aside_and_told(store: Path) -> None:
    name, content = template_file("messages", "en")
    broken = content.replace(b"2025-01-02 09:01:30", b"half past nine")
    at = dropped(name, broken)
    assert at.dataframe[1].value[["Row", "Value", "Reason"]].to_numpy().tolist() == [
        [3, "half past nine", "not a time"]
    ]
    at.button(key="uploads_accept").click().run()
    assert not at.exception
    assert rejected(store)["value"].to_list() == ["half past nine"]
    assert "Rows of this upload that were set aside: 1" in said(at)


def test_a_cell_that_cannot_be_is_emptied_and_told(store: Path) -> None:
    name, content = template_file("ratings", "en")
    lines = content.decode("utf-8-sig").splitlines()
    at_service = lines[0].split(",").index("service")
    cells = lines[1].split(",")
    cells[at_service] = "6"
    broken = "\r\n".join([lines[0], ",".join(cells), *lines[2:]]).encode()
    at = dropped(name, broken)
    assert at.dataframe[0].value[["Set aside"]].to_numpy().tolist() == [[0]]
    told = [[2, "service", "6", "stars go from 1 to 5"]]
    columns = ["Row", "Column", "Value", "Reason"]
    assert at.dataframe[1].value[columns].to_numpy().tolist() == told
    (title,) = [box.label for box in at.expander]
    assert title.startswith("1 cells will be emptied")
    at.button(key="uploads_accept").click().run()
    assert not at.exception
    assert "Cells of this upload that were emptied, in rows that were taken: 1" in said(at)
    assert "Rows of this upload that were set aside" not in said(at)


def test_a_file_that_is_no_table_is_refused_in_a_sentence(store: Path) -> None:
    at = dropped("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(50))
    assert at.error[0].value.startswith("photo.csv: this is")
    assert at.button(key="uploads_accept").disabled


def test_the_readable_files_of_an_archive_are_offered_and_the_other_is_named(store: Path) -> None:
    name, content = template_file("messages", "zh")
    at = dropped("月报.zip", zip_file({name: content, "photo.csv": b"\x89PNG\r\n\x1a\n"}))
    assert at.dataframe[0].value["New"].to_list() == [2]
    assert "One file of the archive was not read, the others were: 月报.zip/photo.csv" in said(at)
    at.button(key="uploads_accept").click().run()
    assert scan(store, "messages", "示例店").collect().height == 2


def test_unknown_headings_are_mapped_by_hand_and_remembered(store: Path) -> None:
    rows = "Nr,Kunde,Sterne\n" + "".join(f"{n},k{n},5\n" for n in range(30))
    content = rows.replace("Sterne", "Sterne,Zeit").replace(",5\n", ",5,2025-01-02 10:00:00\n")
    at = dropped("meine.csv", content.encode())
    key = next(box.key for box in at.selectbox if str(box.key).startswith("uploads_map_table_"))
    at.selectbox(key=key).set_value("ratings").run()
    sha = key.removeprefix("uploads_map_table_")
    picks = {"order_id": "Nr", "buyer": "Kunde", "service": "Sterne", "rated_at": "Zeit"}
    for column, heading in picks.items():
        at.selectbox(key=f"uploads_map_{sha}_ratings_{column}").set_value(heading)
    at.run()
    at.button(key=f"uploads_map_save_{sha}").click().run()
    assert not at.exception
    assert at.dataframe[0].value["New"].to_list() == [30]
    assert not dropped("andere.csv", content.encode() + b"99,z,4,2025-01-03 10:00:00\n").error


#: Orders of a back office of one's own; who wrote it calls a state what nobody else does.
OWN_ORDERS = "Nr,Wann,Bezahlt,Stand,Ort\n" + "".join(
    f"{n},2025-01-0{n} 10:00:00,10.00,{state},浙江省 杭州市 示例路{n}号 13800138000\n"
    for n, state in enumerate(["fertig", "fertig", "wartet", "交易成功"], 1)
)
OWN_COLUMNS = {
    **{"order_id": "Nr", "created_at": "Wann", "paid_fen": "Bezahlt"},
    **{"status": "Stand", "region": "Ort"},
}


def mapped(at: AppTest, table: str, picks: dict[str, str]) -> str:
    """Says what the columns are; the digest that the form's keys end in."""
    prefix = "uploads_map_table_"
    key = next(str(box.key) for box in at.selectbox if str(box.key).startswith(prefix))
    at.selectbox(key=key).set_value(table).run()
    sha = key.removeprefix(prefix)
    for column, heading in picks.items():
        at.selectbox(key=f"uploads_map_{sha}_{table}_{column}").set_value(heading)
    at.run()
    assert not at.exception
    return sha


def test_status_words_are_asked_for_and_no_row_is_lost(store: Path) -> None:
    at = dropped("bestellungen.csv", OWN_ORDERS.encode())
    sha = mapped(at, "orders", OWN_COLUMNS)
    asked = [box.label for box in at.selectbox if f"{sha}_orders_status_" in str(box.key)]
    assert asked == ["fertig", "wartet"]
    assert "A word that you leave open counts as: unknown." in said(at)
    at.selectbox(key=f"uploads_map_{sha}_orders_status_fertig").set_value("finished").run()
    assert "4 of 4 rows will be read" in said(at)
    at.button(key=f"uploads_map_save_{sha}").click().run()
    assert not at.exception
    assert at.dataframe[0].value[["New", "Set aside"]].to_numpy().tolist() == [[4, 0]]
    assert "kept as unknown: wartet" in said(at)
    at.button(key="uploads_accept").click().run()
    orders = scan(store, "orders", "店铺").sort("order_id").collect()
    assert orders["status"].to_list() == ["finished", "finished", "unknown", "finished"]
    assert orders["paid_fen"].to_list() == [1000] * 4
    assert orders["region"].to_list() == ["浙江省"] * 4


def test_a_mapping_that_takes_no_row_is_told_and_cannot_be_saved(store: Path) -> None:
    at = dropped("bestellungen.csv", OWN_ORDERS.encode())
    sha = mapped(at, "orders", OWN_COLUMNS | {"created_at": "Stand"})
    (warned,) = at.warning
    assert warned.value == "0 of 4 rows will be read; set aside: 4 × not a time"
    assert at.button(key=f"uploads_map_save_{sha}").disabled
    assert at.button(key="uploads_accept").disabled

    at.selectbox(key=f"uploads_map_{sha}_orders_created_at").set_value("Wann").run()
    assert "4 of 4 rows will be read" in said(at)
    at.button(key=f"uploads_map_save_{sha}").click().run()
    assert not at.error
    at.button(key="uploads_accept").click().run()
    assert scan(store, "orders", "店铺").collect().height == 4
    assert len(kept_layouts(store)) == 1


def test_numbers_of_an_own_table_say_what_they_count(store: Path) -> None:
    content = "Tag,Wer,Antwort\n2025-01-02,小一,2\n2025-01-03,小一,3\n"
    at = dropped("antworten.csv", content.encode())
    picks = {"day": "Tag", "agent": "Wer", "avg_response_s": "Antwort"}
    sha = mapped(at, "service_days", picks)
    at.selectbox(key=f"uploads_map_unit_{sha}_service_days_avg_response_s").set_value(
        "minute"
    ).run()
    at.button(key=f"uploads_map_save_{sha}").click().run()
    at.button(key="uploads_accept").click().run()
    assert not at.exception
    days = scan(store, "service_days", "店铺").sort("day").collect()
    assert days.select("agent", "avg_response_s").rows() == [("小一", 120.0), ("小一", 180.0)]


def test_a_chat_of_one_line_is_read_where_somebody_says_what_it_is(store: Path) -> None:
    at = dropped("旺旺.txt", "tb000000001 2025-1-2 9:01:02\n在吗\n".encode())
    assert "neither a table nor a chat text" in at.error[0].value
    (box,) = [one for one in at.selectbox if one.label == "This file is"]
    box.set_value("chat_client_text")
    next(button for button in at.button if button.label == "Read again").click().run()
    assert not at.exception
    assert at.dataframe[0].value["New"].to_list() == [1]


def test_withdrawing_asks_first_and_then_takes_the_rows_back(store: Path) -> None:
    at = dropped(*template_file("messages", "zh"))
    at.button(key="uploads_accept").click().run()
    at.button(key="uploads_withdraw").click().run()
    assert uploads(store).height == 1
    at.button(key="uploads_withdraw_sure").click().run()
    assert not at.exception
    assert uploads(store).is_empty()
    assert "was taken back" in said(at)


def test_a_file_without_a_shop_follows_the_one_that_names_it(store: Path) -> None:
    at = opened(UPLOADS, lang="en")
    at.file_uploader[0].upload(*template_file("ratings", "zh"))
    at.file_uploader[0].upload(*template_file("messages", "zh")).run()
    assert not at.exception
    assert set(at.dataframe[0].value["Shop"]) == {"示例店"}


def test_the_zone_of_a_first_file_is_asked_for_and_kept(store: Path) -> None:
    header = ("Name", "Financial Status", "Paid at", "Total", "Created at", "Lineitem name")
    moment = "2025-01-10 22:00:00 -0500"
    at = dropped("orders.csv", csv_file(header, ("#1", "paid", moment, "10", moment, "Tea")))
    assert "its times are -05:00 from universal time" in said(at)
    assert at.button(key="uploads_accept").disabled
    (zone,) = (field for field in at.selectbox if field.label == "Time zone of the shop")
    assert zone.options[0] == "America/New_York"
    at.button(key=next(b.key for b in at.button if b.label == "Read again")).click().run()
    assert not at.exception
    at.button(key="uploads_accept").click().run()
    assert not at.exception
    (shop,) = shops(store)
    assert load_settings(store, shop).time_zone == "America/New_York"
    assert scan(store, "orders", shop).collect()["created_at"].to_list() == [
        datetime(2025, 1, 10, 22)
    ]


def test_rows_older_than_what_is_known_are_told(store: Path) -> None:
    header = ["订单编号", "订单状态", "订单创建时间", "订单付款时间", "总金额"]
    made, paid = "2025-03-05 09:00:00", "2025-03-05 09:01:00"
    newer = csv_file(header, ["1", "交易成功", made, paid, "10.00"])
    at = dropped("newer.csv", newer)
    at.button(key="uploads_accept").click().run()
    at = dropped("older.csv", csv_file(header, ["1", "等待买家付款", made, "", "10.00"]))
    assert at.dataframe[0].value[["Updated", "Older than known"]].to_numpy().tolist() == [[0, 1]]
    assert "1 rows are older than what is known" in said(at)
    at.button(key="uploads_accept").click().run()
    (shop,) = shops(store)
    assert scan(store, "orders", shop).collect()["status"].to_list() == ["finished"]


def test_who_serves_is_asked_and_the_answer_kept(store: Path) -> None:
    """A main account of another name than the shop's: the file does not say who serves."""
    at = dropped("chat.txt", OPEN_CHAT)
    asked = said(at)
    assert "who of these answers for the shop" in asked
    assert "13800138000" not in asked
    at.multiselect[0].select("小美").run()
    at.button(key="uploads_accept").click().run()
    assert not at.exception
    (shop,) = shops(store)
    assert load_settings(store, shop).serving == ("小美",)
    lines = shop_tables(store, shop).messages.sort("sent_at")
    assert lines.select("buyer", "sender").collect().rows() == [
        ("tb000000001", "buyer"),
        ("tb000000001", "agent"),
        ("tb000000001", "buyer"),
    ]


def test_without_an_answer_the_lines_are_taken_and_the_settings_name_them(store: Path) -> None:
    at = dropped("chat.txt", OPEN_CHAT)
    at.button(key="uploads_accept").click().run()
    (shop,) = shops(store)
    assert shop_tables(store, shop).messages.collect().is_empty()
    at.session_state["settings_part"] = "agents"
    at.switch_page("pages/records/settings.py").run()
    assert "tb000000001, 小美" in said(at)


def own_kind(at: AppTest) -> None:
    """A file of orders, its columns matched, accepted."""
    sha = mapped(at, "orders", OWN_COLUMNS)
    at.text_input(key=f"uploads_map_name_{sha}").set_value("Webshop").run()
    at.button(key=f"uploads_map_save_{sha}").click().run()
    at.button(key="uploads_accept").click().run()
    assert not at.exception


def test_an_own_kind_is_listed_by_its_name_changed_deleted_and_brought_back(store: Path) -> None:
    at = opened(UPLOADS, lang="en")
    assert "None yet. When a file is not known" in said(at)
    at = dropped("bestellungen.csv", OWN_ORDERS.encode())
    own_kind(at)
    columns = ["Name", "Table", "Headings", "Files read"]
    listed = next(frame.value for frame in at.dataframe if "Headings" in frame.value)
    assert listed[columns].to_numpy().tolist() == [
        ["Webshop", "Orders", "Nr, Wann, Bezahlt, Stand, Ort", 1]
    ]
    held = next(frame.value for frame in at.dataframe if "Accepted" in frame.value)
    assert held["Layout"].to_list() == ["Webshop"]

    at.button(key="own_edit").click().run()
    (layout,) = kept_layouts(store)
    at.text_input(key=f"own_name_{layout.id}").set_value("Shop im Netz")
    key = f"uploads_map_own_{layout.id}_orders"
    at.multiselect(key=f"uploads_map_words_{key.removeprefix('uploads_map_')}_status").set_value(
        ["fertig"]
    ).run()
    at.selectbox(key=f"{key}_status_fertig").set_value("finished").run()
    at.button(key="own_save").click().run()
    assert not at.exception
    assert "“Shop im Netz” was saved" in said(at)
    (changed,) = kept_layouts(store)
    assert (changed.name, changed.words["status"]["fertig"]) == ("Shop im Netz", "finished")
    assert changed.id == layout.id

    at.button(key="own_delete").click().run()
    assert kept_layouts(store) == []
    assert "“Shop im Netz” was deleted" in said(at)
    held = next(frame.value for frame in at.dataframe if "Accepted" in frame.value)
    assert held["Layout"].to_list() == ["Shop im Netz"]
    at.button(key="own_undo").click().run()
    assert not at.exception
    assert kept_layouts(store) == [changed]


def test_of_two_kinds_with_one_name_the_second_is_given_another(store: Path) -> None:
    own_kind(dropped("bestellungen.csv", OWN_ORDERS.encode()))
    at = dropped("webshop.csv", OWN_ORDERS.replace("Nr,", "Nummer,").encode())
    sha = mapped(at, "orders", OWN_COLUMNS | {"order_id": "Nummer"})
    at.text_input(key=f"uploads_map_name_{sha}").set_value("Webshop").run()
    at.button(key=f"uploads_map_save_{sha}").click().run()
    assert "Another kind of file is called “Webshop”" in said(at)
    assert len(kept_layouts(store)) == 1
    at.text_input(key=f"uploads_map_name_{sha}").set_value("Webshop neu").run()
    at.button(key=f"uploads_map_save_{sha}").click().run()
    assert [one.name for one in kept_layouts(store)] == ["Webshop neu", "Webshop"]


def test_what_is_the_same_in_every_row_and_the_day_are_typed(store: Path) -> None:
    content = b"Empfangen,Antwort\n20,3\n"
    at = dropped("team.csv", content)
    sha = mapped(at, "service_days", {"received_users": "Empfangen", "avg_response_s": "Antwort"})
    assert at.button(key=f"uploads_map_save_{sha}").disabled
    assert "no day is given" in at.warning[0].value
    at.date_input(key=f"uploads_map_day_{sha}").set_value(date(2025, 1, 2))
    at.multiselect(key=f"uploads_map_same_{sha}_service_days").set_value(["agent"]).run()
    at.text_input(key=f"uploads_map_same_{sha}_service_days_agent").set_value("小一").run()
    at.button(key=f"uploads_map_save_{sha}").click().run()
    at.button(key="uploads_accept").click().run()
    assert not at.exception
    rows = scan(store, "service_days", "店铺").collect()
    assert rows.select("day", "scope", "agent", "received_users").rows() == [
        (date(2025, 1, 2), "agent", "小一", 20)
    ]


def test_a_file_dropped_twice_is_named(store: Path) -> None:
    name, content = template_file("messages", "zh")
    at = opened(UPLOADS, lang="en")
    at.file_uploader[0].upload(name, content)
    at.file_uploader[0].upload("copy.xlsx", content).run()
    assert not at.exception
    assert f"copy.xlsx: holds the same bytes as {name}; it is taken once." in said(at)
    assert at.button(key="uploads_accept").label == "Accept 1 files"
