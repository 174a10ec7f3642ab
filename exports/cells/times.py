"""What a text cell says of time: moments, days, durations (Q12-Q16 of docs/exports.md)."""

from datetime import datetime

import polars as pl

from exports.cells.headings import normal_header
from exports.cells.plain import Column, plain, settled

_CLOCK = (
    r"^(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
    r"(?:[\sT]*(?P<H>\d{1,2})[:：时](?P<M>\d{1,2})(?:[:：分](?P<S>\d{1,2})?(?:\.\d+)?秒?)?分?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?$"
)
_COMPACT = r"^(?P<y>20\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2}))?$"
_SERIAL = r"^[2-7]\d{4}(\.\d+)?$"
_EXCEL_EPOCH = datetime(1899, 12, 30)
#: A span printed as a moment counts from here (calamine's day zero for spans).
_SPAN_EPOCH = datetime(1899, 12, 31)
_SPAN = (
    r"^(?:(\d+(?:\.\d+)?)天)?(?:(\d+(?:\.\d+)?)(?:小时|时))?"
    r"(?:(\d+(?:\.\d+)?)分钟?)?(?:(\d+(?:\.\d+)?)秒钟?)?$"
)
_SPAN_CLOCK = r"^(\d+):(\d{2}):(\d{2})(?:\.\d+)?$"
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


def times(cells: pl.Series, zone: str = "") -> Column:
    """Shop-local moments, in every shape of Q13.

    Args:
        cells: The column.
        zone: Where the file's times carry an offset, the shop zone to bring them to.
    """
    text, values = cells, _written_out(cells)
    if values.null_count() > cells.null_count():
        text = plain(cells)
        text = text.set(text.str.starts_with("0000-00-00").fill_null(False), None)
        values = _written_out(text)
    other = text.is_not_null() & values.is_null()
    coarse = 0
    if other.any():
        rest = text.filter(other).alias("cell").to_frame().select(_moment(zone)).unnest("moment")
        places = other.arg_true()
        values = values.scatter(places, rest["at"])
        coarse = int((rest["coarse"] & rest["at"].is_not_null()).sum())
    sane = values.is_between(_EARLIEST, _LATEST).fill_null(True)
    values = values.set(~sane, None)
    bad = values.is_null() & text.is_not_null()
    return Column(values, "unreadable_time", bad, coarse=coarse)


def _written_out(cells: pl.Series) -> pl.Series:
    """The moments of cells in the commonest shape, null for all others."""
    # Few moments are met twice: a cache of them would cost more than reading them.
    return cells.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us", cache=False)


def _moment(zone: str) -> pl.Expr:
    cell = pl.col("cell")
    written, compact = (cell.str.extract_groups(pattern).struct for pattern in (_CLOCK, _COMPACT))

    def part(name: str, default: str) -> pl.Expr:
        return pl.coalesce(written.field(name), compact.field(name), pl.lit(default)).str.zfill(2)

    iso = pl.format(
        "{}-{}-{} {}:{}:{}",
        part("y", ""), part("m", ""), part("d", ""), part("H", "0"), part("M", "0"), part("S", "0"),
    )  # fmt: skip
    local = iso.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    offset = written.field("zone")
    days = pl.when(cell.str.contains(_SERIAL)).then(cell).cast(pl.Float64, strict=False)
    serial = pl.lit(_EXCEL_EPOCH) + pl.duration(seconds=(days * 86_400).round())
    at = pl.coalesce(
        pl.when(offset.is_null()).then(local),
        _in_zone(local, offset, zone) if zone else pl.lit(None, pl.Datetime("us")),
        serial,
    )
    coarse = days.is_null() & written.field("S").is_null() & compact.field("S").is_null()
    return pl.struct(at.cast(pl.Datetime("us")).alias("at"), coarse.alias("coarse")).alias("moment")


def _in_zone(local: pl.Expr, offset: pl.Expr, zone: str) -> pl.Expr:
    digits = offset.str.replace("Z", "+0000", literal=True).str.replace(":", "", literal=True)
    sign = pl.when(digits.str.starts_with("-")).then(-1).otherwise(1)
    minutes = digits.str.slice(1, 2).cast(pl.Int64) * 60 + digits.str.slice(3, 2).cast(pl.Int64)
    moment = (local - pl.duration(minutes=minutes * sign)).dt.replace_time_zone("UTC")
    return moment.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def days(cells: pl.Series) -> Column:
    """Natural days; a time of day beside them is cut off."""
    read = times(cells)
    return Column(read.values.cast(pl.Date), "unreadable_day", read.bad)
