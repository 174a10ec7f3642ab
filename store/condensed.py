"""Frames made of a shop's rows, kept beside them.

Twenty million chat lines come to a twelfth as many rows that answer every question the pages ask;
which agent an order is owed to needs to be found once. Such frames depend on rows and rules
only, so each month of a recipe has a folder named by the rules and by the data files it was made
of: another import, withdrawal or rule asks for another folder, and what is there is never out of
date. All of it can be deleted at any time; it is made again when it is next asked for.
"""

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from store.folders import current_table
from store.lake import Store, is_remote, join
from store.ledger import Ledger
from store.logbook import logger
from store.schemas import FED_TABLES
from store.shop_tables import Frames, Recipe, ShopTables, Source
from store.sides import decided

_LOG = logger("condensed")
#: Beside frames whose days are apart: the days they were made of, each with a number made of
#: its rows.
_DAYS = "days"
_DRAFT = "draft"
#: Older folders of a month that are left for readers who opened them before the last import.
_KEPT = 1
#: Folders of a month by other rules: somebody compares, or tried what a rule would change.
_TRIED = 4
#: Small enough that a week of a big shop is a small part of its month.
_ROWS_PER_GROUP = 50_000
#: A file whose first and last month are no further apart holds these two, without being read.
_NEXT_MONTH = timedelta(days=32)


@dataclass(frozen=True)
class _Part:
    """The frames of one month, or of everything."""

    name: str
    first: date
    last: date
    #: The files they are made of, source by source.
    files: list[list[str]]


def condensed(store: Store, ledger: Ledger, tables: ShopTables, recipe: Recipe) -> ShopTables:
    """The tables with the frames of a recipe, made now where they are not kept yet.

    Nothing is kept where the first source has no rows, where the store is remote (reading rows is
    quicker there than writing), or where the folder cannot be written.
    """
    if is_remote(store):
        return tables
    parts = _parts(store, ledger, tables.shop, recipe)
    folder = Path(join(store, "condensed", _short(tables.shop), recipe.name))
    try:
        kept = [_kept(store, folder / part.name, part, tables, recipe) for part in parts]
    except OSError as error:
        _LOG.warning(
            "not kept: %s; counted from the rows: %s",
            recipe.name,
            error.strerror or type(error).__name__,
        )
        return tables
    if not kept:
        return tables
    frames = {
        name: pl.scan_parquet([path / f"{name}.parquet" for path in kept]) for name in recipe.frames
    }
    return replace(tables, condensed={**tables.condensed, recipe: frames})


def _parts(store: Store, ledger: Ledger, shop: str, recipe: Recipe) -> list[_Part]:
    sources = [(source, _files(store, ledger, shop, source)) for source in recipe.sources]
    lead, rows = sources[0]
    if rows.is_empty():
        return []
    if recipe.apart == "nothing":
        return [_Part("all", date.min, date.max, [files["path"].to_list() for _, files in sources])]
    parts = []
    for first, last in _months(store, rows, lead):
        near = [_near(files, source, first, last) for source, files in sources]
        if near[0]:
            parts.append(_Part(f"{first:%Y-%m}", first, last, near))
    return parts


def _files(store: Store, ledger: Ledger, shop: str, source: Source) -> pl.DataFrame:
    files = current_table(store, source.table).files(ledger.pin(source.table).current)
    return files.filter(shop=shop).sort("path")


def _months(store: Store, files: pl.DataFrame, lead: Source) -> Iterator[tuple[date, date]]:
    """First and last day of every month that the files hold rows of."""
    place = current_table(store, lead.table)
    lows = [f"min.{moment}" for moment in lead.moments]
    highs = [f"max.{moment}" for moment in lead.moments]
    ends = files.select(
        "path",
        pl.min_horizontal(lows).dt.month_start().dt.date(),
        pl.max_horizontal(highs).dt.month_start().dt.date(),
        known=pl.all_horizontal(pl.col(lows + highs).is_not_null()),
    )
    firsts: set[date] = set()
    for path, earliest, latest, known in ends.iter_rows():
        near = known and (latest - earliest) < _NEXT_MONTH
        firsts.update(
            (earliest, latest) if near else _read_months(place.locate(path), lead.moments)
        )
    found = pl.Series(sorted(firsts), dtype=pl.Date)
    yield from zip(found, found.dt.month_end(), strict=True)


@lru_cache(maxsize=1024)
def _read_months(file: str, moments: tuple[str, ...]) -> frozenset[date]:
    """First days of the months in a file; one wrong date may lie half a century from the others."""
    rows = pl.scan_parquet(file, glob=False, hive_partitioning=False)
    months = (rows.select(month=pl.col(moment).dt.month_start().dt.date()) for moment in moments)
    return frozenset(pl.concat(months).unique().drop_nulls().collect()["month"])


