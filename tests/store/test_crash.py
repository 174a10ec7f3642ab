"""A writer that dies anywhere leaves the store as it was before, or as it was to become."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store.doctor import doctor, optimize
from store.lake import LakeTable
from store.schemas import FED_TABLES
from store.tables import scan, shop_tables, versions
from store.uploads import rejected, uploads, withdraw
from tests.frames import MAY_1
from tests.store.damage import left_standing
from tests.store.feeds import SHOP, assert_shows, reading, row, set_aside, upload

ROOT = Path(__file__).parents[2]
#: Everything through which a writer changes the folder.
STEPS = ("write", "adopt", "commit", "_create", "restore")
#: Every table; the second file changes one row of each, repeats one and adds one.
FIRST = [reading(name, [row(name, 0), row(name, 1)]) for name in FED_TABLES]
SECOND = [
    reading(name, [row(name, 0, value=1), row(name, 1), row(name, 2)], rejected=set_aside(9))
    for name in FED_TABLES
]
NOON = MAY_1 + timedelta(hours=12)


class PowerCutError(Exception):
    """Stands for the end of the process."""


def cut_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Have the writer die in the middle of its work, after so many steps."""
    left = [steps]

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            if left[0] == 0:
                raise PowerCutError
            left[0] -= 1
            return method(*args, **options)

        return step

    for name in STEPS:
        monkeypatch.setattr(LakeTable, name, counted(getattr(LakeTable, name)))


def content(store: Path) -> dict[str, Any]:
    """All that a reader can see."""
    tables = {
        name: scan(store, name, SHOP, provenance=True).collect().sort(pl.all()).rows()
        for name in FED_TABLES
    }
    days = shop_tables(store, SHOP).coverage.rows()
    held, aside = uploads(store).rows(), rejected(store).rows()
    return {**tables, "uploads": held, "set aside": aside, "coverage": days}


def first(store: Path) -> str:
    return upload(store, *FIRST, sha="a", uploaded_at=NOON)


def second(store: Path) -> str:
    return upload(store, *SECOND, sha="b", uploaded_at=NOON)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the first upload, to be copied."""
    folder = tmp_path_factory.mktemp("alone")
    first(folder)
    return folder


@pytest.fixture(scope="module")
def both(alone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with both uploads, to be copied."""
    folder = tmp_path_factory.mktemp("both")
    shutil.copytree(alone, folder, dirs_exist_ok=True)
    second(folder)
    return folder


def died(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object], steps: int) -> bool:
    """Whether work that is cut off after so many steps was cut off at all."""
    with monkeypatch.context() as patch:
        cut_after(patch, steps)
        try:
            work()
        except PowerCutError:
            return True
    return False


def copies(origin: Path, tmp_path: Path, *, stride: int) -> Iterator[tuple[int, Path]]:
    """Copies of a store, by the number of steps after which work upon them is to be cut off.

    Every table goes through the same few steps; a stride that shares no divisor with their number
    cuts each table off, and each kind of step, without trying all of their pairs.
    """
    for steps in range(0, 200, stride):
        yield steps, Path(shutil.copytree(origin, tmp_path / str(steps)))


def test_an_upload_is_whole_or_not_there(
    alone: Path, both: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = content(alone), content(both)
    for steps, store in copies(alone, tmp_path, stride=3):
        key = versions(store, list(FED_TABLES))
        if not died(monkeypatch, partial(second, store), steps):
            break
        assert content(store) == before
        assert versions(store, list(FED_TABLES)) == key
        heal_by(["upload", "doctor", "optimize"][steps // 3 % 3], store)
        assert content(store) == before
        second(store)
        assert content(store) == after
    assert steps > 4 * len(FED_TABLES)
    assert {check.state for check in doctor(store)} == {"ok"}


def heal_by(healer: str, store: Path) -> None:
    if healer == "doctor":
        assert {check.state for check in doctor(store)} <= {"ok", "healed"}
        assert {check.state for check in doctor(store)} == {"ok"}
    if healer == "optimize":
        optimize(store)


def test_a_withdrawal_is_whole_or_did_not_happen(
    alone: Path, both: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = content(both), content(alone)
    gone = before["uploads"][0][0]
    for steps, store in copies(both, tmp_path, stride=2):
        cut = died(monkeypatch, partial(withdraw, store, gone), steps)
        assert content(store) == (before if cut else after)
        if not cut:
            break
        withdraw(store, gone)
        assert content(store) == after
        assert {check.state for check in doctor(store)} == {"ok"}
    assert steps > 3 * len(FED_TABLES)


def test_the_first_upload_of_a_store_is_whole_or_not_there(
    alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after, empty = content(alone), tmp_path / "empty"
    empty.mkdir()
    before = content(empty)
    for steps, store in copies(empty, tmp_path, stride=5):
        if not died(monkeypatch, partial(first, store), steps):
            break
        assert content(store) == before
        first(store)
        assert content(store) == after
    assert steps > 6 * len(FED_TABLES)
    assert {check.state for check in doctor(store)} == {"ok"}


def test_healing_itself_may_be_cut_off(
    alone: Path, both: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after, ahead = content(alone), content(both), tmp_path / "ahead"
    shutil.copytree(alone, ahead)
    # Every table is ahead of the ledger, which is about to be written.
    assert died(monkeypatch, partial(second, ahead), 4 * len(FED_TABLES))
    for steps, store in copies(ahead, tmp_path, stride=3):
        healed = not died(monkeypatch, partial(doctor, store), steps)
        assert content(store) == before
        second(store)
        assert content(store) == after
        if healed:
            break
    assert steps > 2 * len(FED_TABLES)


def test_making_rows_anew_may_be_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = tmp_path / "origin"
    left_standing(origin, monkeypatch, 1, 2, gone=1)
    before = content(origin)
    for steps, store in copies(origin, tmp_path, stride=1):
        cut = died(monkeypatch, partial(doctor, store), steps)
        if not cut:
            break
        assert content(store) == before
        assert [check.state for check in doctor(store) if check.subject == "rows"] == ["healed"]
        assert_shows(store, "service_days", [[row("service_days", 0, value=1)]])
        assert {check.state for check in doctor(store)} == {"ok"}
    assert steps == 4
    assert_shows(store, "service_days", [[row("service_days", 0, value=1)]])


KILLED = """
import os, signal, sys
from pathlib import Path
from store.lake import LakeTable
from tests.store.test_crash import second

real, left = LakeTable.commit, [int(sys.argv[2])]

def commit(*args, **options):
    if left[0] == 0:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    left[0] -= 1
    return real(*args, **options)

LakeTable.commit = commit
second(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("commits", [1, len(FED_TABLES), 2 * len(FED_TABLES) + 1])
def test_a_killed_process_leaves_no_lock_and_no_half_upload(
    alone: Path, both: Path, store: Path, commits: int
) -> None:
    shutil.copytree(alone, store)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(store), str(commits)], cwd=ROOT, check=False
    )
    assert ended.returncode != 0
    assert content(store) == content(alone)
    second(store)
    assert content(store) == content(both)
    assert {check.state for check in doctor(store)} == {"ok"}
