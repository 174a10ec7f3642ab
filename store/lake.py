"""Delta Lake tables: snapshots read by version, commits that fail rather than overwrite.

Data files are written by polars and committed through deltalake's transaction interface, for
three reasons. Only files that hold a changed row are rewritten, instead of whole partitions. File
names stay short: a shop name of twenty Chinese characters would make Delta's usual
``shop=%E5%BA%97…`` folders longer than Windows allows. And polars' own ``scan_delta`` cannot open
a store below a folder with Chinese characters or spaces, such as a Windows user's name.
The partition columns are also kept inside the files, so that every reader of Delta finds them.
"""

import io
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import dataframely as dy
import platformdirs
import polars as pl
from deltalake import CommitProperties, DeltaTable
from deltalake.transaction import AddAction, RemoveAction

Store = Path | str
Action = AddAction | RemoveAction

#: Files of a table grow to about this many rows; an update rewrites no more than it must.
ROWS_PER_FILE = 1_000_000
#: Opening a table replays its commits since the last checkpoint.
_CHECKPOINT_INTERVAL = "20"


def store_path() -> str:
    """Where the store lies: ``$STORE_HEALTH_STORE``, else a folder of the user's own."""
    named = os.environ.get("STORE_HEALTH_STORE")
    return named or str(platformdirs.user_data_path("store-health") / "store")


def is_remote(store: Store) -> bool:
    """Whether the store is a URI such as ``s3://bucket/shop`` rather than a folder."""
    return "://" in str(store)


def join(store: Store, *parts: str) -> str:
    """A path below the store, for folders and URIs alike."""
    if is_remote(store):
        return "/".join((str(store).rstrip("/"), *parts))
    return str(Path(store).expanduser().absolute().joinpath(*parts))


@cache
def columns_of(schema: type[dy.Schema]) -> tuple[tuple[str, Any], ...]:
    """Names and types; making an empty frame takes longer than opening a table."""
    return tuple(schema.create_empty().schema.items())


@dataclass(frozen=True)
class Snapshot:
    """One version of a table; ``token`` tells it from the same version of a folder made anew."""

    version: int
    token: str


