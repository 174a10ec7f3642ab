"""Which time zones the offsets of a file's times fit.

Offsets are frames of ``utc`` and ``offset`` (minutes ahead of UTC at that moment).
"""

from collections.abc import Iterable

import polars as pl
from babel.core import get_global

from store.settings import time_zones

#: Where most shops are; of zones that fit equally well these come first.
_LIKELY = (
    *("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Kuala_Lumpur"),
    *("Asia/Manila", "Asia/Tokyo", "Asia/Seoul", "Asia/Bangkok", "Asia/Jakarta"),
    *("Asia/Ho_Chi_Minh", "Asia/Kolkata", "Asia/Dubai", "Europe/Moscow", "Europe/Istanbul"),
    *("Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Amsterdam"),
    *("Europe/London", "America/Sao_Paulo", "America/New_York", "America/Chicago"),
    *("America/Denver", "America/Los_Angeles", "America/Mexico_City", "Australia/Sydney"),
)


def fits(zone: str, offsets: pl.DataFrame) -> bool:
    """Whether a zone has these offsets at these moments, summer time included."""
    return bool(offsets.select(_agrees(zone).all()).item())


def fitting_zones(offsets: pl.DataFrame) -> list[str]:
    """The zones that most of the offsets fit, the likeliest first; none where none fits any.

    A shop that has moved fits no zone throughout.
    """
    zones = list(dict.fromkeys([*_LIKELY, *sorted(_places())]))
    counts = offsets.select(_agrees(zone).sum().alias(zone) for zone in zones).row(0)
    most = max(counts)
    return [zone for zone, count in zip(zones, counts, strict=True) if count == most and most]


def written_offsets(offsets: pl.DataFrame) -> str:
    """The different offsets as people write them: ``-04:00, -05:00``."""
    different: list[int] = offsets["offset"].unique().sort(descending=True).to_list()
    signed = [("-" if each < 0 else "+", *divmod(abs(each), 60)) for each in different]
    return ", ".join(f"{sign}{hours:02}:{minutes:02}" for sign, hours, minutes in signed)


def _places() -> set[str]:
    """Zones named after places, each once."""
    named: Iterable[str] = get_global("zone_territories")
    places = {zone for zone in named if "/" in zone and not zone.startswith("Etc/")}
    return places & {*time_zones()}


def _agrees(zone: str) -> pl.Expr:
    utc = pl.col("utc")
    there = utc.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return (there - utc).dt.total_minutes() == pl.col("offset")
