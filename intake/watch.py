"""Imports what a person or a robot puts into a folder.

A file is taken once it is finished, imported, and moved to ``done/`` or ``refused/`` beside a
text that says what became of it. The import is one commit and the same bytes are recognised, so
a watch that dies between importing and moving does neither twice when it starts again.
"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from watchfiles import watch

from intake.batch import accept, plan_files, prepare, unzoned
from intake.own_layouts import kept_layouts
from intake.report import told
from store.errors import StoreError
from store.lake import Store
from store.logbook import logger

_LOG = logger("watch")
DONE, REFUSED = "done", "refused"
#: A file is finished when nobody has written to it for so long.
QUIET = timedelta(seconds=2)
LOOK_EVERY = timedelta(seconds=1)
#: Names that browsers, Excel and copy programs give to files they are still writing.
UNFINISHED_PREFIXES = ("~$", ".")
UNFINISHED_SUFFIXES = (".crdownload", ".part", ".partial", ".tmp", ".download")


class UnansweredError(Exception):
    """Error raised where only a person can say what is needed; the file stays where it is."""


def finished_files(folder: Path, *, once: bool = False) -> Iterator[Path]:
    """Files of a folder that are finished, by name, each as long as it lies there.

    Args:
        folder: Watched without its sub-folders.
        once: Stop after the files that are there now.
    """
    yield from _finished(folder, quiet=timedelta(0) if once else QUIET)
    if once:
        return
    pause = int(LOOK_EVERY.total_seconds() * 1000)
    # A file becomes finished by nothing happening to it, so every pause is a reason to look.
    for _changes in watch(folder, recursive=False, rust_timeout=pause, yield_on_timeout=True):
        yield from _finished(folder, quiet=QUIET)


def _finished(folder: Path, *, quiet: timedelta) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        name = path.name
        if name.startswith(UNFINISHED_PREFIXES) or name.endswith(UNFINISHED_SUFFIXES):
            continue
        if not path.is_file():
            continue
        written = datetime.fromtimestamp(path.stat().st_mtime)
        if datetime.now() - written >= quiet:
            yield path


def take_in(store: Store, path: Path, *, shop: str | None, by: str, zone: str | None = None) -> str:
    """Import one file and move it out of the way; what became of it, in a sentence.

    A file that cannot be read goes to ``refused/``, one with rows set aside or cells emptied to
    ``done/``; either gets a text beside it. While the store is busy the file stays and is tried
    again.

    Raises:
        UnansweredError: If a shop's first file does not fit its time zone, and none is given.
    """
    (plan,) = plan_files(store, [(path.name, path)], shop=shop, zone=zone)
    if question := unzoned([plan]):
        raise UnansweredError(str(question)) from question
    report = told(plan, kept_layouts(store))
    try:
        if plan.ready:
            prepare(store, accept(store, plan, by).added)
    except StoreError as busy:
        _LOG.warning("%s: stays, %s", path.name, type(busy).__name__)
        return f"{path.name}: {busy}"
    where = REFUSED if report.error else DONE
    goal = _free_name(path.parent / where / path.name)
    goal.parent.mkdir(exist_ok=True)
    if not report.taken_whole:
        goal.with_name(goal.name + ".txt").write_text(report.as_text() + "\n", encoding="utf-8")
    os.replace(path, goal)
    _LOG.info("%s: moved to %s", path.name, where)
    return report.as_text()


def _free_name(path: Path) -> Path:
    """The path, or with a number where an earlier file of this name lies there."""
    taken = (path.with_stem(f"{path.stem}-{number}") for number in range(2, 10_000))
    return next((free for free in (path, *taken) if not free.exists()), path)
