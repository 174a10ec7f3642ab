"""From files to uploads: the one way in, for the command line, the upload page and the watch.

``plan_files`` reads and compares, and writes nothing; ``accept`` writes one planned file.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from traceback import extract_tb
from uuid import uuid4
from zoneinfo import ZoneInfo

import polars as pl

from exports.cells.zones import fits, fitting_zones, written_offsets
from exports.errors import ExportError, NoRowsError, NothingTakenError, UnforeseenError
from exports.files.limits import check_size
from exports.layouts import Layout, load_layouts
from exports.reading import SHOP_ZONE, KnownBefore, read_file
from exports.reasons import counted
from exports.refusals import ZoneSettledError, ZoneUnclearError
from exports.result import Reading, Remark, day_span
from exports.tables.known import NOTHING
from intake.lacking import REMARKS as LACKING_REMARKS
from intake.lacking import lacking_columns
from intake.money import REMARKS as MONEY_REMARKS
from intake.money import (
    currency_of,
    held_to,
    keep,
    known_before,
    money_remarks,
    shop_currency,
)
from intake.own_layouts import kept_layouts
from intake.speakers import Speaker, known_agents, name_agents, open_speakers, settle
from opening import opened
from sample_data import SAMPLE_SHOP
from store.lake import Store
from store.logbook import logger
from store.shop_settings import load_settings, save_settings
from store.tables import shops
from store.uploads import UploadPreview, already_uploaded, commit, preview, unchanging
from told.mark import mark as _

_LOG = logger("import")
#: How many zones a question names.
_ZONES_NAMED = 5
#: Where rows go when neither the file nor the user names a shop.
DEFAULT_SHOP = "店铺"


#: Sentences of the remarks a plan adds to those of its readings.
REMARKS = {
    "named_shop": _(
        "The file names the shop {named}; its rows go to {shop}, the store's one shop."
    ),
    **MONEY_REMARKS,
    **LACKING_REMARKS,
    "several_shops": _("The file holds rows of {count} shops: {shops}."),
    "agents_unknown": _(
        "Nothing says who of {names} answers for the shop. Their lines are taken, and reply "
        "figures leave them out until the agents are named: under Agents in the settings, or with "
        "--agent NAME."
    ),
}
#: How many of those who may serve a remark names.
_NAMES_SHOWN = 6


@dataclass(frozen=True)
class ReadFile:
    """A file that was read, or the reason why it could not be.

    One of which no row can be taken has both: readings that say which rows are set aside, and the
    error that nothing will be written.
    """

    name: str
    sha256: str
    readings: tuple[Reading, ...] = ()
    error: ExportError | None = None
    #: The shop's zone that its times were brought to, and whether somebody said it for this file.
    zone: str = SHOP_ZONE
    zone_said: bool = False


@dataclass(frozen=True)
class ShopPart:
    """One shop's rows of a file, and what they would change there."""

    shop: str
    readings: tuple[Reading, ...]
    previews: tuple[UploadPreview, ...]
    #: The upload that brought the same bytes to this shop before, if one did.
    known_as: str | None = None
    #: Who may serve, where the file and the store leave it open.
    speakers: tuple[Speaker, ...] = ()


@dataclass(frozen=True)
class FilePlan:
    """What accepting a file would do."""

    file: ReadFile
    parts: tuple[ShopPart, ...] = ()
    remarks: tuple[Remark, ...] = ()
    #: The earlier file of the batch that holds the same bytes, if one does.
    same_as: str | None = None

    @property
    def ready(self) -> bool:
        """Whether accepting it would write anything."""
        fresh = any(part.known_as is None for part in self.parts)
        return self.file.error is None and self.same_as is None and fresh

    @property
    def recognised(self) -> bool:
        """Whether the same bytes were uploaded before to every shop they hold rows of."""
        return bool(self.parts) and all(part.known_as is not None for part in self.parts)


@dataclass(frozen=True)
class UploadResult:
    """What accepting a file did: an upload per shop, and those recognised from before."""

    file_name: str
    #: Upload id by shop.
    added: dict[str, str]
    recognised: dict[str, str]
    rows_accepted: int
    rows_rejected: int
    #: Cells emptied in accepted rows.
    cells_emptied: int


