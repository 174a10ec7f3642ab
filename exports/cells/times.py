"""What a text cell says of time: moments, days, durations (Q12-Q16 of docs/exports.md)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import cache

import polars as pl

from exports.cells.dates import Order, clock_of, days_of, halves, shared_order
from exports.cells.headings import normal_header
from exports.cells.plain import Column, folded, plain, settled

_CLOCK = (
    r"^(?P<y>[0-9]{4})[-/.年](?P<m>[0-9]{1,2})[-/.月](?P<d>[0-9]{1,2})日?"
    r"(?:[\sT]*(?P<H>[0-9]{1,2})[:时](?P<M>[0-9]{1,2})"
    r"(?:[:分](?P<S>[0-9]{1,2})?(?:\.[0-9]+)?秒?)?分?)?"
    r"\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?$"
)
_COMPACT = (
    r"^(?P<y>20[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"
    r"(?:T?(?P<H>[0-9]{2})(?P<M>[0-9]{2})(?P<S>[0-9]{2}))?$"
)
_SERIAL = r"^[2-7][0-9]{4}([.,][0-9]+)?$"
_EXCEL_EPOCH = datetime(1899, 12, 30)
#: Zones by name that mean one offset wherever they are written; CST, IST and BST mean several.
_NAMED_OFFSETS = {
    **dict.fromkeys(("z", "utc", "gmt"), 0),
    **{"pst": -480, "pdt": -420, "mst": -420, "mdt": -360, "est": -300, "edt": -240},
    **{"cet": 60, "cest": 120, "jst": 540, "hkt": 480, "sgt": 480, "wib": 420},
}
#: What stands behind a clock and says in which zone it runs, maybe with the zone's name behind it.
_OFFSET = (
    r"^(?P<text>.*:[0-9]{2}(?:[.,][0-9]+)?(?:\s*[ap]\.?\s?m\.?)?)\s*\(?(?P<offset>"
    r"(?:utc|gmt)?\s?[+-][0-9]{1,2}(?::?[0-9]{2})?|"
    rf"{'|'.join(_NAMED_OFFSETS)})\)?(?:\s*\([^)]*\))?$"
)
_OFFSET_PARTS = r"(?P<sign>[+-])(?P<hours>[0-9]{1,2}):?(?P<minutes>[0-9]{2})?$"
#: No place's clocks are further from UTC, in minutes.
_FURTHEST = 14 * 60
_CJK_WEEKDAY = r"[(（]?(?:星期|周|週|礼拜)[一二三四五六日天][)）]?"
#: A span printed as a moment counts from here (calamine's day zero for spans).
_SPAN_EPOCH = datetime(1899, 12, 31)
_SPAN = (
    r"^(?:([0-9]+(?:\.[0-9]+)?)天)?(?:([0-9]+(?:\.[0-9]+)?)(?:小时|时))?"
    r"(?:([0-9]+(?:\.[0-9]+)?)分钟?)?(?:([0-9]+(?:\.[0-9]+)?)秒钟?)?$"
)
_SPAN_CLOCK = r"^([0-9]+):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?$"
_SECONDS_PER = {"day": 86_400.0, "hour": 3_600.0, "minute": 60.0, "second": 1.0}
_EARLIEST, _LATEST = datetime(1990, 1, 1), datetime(2100, 1, 1)


def durations(cells: pl.Series, unit: str = "second") -> Column:
    """Seconds from ``11``, ``11秒``, ``2分30秒``, ``7小时41分52秒`` or ``00:02:30``.

    Args:
        cells: The column.
        unit: What a bare number counts: "second", "minute", "hour", "day"; "" refuses it.
    """
    text, late = settled(cells)
    bare = text.str.replace_all(r"[,，\s]", "")
    cell = pl.col("cell")
    span = cell.str.extract_groups(_SPAN).struct
    clock = cell.str.extract_groups(_SPAN_CLOCK).struct
    worth = (86_400, 3_600, 60, 1)
    parts = [span.field(str(at + 1)).cast(pl.Float64) * size for at, size in enumerate(worth)]
    clock_parts = [clock.field(str(at + 1)).cast(pl.Float64) * worth[at + 1] for at in range(3)]
    moment = pl.col("raw").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    number = cell.cast(pl.Float64, strict=False) * _SECONDS_PER.get(unit, float("nan"))
    seconds = pl.coalesce(
        number,
        pl.when(cell != "", pl.any_horizontal([part.is_not_null() for part in parts])).then(
            pl.sum_horizontal(parts)
        ),
        pl.when(clock_parts[0].is_not_null()).then(pl.sum_horizontal(clock_parts)),
        (moment - _SPAN_EPOCH).dt.total_seconds().cast(pl.Float64),
    )
    values = pl.DataFrame({"cell": bare, "raw": text}).select(seconds).to_series()
    good = (values.is_finite() & (values >= 0)).fill_null(text.is_null())
    return Column(values.set(~good, None), "unreadable_duration", ~good, unsettled=late)


def unit_of(heading: str, default: str = "") -> str:
    """What a bare number under a heading counts: its bracket says, else the default, else seconds.

    A heading that names two units says nothing: bare numbers under it are refused.

    >>> unit_of("平均响应时长（秒)"), unit_of("退款完结时长（小时）"), unit_of("平均响应时长")
    ('second', 'hour', 'second')
    """
    bracket = normal_header(heading).rpartition("(")[2].rstrip(")")
    named = {
        "秒": "second",
        "s": "second",
        "分": "minute",
        "分钟": "minute",
        "小时": "hour",
        "天": "day",
    }
    if "(" in normal_header(heading) and "/" in bracket:
        return ""
    return named.get(bracket, default or "second")


def times(
    cells: pl.Series, zone: str = "", order: Callable[[], Order | None] | None = None
) -> Column:
    """Shop-local moments, in every shape of Q13 and as people write them.

    Args:
        cells: The column.
        zone: The shop zone to bring times with an offset to; "" takes none.
        order: Tells whether day or month stands first in the file where a cell leaves it open;
            asked of the column's own cells unless given.
    """
    text, values = cells, _written_out(cells)
    if values.null_count() > cells.null_count():
        text = plain(folded(cells))
        text = text.set(text.str.starts_with("0000-00-00").fill_null(False), None)
        values = _written_out(text)
    other = text.is_not_null() & values.is_null()
    if not other.any():
        return _within_reach(values, text)
    places = other.arg_true()
    read = _moments(text.gather(places), order or (lambda: day_order([cells])), zone)
    column = _within_reach(values.scatter(places, read["at"]), text)
    unclear = other.clone().scatter(places, read["unclear"])
    return replace(
        column,
        coarse=int((read["coarse"] & read["at"].is_not_null()).sum()),
        unclear=unclear if unclear.any() else None,
        offsets=_offsets(read),
    )


def _within_reach(values: pl.Series, text: pl.Series) -> Column:
    values = values.set(~values.is_between(_EARLIEST, _LATEST).fill_null(True), None)
    return Column(values, "unreadable_time", values.is_null() & text.is_not_null())


def day_order(columns: Iterable[pl.Series], own: str = "") -> Order | None:
    """In which order a file writes day, month and year; None where its cells leave that open.

    Args:
        columns: All its columns of times and days.
        own: The order in which its platform writes them, "" where that is not known.
    """
    texts: list[str] = []
    for cells in columns:
        text = plain(folded(cells)).drop_nulls()
        read = _by_numbers(_unread(text.filter(_written_out(text).is_null())))
        rest = _without_offset(read.filter(pl.col("wall").is_null()))
        texts += rest.select(_split()).unnest("split")["date"].drop_nulls().unique().to_list()
    return shared_order(texts, own)


def _written_out(cells: pl.Series) -> pl.Series:
    """The moments of cells in the commonest shape, null for all others."""
    # Few moments are met twice: a cache of them would cost more than reading them.
    return cells.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us", cache=False)


def _moments(cells: pl.Series, order: Callable[[], Order | None], zone: str) -> pl.DataFrame:
    """Of each cell ``at`` (shop time), ``utc`` (where it says its offset), ``coarse``, ``unclear``.

    One shape after the other, each on the rows that are left.
    """
    read = _by_numbers(_unread(cells))
    steps: tuple[Callable[[pl.DataFrame], pl.DataFrame], ...] = (
        lambda rest: _by_numbers(_without_offset(rest)),
        lambda rest: _by_words(rest, order),
    )
    for step in steps:
        left = read["wall"].is_null()
        if left.any():
            rest, at = step(read.filter(left)), left.arg_true()
            read = read.with_columns(each.clone().scatter(at, rest[each.name]) for each in read)
    return read.with_columns(utc=_utc()).with_columns(at=_in_zone(zone))


def _unread(cells: pl.Series) -> pl.DataFrame:
    nothing = {"wall": pl.Datetime("us"), "offset": pl.Int32(), "coarse": pl.Boolean()}
    return pl.DataFrame({"cell": cells}).with_columns(
        *(pl.lit(None, dtype).alias(name) for name, dtype in nothing.items()),
        unclear=pl.lit(False),
    )


def _by_numbers(read: pl.DataFrame) -> pl.DataFrame:
    """Dates with the year in front, in numbers throughout, and Excel's day numbers."""
    cell = pl.col("cell")
    # Taken out once: each further mention of a pattern would search anew.
    found = read.with_columns(
        cell.str.extract_groups(_CLOCK).alias("written"),
        cell.str.extract_groups(_COMPACT).alias("compact"),
        days=pl.when(cell.str.contains(_SERIAL)).then(cell.str.replace(",", ".", literal=True)),
    )
    written, compact = (pl.col(name).struct for name in ("written", "compact"))

    def part(name: str, default: str) -> pl.Expr:
        return pl.coalesce(written.field(name), compact.field(name), pl.lit(default)).str.zfill(2)

    iso = pl.format(
        "{}-{}-{} {}:{}:{}",
        part("y", ""), part("m", ""), part("d", ""), part("H", "0"), part("M", "0"), part("S", "0"),
    )  # fmt: skip
    local = iso.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    days = pl.col("days").cast(pl.Float64, strict=False)
    serial = pl.lit(_EXCEL_EPOCH) + pl.duration(seconds=(days * 86_400).round())
    return found.with_columns(
        wall=pl.coalesce(local, serial).cast(pl.Datetime("us")),
        offset=pl.coalesce(_minutes(written.field("zone")), "offset"),
        coarse=days.is_null() & written.field("S").is_null() & compact.field("S").is_null(),
    ).drop("written", "compact", "days")


