"""Cell shapes against plain Python, one cell at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.cells import times, values
from exports.cells.plain import Column

AMOUNTS = st.decimals(-(10**9), 10**9, places=4).map(lambda amount: f"{amount:f}")
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)


def column(*texts: str | None) -> pl.Series:
    return pl.Series("cell", texts, dtype=pl.String)


def fen(text: str) -> int:
    """The twin: exact decimals, half a fen away from zero."""
    cut = Decimal(text).quantize(Decimal("0.001"), rounding="ROUND_DOWN")  # three digits are read
    return int((cut * 100).to_integral_value(ROUND_HALF_UP))


@settings(max_examples=100, deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_money_is_exact(texts: list[str]) -> None:
    read = values.money(column(*texts))
    assert read.values.to_list() == [fen(text) for text in texts]
    assert not read.bad.any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2.205", 221, id="half a fen goes up"),
        pytest.param("2.2049999", 220, id="just under half"),
        pytest.param("-2.205", -221, id="away from zero"),
        pytest.param("1.10", 110, id="no float crept in"),
        pytest.param("12.300000000000001", 1230, id="what Excel makes of a sum"),
        pytest.param("90071992547409.93", 9007199254740993, id="beyond a float's digits"),
        pytest.param("1234567890123456", None, id="too long for money"),
        pytest.param("1e5", None, id="scientific"),
        pytest.param("12.3.4", None, id="two points"),
        pytest.param("$1,234.50", 123450, id="a dollar sign"),
        pytest.param("AU $9.99", 999, id="with its country"),
        pytest.param("-$5.00", -500, id="given back"),
        pytest.param("USD 7", 700, id="a code"),
        pytest.param("12,50", 1250, id="a decimal comma is no thousand"),
        pytest.param("€ 1.234,50", 123450, id="nor behind a stop"),
        pytest.param("1,23,456.00", 12345600, id="Indian thousands"),
        pytest.param("", None, id="empty"),
    ],
)
def test_money_edges(text: str, expected: int | None) -> None:
    assert values.money(column(text)).values.to_list() == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("120.000", 12_000_000), ("1.234,50", 123_450), ("12,5", 1_250), ("1.5", 150), ("7", 700)],
)
def test_money_whose_thousands_are_parted_by_stops(text: str, expected: int) -> None:
    read = values.money(column(text, "1.000.000"), thousands=".")
    assert read.values.to_list() == [expected, 100_000_000]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("US$12.00", 1200),
        ("€ 9.50", 950),
        ("9.50 €", 950),
        ("NT$1,200", 120_000),
        ("RM 12.30", 1230),
        ("฿1,234.00", 123_400),
        ("₺12.00", 1200),
        ("₫15000", 1_500_000),
        ("12.00 zł", 1200),
        ("(US$12.00)", -1200),
        ("12.00 coins", None),
    ],
)
def test_money_with_the_sign_of_a_currency(text: str, expected: int | None) -> None:
    assert values.money(column(text)).values.to_list() == [expected]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["€ 9,50", "12", "1.234,50"], [950, 1200, 123_450], id="commas"),
        pytest.param(["1.234", "9,5"], [123_400, 950], id="a stop parts thousands beside them"),
        pytest.param(["9,50", "9.50"], [None, 950], id="both: the comma tells nothing"),
        pytest.param(["1,234", "9.50"], [123_400, 950], id="points"),
    ],
)
def test_a_columns_own_amounts_tell_what_a_comma_is(
    texts: list[str], expected: list[int | None]
) -> None:
    assert values.money(column(*texts)).values.to_list() == expected


def test_a_regular_money_column_reads_as_its_cells_one_by_one() -> None:
    texts = ["-0.01", "178.80", None, "1.00"]
    together = values.money(column(*texts)).values.to_list()
    assert together == [values.money(column(text, "￥1")).values[0] for text in texts]


@settings(max_examples=60, deadline=None)
@given(
    moments=st.lists(MOMENTS, min_size=1, max_size=10),
    shape=st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日%H:%M:%S"]),
)
def test_times_in_a_shape_read_as_themselves(moments: list[datetime], shape: str) -> None:
    read = times.times(column(*[moment.strftime(shape) for moment in moments]))
    assert read.values.to_list() == moments
    assert read.coarse == 0


@settings(max_examples=60, deadline=None)
@given(moment=MOMENTS)
def test_excel_serials_are_true_to_the_second(moment: datetime) -> None:
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert times.times(column(repr(serial))).values.to_list() == [moment]


@settings(max_examples=60, deadline=None)
@given(seconds=st.integers(0, 90_000))
def test_durations_in_words(seconds: int) -> None:
    hours, rest = divmod(seconds, 3600)
    words = f"{hours}小时{rest // 60}分{rest % 60}秒"
    clock = f"{hours:02}:{rest // 60:02}:{rest % 60:02}"
    assert times.durations(column(words, clock, f"{seconds}")).values.to_list() == [seconds] * 3


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2025-01-02 09:01:02 -0300", "Asia/Shanghai", datetime(2025, 1, 2, 20, 1, 2)),
        ("2025-01-02 09:01:02 +05:30", "Asia/Shanghai", datetime(2025, 1, 2, 11, 31, 2)),
        ("2025-01-02T09:01:02Z", "Asia/Shanghai", datetime(2025, 1, 2, 17, 1, 2)),
        ("2025-07-02 12:00:00 +0000", "Europe/Berlin", datetime(2025, 7, 2, 14)),
        ("2025-01-02 12:00:00", "Europe/Berlin", datetime(2025, 1, 2, 12)),
    ],
)
def test_offsets_are_brought_to_shop_time(text: str, zone: str, moment: datetime) -> None:
    assert times.times(column(text), zone).values.to_list() == [moment]


def test_an_offset_where_none_belongs_is_no_time() -> None:
    assert times.times(column("2025-01-02 09:01:02 -0300")).bad.to_list() == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5", 5), ("5.0", 5), ("6", 6), ("-1", -1), ("999", 127), ("4.5", None), ("", None)],
)
def test_stars(text: str, expected: int | None) -> None:
    read = values.stars(column(text))
    assert read.values.to_list() == [expected]
    assert read.bad.to_list() == [expected is None and text != ""]


@pytest.mark.parametrize(
    ("text", "bad"), [("7", False), ("-1", False), ("2.5", True), ("9" * 11, True)]
)
def test_counts(text: str, bad: bool) -> None:
    assert values.counts(column(text)).bad.to_list() == [bad]


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400"])
def test_no_number_is_infinite(text: str) -> None:
    for read in (values.numbers(column(text)), values.rates(column(text))):
        assert read.values.to_list() == [None]
        assert read.bad.to_list() == [True]


def test_words_with_a_star_stand_for_any_text_there() -> None:
    read = values.words(column("已取消", "取消中", "成交"), {"*取消*": "closed", "成交": "paid"})
    assert read.values.to_list() == ["closed", "closed", "paid"]


#: The first digit of some scripts, full-width and Arabic among them.
ZEROS = "０٠۰०০๐᠐𝟎"
#: How a shape reads a column.
READ: dict[str, Callable[[pl.Series], Column]] = {
    **values.READERS,
    "money": values.money,
    "rate": values.rates,
    "duration": times.durations,
    "time": lambda cells: times.times(cells, "Asia/Shanghai"),
}


def in_digits(text: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(sign)) if sign in "0123456789" else sign for sign in text)


@pytest.mark.parametrize("zero", ZEROS)
@pytest.mark.parametrize(
    ("shape", "text"),
    [
        *(("money", text) for text in ("1106.00", "1,106.5", "-2.205", "￥12")),
        *(("id", text) for text in ("100000000000000001", "No:12-3", "12.0")),
        *(("count", text) for text in ("7", "1,234", "3人")),
        *(("rate", text) for text in ("99.71%", "0.5")),
        *(("duration", text) for text in ("2分30秒", "00:02:30", "11")),
        *(("time", text) for text in ("2025-03-05 09:05:00", "2025/3/5 9:05", "45321.5")),
        *(("stars", "5"), ("score", "4.81"), ("flag", "1"), ("day", "2025年3月5日")),
        *(("number", "1.25"), ("ratio", "132%")),
    ],
)
def test_digits_of_any_script_read_as_ours(shape: str, text: str, zero: str) -> None:
    ours, theirs = (READ[shape](column(each)) for each in (text, in_digits(text, zero)))
    assert theirs.values.to_list() == ours.values.to_list() != [None]
    assert not theirs.bad.any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("１，１０６．００", 110_600),
        ("＋１２．５", 1_250),
        ("−5.00", -500),
        ("－５", -500),
        ("–5", -500),
        ("12\u00a0000.50", 1_200_050),
        ("\u20091\u202f234\u3000", 123_400),
        ("12。5", 1_250),
        ("١٬٢٣٤٫٥", 123_450),
        ("\u200e12.00\u200f", 1_200),
        ("（１２．００）", -1_200),
    ],
)
def test_signs_of_other_scripts_read_as_ours(text: str, expected: int) -> None:
    assert values.money(column(text)).values.to_list() == [expected]
    assert values.money(column(text, "1.00")).values.to_list() == [expected, 100]


def test_free_text_keeps_its_characters() -> None:
    texts = ["１２件，买２送１", "−5°C", "買\u3000二"]
    assert values.texts(column(*texts)).values.to_list() == texts
    assert values.lines(column(*texts)).values.to_list() == texts


ODD = st.sampled_from([*"0123456789-+−－.,，．:：/年月日時点%％eE()（）\"'= \u3000\u00a0", *ZEROS])
WORDS = st.sampled_from(
    ["上午", "pm", "mar", "月", "gmt+9", "T", "Z", "nan", "inf", "天", "秒", "分"]
)
CELLS = st.none() | st.text(max_size=20) | st.lists(ODD | WORDS, max_size=14).map("".join)


@settings(max_examples=100, deadline=None)
@given(st.lists(CELLS, max_size=8))
def test_no_cell_raises_in_any_shape(texts: list[str | None]) -> None:
    cells = column(*texts)
    for shape, reader in READ.items():
        read = reader(cells)
        assert read.values.len() == read.bad.len() == len(texts), shape
        # What is unreadable is null, and what is null said nothing or is marked.
        assert not (read.values.is_not_null() & read.bad).any(), shape