def plan_files(
    store: Store,
    files: Iterable[tuple[str, bytes | Path]],
    *,
    shop: str | None = None,
    layout: str | None = None,
    day: date | None = None,
    zone: str | None = None,
    currency: str = "",
    own_layouts: Sequence[Layout] | None = None,
    agents: Sequence[str] = (),
    told: Callable[[int, str], object] | None = None,
) -> list[FilePlan]:
    """Read files and compare them with the store; nothing is written.

    Args:
        store: The store.
        files: Name and content of each file; a path is read when its turn comes.
        shop: The shop of all of them; else it is found out (see :func:`plan`).
        layout: Id of the layout to read them by, where somebody chose one.
        day: The day of figures whose file does not say it.
        zone: The zone the shop is in, where somebody says so; it is kept with its first files.
        currency: What amounts are in whose rows name none, where somebody says so.
        own_layouts: Layouts besides the built-in ones; those kept in the store unless given.
        agents: Accounts that serve, as somebody says who uploads.
        told: Called with the number of files done and the name of the next one.
    """
    own = kept_layouts(store) if own_layouts is None else list(own_layouts)
    settled = zone_of(store, shop)
    read: list[ReadFile] = []
    for done, (name, content) in enumerate(files):
        if told is not None:
            told(done, name)
        reader = partial(
            read_export,
            name,
            content,
            layout=layout,
            day=day,
            own_layouts=own,
            zone=zone or settled,
            zone_said=zone is not None,
        )
        read.append(read_for_shop(store, reader, shop=shop, currency=currency, after=read))
    plans = plan(store, read, shop=shop, agents=agents)
    for refused in (one.file for one in plans if one.file.error is not None):
        # Not the sentence: it may quote a cell.
        _LOG.warning("%s: refused, %s", refused.name, type(refused.error).__name__)
    return plans


def read_export(
    name: str,
    content: bytes | Path,
    /,
    *,
    layout: str | None = None,
    day: date | None = None,
    own_layouts: Sequence[Layout] = (),
    zone: str = SHOP_ZONE,
    zone_said: bool = False,
    before: KnownBefore = NOTHING,
) -> ReadFile:
    """Read one file; one that cannot be read carries its error instead of rows.

    Args:
        name: Its name as uploaded.
        content: Its bytes, or where they are; a file too large to read is not read even then.
        layout: Id of the layout, where somebody chose one.
        day: The day of figures whose file does not say it.
        own_layouts: Layouts besides the built-in ones.
        zone: The shop's time zone, for files whose times carry an offset.
        zone_said: Whether somebody said the zone for this file.
        before: What else is known of the shop.

    Raises:
        OSError: If the path cannot be read.
    """
    sha256 = ""
    layouts = [*own_layouts, *load_layouts()]
    try:
        if isinstance(content, Path):
            check_size(name, content.stat().st_size)
            content = content.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        readings = read_file(
            name,
            content,
            layouts=layouts,
            layout=layout,
            day=day,
            zone=zone,
            until=_today(zone),
            before=before,
        )
    except ExportError as error:
        return ReadFile(name, sha256, error=error, zone=zone, zone_said=zone_said)
    except OSError:
        raise
    except BaseException as error:
        # polars and calamine panic on some input; a panic is no Exception and only has its module.
        if not isinstance(error, Exception) and type(error).__module__ != "pyo3_runtime":
            raise
        return ReadFile(name, sha256, error=_unforeseen(name, error))
    return ReadFile(name, sha256, tuple(readings), zone=zone, zone_said=zone_said)


def zone_of(store: Store, shop: str | None) -> str:
    """The time zone that files are read in: the shop's, or that of the store's only shop."""
    held = [name for name in shops(store) if name != SAMPLE_SHOP]
    return load_settings(store, shop or (held[0] if len(held) == 1 else DEFAULT_SHOP)).time_zone


def read_for_shop(
    store: Store,
    reader: Callable[..., ReadFile],
    *,
    shop: str | None,
    currency: str = "",
    after: Sequence[ReadFile] = (),
) -> ReadFile:
    """Read one file, and again where its shop turns out to have another currency than it begins.

    Args:
        store: The store.
        reader: Reads the file; takes ``before``, as :func:`read_export` does.
        shop: The shop it is for; None where the file shall say.
        currency: What amounts are in whose rows name none, where somebody says so.
        after: Files that will be accepted before it, which may teach the shop's currency.
    """
    before = known_before(store, said=currency)
    file = reader(before=before)
    begun = currency_of(file.readings)
    if not begun:
        return file
    owner = _owner(store, file, shop)
    earlier = (other for other in after if _owner(store, other, shop) == owner)
    taught = next(filter(None, (currency_of(other.readings) for other in earlier)), "")
    known = shop_currency(store, owner) or taught
    if known in ("", begun):
        return file
    return reader(before=before._replace(currency=known))


