"""What a text cell means: ids, money, times, rates, durations, counts, words.

Whole columns at a time. A cell that says nothing (blank, ``-``, ``null``) is null; a cell that
says something unreadable is null *and* marked, so that its row can be set aside. Formats are
those of exports.md, quirks Q3-Q5, Q8-Q10, Q12-Q17, Q28 and Q30.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from exports.headers import normal_header

#: Cells that mean "nothing here" (Q5, Q8, Q17).
NULL_WORDS = ("", "null", "NULL", "Null", "-", "--", "—", "#NULL!", "#N/A", "暂无数据", "暂无")
#: So many rows per different word make it worth while to look at each word once.
_FEW_WORDS = 100
#: "Not settled yet": null too, but the reader remarks on it (Q17).
UNSETTLED = "延迟统计"

_GUARDED = r"^[\s=\"'`\x{FEFF}]|[\s\x{FEFF}]$"
_PREFIX = r"^(?:No|NO|ID|id)[:：]\s*"
_SCIENTIFIC = r"^[+-]?\d+(\.\d+)?[eE]\+?\d+$"
_DECIMAL = r"^[+-]?(\d{1,15}(\.\d*)?|\.\d+)$"
#: What most money columns hold throughout; their fen are the digits without the point.
_TWO_DECIMALS = r"^-?\d{1,13}\.\d\d$"
_MONEY_MARKS = r"[,，\s￥¥元]"
_NUMBER_MARKS = r"[,，\s￥¥元%人次件笔单]"
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
_TRUE, _FALSE = (
    ("是", "true", "True", "TRUE", "1", "Y", "yes"),
    ("否", "false", "False", "FALSE", "0", "N", "no"),
)
_EARLIEST, _LATEST = datetime(1990, 1, 1), datetime(2100, 1, 1)


@dataclass(frozen=True)
class Column:
    """One column read: its values, and which cells said something unreadable."""

    values: pl.Series
    #: Reason code of the cells in ``bad``; ``scientific`` cells have their own.
    reason: str
    bad: pl.Series
    #: Ids damaged by Excel, a part of ``bad``.
    scientific: pl.Series | None = None
    #: Which cells read 延迟统计; None where none does.
    unsettled: pl.Series | None = None
    #: Times without seconds.
    coarse: int = 0
    #: Set where the column alone does not tell a rate from a percentage.
    guessed: str = ""


def plain(cells: pl.Series) -> pl.Series:
    """The cells without Excel's guards and blanks around them; null where they say nothing."""
    if _each_once(cells).str.contains(_GUARDED).any():
        text = pl.col(cells.name)
        cells = (
            cells.to_frame()
            .select(text.str.strip_chars(" \t\r\n\u3000\u00a0\ufeff"))
            .select(
                pl.when(text.str.starts_with('="') | text.str.starts_with('"'))
                .then(text.str.strip_prefix("=").str.strip_chars('"'))
                .otherwise(text.str.strip_prefix("'"))
            )
            .select(text.str.strip_chars(" \t\r\n\u3000\u00a0\ufeff"))
            .to_series()
        )
    silent = cells.is_in(NULL_WORDS)
    return cells.set(silent, None) if silent.any() else cells


def _each_once(cells: pl.Series) -> pl.Series:
    """Every different cell once where a column repeats few words, else the column as it is."""
    different: int = cells.to_frame().select(pl.first().approx_n_unique()).item()
    return cells.unique() if different * _FEW_WORDS <= cells.len() else cells


