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
from store.schemas import FED_TABLES
from store.tables import scan
from store.uploads import uploads, withdraw
from tests.frames import MAY_1
from tests.store.feeds import SHOP, Row, assert_shows, reading, row, upload

PEOPLE, FILES = 3, 3
#: Each person's files feed all tables between them, and the same ones as the others' files.
FED_BY = [tuple(FED_TABLES)[nth::FILES] for nth in range(FILES)]
SHARED = [row("messages", 0, day=9)]


def lines(table: str, who: int, nth: int) -> list[Row]:
    """A row of one's own, and one that everybody changes."""
    return [row(table, who, day=nth), row(table, 0, day=8, value=1 + who * FILES + nth)]


def import_files(store: Path, who: int, locked: bool) -> None:
    """Upload files of one's own, one that everybody uploads, and take one of one's own back."""
    if not locked:
        # As on S3, where no lock file is: Delta's refusal of stale commits must do.
        for module in (ledger, jottings):
            vars(module)["lock"] = lambda *_args, **_options: nullcontext()
    mine = []
    for nth in range(FILES):
        feeds = [reading(table, lines(table, who, nth)) for table in FED_BY[nth]]
        mine.append(upload(store, *feeds, sha=f"{who}{nth}"))
        write_note(store, SHOP, "contacted", f"{who}-{nth}", by=str(who), done=True)
    upload(store, reading("messages", SHARED), sha="ffff")
    withdraw(store, mine[who])


@pytest.mark.parametrize("locked", [True, False], ids=["one machine", "no lock"])
def test_imports_at_once_lose_and_double_nothing(
    store: Path, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # AppTest leaves its script as the main module, which a spawned process would run first.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PEOPLE, mp_context=spawn) as pool:
        done = [pool.submit(import_files, store, who, locked) for who in range(PEOPLE)]
        for import_ in done:
            import_.result()
    files = {
        f"{who}{nth}": (who, nth) for who in range(PEOPLE) for nth in range(FILES) if who != nth
    }
    held = uploads(store).unique(["sequence", "upload_id"]).sort("sequence")
    assert held["sequence"].n_unique() == held.height
    shas = held["sha256"].str.strip_chars_end("0").str.pad_end(2, "0").to_list()
    assert sorted(shas) == sorted([*files, "ffff"])
    in_order = [files[sha] for sha in shas if sha != "ffff"]
    for table in FED_TABLES:
        shared = [SHARED] if table == "messages" else []
        own = [lines(table, who, nth) for who, nth in in_order if table in FED_BY[nth]]
        assert_shows(store, table, [*own, *shared])
    assert notes(store, SHOP, "contacted").height == PEOPLE * FILES
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
