"""What a text cell means: ids, money, rates, counts, words; ``exports.cells.times`` reads times.

Whole columns at a time. A cell that says nothing (blank, ``-``, ``null``) is null; a cell that
says something unreadable is null *and* marked, so that its row can be set aside. Formats are
those of docs/exports.md, quirks Q3-Q5, Q8-Q10, Q12-Q17, Q28 and Q30.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import polars as pl

from exports.cells.currencies import currencies
from exports.cells.plain import Column, each_once, folded, plain, settled
from exports.cells.times import days

_PREFIX = r"^(?:No|NO|ID|id)[:：]\s*"
_SCIENTIFIC = r"^[+-]?[0-9]+(\.[0-9]+)?[eE]\+?[0-9]+$"
_DECIMAL = r"^[+-]?([0-9]{1,15}(\.[0-9]*)?|\.[0-9]+)$"
#: What most money columns hold throughout; their fen are the digits without the point.
_TWO_DECIMALS = r"^-?[0-9]{1,13}\.[0-9][0-9]$"
_DECIMAL_COMMA = r",[0-9]{1,2}\)?$"
_DECIMAL_POINT = r"\.[0-9]{1,2}\)?$"
#: Signs of currencies, with the letters of their country, before or behind: $, AU $, RM, zł.
_SIGN = r"(?:(?:[A-Z]{1,3}\s?)?\p{Sc}|[A-Z]{3}\b|Rp\.?|RM|TL|zł|Kč|Ft|kr\.?)"
_SIGN_BEFORE = rf"^([-(]?)\s*{_SIGN}\s*"
_SIGN_BEHIND = rf"\s*{_SIGN}(\)?)$"
#: ``120.000`` and ``1.234,50`` where stops part thousands.
_STOPS = r"^[-(]?(?:[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]{1,2})?|[0-9]+,[0-9]{1,2})\)?$"
_NO_STOPS = r"^[0-9]+$"
_MONEY_MARKS = r"[,，\s￥¥元]"
_NUMBER_MARKS = r"[,，\s￥¥元%人次件笔单]"
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    "|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PROVINCE = rf"^((?:{_PROVINCES})(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区))"
#: Without its kind it must be the whole word: 河南路 is a street.
_PROVINCE_ALONE = rf"^({_PROVINCES}|海外)$"
_CITY = r"^(\p{Han}{2,4}?市)"
_TRUE, _FALSE = (
    ("是", "true", "True", "TRUE", "1", "Y", "yes"),
    ("否", "false", "False", "FALSE", "0", "N", "no"),
)


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
    text = _where(plain(folded(cells)), r"^[0-9]+$", lambda cell: cell.str.replace(_PREFIX, ""))
    text = _where(text, r"^[0-9]+$", lambda cell: cell.str.replace(r"^([0-9]+)\.0+$", "${1}"))
    text = text.set(text.is_in(["", "0.0"]).fill_null(False), None)
    scientific = text.str.contains(_SCIENTIFIC).fill_null(False)
    return Column(text.set(scientific, None), "scientific_id", scientific)


def texts(cells: pl.Series) -> Column:
    """Free text."""
    return _read(plain(cells), lambda text: text, "unreadable_text")


def lines(cells: pl.Series) -> Column:
    """What somebody said, as it stands: a chat line ``-`` or ``暂无`` is no placeholder."""
    return _read(cells, lambda text: text, "unreadable_text")


def regions(cells: pl.Series) -> Column:
    """The province of an address, or the city it begins with: all that is kept of one.

    What begins with neither (a name, a number to call, a street) is no region.
    """
    word = plain(cells).str.extract(r"^([^\s,，]+)", 1)
    province = word.str.extract(_PROVINCE, 1).fill_null(word.str.extract(_PROVINCE_ALONE, 1))
    region = province.fill_null(word.str.extract(_CITY, 1))
    return _read(region, lambda text: text, "unreadable_text")


def money(cells: pl.Series, zero_words: tuple[str, ...] = (), *, thousands: str = "") -> Column:
    """Whole fen, the third decimal rounded half up, by the decimal digits and never by floats.

    Args:
        cells: The column.
        zero_words: Words that mean an amount of 0.
        thousands: "." where a stop before three digits parts thousands, and a comma decimals; so it
            is too where amounts of the column end in ``,50`` and none in ``.50``.
    """
    text, late = settled(cells)
    if thousands or _has_decimal_commas(text):
        text = _where(text, _NO_STOPS, _without_stops)
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
    # 12,50 is no 1250: what ends so has a decimal comma, which its layout or column did not tell.
    comma = _unsigned(cell).str.contains(_DECIMAL_COMMA)
    bare = _unsigned(cell).str.replace_all(_MONEY_MARKS, "")
    return pl.when(~comma).then(bare.str.replace(r"^[(（](.+)[)）]$", "-${1}")).otherwise(cell)


def _unsigned(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace(_SIGN_BEFORE, "${1}").str.replace(_SIGN_BEHIND, "${1}")


def _has_decimal_commas(text: pl.Series) -> bool:
    odd = (
        text.filter(~text.str.contains(_DECIMAL)).to_frame("cell").select(_unsigned(pl.col("cell")))
    )
    if not odd.to_series().str.contains(_DECIMAL_COMMA).any():
        return False
    bare = text.to_frame("cell").select(_unsigned(pl.col("cell"))).to_series()
    return not bare.str.contains(_DECIMAL_POINT).any()


def _without_stops(cell: pl.Expr) -> pl.Expr:
    bare = _unsigned(cell).str.strip_chars()
    plain_number = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return pl.when(bare.str.contains(_STOPS)).then(plain_number).otherwise(bare)


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
    text, late = settled(cells)
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
    """Whole numbers; that none is below 0 is the store's rule."""
    text, late = settled(cells)
    text = _where(text, r"^[0-9]+$", lambda cell: cell.str.replace_all(_NUMBER_MARKS, ""))
    text = _where(text, r"^[0-9]+$", lambda cell: cell.str.replace(r"\.0*$", ""))
    good = text.str.contains(r"^-?[0-9]+$").fill_null(False)
    values = text.set(~good, None).cast(pl.Int32, strict=False)
    bad = values.is_null() & text.is_not_null()
    return Column(values, "unreadable_count", bad, unsettled=late)