def _without_offset(read: pl.DataFrame) -> pl.DataFrame:
    """The cells without the offset or the zone's name that stands behind their clock."""
    found = pl.col("cell").str.to_lowercase().str.extract_groups(_OFFSET).struct
    return read.with_columns(
        cell=found.field("text").fill_null(pl.col("cell")),
        offset=pl.coalesce(_minutes(found.field("offset")), "offset"),
    )


def _minutes(offset: pl.Expr) -> pl.Expr:
    """Minutes ahead of UTC: of ``+0530``, ``-03:00``, ``+8``, ``gmt+7``, ``Z`` or a zone's name."""
    parts = offset.str.extract_groups(_OFFSET_PARTS).struct
    hours, minutes = (parts.field(name).cast(pl.Int32) for name in ("hours", "minutes"))
    sign = pl.when(parts.field("sign") == "-").then(-1).otherwise(1)
    named = offset.str.to_lowercase().replace_strict(
        _NAMED_OFFSETS, default=None, return_dtype=pl.Int32
    )
    return pl.coalesce(sign * (hours * 60 + minutes.fill_null(0)), named).cast(pl.Int32)


def _by_words(read: pl.DataFrame, order: Callable[[], Order | None]) -> pl.DataFrame:
    """Dates with day or month in front or in words, clocks with a half of the day."""
    split = read.select(_split()).unnest("split")
    days = {text: days_of(text) for text in split["date"].drop_nulls().unique()}
    told = order() if any(len(set(each.values())) > 1 for each in days.values()) else None
    sure = {
        text: day
        for text, each in days.items()
        if (day := each.get(told) if told in each else _same(each.values()))
    }
    unclear = [text for text, each in days.items() if each and text not in sure]
    clocks = {text: clock_of(text) for text in split["clock"].drop_nulls().unique()}
    known = pl.col("date").replace_strict(sure, default=None, return_dtype=pl.Date)
    clock = pl.col("clock").replace_strict(clocks, default=None, return_dtype=pl.Int32)
    seconds = pl.when(pl.col("clock").is_null()).then(0).otherwise(clock)
    whole = split.select(
        wall=known.cast(pl.Datetime("us")) + pl.duration(seconds=seconds),
        coarse=pl.col("clock").str.count_matches("[0-9]+").fill_null(0) < 3,
        unclear=pl.col("date").is_in(unclear).fill_null(False),
    )
    return read.with_columns(whole)


