"""The program's log: one file in the store's folder, with nothing in it that tells of a person.

Lines name files, tables, counts and reasons; never a buyer, never what a cell holds. An error is
logged by its kind, because its text may quote a file.

The app, an import and a watch may write at the same time. Each line is written under a lock that
all of them share, and the file is closed after it: nobody else holds it while it is
rotated, which Windows would refuse, and no process goes on writing into a file put aside.
"""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from filelock import FileLock, Timeout

from store.lake import Store, is_remote, join

FILE = "store-health.log"
#: Size of the file before it is put aside as ``store-health.log.1``, and how many are kept so.
LARGEST, KEPT = 1_000_000, 3
#: Seconds to wait for another process's line, and between two looks; a line takes far less.
_PATIENCE, _LOOK_EVERY = 2.0, 0.002
_FORM = logging.Formatter("%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s")
_ROOT = "store_health"


def logger(room: str) -> logging.Logger:
    """Where a room writes; its lines go to the log of the store last given to :func:`keep_log`."""
    return logging.getLogger(f"{_ROOT}.{room}")


def keep_log(store: Store) -> None:
    """From now on write this process's log into the store's folder; a remote store's to stderr.

    The folder is never made for the log's sake: what happens before there is a store is told to
    whoever asked, and kept nowhere. Where the file cannot be written, warnings go to stderr and
    nothing fails.
    """
    own = logging.getLogger(_ROOT)
    path = None if is_remote(store) else join(store, FILE)
    if [handler.get_name() for handler in own.handlers] == [path or _STDERR]:
        return
    for handler in list(own.handlers):
        own.removeHandler(handler)
    kept = _ToStderr() if path is None else _SharedFile(path)
    kept.set_name(path or _STDERR)
    kept.setFormatter(_FORM)
    own.addHandler(kept)
    own.setLevel(logging.INFO)
    # Whoever runs the program in its own process (Streamlit) writes no second copy.
    own.propagate = False


_STDERR = "stderr"


class _ToStderr(logging.Handler):
    """Writes to what is stderr at the time of a line."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


class _SharedFile(RotatingFileHandler):
    """A rotated file that several processes write, line by line, under one lock."""

    def __init__(self, path: str) -> None:
        super().__init__(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)
        self._turn = FileLock(f"{path}.lock", timeout=_PATIENCE, poll_interval=_LOOK_EVERY)

    def emit(self, record: logging.LogRecord) -> None:
        if not Path(self.baseFilename).parent.is_dir():
            return
        try:
            with self._turn:
                super().emit(record)
        except Timeout:
            # Appended all the same; only to put the file aside takes the lock.
            logging.FileHandler.emit(self, record)
        except OSError:
            self.handleError(record)
        finally:
            self.close_file()

    def close_file(self) -> None:
        """Let go of the file; the next line opens it anew."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's own name)
        """A log that cannot be written is no reason to fail; what matters is still said."""
        if record.levelno >= logging.WARNING:
            sys.stderr.write(self.format(record) + "\n")