def _today(zone: str) -> date:
    """The last day on which anything in a file can have happened, wherever it was written."""
    return (datetime.now(ZoneInfo(zone)) + timedelta(days=1)).date()


def _unforeseen(name: str, error: BaseException) -> UnforeseenError:
    """The refusal of a file that met a fault of this program, and a line in the log to find it by.

    Where the fault is, not what it says: that may quote a cell.
    """
    number = uuid4().hex[:8]
    places = [f"{Path(at.filename).name}:{at.lineno}" for at in extract_tb(error.__traceback__)]
    _LOG.error("%s: error %s, %s at %s", name, number, type(error).__name__, " ".join(places))
    return UnforeseenError(file=name, number=number)


def plan(
    store: Store,
    files: Sequence[ReadFile],
    *,
    shop: str | None = None,
    agents: Sequence[str] = (),
) -> list[FilePlan]:
    """Say which shop the rows of each file belong to, and what they would change there.

    The shop is the one asked for; else the one each row names; else the store's only shop; else
    the only one that the other files name; else ``DEFAULT_SHOP``. Where the store's only shop is
    ``DEFAULT_SHOP``, rows that name a shop join it: its earlier files are that shop's, unnamed.
    Each file is compared with the store and with the files before it, as if these were accepted;
    but not one that was uploaded before or holds the bytes of an earlier one: it changes nothing.
    """
    # Nobody's own files belong to the sample shop unless that is asked for.
    held = [name for name in shops(store) if name != SAMPLE_SHOP]
    merged = shop or (DEFAULT_SHOP if held == [DEFAULT_SHOP] else None)
    fallback = _fallback(held, files)
    # What earlier files of the batch bring is there for the later ones.
    brought: dict[str, list[Reading]] = {}
    plans: list[FilePlan] = []
    # The first file of the same bytes, by their digest.
    first: dict[str, ReadFile] = {}
    for file in files:
        same = file if file.error else first.setdefault(file.sha256, file)
        twin = None if same is file else same.name
        one = _plan(store, file, merged, fallback, asked=bool(shop), after=brought, twin=twin)
        plans.append(one := _refused_for_zone(store, _refused_if_empty(one)))
        for part in one.parts if one.ready else ():
            brought.setdefault(part.shop, []).extend(part.readings)
    return [_with_speakers(store, one, brought, agents) for one in plans]


def _with_speakers(
    store: Store, plan: FilePlan, brought: Mapping[str, Sequence[Reading]], agents: Sequence[str]
) -> FilePlan:
    """The plan with who is to be asked about, which is told as well: perhaps nobody can be."""
    parts = [
        replace(part, speakers=tuple(_asked(store, part, brought.get(part.shop, ()), agents)))
        for part in plan.parts
    ]
    names = [speaker.name for part in parts for speaker in part.speakers]
    if not names:
        return replace(plan, parts=tuple(parts))
    shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
    remark = Remark("agents_unknown", {"names": shown})
    return replace(plan, parts=tuple(parts), remarks=(*plan.remarks, remark))


def _asked(
    store: Store, part: ShopPart, brought: Sequence[Reading], agents: Sequence[str]
) -> list[Speaker]:
    if not open_speakers(part.readings, agents):
        return []
    known = known_agents(store, part.shop, brought)
    return open_speakers(part.readings, {*known, *agents})


def answered(store: Store, plan: FilePlan, agents: Sequence[str], by: str) -> FilePlan:
    """Keep what somebody says who serves, for the shops whose chats a file holds.

    Args:
        store: The store.
        plan: The file, uploaded before or not.
        agents: Accounts that serve.
        by: Who says so.

    Returns:
        The plan with those who are still to be asked about.
    """
    for part in plan.parts:
        if any(reading.table == "messages" for reading in part.readings):
            name_agents(store, part.shop, agents, by)
    asked = tuple(remark for remark in plan.remarks if remark.code != "agents_unknown")
    return _with_speakers(store, replace(plan, remarks=asked), {}, agents)