def _same(days: Iterable[date]) -> date | None:
    different = set(days)
    return different.pop() if len(different) == 1 else None


def _split() -> pl.Expr:
    """``date`` and ``clock`` of cells that have both, in either order, or a date alone."""
    cell = pl.col("cell").str.to_lowercase().str.replace_all(_CJK_WEEKDAY, " ").str.strip_chars()
    found = [cell.str.extract_groups(pattern).struct for pattern in _split_patterns()]
    clock = pl.coalesce(each.field("clock") for each in found)
    day = pl.coalesce(*(each.field("date") for each in found), cell)
    return pl.struct(date=day, clock=clock).alias("split")


@cache
def _split_patterns() -> tuple[str, ...]:
    half = rf"(?:{'|'.join(map(re.escape, halves()))})"
    hour = r"[0-9]{1,2}\s*[时時点點h]整?"
    full = (
        r"[0-9]{1,2}\s*(?:[:时時点點h]|uhr)\s*[0-9]{1,2}"
        r"(?:\s*(?:[:分]|min)\s*[0-9]{1,2}(?:[.,][0-9]+)?)?\s*(?:[秒s分]|min)?"
    )
    clock = (
        rf"(?:{half}\s*)?(?:{full}|{hour})(?:\s*{half})?|{half}\s*[0-9]{{1,2}}|"
        rf"[0-9]{{1,2}}\s*{half}"
    )
    behind = r"(?:\s*(?:uhr|น\.?|h|hrs?\.?))?"
    dotted = r"[0-9]{1,2}\.[0-9]{2}(?:\.[0-9]{2})?"
    return (
        rf"^(?P<date>.*?[^\s,])[\s,]*(?P<clock>{clock}){behind}$",
        rf"^(?P<date>.*?[^\s,])[\s,]+(?P<clock>{dotted}(?:\s*{half})?){behind}$",
        rf"^(?P<clock>{clock}){behind}[\s,]+(?P<date>.*[0-9].*)$",
    )


