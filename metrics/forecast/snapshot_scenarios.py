"""What can be said of the future from the seller page's snapshot alone: scenarios, no forecast.

A snapshot tells the score, not what it is made of: what expires is unknown, and the number of
ratings often only as an interval behind the printed gap of five-star ratings. So each answer
comes as an interval too, and none says what is likely.
"""

from collections.abc import Sequence

import polars as pl

from metrics.kit.order import place_in
from metrics.ratings.stars import effect_of_new, raters_between, star_sum
from store.schemas import DSR_DIMENSIONS

SCENARIO_SCHEMA = {
    "dimension": pl.String,
    "day": pl.Date,
    "score": pl.Float64,
    "fewest": pl.Int64,
    "most": pl.Int64,
    "rating": pl.Int64,
    "ratings": pl.Int64,
    "change_low": pl.Float64,
    "change_high": pl.Float64,
}


def snapshot_scenarios(
    snapshots: pl.DataFrame,
    *,
    ratings: Sequence[int] = (1, 10, 100),
    stars: Sequence[int] = (5, 1),
) -> pl.DataFrame:
    """How far so many further ratings of so many stars move a score, nothing expiring meanwhile.

    Args:
        snapshots: Rows of the table ``rating_snapshots`` as known on the day; the newest of each
            dimension is read.
        ratings: Numbers of further ratings.
        stars: Stars that all of them give.

    Returns:
        One row per dimension, stars (``rating``) and number (``ratings``): ``day`` and ``score``
        of the snapshot, ``fewest`` and ``most`` ratings behind it (equal where the page names
        them, ``most`` null where there is no upper end), ``change_low`` and ``change_high`` in
        stars (0 at the end that is open). A dimension whose number of ratings cannot be told has no
        rows.
    """
    newest = snapshots.sort("day").unique("dimension", keep="last", maintain_order=True)
    rows: list[dict[str, object]] = []
    for snapshot in newest.to_dicts():
        between = _raters(snapshot)
        if between is None:
            continue
        fewest, most = between
        for star in stars:
            for number in ratings:
                ends = [_change(snapshot["score"], count, star, number) for count in between]
                rows.append(
                    {
                        "dimension": snapshot["dimension"],
                        "day": snapshot["day"],
                        "score": snapshot["score"],
                        "fewest": fewest,
                        "most": most,
                        "rating": star,
                        "ratings": number,
                        "change_low": min(ends),
                        "change_high": max(ends),
                    }
                )
    return pl.DataFrame(rows, schema=SCENARIO_SCHEMA).sort(
        place_in(DSR_DIMENSIONS, "dimension"), "rating", "ratings", descending=[False, True, False]
    )


def _change(score: float, count: int | None, star: int, ratings: int) -> float:
    """The change where so many ratings stand behind the score; without an end none moves it."""
    if count is None:
        return 0.0
    return effect_of_new(star_sum(score, count), count, star, ratings=ratings) or 0.0


def _raters(snapshot: dict[str, object]) -> tuple[int, int | None] | None:
    """Fewest and most ratings behind a snapshot."""
    raters, gap, target = (snapshot[name] for name in ("raters", "five_star_gap", "target"))
    score = snapshot["score"]
    if isinstance(raters, int) and raters > 0:
        return raters, raters
    if isinstance(gap, int) and isinstance(target, float) and isinstance(score, float):
        return raters_between(gap, round(target, 2), round(score, 2))
    return None
