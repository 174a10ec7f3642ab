import os
from pathlib import Path

import pytest

from intake.watch import finished_files, take_in
from store.tables import scan, shops

RATINGS = (
    "订单编号,买家,评价时间,描述相符,服务态度,物流服务,评价内容\n"
    "1001,ann,2025-01-09 20:15:00,5,5,4,\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    watched = tmp_path / "inbox"
    watched.mkdir()
    return watched


def ratings_held(store: Path) -> int:
    return sum(scan(store, "ratings", shop).collect().height for shop in shops(store))


def test_a_finished_file_is_imported_and_put_away(folder: Path, store: Path) -> None:
    (folder / "ratings.csv").write_text(RATINGS, encoding="utf-8")
    (path,) = finished_files(folder, once=True)
    take_in(store, path, shop=None, by="robot")
    assert ratings_held(store) == 1
    assert [str(file.relative_to(folder)) for file in folder.rglob("*.*")] == ["done/ratings.csv"]


@pytest.mark.parametrize("name", ["~$ratings.csv", "ratings.csv.part", ".ratings.csv"])
def test_a_file_that_is_still_written_is_left_alone(folder: Path, name: str) -> None:
    (folder / name).write_text(RATINGS, encoding="utf-8")
    assert list(finished_files(folder, once=True)) == []


def test_a_refused_file_lies_beside_its_reason(folder: Path, store: Path) -> None:
    (folder / "letter.csv").write_text("谢谢,再见\n1,2\n", encoding="utf-8")
    take_in(store, folder / "letter.csv", shop=None, by="robot")
    assert (folder / "refused" / "letter.csv").exists()
    assert "letter.csv" in (folder / "refused" / "letter.csv.txt").read_text(encoding="utf-8")
    assert shops(store) == []


def test_a_file_with_cells_emptied_lies_beside_what_was_emptied(folder: Path, store: Path) -> None:
    (folder / "ratings.csv").write_text(RATINGS.replace("5,5,4", "5,5,9"), encoding="utf-8")
    take_in(store, folder / "ratings.csv", shop=None, by="robot")
    assert ratings_held(store) == 1
    said = (folder / "done" / "ratings.csv.txt").read_text(encoding="utf-8")
    assert "1 x stars go from 1 to 5: row 2 (物流服务 “9”)" in said


def test_a_file_of_which_no_row_is_taken_is_refused(folder: Path, store: Path) -> None:
    (folder / "ratings.csv").write_text(RATINGS.replace("2025-01-09", "gestern"), encoding="utf-8")
    told = take_in(store, folder / "ratings.csv", shop=None, by="robot")
    reason = (folder / "refused" / "ratings.csv.txt").read_text(encoding="utf-8")
    assert reason == told + "\n"
    assert "not one of its 1 rows could be taken" in reason
    assert "1 x not a time: row 2 (评价时间 “gestern 20:15:00”)" in reason
    assert (folder / "refused" / "ratings.csv").exists()
    assert shops(store) == []


def test_dying_before_the_move_doubles_nothing(
    folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ratings.csv").write_text(RATINGS, encoding="utf-8")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(os, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            take_in(store, folder / "ratings.csv", shop=None, by="robot")
    assert ratings_held(store) == 1
    take_in(store, folder / "ratings.csv", shop=None, by="robot")
    assert ratings_held(store) == 1
    assert (folder / "done" / "ratings.csv").exists()


def test_a_second_file_of_one_name_replaces_nothing(folder: Path, store: Path) -> None:
    for stars in ("4", "5"):
        content = RATINGS.replace("5,5,4", f"5,5,{stars}")
        (folder / "ratings.csv").write_text(content, encoding="utf-8")
        take_in(store, folder / "ratings.csv", shop=None, by="robot")
    assert sorted(file.name for file in (folder / "done").iterdir()) == [
        "ratings-2.csv",
        "ratings.csv",
    ]
