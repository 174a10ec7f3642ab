"""Which time zones the offsets of a file's times fit."""

from collections.abc import Iterable

import polars as pl


def fits(zone: str, offsets: pl.DataFrame) -> bool:
    """Whether a zone has these offsets at these moments, summer time included.

    Args:
        zone: Name of the zone.
        offsets: ``utc`` and ``offset`` (minutes).
    """
    return bool(offsets.select(_agrees(zone).all()).item())


def fitting(zones: Iterable[str], offsets: pl.DataFrame) -> list[str]:
    """Of some zones those that most of the offsets fit, in their order; none where none fits any.

    A shop that has moved fits no zone throughout.
    """
    named = list(zones)
    counts = offsets.select(_agrees(zone).sum().alias(zone) for zone in named).row(0)
    most = max(counts, default=0)
    return [zone for zone, count in zip(named, counts, strict=True) if count == most and most]


def _agrees(zone: str) -> pl.Expr:
    utc = pl.col("utc")
    there = utc.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return (there - utc).dt.total_minutes() == pl.col("offset")
