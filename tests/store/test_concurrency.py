"""Several processes at once: nothing lost, nothing doubled."""

import multiprocessing
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType

import pytest
from filelock import FileLock

from store import jottings, ledger
from store.doctor import doctor
from store.errors import StoreBusyError
from store.notes import notes, write_note
from store.tables import scan
from store.uploads import uploads, withdraw
from tests.frames import MAY_1
from tests.store.feeds import SHOP, reading, upload

FILES = 3


def import_files(store: Path, who: int, locked: bool) -> None:
    """Upload files of one's own, one that everybody uploads, and take one's first back."""
    if not locked:
        # As on S3, where no lock file is: Delta's refusal of stale commits must do.
        for module in (ledger, jottings):
            vars(module)["lock"] = lambda *_args, **_options: nullcontext()
    mine = []
    for nth in range(FILES):
        line = {"buyer": f"{who}-{nth}", "sent_at": MAY_1, "sender": "buyer"}
        # Never the same row twice, so that the latest upload is the one that shows.
        order = {"order_id": "1", "created_at": MAY_1, "status": "paid", "title": f"{who}-{nth}"}
        feeds = [reading("messages", [line]), reading("orders", [order])]
        mine.append(upload(store, *feeds, sha=f"{who}{nth}"))
        write_note(store, SHOP, "contacted", f"{who}-{nth}", by=str(who), done=True)
    shared = {"buyer": "everybody", "sent_at": MAY_1, "sender": "buyer"}
    upload(store, reading("messages", [shared]), sha="ffff")
    withdraw(store, mine[0])


@pytest.mark.parametrize("locked", [True, False], ids=["one machine", "no lock"])
def test_imports_at_once_lose_and_double_nothing(
    store: Path, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = 3
    # AppTest leaves its script as the main module, which a spawned process would run first.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(people, mp_context=spawn) as pool:
        done = [pool.submit(import_files, store, who, locked) for who in range(people)]
        for import_ in done:
            import_.result()
    expected = {f"{who}-{nth}" for who in range(people) for nth in range(1, FILES)}
    lines = scan(store, "messages", SHOP, provenance=True).collect()
    assert sorted(lines["buyer"]) == sorted({*expected, "everybody"})
    held = uploads(store)
    assert held["upload_id"].n_unique() == len(expected) + 1
    assert held.unique(["upload_id", "sequence"]).height == held["sequence"].n_unique()
    latest = held.filter(table="orders").sort("sequence")["upload_id"].to_list()[-1]
    orders = scan(store, "orders", SHOP, provenance=True).collect()
    assert orders["upload_id"].to_list() == [latest]
    assert notes(store, SHOP, "contacted").height == people * FILES
    assert {check.state for check in doctor(store)} == {"ok"}


def test_a_second_import_waits_and_says_so(store: Path) -> None:
    store.mkdir()
    gate = FileLock(store / "writing.lock", thread_local=False)
    gate.acquire()
    # The first import ends once the second has said that it waits.
    heard = threading.Event()

    def end() -> None:
        heard.wait(10)
        gate.release(force=True)

    ends = threading.Thread(target=end)
    ends.start()
    line = {"buyer": "ann", "sent_at": MAY_1, "sender": "buyer"}
    upload(store, reading("messages", [line]), sha="a", waiting=heard.set)
    ends.join()
    assert scan(store, "messages", SHOP).collect().height == 1


def test_a_second_import_gives_up_with_a_sentence(store: Path) -> None:
    store.mkdir()
    line = {"buyer": "ann", "sent_at": MAY_1, "sender": "buyer"}
    with (
        FileLock(store / "writing.lock"),
        pytest.raises(StoreBusyError, match="Another import is still writing to the store"),
    ):
        upload(store, reading("messages", [line]), sha="a", timeout=0.0)
    assert uploads(store).is_empty()