def _utc() -> pl.Expr:
    """The moment itself, of cells that say their offset; such as nobody's clocks have are none."""
    known = pl.col("offset").is_between(-_FURTHEST, _FURTHEST)
    return pl.when(known).then(pl.col("wall") - pl.duration(minutes="offset"))


def _in_zone(zone: str) -> pl.Expr:
    utc = pl.col("utc")
    there = pl.when(pl.col("offset").is_null()).then("wall")
    if not zone:
        return there
    return there.otherwise(
        utc.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    )


def _offsets(read: pl.DataFrame) -> pl.DataFrame | None:
    """The first and last ``utc`` of every day and ``offset`` (minutes); None where none is."""
    told = read.filter(pl.col("utc").is_not_null())
    if told.is_empty():
        return None
    days = told.group_by("offset", day=pl.col("utc").dt.date())
    ends = days.agg(first=pl.col("utc").min(), last=pl.col("utc").max())
    return (
        ends.unpivot(["first", "last"], index="offset", value_name="utc")
        .select("utc", "offset")
        .unique()
        .sort("utc", "offset")
    )


def days(
    cells: pl.Series, zone: str = "", order: Callable[[], Order | None] | None = None
) -> Column:
    """Natural days; a time of day beside them is cut off. For the rest see :func:`times`."""
    read = times(cells, zone, order)
    return replace(read, values=read.values.cast(pl.Date), reason="unreadable_day", coarse=0)
