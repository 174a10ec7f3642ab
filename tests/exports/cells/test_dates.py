"""Dates and times as people write them; the languages' own formats are Babel's."""

from collections.abc import Callable
from datetime import datetime, timedelta

import polars as pl
import pytest
from babel.dates import format_date, format_datetime
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.cells import times
from exports.cells.dates import Order

#: Whose month names are read, with countries that write them otherwise.
PLACES = (
    *("en_US", "en_GB", "en_SG", "de_DE", "de_AT", "fr_FR", "fr_CA", "es_ES", "es_MX", "it_IT"),
    *("pt_BR", "pt_PT", "nl_NL", "tr_TR", "id_ID", "ms_MY", "th_TH", "vi_VN", "zh_CN", "zh_TW"),
)
MARCH_5 = datetime(2025, 3, 5)
CLOCK = MARCH_5 + timedelta(hours=14, minutes=5, seconds=33)


def read(
    *texts: str, zone: str = "", order: Callable[[], Order | None] | None = None
) -> list[object]:
    return times.times(pl.Series(texts, dtype=pl.String), zone, order).values.to_list()


@pytest.mark.parametrize("place", PLACES)
def test_every_month_is_read_as_its_language_writes_it(place: str) -> None:
    texts, wanted = [], []
    for month in range(1, 13):
        moment = datetime(2025, month, 17, (month * 5) % 24, 7, 33)
        for style in ("medium", "long", "full"):
            texts.append(format_date(moment, style, locale=place))
            wanted.append(datetime(2025, month, 17))
        texts.append(format_datetime(moment, "medium", locale=place))
        wanted.append(moment)
    assert dict(zip(texts, read(*texts), strict=True)) == dict(zip(texts, wanted, strict=True))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025年3月5日 14时05分", MARCH_5 + timedelta(hours=14, minutes=5)),
        ("2025年3月5日下午2:05:33", CLOCK),
        ("2025/3/5 下午 2:05:33", CLOCK),
        ("2025-03-05 星期三 14:05:33", CLOCK),
        ("2025-03-05 中午12:30", MARCH_5 + timedelta(hours=12, minutes=30)),
        ("2025-03-05 凌晨12:05", MARCH_5 + timedelta(minutes=5)),
        ("2025-03-05 晚上9点", MARCH_5 + timedelta(hours=21)),
        ("2025/03/05 上午12:05", MARCH_5 + timedelta(minutes=5)),
        ("25年3月5日", MARCH_5),
        ("3/13/2025 2:05 PM", datetime(2025, 3, 13, 14, 5)),
        ("3/13/2025 12:05:33 a.m.", datetime(2025, 3, 13, 0, 5, 33)),
        ("13.03.2025 14:05", datetime(2025, 3, 13, 14, 5)),
        ("14:05 13/03/2025", datetime(2025, 3, 13, 14, 5)),
        ("12/31/22", datetime(2022, 12, 31)),
        ("Mar-05-25", MARCH_5),
        ("05-Mar-25", MARCH_5),
        ("5. März 2025 um 14:05 Uhr", MARCH_5 + timedelta(hours=14, minutes=5)),
        ("1er mars 2025 à 14h05", datetime(2025, 3, 1, 14, 5)),
        ("mar 5 mar 2025", MARCH_5),
        ("5 มี.ค. 2568", MARCH_5),
        ("2025-03-05T14:05:33.123", CLOCK),
        ("20250305T140533", CLOCK),
        ("45321.5", datetime(2024, 1, 30, 12)),
        ("45321,5", datetime(2024, 1, 30, 12)),
        ("２０２５－０３－０５　１４：０５：３３", CLOCK),
        ("٥/٢٥/٢٠٢٥", datetime(2025, 5, 25)),
        ("२०२५-०३-०५", MARCH_5),
        ("5\u00a0mar\u202f2025", MARCH_5),
        ("31/02/2025", None),
        ("2025-13-05", None),
        ("2025-03-05 上午13:00", None),
        ("2025-03-05 晚上12:00", None),
        ("5 Mai März 2025", None),
        ("5 foo 2025", None),
        ("March 2025", None),
        ("12", None),
    ],
)
def test_as_people_write_it(text: str, moment: datetime | None) -> None:
    column = times.times(pl.Series([text]))
    assert column.values.to_list() == [moment]
    assert column.bad.to_list() == [moment is None]


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("2025-03-05T14:05:33.123Z", timedelta(0)),
        ("2025-03-05T14:05:33+08:00", timedelta(hours=-8)),
        ("2025-03-05 14:05:33 UTC+8", timedelta(hours=-8)),
        ("Mar 5, 2025 2:05:33 PM PST", timedelta(hours=8)),
        ("Wed Mar 05 2025 14:05:33 GMT+0530 (India Standard Time)", timedelta(hours=-5.5)),
    ],
)
def test_offsets_and_the_names_of_zones(text: str, there: timedelta) -> None:
    assert read(text, zone="UTC") == [CLOCK + there]
    assert read(text) == [None]


