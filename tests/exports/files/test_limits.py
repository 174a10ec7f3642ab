"""What is too large is refused in words, by a process that stays small."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from commands.options import ROOT
from exports.errors import (
    ExportError,
    TooLargeError,
    TooLongError,
    TooManyCellsError,
    TooManyColumnsError,
    TooManyLinesError,
)
from exports.files import limits
from exports.reading import read_file
from intake import batch
from intake.watch import take_in
from tests.exports.attacks import ATTACKS, HEADER, sheet
from tests.exports.small_files import csv_file, xlsx_file, zip_file

#: Megabytes a process that reads all of them may have held at any time; it starts with 150.
MOST_MEMORY = 1000
#: Seconds after which a reading that never ends is ended.
BOUND = 120
#: Told for each file: the peak of memory so far, and what was said of it. A regression ends at
#: 6 GB, before the machine does.
READ_ALL = """
import re, resource
resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))
from exports.errors import ExportError
from exports.reading import read_file
from tests.exports.attacks import ATTACKS
for name, attack in ATTACKS.items():
    print(name, end=": ", flush=True)
    try:
        said = f"read {len(read_file('a.csv', attack()))}"
    except ExportError as refused:
        said = f"{type(refused).__name__} {refused}"
    peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
    print(int(peak) // 1024, said, flush=True)
"""
ORDERS = csv_file(HEADER, ["100000000000000001", "ann", "2025-01-02 09:01:02"])


def test_no_file_takes_all_memory() -> None:
    process = subprocess.run(
        [sys.executable, "-c", READ_ALL],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "POLARS_MAX_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=BOUND,
        check=False,
    )
    told = dict(line.split(": ", 1) for line in process.stdout.splitlines())
    assert process.returncode == 0, (process.stdout[-500:], process.stderr[-2000:])
    assert list(told) == list(ATTACKS)
    large = {name: said for name, said in told.items() if int(said.split()[0]) > MOST_MEMORY}
    taken = {name: said for name, said in told.items() if said.split()[1] == "read"}
    assert (large, taken) == ({}, {})


@pytest.mark.parametrize(
    ("limit", "value", "fits", "too_much", "error", "says"),
    [
        pytest.param("MAX_BYTES", len(ORDERS), ORDERS, ORDERS + b"\n", TooLargeError,
            "unpacked it is 1 MB", id="size of a text"),
        pytest.param("MAX_BYTES", len(ORDERS) + 9, zip_file({"a.csv": ORDERS, "b.csv": b"x" * 9}),
            zip_file({"a.csv": ORDERS, "b.csv": b"x" * 10}), TooLargeError,
            "unpacked it is 1 MB", id="size of an archive"),
        pytest.param("MAX_COLUMNS", 3, ORDERS, ORDERS + b"1,2,3,4\n", TooManyColumnsError,
            "row 3: there are 4 columns, and up to 3", id="columns of a text"),
        pytest.param("MAX_COLUMNS", 3, xlsx_file({"a": [HEADER, ["1", "ann", "2025-01-02"]]}),
            xlsx_file({"a": [HEADER, ["1", "ann", "2025-01-02", "x"]]}), TooManyColumnsError,
            "row 2: there are 4 columns, and up to 3", id="columns of a workbook"),
        pytest.param("MAX_CELLS", 6, ORDERS, ORDERS + b"2,bob,2025-01-02\n", TooManyCellsError,
            "3 rows of 3 columns are 9 cells, and up to 6", id="cells of a text"),
        pytest.param("MAX_CELLS", 6, ORDERS.replace(b"ann", b'"an\n\nn"'),
            ORDERS + b'2,"b\n\n\nob",2025-01-02\n', TooManyCellsError,
            "3 rows of 3 columns are 9 cells, and up to 6", id="lines inside a cell are no rows"),
        pytest.param("MAX_SHEET_CELLS", 9,
            xlsx_file({"a": [HEADER, ["1", "ann", "2025-01-02"]], "b": [["x", "y", "z"]]}),
            xlsx_file({"a": [HEADER, ["1", "ann", "2025-01-02"]], "b": [["x", "y", "z", "w"]]}),
            TooManyCellsError, "1 rows of 4 columns are 4 cells", id="cells of all sheets"),
        pytest.param("MAX_LENGTH", 60, ORDERS, ORDERS + b"x" * 61 + b"\n", TooLongError,
            "row 3: a line or cell is longer than 60", id="a line"),
        pytest.param("MAX_LENGTH", 60, ORDERS.replace(b"\r\n", b"\r"),
            ORDERS.replace(b"\r\n", b"\r") + b"x" * 61, TooLongError,
            "row 3: a line or cell is longer than 60", id="a line with old line ends"),
    ],
)  # fmt: skip
def test_a_file_at_a_limit_is_read_and_one_past_it_is_refused(
    limit: str,
    value: int,
    fits: bytes,
    too_much: bytes,
    error: type[ExportError],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, limit, value)
    assert read_file("a.csv", fits)
    with pytest.raises(error, match=says):
        read_file("a.csv", too_much)


def test_a_chat_of_too_many_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = "店铺:ann 2025-01-02 09:01:02\nhi\nbob 2025-01-02 09:01:05\nho\n"
    monkeypatch.setattr(limits, "MAX_LINES", 4)
    assert read_file("chat.txt", chat.encode())
    with pytest.raises(TooManyLinesError, match="has 5 lines, and up to 4"):
        read_file("chat.txt", chat.encode() + b"\x0c")


def test_a_large_text_that_nobody_knows_is_refused_by_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The cells past the beginning are never made: there are more than may be."""
    rows = csv_file(["谢谢", "再见"], *[["1", "2"]] * 100_000)
    monkeypatch.setattr(limits, "MAX_CELLS", 150_000)
    with pytest.raises(TooManyCellsError):
        read_file("letter.csv", ORDERS + rows)
    with pytest.raises(ExportError, match="no known export has these headers"):
        read_file("letter.csv", rows)


def test_a_folder_and_the_command_refuse_a_file_before_they_read_it(
    tmp_path: Path, store: Path
) -> None:
    path = tmp_path / "orders.csv"
    with path.open("wb") as sparse:
        sparse.truncate(8 * limits.MAX_BYTES)
    (plan,) = batch.plan_files(store, [(path.name, path)])
    assert isinstance(plan.file.error, TooLargeError)
    assert "4000 MB, and up to 500 MB" in take_in(store, path, shop=None, by="test")
    assert (tmp_path / "refused" / path.name).exists()
    assert not store.exists()


def test_nothing_is_uploaded_that_is_too_large_to_read() -> None:
    looks = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert looks["server"]["maxUploadSize"] * limits.MEGABYTE == limits.MAX_BYTES


def test_cells_without_a_place_are_read_where_they_stand() -> None:
    cell = '<c t="inlineStr"><is><t>%s</t></is></c>'
    rows = [HEADER, ["100000000000000001", "ann", "2025-01-02 09:01:02"]]
    xml = "".join(f"<row>{''.join(cell % text for text in row)}</row>" for row in rows)
    (reading,) = read_file("a.xlsx", sheet(xml.encode()))
    assert reading.rows.height == 1