def accept(
    store: Store, plan: FilePlan, by: str, *, waiting: Callable[[], None] | None = None
) -> UploadResult:
    """Write one planned file: an upload for each shop it holds rows of.

    Args:
        store: The store.
        plan: The file; one with an error cannot be accepted, nor one without a row to take.
        by: Who uploads.
        waiting: Called once when another import holds the store.

    Raises:
        ExportError: The plan's own, where the file could not be read or gives no row.
        StoreError: When the store cannot be written.
    """
    if plan.file.error is not None:
        raise plan.file.error
    # Asked anew: an earlier file of the batch may have held the same bytes.
    sha256 = plan.file.sha256
    known = {part.shop: already_uploaded(store, sha256, shop=part.shop) for part in plan.parts}
    fresh = [part for part in plan.parts if known[part.shop] is None]
    if plan.file.zone_said:
        for part in fresh:
            _settle_zone(store, part.shop, plan.file.zone, by)
    for part in fresh:
        keep(store, part.shop, part.readings, by)
    added = {
        part.shop: commit(
            store,
            part.readings,
            shop=part.shop,
            file_name=plan.file.name,
            sha256=sha256,
            uploaded_by=by,
            waiting=waiting,
        )
        for part in fresh
    }
    for part in fresh:
        if {reading.table for reading in part.readings} & {"messages", "service_days"}:
            settle(store, part.shop, by)
    readings = [reading for part in fresh for reading in part.readings]
    result = UploadResult(
        file_name=plan.file.name,
        added=added,
        recognised={shop: earlier for shop, earlier in known.items() if earlier},
        rows_accepted=sum(reading.rows.height for reading in readings),
        rows_rejected=sum(reading.rejected.height for reading in readings),
        cells_emptied=sum(reading.emptied.height for reading in readings),
    )
    _log(result)
    return result


def _settle_zone(store: Store, shop: str, zone: str, by: str) -> None:
    """Keep the zone that somebody said for a shop's first files."""
    settings = load_settings(store, shop)
    if settings.time_zone != zone:
        save_settings(store, shop, settings.model_copy(update={"time_zone": zone}), by)


def _log(result: UploadResult) -> None:
    _LOG.info(
        "%s: %d uploads, %d known already; %d rows accepted, %d set aside, %d cells emptied",
        result.file_name,
        len(result.added),
        len(result.recognised),
        result.rows_accepted,
        result.rows_rejected,
        result.cells_emptied,
    )


def prepare(store: Store, fed: Iterable[str]) -> None:
    """Count what files brought now, while somebody waits for them, rather than on a page.

    Args:
        store: The store.
        fed: The shops whose files came, perhaps several times.
    """
    for shop in dict.fromkeys(fed):
        opened(store, shop, load_settings(store, shop))


def _owner(store: Store, file: ReadFile, shop: str | None) -> str:
    """The shop that a file is likely to belong to; which one it does is for :func:`plan` to say."""
    held, named = [name for name in shops(store) if name != SAMPLE_SHOP], _named(file)
    if shop or held == [DEFAULT_SHOP]:
        return shop or DEFAULT_SHOP
    return named[0] if len(named) == 1 else _fallback(held, [])


def _fallback(held: Sequence[str], files: Sequence[ReadFile]) -> str:
    """Where rows go that name no shop."""
    if len(held) == 1:
        return held[0]
    named = {name for file in files for name in _named(file)}
    return named.pop() if len(named) == 1 else DEFAULT_SHOP


def _named(file: ReadFile) -> list[str]:
    """The shops that the rows of a file name, in their order."""
    names = [
        name
        for reading in file.readings
        for name in reading.rows["shop_name"].drop_nulls().unique(maintain_order=True)
    ]
    return list(dict.fromkeys(names))


def _plan(
    store: Store,
    file: ReadFile,
    merged: str | None,
    fallback: str,
    *,
    asked: bool,
    after: Mapping[str, Sequence[Reading]],
    twin: str | None,
) -> FilePlan:
    named = _named(file)
    if merged is not None:
        strange = [name for name in named if name != merged]
        params = {"named": ", ".join(strange), "shop": merged}
        remarks = [Remark("named_shop", params)] if strange and not asked else []
        split = {merged: file.readings}
    else:
        split = _split(file, named, fallback)
        several = Remark("several_shops", {"count": len(split), "shops": ", ".join(split)})
        remarks = [several] if len(split) > 1 else []
    split = {
        shop: held_to(store, shop, readings, after.get(shop, ()))
        for shop, readings in split.items()
    }
    for shop, readings in split.items():
        remarks += money_remarks(store, shop, readings)
    remarks += lacking_columns(file.readings)
    parts = _parts(store, file, split, after, again=twin is not None)
    return FilePlan(file, parts, tuple(remarks), twin)


