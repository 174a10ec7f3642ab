"""The log: where it lies, who may write it at once, and what never stands in it."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import PIPE

import pytest
from click.testing import CliRunner

from cli import main
from commands.options import ROOT
from intake.watch import take_in
from store.logbook import FILE, keep_log, logger
from store.uploads import withdraw
from tests.frames import MAY_1
from tests.store.feeds import reading, upload

#: The second row is set aside; the third holds stars that cannot be.
RATINGS = (
    "订单编号,买家,评价时间,描述相符,服务态度,物流服务,评价内容\n"
    "1001,ann,2025-01-09 20:15:00,5,5,4,不错\n"
    "1002,bob,gestern,4,5,,\n"
    "1003,cat,2025-01-09 20:15:00,5,9,4,\n"
)
#: Whatever of the file tells of a person, or stands in a cell.
PERSONAL = ("ann", "bob", "cat", "1001", "1002", "1003", "gestern", "不错", "2025-01-09 20:15")


@pytest.fixture(autouse=True)
def kept(store: Path) -> Iterator[None]:
    """This test's store has the log, and no later test writes there."""
    keep_log(store)
    yield
    logging.getLogger("store_health").handlers.clear()


def lines(store: Path) -> list[str]:
    return (store / FILE).read_text(encoding="utf-8").splitlines()


def test_a_line_says_when_who_and_what(store: Path) -> None:
    store.mkdir()
    logger("import").info("%s: %d rows", "a.csv", 3)
    (line,) = lines(store)
    assert line.endswith("store_health.import: a.csv: 3 rows")
    assert " INFO " in line


def test_no_folder_is_made_for_a_line(store: Path) -> None:
    logger("import").warning("nothing to see")
    assert not store.exists()


def test_a_log_that_cannot_be_written_fails_nobody(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store / FILE).mkdir(parents=True)
    logger("import").info("of no weight")
    logger("import").warning("of weight")
    assert capsys.readouterr().err.splitlines()[-1].endswith("of weight")
    assert "of no weight" not in capsys.readouterr().err


def test_a_remote_store_is_told_to_stderr_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    keep_log("s3://bucket/shop")
    logger("import").info("arrived")
    assert capsys.readouterr().err.endswith("store_health.import: arrived\n")
    assert list(tmp_path.iterdir()) == []


def test_processes_that_write_at_once_lose_no_line_while_the_file_is_put_aside(
    store: Path,
) -> None:
    store.mkdir()
    write = (
        "import sys; from store import logbook; logbook.LARGEST, logbook.KEPT = 300, 200\n"
        "logbook.keep_log(sys.argv[1]); print(flush=True); input()\n"
        "for nth in range(100): logbook.logger(sys.argv[2]).info('line %d ends', nth)"
    )
    command = [sys.executable, "-c", write, str(store)]
    names = ("app", "import", "watch")
    with ExitStack() as running:
        writers = [
            running.enter_context(
                subprocess.Popen(
                    [*command, name], cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True
                )
            )
            for name in names
        ]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        # All are ready: off they go together.
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("\n")
            writer.stdin.flush()
        assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    files = [path for path in store.glob(f"{FILE}*") if path.suffix != ".lock"]
    written = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(files) > 3
    assert sorted(line.split("store_health.")[1] for line in written) == sorted(
        f"{name}: line {nth} ends" for name in names for nth in range(100)
    )


def test_an_import_is_logged_by_its_counts(store: Path, tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(RATINGS, encoding="utf-8")
    (tmp_path / "letter.csv").write_text("ann,1001\nbob,1002\n", encoding="utf-8")
    names = [str(tmp_path / name) for name in ("ratings.csv", "letter.csv")]
    CliRunner().invoke(main, ["import", "--store", str(store), *names])
    text = "\n".join(lines(store))
    assert "ratings.csv: 1 uploads, 0 known already; 2 rows accepted, 1 set aside" in text
    assert [word for word in PERSONAL if word in text.replace("ratings", "")] == []
    CliRunner().invoke(main, ["import", "--store", str(store), names[1]])
    assert "letter.csv: refused, NothingKnownError" in lines(store)[-1]


def test_a_watch_is_logged_without_what_files_hold(store: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name, text in (("ratings.csv", RATINGS), ("letter.csv", "ann,1001\nbob,1002\n")):
        (inbox / name).write_text(text, encoding="utf-8")
        take_in(store, inbox / name, shop=None, by="robot")
    text = "\n".join(lines(store))
    assert "store_health.watch: ratings.csv: moved to done" in text
    assert "store_health.watch: letter.csv: moved to refused" in text
    assert [word for word in PERSONAL if word in text] == []


def test_what_a_dead_writer_left_is_logged_when_it_is_healed(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = upload(
        store, reading("reviews", [{"buyer": "ann", "rated_at": MAY_1, "text": "好"}]), sha="a"
    )

    def dies(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as power_cut:
        # The ledger's own commit is the last: all tables are ahead of it.
        power_cut.setattr("store.uploads.write_ledger", dies)
        with pytest.raises(KeyboardInterrupt):
            withdraw(store, added)
    withdraw(store, added)
    healed = [line for line in lines(store) if " WARNING " in line]
    assert healed
    assert all("store_health.ledger: healed: " in line for line in healed)


def test_the_app_in_this_process_logs_where_its_store_is(store: Path) -> None:
    store.mkdir()
    other = store.with_name("other")
    other.mkdir()
    keep_log(other)
    logger("app").info("elsewhere")
    assert not (store / FILE).exists()
    assert len(lines(other)) == 1