def _settled(cells: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    text = plain(cells)
    late = (text == UNSETTLED).fill_null(False)
    return (text.set(late, None), late) if late.any() else (text, None)


def _where(text: pl.Series, pattern: str, clean: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """The text where it has the pattern, else cleaned; columns in order pay for one look only."""
    fits = text.str.contains(pattern).fill_null(True)
    if fits.all():
        return text
    cell = pl.col("cell")
    frame = pl.DataFrame({"cell": text, "fits": fits})
    return frame.select(pl.when("fits").then(cell).otherwise(clean(cell))).to_series()


def ids(cells: pl.Series) -> Column:
    """Ids as text; one in scientific notation has lost digits and is marked."""
    text = _where(plain(cells), r"^\d+$", lambda cell: cell.str.replace(_PREFIX, ""))
    text = _where(text, r"^\d+$", lambda cell: cell.str.replace(r"^(\d+)\.0+$", "${1}"))
    text = text.set(text.is_in(["", "0.0"]).fill_null(False), None)
    scientific = text.str.contains(_SCIENTIFIC).fill_null(False)
    return Column(text.set(scientific, None), "scientific_id", scientific, scientific)


def texts(cells: pl.Series) -> Column:
    """Free text."""
    return _read(plain(cells), lambda text: text, "unreadable_text")


def lines(cells: pl.Series) -> Column:
    """What somebody said, as it stands: a chat line ``-`` or ``暂无`` is no placeholder."""
    return _read(cells, lambda text: text, "unreadable_text")


def regions(cells: pl.Series) -> Column:
    """The first word of an address (its province), all that is kept of one."""
    word = plain(cells).str.extract(r"^([^\s,，]+)", 1)
    province = word.str.extract(r"^(.{2,7}?(?:省|自治区|特别行政区|市))", 1)
    # One long unbroken word without a province is a full address.
    short = word.set((word.str.len_chars() > 4).fill_null(False), None)
    return _read(province.fill_null(short), lambda region: region, "unreadable_text")


def money(cells: pl.Series, zero_words: tuple[str, ...] = ()) -> Column:
    """Whole fen, the third decimal rounded half up, by the decimal digits and never by floats."""
    text, late = _settled(cells)
    if zero_words:
        text = text.set(text.is_in(zero_words).fill_null(False), "0")
    if text.str.contains(_TWO_DECIMALS).fill_null(True).all():
        fen = text.str.replace(".", "", literal=True).cast(pl.Int64)
        return Column(fen, "unreadable_money", _nowhere(text), unsettled=late)
    text = _where(text, _DECIMAL, _bare_amount)
    good = text.str.contains(_DECIMAL).fill_null(False)
    amount = text.set(~good, None)
    frame = amount.alias("cell").to_frame().select(_fen(pl.col("cell")))
    return Column(frame.to_series(), "unreadable_money", ~good & text.is_not_null(), unsettled=late)


def _bare_amount(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace_all(_MONEY_MARKS, "").str.replace(r"^[(（](.+)[)）]$", "-${1}")


def _fen(text: pl.Expr) -> pl.Expr:
    parts = text.str.strip_chars_start("+-").str.split_exact(".", 1)
    whole = parts.struct.field("field_0").str.pad_start(1, "0").cast(pl.Int64)
    after = parts.struct.field("field_1").fill_null("").str.pad_end(3, "0")
    cents = after.str.slice(0, 2).cast(pl.Int64)
    up = (after.str.slice(2, 1) >= "5").cast(pl.Int64)
    sign = pl.when(text.str.starts_with("-")).then(-1).otherwise(1)
    return sign * (whole * 100 + cents + up)


def numbers(cells: pl.Series) -> Column:
    """Plain numbers."""
    text, late = _settled(cells)
    text = _where(text, _DECIMAL, lambda cell: cell.str.replace_all(_NUMBER_MARKS, ""))
    values = text.cast(pl.Float64, strict=False)
    values = values.set(~values.is_finite().fill_null(True), None)
    bad = values.is_null() & text.is_not_null()
    return Column(values, "unreadable_number", bad, unsettled=late)


def ratios(cells: pl.Series) -> Column:
    """Quotients that may pass 1, such as 答问比: ``1.32`` or ``132%``."""
    read = numbers(cells)
    percent = cells.str.contains("[%％]").fill_null(False)
    return replace(read, values=read.values.zip_with(~percent, read.values / 100))


def counts(cells: pl.Series) -> Column:
    """Whole numbers from 0 up."""
    text, late = _settled(cells)
    text = _where(text, r"^\d+$", lambda cell: cell.str.replace_all(_NUMBER_MARKS, ""))
    text = _where(text, r"^\d+$", lambda cell: cell.str.replace(r"\.0*$", ""))
    good = text.str.contains(r"^\d+$").fill_null(False)
    values = text.set(~good, None).cast(pl.Int32, strict=False)
    bad = values.is_null() & text.is_not_null()
    return Column(values, "unreadable_count", bad, unsettled=late)


def stars(cells: pl.Series) -> Column:
    """Whole stars from 1 to 5."""
    read = counts(cells)
    good = read.values.is_between(1, 5).fill_null(True)
    values = read.values.set(~good, None).cast(pl.Int8)
    return Column(values, "unreadable_stars", read.bad | ~good)


def scores(cells: pl.Series) -> Column:
    """Scores from 1 to 5 with decimals."""
    read = numbers(cells)
    good = read.values.is_between(1, 5).fill_null(True)
    values = read.values.set(~good, None)
    return Column(values, "unreadable_score", read.bad | ~good, unsettled=read.unsettled)


def rates(cells: pl.Series, unit: str = "") -> Column:
    """Shares 0-1 from ``0.9971``, ``99.71%`` or ``99.71``.

    Bare numbers are percent where ``unit`` says so or one of the column's is above 1; the shape
    is the column's, because a cell that reads ``1`` could be either.
    """
    text, late = _settled(cells)
    percent = text.str.contains("%", literal=True).fill_null(False)
    number = text.str.replace_all(r"[%％,，\s]", "").cast(pl.Float64, strict=False)
    number = number.set(~number.is_finite().fill_null(True), None)
    bare = number.filter(~percent)
    top = bare.max()
    hundred = unit == "percent" or (not unit and isinstance(top, float) and top > 1)
    by = pl.when("percent").then(100.0).otherwise(100.0 if hundred else 1.0)
    frame = pl.DataFrame({"number": number, "percent": percent})
    values = frame.select(pl.col("number") / by).to_series()
    good = values.is_between(0, 1).fill_null(text.is_null())
    unclear = not unit and top == 1 and not bare.is_between(0, 1, closed="none").any()
    return Column(
        values.set(~good, None),
        "unreadable_rate",
        ~good,
        unsettled=late,
        guessed="fraction" if unclear else "",
    )


def durations(cells: pl.Series, unit: str = "second") -> Column:
    """Seconds from ``11``, ``11秒``, ``2分30秒``, ``7小时41分52秒`` or ``00:02:30``.

    Args:
        cells: The column.
        unit: What a bare number counts: "second", "minute", "hour", "day"; "" refuses it.
    """
    text, late = _settled(cells)
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


def flags(cells: pl.Series) -> Column:
    """Yes and no."""
    words = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    text = plain(cells)
    values = text.replace_strict(words, default=None, return_dtype=pl.Boolean)
    return Column(values, "unknown_word", values.is_null() & text.is_not_null())


def normal_words(cells: pl.Series) -> pl.Series:
    """Words as they are compared: half-width commas (Q24), no blanks around."""
    return plain(cells).str.replace_all("，", ",", literal=True)


def words(cells: pl.Series, meaning: Mapping[str, str]) -> Column:
    """What each word means; a key with ``*`` at an end stands for any text there."""
    distinct = _each_once(cells)
    read = _each_word(distinct, meaning)
    if distinct is cells:
        return read
    values = cells.replace_strict(distinct, read.values, return_dtype=pl.String)
    wrong = distinct.filter(read.bad)
    return Column(values, read.reason, cells.is_in(wrong.to_list()).fill_null(False))


def _each_word(cells: pl.Series, meaning: Mapping[str, str]) -> Column:
    text = normal_words(cells)
    exact = {_normal_word(key): value for key, value in meaning.items() if "*" not in key}
    values = text.replace_strict(exact, default=None, return_dtype=pl.String)
    for key, value in meaning.items():
        if "*" in key and values.null_count():
            hit = text.str.contains(_normal_word(key).strip("*"), literal=True) & values.is_null()
            values = values.set(hit.fill_null(False), value)
    return Column(values, "unknown_word", values.is_null() & text.is_not_null())


def _normal_word(word: str) -> str:
    return word.replace("，", ",").strip()


def _read(text: pl.Series, parse: Callable[[pl.Series], pl.Series], reason: str) -> Column:
    return Column(parse(text), reason, _nowhere(text))


def _nowhere(text: pl.Series) -> pl.Series:
    return pl.repeat(False, text.len(), dtype=pl.Boolean, eager=True)


#: Shapes that take nothing but their cells.
READERS: dict[str, Callable[[pl.Series], Column]] = {
    "id": ids,
    "text": texts,
    "region": regions,
    "line": lines,
    "number": numbers,
    "ratio": ratios,
    "count": counts,
    "stars": stars,
    "score": scores,
    "day": days,
    "flag": flags,
}
#: The shapes a layout may name, and the table dtype of each.
DTYPES: dict[str, pl.DataType] = {
    "id": pl.String(),
    "text": pl.String(),
    "word": pl.String(),
    "region": pl.String(),
    "money": pl.Int64(),
    "line": pl.String(),
    "number": pl.Float64(),
    "ratio": pl.Float64(),
    "count": pl.Int32(),
    "stars": pl.Int8(),
    "score": pl.Float64(),
    "rate": pl.Float64(),
    "duration": pl.Float64(),
    "time": pl.Datetime("us"),
    "day": pl.Date(),
    "flag": pl.Boolean(),
}
