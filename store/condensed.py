"""Frames condensed from chat lines, kept month by month beside them.

Twenty million lines come to a twelfth as many rows that answer every question the pages ask. What
a month's lines come to depends on nothing but these lines and the rules, so each month has a
folder named by the data files it was made of: another import, withdrawal or rule asks for another
folder, and what is there is never out of date. Only days that changed are counted again. All of
it can be deleted at any time; it is made again when it is next asked for.
"""

import shutil
import uuid
from hashlib import sha256
from pathlib import Path

import polars as pl

from store.folders import current_table
from store.lake import LakeTable, Store, is_remote, join
from store.ledger import Ledger
from store.schemas import Condensed, Messages, Recipe

TABLE = "messages"
FRAMES = ("rounds", "contacts", "human_lines")
#: Beside the frames: the days they were made of, each with a number made of its lines.
_DAYS = "days"
#: Older folders of a month that are left for readers who opened them before the last import.
_KEPT = 1
#: Small enough that a week of a big shop is a small part of its month.
_ROWS_PER_GROUP = 50_000


def condensed(store: Store, ledger: Ledger, shop: str, recipe: Recipe) -> Condensed | None:
    """What the recipe makes of a shop's chat lines, made now where it is not kept yet.

    Returns:
        None where there are no lines, where the store is remote (reading many lines is quicker
        there than writing), or where the folder cannot be written.
    """
    place = current_table(store, TABLE)
    files = place.files(ledger.pin(TABLE).current).filter(shop=shop)
    if files.is_empty() or is_remote(store):
        return None
    months = files.sort("path").group_by("month").agg("path").sort("month")
    folder = Path(join(store, "condensed", _short(shop)))
    try:
        kept = [_month(folder / month, place, paths, recipe) for month, paths in months.iter_rows()]
    except OSError:
        return None
    return Condensed(
        recipe.robot_agents,
        **{name: pl.scan_parquet([path / f"{name}.parquet" for path in kept]) for name in FRAMES},
    )


def _month(folder: Path, place: LakeTable, paths: list[str], recipe: Recipe) -> Path:
    """Folder with the frames of one month."""
    rules = _short(recipe.edition, *recipe.robot_agents)
    kept = folder / f"{rules}-{_short(*paths)}"
    if not kept.exists():
        _make(kept, place.scan(paths), recipe, former=_newest(folder, rules))
        _clear(folder, rules, kept)
    return kept


def _make(kept: Path, rows: pl.LazyFrame, recipe: Recipe, *, former: Path | None) -> None:
    """Count the days that the former folder does not know as they are; take over the others."""
    day = pl.col("sent_at").dt.date()
    # A row is told by its upload and its place in the file, so that no text is read for this.
    mark = pl.struct("sequence", "source_row").hash() % 2**32
    days = rows.group_by(day=day).agg(mark=mark.sum(), lines=pl.len()).sort("day").collect()
    same = days.clear()["day"]
    if former is not None:
        same = days.join(pl.read_parquet(former / f"{_DAYS}.parquet"), on=days.columns)["day"]
    changed = rows.filter(~day.is_in(same.implode())).select(Messages.column_names())
    # A name of its own until it is whole: another process may be making the same.
    draft = kept.with_name(f"draft-{uuid.uuid4().hex[:12]}")
    draft.mkdir(parents=True)
    days.write_parquet(draft / f"{_DAYS}.parquet")
    frames = recipe.condense(changed)
    for name, made in zip(FRAMES, pl.collect_all([frames[name] for name in FRAMES]), strict=True):
        if former is not None:
            old = pl.scan_parquet(former / f"{name}.parquet")
            taken = old.filter(pl.col("day").is_in(same.implode())).collect()
            # Each day's rows stay together and in order, so that readers can pass days over.
            made = pl.concat([taken, made]).sort("day", maintain_order=True)
        made.write_parquet(
            draft / f"{name}.parquet", compression_level=1, row_group_size=_ROWS_PER_GROUP
        )
    try:
        draft.rename(kept)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not kept.exists():
            raise


def _newest(folder: Path, rules: str) -> Path | None:
    return max(folder.glob(f"{rules}-*"), key=_age, default=None)


def _clear(folder: Path, rules: str, kept: Path) -> None:
    """Delete what no reader needs any more."""
    others = sorted((path for path in folder.glob(f"{rules}-*") if path != kept), key=_age)
    for path in others[: max(len(others) - _KEPT, 0)]:
        shutil.rmtree(path, ignore_errors=True)


def _age(path: Path) -> float:
    return path.stat().st_mtime


def _short(*parts: object) -> str:
    """A short name for something long; Windows allows no long paths."""
    return sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]