@dataclass(frozen=True)
class LakeTable:
    """A Delta table: where it lies and what its rows look like.

    Args:
        uri: Folder or URI.
        schema: Every column, the partition columns included.
        partitions: Partition columns.
        ranged: Columns whose smallest and largest value each file records. A range may be missing
            all the same (nothing but nulls; a table made before its configuration named the
            column), and such a file may hold anything.
    """

    uri: str
    schema: tuple[tuple[str, Any], ...]
    partitions: tuple[str, ...] = ()
    ranged: tuple[str, ...] = ()

    @property
    def empty(self) -> pl.DataFrame:
        """No rows, every column."""
        return pl.DataFrame(schema=dict(self.schema))

    def latest(self) -> Snapshot | None:
        """The newest version; None where the table was never written."""
        return _latest(self.uri)

    def files(self, version: int) -> pl.DataFrame:
        """The data files of a version: ``path, rows``, partition values, ``min.x``, ``max.x``."""
        if version == 0:
            return self._no_files()
        found = _files(self.uri, version, _token(self.uri, version))
        ranges = [f"{end}.{column}" for column in self.ranged for end in ("min", "max")]
        types = dict(self.schema)
        return found.select(
            "path",
            rows=pl.col("num_records").cast(pl.Int64),
            **{name: pl.col(f"partition.{name}") for name in self.partitions},
            **{
                name: pl.col(name).cast(types[name[4:]])
                if name in found.columns
                else pl.lit(None, types[name[4:]])
                for name in ranges
            },
        )

    def _no_files(self) -> pl.DataFrame:
        types = dict(self.schema)
        ranges = {f"{end}.{name}": types[name] for name in self.ranged for end in ("min", "max")}
        parts = dict.fromkeys(self.partitions, pl.String())
        return pl.DataFrame(schema={"path": pl.String(), "rows": pl.Int64(), **parts, **ranges})

    def scan(self, paths: Sequence[str], **options: Any) -> pl.LazyFrame:
        """Open data files without reading them."""
        if not paths:
            return self.empty.lazy()
        return pl.scan_parquet(
            [self.locate(path) for path in paths],
            schema=dict(self.schema),
            glob=False,
            hive_partitioning=False,
            **options,
        )

    def locate(self, path: str) -> str:
        """Full path or URI of a data file."""
        return join(self.uri, *path.split("/"))

    def write(self, rows: pl.DataFrame, *, folder: str, stem: str = "rows") -> list[AddAction]:
        """Write rows of one partition to new files, not committed yet; names keep their order."""
        return [
            self._write_one(
                rows.slice(nth * ROWS_PER_FILE, ROWS_PER_FILE), f"{folder}/{stem}-{nth:03}"
            )
            for nth in range(-(-rows.height // ROWS_PER_FILE))
        ]

    def _write_one(self, rows: pl.DataFrame, start: str) -> AddAction:
        path = f"{start}-{uuid.uuid4().hex[:12]}.parquet"
        target = self.locate(path)
        if is_remote(target):
            # The commit names the file's size, which only the bytes themselves tell here.
            buffer = io.BytesIO()
            rows.write_parquet(buffer, compression="zstd", compression_level=1)
            size = buffer.getbuffer().nbytes
            rows.write_parquet(target, compression="zstd", compression_level=1)
        else:
            rows.write_parquet(target, compression="zstd", compression_level=1, mkdir=True)
            size = os.path.getsize(target)
        return AddAction(
            path=path,
            size=size,
            partition_values={name: rows.item(0, name) for name in self.partitions},
            modification_time=_milliseconds(),
            data_change=True,
            stats=json.dumps(_statistics(rows, self.ranged), ensure_ascii=False),
        )

    def adopt(self, other: "LakeTable", files: Iterable[AddAction]) -> list[AddAction]:
        """Copy another table's files of the same columns, not committed yet."""
        adopted = []
        for file in files:
            target = self.locate(file.path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(other.locate(file.path), target)
            adopted.append(file)
        return adopted

    def commit(self, actions: Sequence[Action], *, onto: int, note: Mapping[str, object]) -> int:
        """Add and remove files in one commit; the number of the version this makes.

        Args:
            actions: Files to add and to remove.
            onto: Version to build on; 0 makes the table where it does not exist.
            note: Kept with the commit.

        Raises:
            deltalake.exceptions.CommitFailedError: When the table is no longer at ``onto``.
        """
        if onto == 0:
            self._create()
        table = DeltaTable(self.uri, version=onto)
        properties = CommitProperties(
            custom_metadata={"store_health": json.dumps(note, ensure_ascii=False, default=str)},
            max_commit_retries=0,
        )
        table.create_write_transaction(
            list(actions),
            mode="append",
            schema=table.schema(),
            partition_by=list(self.partitions),
            commit_properties=properties,
        )
        return onto + 1

    def _create(self) -> None:
        if not is_remote(self.uri):
            os.makedirs(self.uri, exist_ok=True)
        DeltaTable.create(
            self.uri,
            schema=self.empty.to_arrow().schema,
            # Two processes may make the first import of a store at once.
            mode="ignore",
            partition_by=list(self.partitions),
            configuration=_configuration(self.ranged),
        )

    def restore(self, version: int) -> int:
        """Bring back the content of an earlier version, as a new version."""
        table = DeltaTable(self.uri)
        table.restore(version, commit_properties=CommitProperties(max_commit_retries=0))
        return int(DeltaTable(self.uri).version())

    def note(self, version: int) -> dict[str, Any]:
        """What the commit of a version says of itself."""
        written = DeltaTable(self.uri, version=version).history(1)
        return dict(json.loads(written[0].get("store_health", "{}"))) if written else {}


def _configuration(ranged: Sequence[str]) -> dict[str, str | None]:
    """How a new table is kept."""
    configuration: dict[str, str | None] = {"delta.checkpointInterval": _CHECKPOINT_INTERVAL}
    if ranged:
        # Else readers, checkpoints and restored versions know the first 32 columns only, whatever
        # the commits record. Named columns hold for every order and number of columns.
        configuration["delta.dataSkippingStatsColumns"] = ",".join(ranged)
    return configuration


def removals(files: pl.DataFrame, partitions: Sequence[str]) -> list[RemoveAction]:
    """Take files of :meth:`LakeTable.files` out of the next version."""
    now = _milliseconds()
    return [
        RemoveAction(row["path"], True, now, None, {name: row[name] for name in partitions})
        for row in files.select("path", *partitions).to_dicts()
    ]


def _latest(uri: str) -> Snapshot | None:
    if is_remote(uri):
        if not DeltaTable.is_deltatable(uri):
            return None
        table = DeltaTable(uri)
        return Snapshot(int(table.version()), str(table.metadata().id))
    # One look into the folder: opening the table costs ten times as much, on every page run.
    try:
        with os.scandir(os.path.join(uri, "_delta_log")) as entries:
            newest = max(
                (entry for entry in entries if _is_commit(entry.name)),
                key=lambda entry: entry.name,
                default=None,
            )
            if newest is None:
                return None
            return Snapshot(int(newest.name[:20]), str(newest.stat().st_mtime_ns))
    except (FileNotFoundError, NotADirectoryError):
        return None


def _token(uri: str, version: int) -> str:
    """Tells a version from the same one of a folder that was deleted and filled anew."""
    try:
        return str(os.stat(os.path.join(uri, "_delta_log", f"{version:020}.json")).st_mtime_ns)
    except OSError:
        return ""


def _is_commit(name: str) -> bool:
    return len(name) == 25 and name.endswith(".json") and name[:20].isdigit()


@lru_cache(maxsize=256)
def _files(uri: str, version: int, token: str) -> pl.DataFrame:
    """A version never changes, so its list of files is read once per process."""
    return pl.DataFrame(DeltaTable(uri, version=version).get_add_actions(flatten=True))


def _statistics(rows: pl.DataFrame, columns: Sequence[str]) -> dict[str, Any]:
    """What Delta records of a file, so that readers can pass it over."""
    ends = rows.select(
        pl.len(),
        *(pl.col(name).min().alias(f"min.{name}") for name in columns),
        *(pl.col(name).max().alias(f"max.{name}") for name in columns),
        *(pl.col(name).null_count().alias(f"nulls.{name}") for name in columns),
    ).row(0, named=True)
    return {
        "numRecords": rows.height,
        "minValues": _present(ends, "min.", columns),
        "maxValues": _present(ends, "max.", columns),
        "nullCount": {name: ends[f"nulls.{name}"] for name in columns},
    }


def _present(ends: Mapping[str, Any], prefix: str, columns: Sequence[str]) -> dict[str, Any]:
    return {
        name: _as_json(ends[prefix + name]) for name in columns if ends[prefix + name] is not None
    }


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _milliseconds() -> int:
    return int(time.time() * 1000)
