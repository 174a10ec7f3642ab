import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given
from polars.testing import assert_frame_equal

from store.doctor import doctor
from store.errors import NoSuchUploadError
from store.tables import scan, shop_tables, shops
from store.uploads import UploadPreview, already_uploaded, preview, rejected, uploads, withdraw
from tests.frames import MAY_1
from tests.store.feeds import SHOP, order_rows, reading, row, set_aside, upload

DAY = timedelta(days=1)
PAID: dict[str, Any] = {"order_id": "1", "created_at": MAY_1, "status": "paid"}
DONE = {**PAID, "status": "finished"}
OTHER: dict[str, Any] = {"order_id": "2", "created_at": MAY_1 + DAY, "status": "paid"}


def counts(store: Path, *rows: dict[str, Any]) -> tuple[int, int, int]:
    (seen,) = preview(store, [reading("orders", rows)], shop=SHOP)
    return seen.new, seen.updated, seen.unchanged


def test_a_new_row_is_there_with_where_it_came_from(store: Path) -> None:
    upload_id = upload(store, reading("orders", [PAID, OTHER]), sha="a")
    assert order_rows(store, "status", "month", "upload_id", "sequence", "source_row") == [
        ("1", "paid", "2024-05", upload_id, 1, 2),
        ("2", "paid", "2024-05", upload_id, 1, 3),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([OTHER], (1, 0, 0), id="a key not seen is new"),
        pytest.param([DONE], (0, 1, 0), id="another value is an update"),
        pytest.param([PAID], (0, 0, 1), id="the same row is unchanged"),
        pytest.param([{**PAID, "buyer": "ann"}], (0, 1, 0), id="null to value is an update"),
        pytest.param([{**PAID, "title": "乙"}, PAID], (0, 0, 1), id="of one key the last counts"),
        pytest.param([DONE, PAID], (0, 1, 0), id="of one key the one that got further counts"),
        pytest.param([PAID, DONE, OTHER], (1, 1, 0), id="all kinds at once"),
        pytest.param([], (0, 0, 0), id="no rows"),
        pytest.param([{**PAID, "created_at": MAY_1 - 9 * DAY}], (0, 1, 0), id="another month"),
        pytest.param([{**PAID, "created_at": None}], (0, 1, 0), id="no date"),
    ],
)
def test_preview_counts_what_a_commit_then_does(
    store: Path, rows: list[dict[str, Any]], expected: tuple[int, int, int]
) -> None:
    upload(store, reading("orders", [PAID]), sha="a")
    assert counts(store, *rows) == expected
    upload(store, reading("orders", rows), sha="b")
    assert len(order_rows(store)) == 1 + expected[0]
    # Read once more, the file changes nothing.
    assert counts(store, *rows)[:2] == (0, 0)


def test_the_later_upload_wins_and_a_withdrawal_brings_the_earlier_back(store: Path) -> None:
    first = upload(store, reading("orders", [PAID, OTHER]), sha="a")
    second = upload(store, reading("orders", [DONE]), sha="b")
    assert order_rows(store, "status", "upload_id") == [
        ("1", "finished", second),
        ("2", "paid", first),
    ]
    withdraw(store, second)
    assert order_rows(store, "status", "upload_id") == [("1", "paid", first), ("2", "paid", first)]
    assert uploads(store)["upload_id"].to_list() == [first]


UNPAID: dict[str, Any] = {"order_id": "1", "created_at": MAY_1, "status": "unpaid"}
WITH_TIME: dict[str, Any] = {**PAID, "paid_at": MAY_1 + DAY, "paid_fen": 900}
CLOSED: dict[str, Any] = {**UNPAID, "status": "closed"}
GIVEN_BACK: dict[str, Any] = {**WITH_TIME, "status": "closed", "refund_fen": 900}


@pytest.mark.parametrize(
    ("known", "older"),
    [
        pytest.param(PAID, UNPAID, id="paid does not become unpaid"),
        pytest.param(DONE, PAID, id="finished does not become paid"),
        pytest.param(CLOSED, UNPAID, id="closed does not open"),
        pytest.param(WITH_TIME, CLOSED, id="paid does not become closed without a payment"),
        pytest.param(GIVEN_BACK, {**WITH_TIME, "status": "finished"}, id="refunded and closed"),
        pytest.param(WITH_TIME, PAID, id="a payment time is not lost"),
        pytest.param({**WITH_TIME, "refund_fen": 100}, WITH_TIME, id="nor money given back"),
        pytest.param(PAID, {**PAID, "status": "unknown"}, id="a word nobody knows is no news"),
        pytest.param(
            {**WITH_TIME, "status": "unknown"}, UNPAID, id="a payment time says paid by itself"
        ),
    ],
)
def test_an_older_file_moves_no_row_backwards(
    store: Path, known: dict[str, Any], older: dict[str, Any]
) -> None:
    older = {**older, "title": "旧"}
    first = upload(store, reading("orders", [known]), sha="a")
    (seen,) = preview(store, [reading("orders", [older, OTHER])], shop=SHOP)
    assert (seen.new, seen.updated, seen.unchanged, seen.behind) == (1, 0, 0, 1)
    second = upload(store, reading("orders", [older, OTHER]), sha="b")
    assert order_rows(store, "status", "title", "upload_id")[0] == (
        *("1", known["status"], None),
        first,
    )
    # The other way round it is an update; and what went back is there once the other is gone.
    withdraw(store, first)
    assert order_rows(store, "title", "upload_id")[0] == ("1", "旧", second)
    (seen,) = preview(store, [reading("orders", [known])], shop=SHOP)
    assert (seen.updated, seen.behind) == (1, 0)
    again = upload(store, reading("orders", [known]), sha="c")
    assert order_rows(store, "title", "upload_id")[0] == ("1", None, again)