def _refused_if_empty(plan: FilePlan) -> FilePlan:
    """The plan, with an error where not one row of its file can be taken."""
    file, changes = plan.file, [change for part in plan.parts for change in part.previews]
    if file.error or any(
        change.new or change.updated or change.unchanged or change.behind for change in changes
    ):
        return plan
    reasons: Counter[str] = Counter()
    for reading in file.readings:
        reasons.update(reading.rejected["reason"])
    return replace(plan, file=replace(file, error=_nothing_taken(file.name, reasons)))


def _refused_for_zone(store: Store, plan: FilePlan) -> FilePlan:
    """The plan, with an error where its times cannot be brought to the zone of its shops.

    Asked once, before a shop's first rows: its later files are brought to the zone it then has.
    """
    file, begun = plan.file, shops(store)
    told = [reading.offsets for reading in file.readings if reading.offsets is not None]
    read_in = file.zone_said or any(reading.zone for reading in file.readings)
    if file.error or not read_in:
        return plan
    for part in plan.parts:
        settled = load_settings(store, part.shop).time_zone
        if settled != file.zone and (part.shop in begun or not file.zone_said):
            names = {"zone": file.zone, "shop": part.shop, "settled": settled}
            return _unread(file, ZoneSettledError(file=file.name, **names))
    asked = not file.zone_said and any(part.shop not in begun for part in plan.parts)
    if asked and told and not fits(file.zone, offsets := pl.concat(told)):
        return _unread(file, _zone_unclear(file, offsets))
    return plan


def _unread(file: ReadFile, error: ExportError) -> FilePlan:
    """A file that has to be read anew, in another zone."""
    return FilePlan(replace(file, readings=(), error=error))


def unzoned(plans: Iterable[FilePlan]) -> ZoneUnclearError | None:
    """The first question for a shop's zone that must be answered before anything is written."""
    errors = (plan.file.error for plan in plans)
    return next((error for error in errors if isinstance(error, ZoneUnclearError)), None)


def _zone_unclear(file: ReadFile, offsets: pl.DataFrame) -> ExportError:
    choices = fitting_zones(offsets)
    return ZoneUnclearError(
        choices=choices,
        file=file.name,
        offsets=written_offsets(offsets),
        zone=file.zone,
        zones=", ".join(choices[:_ZONES_NAMED]),
        first=(choices or [file.zone])[0],
    )


def _nothing_taken(name: str, reasons: Counter[str]) -> ExportError:
    if not reasons:
        return NoRowsError(file=name)
    most_first = dict(reasons.most_common())
    return NothingTakenError(
        file=name, rows=reasons.total(), reasons=most_first, why=counted(most_first)
    )


def _split(file: ReadFile, named: Sequence[str], fallback: str) -> dict[str, tuple[Reading, ...]]:
    """The readings of each shop; rows set aside stay with the first, emptied cells with theirs."""
    owner = pl.col("shop_name").fill_null(fallback)
    found = [set(reading.rows.select(owner.unique()).to_series()) for reading in file.readings]
    order = [*named, fallback]
    owners = [shop for shop in dict.fromkeys(order) if any(shop in held for held in found)]
    if len(owners) <= 1:
        return {(owners or [fallback])[0]: file.readings}
    parts: dict[str, list[Reading]] = {shop: [] for shop in owners}
    for reading, held in zip(file.readings, found, strict=True):
        first = next((shop for shop in owners if shop in held), owners[0])
        for shop in owners:
            if shop in held or shop == first:
                aside = reading.rejected if shop == first else reading.rejected.clear()
                rows = reading.rows.filter(owner == shop)
                parts[shop].append(_share(reading, rows, aside))
    return {shop: tuple(readings) for shop, readings in parts.items()}


def _share(reading: Reading, rows: pl.DataFrame, aside: pl.DataFrame) -> Reading:
    first, last = day_span(reading.table, rows)
    kept = reading.emptied.filter(pl.col("source_row").is_in(rows["source_row"].to_list()))
    return replace(reading, rows=rows, rejected=aside, emptied=kept, first_day=first, last_day=last)


def _parts(
    store: Store,
    file: ReadFile,
    split: dict[str, tuple[Reading, ...]],
    after: Mapping[str, Sequence[Reading]],
    *,
    again: bool,
) -> tuple[ShopPart, ...]:
    parts = []
    for shop, readings in split.items():
        if readings:
            known = already_uploaded(store, file.sha256, shop=shop)
            if known or again:
                changes = [unchanging(reading) for reading in readings]
            else:
                changes = preview(store, readings, shop=shop, after=after.get(shop, ()))
            parts.append(ShopPart(shop, readings, tuple(changes), known))
    return tuple(parts)