def _near(files: pl.DataFrame, source: Source, first: date, last: date) -> list[str]:
    """Paths of the files that may hold a row near the days; one without a range may hold any."""
    if not source.moments:
        return files["path"].to_list()
    opens = pl.lit(None if source.before is None else first - source.before, pl.Date)
    closes = last + source.after
    apart = pl.all_horizontal(
        (
            (pl.col(f"max.{moment}").dt.date() < opens).fill_null(False)
            | (pl.col(f"min.{moment}").dt.date() > closes).fill_null(False)
        )
        for moment in source.moments
    )
    return files.filter(~apart)["path"].to_list()


def _kept(store: Store, folder: Path, part: _Part, tables: ShopTables, recipe: Recipe) -> Path:
    """Folder with the frames of one part."""
    # Whom the shop calls its agents is a rule where a file leaves it open, else none.
    rules = f"{recipe.edition}-{_short(*recipe.rules, *(tables.serving or ()))}"
    kept = folder / f"{rules}-{_short(*part.files)}"
    if not kept.exists():
        former = _newest(folder, rules)
        with _draft(kept) as draft:
            if recipe.apart == "days":
                _make_days(store, draft, part, tables, recipe, former=former)
            else:
                made = recipe.make(tables, part.first, part.last)
                _write(draft, _collected(made, recipe))
        _clear(folder, rules, kept)
        _LOG.info("kept: %s of %s", recipe.name, part.name)
    # Its age is that of its last use; a store that cannot be written to needs no tidying.
    with suppress(OSError):
        os.utime(kept)
    return kept


@contextmanager
def _draft(kept: Path) -> Iterator[Path]:
    """A folder with a name of its own until it is whole: another process may make the same."""
    draft = kept.with_name(f"{_DRAFT}-{uuid.uuid4().hex[:12]}")
    draft.mkdir(parents=True)
    try:
        yield draft
        draft.rename(kept)
    except OSError:
        if not kept.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _make_days(
    store: Store,
    draft: Path,
    part: _Part,
    tables: ShopTables,
    recipe: Recipe,
    *,
    former: Path | None,
) -> None:
    """Make the days that the former folder does not know as they are; take over the others."""
    (lead,) = recipe.sources
    rows = current_table(store, lead.table).scan(part.files[0])
    day = pl.col(lead.moments[0]).dt.date()
    # A row is told by its upload and its place in the file, so that no text is read for this.
    mark = pl.struct("sequence", "source_row").hash() % 2**32
    days = rows.group_by(day=day).agg(mark=mark.sum(), rows=pl.len()).sort("day").collect()
    same = days.clear()["day"]
    if former is not None:
        same = days.join(pl.read_parquet(former / f"{_DAYS}.parquet"), on=days.columns)["day"]
    changed = rows.filter(~day.is_in(same.implode()))
    columns = FED_TABLES[lead.table].column_names()
    lines = changed.select(columns)
    if lead.table == "messages" and tables.serving is not None:
        lines = decided(lines, tables.serving)
    lazy: dict[str, Any] = {lead.table: lines}
    made = recipe.make(replace(tables, **lazy), part.first, part.last)
    frames = _collected(made, recipe)
    if former is not None:
        # Each day's rows stay together and in order, so that readers can pass days over.
        frames = {
            name: pl.concat([_days_of(former / f"{name}.parquet", same), frame]).sort(
                "day", maintain_order=True
            )
            for name, frame in frames.items()
        }
    days.write_parquet(draft / f"{_DAYS}.parquet")
    _write(draft, frames)


def _days_of(file: Path, days: pl.Series) -> pl.DataFrame:
    return pl.scan_parquet(file).filter(pl.col("day").is_in(days.implode())).collect()


def _collected(made: Frames, recipe: Recipe) -> dict[str, pl.DataFrame]:
    frames = pl.collect_all([made[name] for name in recipe.frames])
    return dict(zip(recipe.frames, frames, strict=True))


def _write(draft: Path, frames: dict[str, pl.DataFrame]) -> None:
    for name, frame in frames.items():
        frame.write_parquet(
            draft / f"{name}.parquet", compression_level=1, row_group_size=_ROWS_PER_GROUP
        )


def _newest(folder: Path, rules: str) -> Path | None:
    return next(iter(_by_use(folder.glob(f"{rules}-*"))), None)


def _clear(folder: Path, rules: str, kept: Path) -> None:
    """Delete what no reader needs any more, and what an earlier program made."""
    edition, _ = rules.split("-")
    made = [path for path in folder.iterdir() if not path.name.startswith(_DRAFT)]
    foreign = [path for path in made if not path.name.startswith(f"{edition}-")]
    own = [path for path in made if path.name.startswith(f"{rules}-") and path != kept]
    tried = [path for path in made if path not in (*foreign, *own, kept)]
    for path in [*foreign, *_by_use(own)[_KEPT:], *_by_use(tried)[_TRIED:]]:
        shutil.rmtree(path, ignore_errors=True)


def _by_use(paths: Iterable[Path]) -> list[Path]:
    """The last used first."""
    return sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)


def _short(*parts: object) -> str:
    """A short name for something long; Windows allows no long paths."""
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]