def test_a_refund_that_ended_does_not_reopen(store: Path) -> None:
    def outcome() -> str:
        assert {check.state for check in doctor(store)} == {"ok"}
        return str(scan(store, "refunds", SHOP).collect()["outcome"].item())

    asked: dict[str, Any] = {"refund_id": "r", "order_id": "1", "asked_at": MAY_1}
    ids = []
    for nth, said in enumerate(("closed", "open", "success", "closed")):
        ids.append(upload(store, reading("refunds", [{**asked, "outcome": said}]), sha=f"{nth}"))
        assert outcome() == ("success" if nth > 1 else "closed")
    # What a withdrawal leaves is again the furthest, not the latest.
    for nth, left in ((2, "closed"), (3, "closed"), (0, "open")):
        withdraw(store, ids[nth])
        assert outcome() == left


def test_files_of_one_batch_see_how_far_earlier_ones_bring_a_row(store: Path) -> None:
    upload(store, reading("orders", [DONE]), sha="a")
    batch = [reading("orders", [row]) for row in (PAID, {**DONE, "title": "乙"}, UNPAID, DONE)]
    seen = preview(store, batch, shop=SHOP)
    assert [(each.updated, each.behind) for each in seen] == [(0, 1), (1, 0), (0, 1), (1, 0)]


def test_withdrawing_an_earlier_upload_leaves_the_later_rows(store: Path) -> None:
    first = upload(store, reading("orders", [PAID, OTHER]), sha="a")
    second = upload(store, reading("orders", [DONE]), sha="b")
    withdraw(store, first)
    assert order_rows(store, "status", "upload_id") == [("1", "finished", second)]


def test_an_unchanged_row_stays_when_the_upload_that_brought_it_first_goes(store: Path) -> None:
    first = upload(store, reading("orders", [PAID]), sha="a")
    second = upload(store, reading("orders", [PAID, OTHER]), sha="b")
    assert order_rows(store, "upload_id") == [("1", first), ("2", second)]
    withdraw(store, first)
    assert order_rows(store, "upload_id") == [("1", second), ("2", second)]


def test_an_order_stays_in_the_month_where_it_lives(store: Path) -> None:
    upload(store, reading("orders", [PAID]), sha="a")
    june = {**DONE, "created_at": datetime(2024, 6, 3)}
    second = upload(store, reading("orders", [june]), sha="b")
    assert order_rows(store, "month", "created_at") == [("1", "2024-05", datetime(2024, 6, 3))]
    withdraw(store, second)
    assert order_rows(store, "month", "created_at") == [("1", "2024-05", MAY_1)]


def test_the_same_bytes_add_nothing(store: Path) -> None:
    first = upload(store, reading("orders", [PAID]), sha="a")
    assert already_uploaded(store, "a".ljust(64, "0"), shop=SHOP) == first
    assert upload(store, reading("orders", [PAID]), sha="a") == first
    assert uploads(store).height == 1


def test_the_same_bytes_count_again_for_another_shop_and_after_a_withdrawal(store: Path) -> None:
    first = upload(store, reading("orders", [PAID]), sha="a")
    other = upload(store, reading("orders", [PAID]), sha="a", shop="二店")
    withdraw(store, first)
    assert already_uploaded(store, "a".ljust(64, "0"), shop=SHOP) is None
    again = upload(store, reading("orders", [PAID]), sha="a")
    assert len({first, other, again}) == 3
    assert order_rows(store, "upload_id") == [("1", again)]
    assert order_rows(store, "upload_id", shop="二店") == [("1", other)]
    assert shops(store) == ["二店", SHOP]


def test_shops_do_not_touch_each_other(store: Path) -> None:
    upload(store, reading("orders", [PAID]), sha="a")
    second = upload(store, reading("orders", [DONE]), sha="b", shop="二店")
    assert order_rows(store, "status") == [("1", "paid")]
    withdraw(store, second)
    assert order_rows(store, "status") == [("1", "paid")]
    assert order_rows(store, shop="二店") == []