def ones(cells: pl.Series) -> Column:
    """1 for every filled cell: what stands on one line each."""
    text = plain(cells)
    values = pl.select(pl.when(text.is_not_null()).then(pl.lit(1, pl.Int32))).to_series()
    return Column(values, "unreadable_count", _nowhere(text))


def stars(cells: pl.Series) -> Column:
    """Whole stars; that they go from 1 to 5 is the store's rule."""
    read = counts(cells)
    # 999 stars are as impossible as 127, which the type can hold.
    values = read.values.clip(-128, 127).cast(pl.Int8)
    return Column(values, "unreadable_stars", read.bad)


def scores(cells: pl.Series) -> Column:
    """Scores with decimals; that they lie from 1 to 5 is the store's rule."""
    return replace(numbers(cells), reason="unreadable_score")


def rates(cells: pl.Series, unit: str = "") -> Column:
    """Shares from ``0.9971``, ``99.71%`` or ``99.71``; that they lie in 0-1 is the store's rule.

    Bare numbers are percent where ``unit`` says so or one of the column's is above 1; the shape
    is the column's, because a cell that reads ``1`` could be either.
    """
    text, late = settled(cells)
    percent = text.str.contains("%", literal=True).fill_null(False)
    number = text.str.replace_all(r"[%％,，\s]", "").cast(pl.Float64, strict=False)
    number = number.set(~number.is_finite().fill_null(True), None)
    bare = number.filter(~percent)
    top = bare.max()
    hundred = unit == "percent" or (not unit and isinstance(top, float) and top > 1)
    by = pl.when("percent").then(100.0).otherwise(100.0 if hundred else 1.0)
    frame = pl.DataFrame({"number": number, "percent": percent})
    values = frame.select(pl.col("number") / by).to_series()
    unclear = not unit and top == 1 and not bare.is_between(0, 1, closed="none").any()
    return Column(
        values,
        "unreadable_rate",
        values.is_null() & text.is_not_null(),
        unsettled=late,
        guessed="fraction" if unclear else "",
    )


def flags(cells: pl.Series) -> Column:
    """Yes and no."""
    words = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    text = plain(folded(cells))
    values = text.replace_strict(words, default=None, return_dtype=pl.Boolean)
    return Column(values, "unknown_word", values.is_null() & text.is_not_null())


def normal_words(cells: pl.Series) -> pl.Series:
    """Words as they are compared: half-width commas (Q24), no blanks around."""
    return plain(cells).str.replace_all("，", ",", literal=True)


def words(cells: pl.Series, meaning: Mapping[str, str]) -> Column:
    """What each word means; a key with ``*`` at an end stands for any text there."""
    distinct = each_once(cells)
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
    "one": ones,
    "stars": stars,
    "score": scores,
    "day": days,
    "flag": flags,
    "currency": currencies,
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
    "one": pl.Int32(),
    "stars": pl.Int8(),
    "score": pl.Float64(),
    "rate": pl.Float64(),
    "duration": pl.Float64(),
    "time": pl.Datetime("us"),
    "day": pl.Date(),
    "flag": pl.Boolean(),
    "email_hash": pl.String(),
    "currency": pl.String(),
}
