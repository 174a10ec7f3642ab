"""The shop's time zone: asked before its first rows where offsets do not fit, kept ever after."""

import json
import os
import pty
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from cli import main
from commands.options import ROOT
from exports.cells.zones import fits, fitting_zones
from store.doctor import doctor
from store.settings import ShopSettings
from store.shop_settings import load_settings, save_settings
from store.tables import scan, shops
from store.uploads import brought_elsewhere, withdraw
from tests.exports.small_files import csv_file

HEADER = ("Name", "Financial Status", "Paid at", "Total", "Created at", "Lineitem name")
NEW_YORK = ("2025-01-10 22:00:00 -0500", "2025-07-10 22:00:00 -0400")


def orders_file(folder: Path, *moments: str, name: str = "orders_export.csv") -> Path:
    rows = [
        (f"#{nth}", "paid", moment, "10.00", moment, "Tea") for nth, moment in enumerate(moments)
    ]
    path = folder / name
    path.write_bytes(csv_file(HEADER, *rows))
    return path


def run(store: Path, command: str, *arguments: object, say: str | None = None) -> Result:
    result = CliRunner().invoke(
        main, [command, "--store", str(store), *map(str, arguments)], input=say
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def created(store: Path) -> list[datetime]:
    return scan(store, "orders", "X").collect().sort("order_id")["created_at"].to_list()


def test_a_first_file_that_does_not_fit_writes_nothing(store: Path, tmp_path: Path) -> None:
    path = orders_file(tmp_path, *NEW_YORK)
    result = run(store, "import", path, "--shop", "X")
    assert result.exit_code == 2
    assert "-04:00, -05:00" in result.stdout
    assert "--zone America/New_York" in result.stdout
    assert shops(store) == []
    (told,) = json.loads(run(store, "import", path, "--shop", "X", "--json").stdout)
    assert "--zone America/New_York" in told["error"]


def test_nothing_of_a_batch_is_written_before_the_zone_is_known(
    store: Path, tmp_path: Path
) -> None:
    here = orders_file(tmp_path, "2025-03-05 10:00:00 +0800", name="a.csv")
    there = orders_file(tmp_path, *NEW_YORK, name="b.csv")
    assert run(store, "import", here, there, "--shop", "X").exit_code == 2
    assert shops(store) == []


def test_the_zone_is_kept_with_the_first_file(store: Path, tmp_path: Path) -> None:
    path = orders_file(tmp_path, *NEW_YORK)
    result = run(store, "import", path, "--shop", "X", "--zone", "America/New_York")
    assert result.exit_code == 0
    assert created(store) == [datetime(2025, 1, 10, 22), datetime(2025, 7, 10, 22)]
    assert load_settings(store, "X").time_zone == "America/New_York"
    # Later files are brought to it without a question, whatever their offsets are.
    more = orders_file(tmp_path, *NEW_YORK, "2025-01-11 04:00:00 +0000", name="more.csv")
    result = run(store, "import", more, "--shop", "X")
    assert result.exit_code == 0
    assert "Times were brought from their own time zone to America/New_York." in result.stdout
    assert created(store)[-1] == datetime(2025, 1, 10, 23)
    # Another zone said for a shop that has one is refused rather than mixed in.
    other = orders_file(tmp_path, *NEW_YORK, name="other.csv")
    other.write_bytes(other.read_bytes() + b"\r\n")
    refused = run(store, "import", other, "--shop", "X", "--zone", "Asia/Tokyo")
    assert refused.exit_code == 2
    assert "the shop X keeps America/New_York" in refused.stdout


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param(["2025-03-05 10:00:00 +0800"], id="the shop's own offset"),
        pytest.param(["2025-03-05 10:00:00"], id="no offset"),
    ],
)
def test_times_that_fit_ask_nothing(store: Path, tmp_path: Path, moments: list[str]) -> None:
    result = run(store, "import", orders_file(tmp_path, *moments), "--shop", "X")
    assert (result.exit_code, created(store)) == (0, [datetime(2025, 3, 5, 10)])
    assert "time zone" not in result.stdout