def test_one_file_feeds_several_tables_and_its_withdrawal_empties_all(store: Path) -> None:
    chat = {"buyer": "ann", "sent_at": MAY_1, "sender": "buyer"}
    parts = [reading("orders", [PAID]), reading("messages", [chat]), reading("orders", [OTHER])]
    upload_id = upload(store, *parts, sha="a")
    held = uploads(store).select("table", "rows_accepted", "first_day", "last_day").rows()
    assert held == [
        ("messages", 1, date(2024, 5, 1), date(2024, 5, 1)),
        ("orders", 2, date(2024, 5, 1), date(2024, 5, 2)),
    ]
    withdraw(store, upload_id)
    for table in ("orders", "messages"):
        assert scan(store, table, SHOP).collect().is_empty()
    assert uploads(store).is_empty()


def test_rows_set_aside_are_kept_until_their_upload_goes(store: Path) -> None:
    first = upload(store, reading("orders", [PAID], rejected=set_aside(7, 3)), sha="a")
    second = upload(store, reading("orders", [], rejected=set_aside(5)), sha="b")
    assert rejected(store, shop=SHOP)["source_row"].to_list() == [3, 7, 5]
    assert rejected(store, first)["source_row"].to_list() == [3, 7]
    assert rejected(store, shop="二店").is_empty()
    assert uploads(store)["rows_rejected"].to_list() == [1, 2]
    withdraw(store, first)
    assert rejected(store)["upload_id"].to_list() == [second]


def test_withdrawing_what_is_not_there_says_so(store: Path) -> None:
    with pytest.raises(NoSuchUploadError, match="no upload 000009-x"):
        withdraw(store, "000009-x")


@pytest.mark.parametrize("folder", ["店铺 体检 100%", "a b/c+d", "plain"])
@pytest.mark.parametrize("shop", ["晨光/旗舰店=1", 'O\'Neil "shop" %41', "二十个字的店铺名" * 4])
def test_any_folder_and_any_shop_name(tmp_path: Path, folder: str, shop: str) -> None:
    store = tmp_path / folder
    upload(store, reading("orders", [PAID]), sha="a", shop=shop)
    second = upload(store, reading("orders", [DONE]), sha="b", shop=shop)
    assert order_rows(store, "status", shop=shop) == [("1", "finished")]
    withdraw(store, second)
    assert order_rows(store, "status", shop=shop) == [("1", "paid")]
    assert max(len(path.name) for path in store.rglob("*")) < 60


def test_what_comes_back_is_what_went_in(store: Path) -> None:
    rows = [
        {"order_id": "1", "rated_at": datetime(2024, 5, 1, 23, 59, 59, 999999), "service": 5},
        {"order_id": "2", "rated_at": MAY_1, "nth": 1, "comment": '好\n评,"“', "logistics": 1},
    ]
    given = reading("ratings", rows)
    upload(store, given, sha="a")
    back = shop_tables(store, SHOP).ratings.collect().sort("order_id")
    assert back.schema["rated_at"] == pl.Datetime("us")
    assert_frame_equal(
        back.drop("shop"), given.rows.drop("shop_name", "source_row"), check_column_order=False
    )
    assert back["shop"].unique().to_list() == [SHOP]


def test_a_wrong_reading_is_refused_before_anything_is_written(store: Path) -> None:
    upload(store, reading("orders", [PAID]), sha="a")
    wrong = replace(reading("orders", [OTHER]), rows=pl.DataFrame({"order_id": ["1"]}))
    with pytest.raises(ValueError, match="lack or mistype"):
        upload(store, reading("messages", []), wrong, sha="b")
    assert order_rows(store) == [("1",)]
    assert uploads(store).height == 1


batches = st.lists(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(1, 40)), max_size=4),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("table", ["orders", "messages", "ratings"])
@given(batches)
@hypothesis.settings(max_examples=8, deadline=None)
def test_a_batch_is_foretold_as_it_comes(
    table: str, batch: list[list[tuple[int, int, int]]]
) -> None:
    """What one file brings is there for the next, before any is accepted as afterwards."""
    files = [
        reading(table, [row(table, nth, value=value, day=day) for nth, value, day in rows])
        for rows in batch
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        foretold = [
            changes(preview(store, [each], shop=SHOP, after=files[:place]))
            for place, each in enumerate(files)
        ]
        met = []
        for place, each in enumerate(files):
            met.append(changes(preview(store, [each], shop=SHOP)))
            upload(store, each, sha=str(place))
        assert foretold == met
        held = scan(store, table, SHOP).select(pl.len()).collect().item()
        assert sum(new for new, _updated, _unchanged in foretold) == held


def test_sheets_of_one_file_count_a_row_once(store: Path) -> None:
    one, same = (reading("orders", [row("orders", 0)], sheet=name) for name in ("a", "b"))
    assert [changes([each]) for each in preview(store, [one, same], shop=SHOP)] == [
        (1, 0, 0),
        (0, 0, 1),
    ]


def test_an_empty_sheet_beside_a_full_one_is_no_hindrance(store: Path) -> None:
    upload(store, reading("orders", [], sheet="a"), reading("orders", [PAID], sheet="b"), sha="1")
    assert len(order_rows(store)) == 1


def changes(previews: list[UploadPreview]) -> tuple[int, int, int]:
    (one,) = previews
    return one.new, one.updated, one.unchanged
