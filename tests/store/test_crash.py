"""A writer that dies anywhere leaves the store as it was before, or as it was to become."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from store.doctor import doctor, optimize
from store.lake import LakeTable
from store.tables import scan, shop_tables, versions
from store.uploads import rejected, uploads, withdraw
from tests.frames import MAY_1
from tests.store.feeds import SHOP, reading, set_aside, upload

ROOT = Path(__file__).parents[2]
#: Everything through which a writer changes the folder.
STEPS = ("write", "adopt", "commit", "_create", "restore")
FIRST = [
    reading("orders", [{"order_id": nth, "created_at": MAY_1, "status": "paid"} for nth in "123"]),
    reading("messages", [{"buyer": "ann", "sent_at": MAY_1, "sender": "buyer"}]),
]
SECOND = [
    reading(
        "orders",
        [{"order_id": nth, "created_at": MAY_1, "status": "finished"} for nth in "34"],
        rejected=set_aside(9),
    ),
    reading("messages", [{"buyer": "bob", "sent_at": MAY_1, "sender": "buyer"}]),
    reading("ratings", [{"order_id": "1", "rated_at": MAY_1, "service": 5}]),
]


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
        for name in ("orders", "messages", "ratings")
    }
    days = shop_tables(store, SHOP).coverage.rows()
    held, aside = uploads(store).rows(), rejected(store).rows()
    return {**tables, "uploads": held, "set aside": aside, "coverage": days}


def first(store: Path) -> str:
    return upload(store, *FIRST, sha="a")


def second(store: Path) -> str:
    return upload(store, *SECOND, sha="b")


def died(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object], steps: int) -> bool:
    """Whether work that is cut off after so many steps was cut off at all."""
    with monkeypatch.context() as patch:
        cut_after(patch, steps)
        try:
            work()
        except PowerCutError:
            return True
    return False


def copies(tmp_path: Path, *uploads: Callable[[Path], str]) -> Iterator[tuple[int, Path]]:
    """Copies of one store with these uploads, numbered from 0."""
    origin = tmp_path / "origin"
    origin.mkdir()
    for add in uploads:
        add(origin)
    for steps in range(100):
        yield steps, Path(shutil.copytree(origin, tmp_path / str(steps)))


def test_an_upload_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for steps, store in copies(tmp_path, first):
        before, key = content(store), versions(store, ["orders"])
        if not died(monkeypatch, partial(second, store), steps):
            break
        assert content(store) == before
        assert versions(store, ["orders"]) == key
        heal_by(["upload", "doctor", "optimize"][steps % 3], store)
        assert content(store) == before
        second(store)
        check_both(store)
    assert steps > 12


def heal_by(healer: str, store: Path) -> None:
    if healer == "doctor":
        assert {check.state for check in doctor(store)} <= {"ok", "healed"}
        assert {check.state for check in doctor(store)} == {"ok"}
    if healer == "optimize":
        optimize(store)


def check_both(store: Path) -> None:
    """Both uploads are there, whole and once."""
    orders = scan(store, "orders", SHOP).sort("order_id").collect()
    assert orders["status"].to_list() == ["paid", "paid", "finished", "finished"]
    assert scan(store, "messages", SHOP).collect().height == 2
    assert scan(store, "ratings", SHOP).collect().height == 1
    assert rejected(store).height == 1
    assert uploads(store)["upload_id"].n_unique() == 2
    assert {check.state for check in doctor(store)} == {"ok"}


def test_a_withdrawal_is_whole_or_did_not_happen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for steps, store in copies(tmp_path, first):
        alone = content(store)
        gone = second(store)
        before = content(store)
        cut = died(monkeypatch, partial(withdraw, store, gone), steps)
        assert content(store) == (before if cut else alone)
        if not cut:
            break
        withdraw(store, gone)
        assert content(store) == alone
        assert {check.state for check in doctor(store)} == {"ok"}
    assert steps > 8


def test_the_first_upload_of_a_store_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for steps, store in copies(tmp_path):
        if not died(monkeypatch, partial(first, store), steps):
            break
        assert uploads(store).is_empty()
        assert scan(store, "orders", SHOP).collect().is_empty()
        first(store)
        assert scan(store, "orders", SHOP).collect().height == 3
        assert {check.state for check in doctor(store)} == {"ok"}
    assert steps > 6


def test_healing_itself_may_be_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for steps, store in copies(tmp_path, first):
        before = content(store)
        assert died(monkeypatch, partial(second, store), 9)
        healed = not died(monkeypatch, partial(doctor, store), steps)
        assert content(store) == before
        second(store)
        check_both(store)
        if healed:
            break
    assert steps > 2


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


@pytest.mark.parametrize("commits", [1, 3, 6])
def test_a_killed_process_leaves_no_lock_and_no_half_upload(store: Path, commits: int) -> None:
    first(store)
    before = content(store)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(store), str(commits)], cwd=ROOT, check=False
    )
    assert ended.returncode != 0
    assert content(store) == before
    second(store)
    check_both(store)