def test_the_zone_can_be_said_to_stay(store: Path, tmp_path: Path) -> None:
    path = orders_file(tmp_path, "2025-03-05 02:00:00 +0000")
    assert run(store, "import", path, "--shop", "X").exit_code == 2
    assert run(store, "import", path, "--shop", "X", "--zone", "Asia/Shanghai").exit_code == 0
    assert created(store) == [datetime(2025, 3, 5, 10)]


def test_no_zone_is_refused_in_a_sentence(store: Path, tmp_path: Path) -> None:
    for name in ("Mars/Base", "localtime"):
        result = run(store, "import", orders_file(tmp_path, *NEW_YORK), "--zone", name)
        assert result.exit_code == 2
        assert f"'{name}' is no time zone; write it like Asia/Shanghai" in result.stderr


@pytest.mark.parametrize("answer", ["1", "America/New_York", "nowhere\nAmerica/New_York"])
def test_a_person_at_a_terminal_is_asked(store: Path, tmp_path: Path, answer: str) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = [sys.executable, str(ROOT / "cli.py"), "import", "--store", str(store), "--shop", "X"]
    done = subprocess.run(
        [*command, str(orders_file(tmp_path, *NEW_YORK))],
        stdin=theirs, capture_output=True, text=True, check=False,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "1  America/New_York" in done.stderr
    assert created(store)[0] == datetime(2025, 1, 10, 22)


def test_a_watched_folder_asks_with_its_end(store: Path, tmp_path: Path) -> None:
    path = orders_file(tmp_path, *NEW_YORK)
    result = run(store, "watch", tmp_path, "--once", "--shop", "X")
    assert (result.exit_code, path.exists(), shops(store)) == (2, True, [])
    assert "--zone America/New_York" in result.stderr
    zone = ("--zone", "America/New_York")
    assert run(store, "watch", tmp_path, "--once", "--shop", "X", *zone).exit_code == 0
    assert (path.exists(), created(store)[0]) == (False, datetime(2025, 1, 10, 22))


def test_after_a_change_of_zone_the_files_to_upload_again_are_named(
    store: Path, tmp_path: Path
) -> None:
    path = orders_file(tmp_path, "2025-03-05 10:00:00 +0800")
    plain = orders_file(tmp_path, "2025-03-05 10:00:00", name="plain.csv")
    for file in (path, plain):
        assert run(store, "import", file, "--shop", "X").exit_code == 0
    assert brought_elsewhere(store, "X", "Asia/Shanghai").is_empty()
    save_settings(store, "X", ShopSettings(time_zone="Asia/Tokyo"), "test")
    (upload,) = brought_elsewhere(store, "X", "Asia/Tokyo").rows()
    assert upload[1:] == ("orders_export.csv", "Asia/Shanghai")
    (problem,) = (check for check in doctor(store) if check.state == "problem")
    assert "orders_export.csv" in str(problem)
    withdraw(store, upload[0])
    assert run(store, "import", path, "--shop", "X").exit_code == 0
    assert brought_elsewhere(store, "X", "Asia/Tokyo").is_empty()
    assert created(store) == [datetime(2025, 3, 5, 11)]
    assert {check.state for check in doctor(store)} == {"ok"}


def offsets(*told: tuple[datetime, int]) -> pl.DataFrame:
    return pl.DataFrame(told, schema={"utc": pl.Datetime("us"), "offset": pl.Int32}, orient="row")


def test_zones_fit_with_their_summer_time() -> None:
    winter, summer = datetime(2025, 1, 10), datetime(2025, 7, 10)
    both = offsets((winter, 60), (summer, 120))
    assert fits("Europe/Berlin", both)
    assert not fits("Africa/Lagos", both)
    assert fits("Africa/Lagos", offsets((winter, 60)))
    chosen = fitting_zones(both)
    assert "Europe/Paris" in chosen
    assert not {"Africa/Lagos", "Europe/London", "Africa/Cairo"} & {*chosen}


def test_a_shop_that_moved_is_offered_where_it_mostly_was() -> None:
    moved = offsets(
        *((datetime(2025, 1, day), 60) for day in (1, 2, 3)), (datetime(2025, 1, 4), 480)
    )
    assert "Europe/Berlin" in fitting_zones(moved)
    assert fitting_zones(offsets((datetime(2025, 1, 1), 77))) == []