def test_a_name_of_several_zones_and_an_offset_of_no_place_are_no_times() -> None:
    texts = ("2025-03-05 14:05:33 CST", "2025-03-05 14:05:33 +9900")
    assert read(*texts, zone="UTC") == [None, None]


MAY_3 = datetime(2025, 5, 3)


@pytest.mark.parametrize(
    ("beside", "own", "expected"),
    [
        pytest.param(["13/03/2025"], "mdy", MARCH_5, id="a 13 in front: the day stands there"),
        pytest.param(["03/13/2025"], "dmy", MAY_3, id="a 13 behind: the month stands in front"),
        pytest.param(["04/04/2025"], "mdy", MAY_3, id="nothing told: the platform's order"),
        pytest.param([], "dmy", MARCH_5, id="alone: the platform's order"),
        pytest.param([], "", None, id="alone, of no platform: not guessed"),
        pytest.param([], "ymd", None, id="of a platform that puts the year in front"),
        pytest.param(["13/03/2025", "03/13/2025"], "mdy", None, id="told both ways"),
    ],
)
def test_day_or_month_first(beside: list[str], own: str, expected: datetime | None) -> None:
    columns = [pl.Series(["05/03/2025"]), pl.Series(["2025-01-02", *beside])]
    column = times.times(columns[0], order=lambda: times.day_order(columns, own))
    assert column.values.to_list() == [expected]
    assert (column.unclear is not None) == (expected is None)


@pytest.mark.parametrize(
    ("texts", "own", "expected"),
    [
        (["25/3/5", "25/12/31"], "ymd", MARCH_5),
        (["25/3/5", "25/12/31"], "", MARCH_5),  # 31 is no year of a shop: the day stands last
        (["5/3/25", "31/12/25"], "ymd", MARCH_5),
        (["3/5/25", "12/31/25"], "", MARCH_5),
        (["11/12/13"], "ymd", datetime(2011, 12, 13)),
        (["11/12/13"], "", None),
    ],
)
def test_years_of_two_digits(texts: list[str], own: str, expected: datetime | None) -> None:
    cells = pl.Series(texts)
    told = times.times(cells, order=lambda: times.day_order([cells], own))
    assert told.values[0] == expected


DAYS = st.dates(datetime(2010, 1, 1).date(), datetime(2049, 12, 31).date())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(DAYS, min_size=1, max_size=8), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y"])
)
def test_no_day_is_ever_read_as_another(days: list[object], shape: str) -> None:
    """What is read is what was written; what the file leaves open is not read."""
    texts = [f"{day:{shape}}" for day in days]
    column = times.times(pl.Series(texts))
    for day, found in zip(days, column.values, strict=True):
        assert found is None or found.date() == day
    told = any(day.day > 12 for day in days) and shape.endswith("Y")  # type: ignore[attr-defined]
    assert not (told and column.bad.any())
