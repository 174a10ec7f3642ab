"""The spans a figure is reported over, and the rows every subject hands to ``measure``."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import polars as pl

from metrics.kit.ratio import ratio

By = Literal["period", "day", "week", "month", "agent"]
#: Spans that show what is not final yet; a longer figure waits for it.
SHOW_OPEN = ("day", "week", "month")

#: Columns of what a subject's ``measured`` returns, in this order.
MEASURED: dict[str, type[pl.DataType]] = {
    "metric": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "agent": pl.String,
    "value": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "immature": pl.Boolean,
    "note": pl.String,
}
#: Amounts are kept in hundredths of the currency's unit (``store.schemas``).
FEN_PER_UNIT = 100


def spans(first: date, last: date, *, by: By) -> pl.DataFrame:
    """The stretches of [first, last] that get a row each, oldest first.

    Days for "day"; ISO weeks (Monday to Sunday) and natural months, clipped to [first, last], for
    "week" and "month"; else the whole.

    Returns:
        ``start`` and ``end`` (Date, both included).

    >>> spans(date(2024, 1, 30), date(2024, 2, 2), by="month").rows()[0]
    (datetime.date(2024, 1, 30), datetime.date(2024, 1, 31))
    """
    days = pl.DataFrame({"day": pl.date_range(first, last, eager=True)})
    return (
        days.group_by(start=span_start(pl.col("day"), first, by=by))
        .agg(end=pl.col("day").max())
        .sort("start")
    )


def span_start(day: pl.Expr, first: date, *, by: By) -> pl.Expr:
    """First day of the span that a day belongs to, which names the span in ``spans``."""
    match by:
        case "day":
            return day
        case "week":
            return pl.max_horizontal(day.dt.truncate("1w"), pl.lit(first))
        case "month":
            return pl.max_horizontal(day.dt.truncate("1mo"), pl.lit(first))
        case _:
            return pl.lit(first)


def judged_spans(
    covered: pl.DataFrame, first: date, last: date, *, by: By, final: date | None
) -> pl.DataFrame:
    """The spans with what coverage says about them.

    Args:
        covered: ``day`` and ``whole`` (``metrics.kit.coverage.covered_days``).
        first: First day.
        last: Last day, included.
        by: How [first, last] is cut.
        final: Last day whose figures no longer change.

    Returns:
        One row per span: ``start``, ``end``, ``covered_until`` (last covered day, null where no
        file covers any), ``open`` (holds covered days that are not final), ``settled`` (holds
        covered days that are).
    """
    is_final = pl.col("whole") & (pl.col("day") <= final if final else pl.lit(False))
    days = (
        covered.filter(pl.col("day").is_between(first, last))
        .with_columns(start=span_start(pl.col("day"), first, by=by), final=is_final)
        .group_by("start")
        .agg(
            covered_until=pl.col("day").max(),
            open=~pl.col("final").all(),
            settled=pl.col("final").any(),
        )
    )
    return spans(first, last, by=by).join(days, on="start", how="left", maintain_order="left")


def reported(
    counts: pl.LazyFrame,
    judged: pl.DataFrame,
    /,
    *,
    metric_id: str,
    by: By,
    notes: Sequence[str],
    open_note: str = "mature_part",
    summed: bool = True,
) -> pl.LazyFrame:
    """Counts of one metric as the rows that ``measure`` collects.

    A span without a file, and a period of which nothing is final, get null; a covered span
    without counts gets 0 ÷ 0, which is null with its counts shown. By agent only the agents'
    own rows come back.

    Args:
        counts: ``start`` (or ``agent`` when by agent), ``numerator``, ``denominator``, optionally
            ``value`` (where it is not the ratio of the two), ``note`` (more codes) and ``reason``
            (the code that tells why there is no value, in place of "no_rows").
        judged: ``judged_spans`` of the same days.
        metric_id: The metric's id.
        by: How the days are cut.
        notes: Codes that hold for every row with a file.
        open_note: What a longer figure says when some of its days are not final; by default that
            its counts leave them out.
        summed: False where the value is no ratio of two sums (a median): it has no numerator.

    Returns:
        The columns of ``MEASURED``, unsorted.
    """
    columns = counts.collect_schema().names()
    value = pl.col("value") if "value" in columns else ratio(*map(pl.col, COUNTS))
    unsaid = pl.lit(None, dtype=pl.String)
    counts = counts.with_columns(
        value=value,
        **{word: pl.col(word) if word in columns else unsaid for word in ("note", "reason")},
    )
    rows = (
        counts.join(judged.lazy(), how="cross")
        if by == "agent"
        else judged.lazy()
        .with_columns(agent=pl.lit(None, dtype=pl.String))
        .join(counts, on="start", how="left", validate="1:1")
    )
    has_file = pl.col("covered_until").is_not_null()
    # Only a day or a month shows what is not final yet; a longer figure waits for it.
    waits = pl.lit(by in ("period", "agent")) & ~pl.col("settled")
    shown = has_file & ~waits
    return rows.select(
        "start",
        "end",
        "agent",
        metric=pl.lit(metric_id),
        value=pl.when(shown).then("value"),
        numerator=pl.when(shown & summed).then(_zero_unless_valued("numerator")),
        denominator=pl.when(shown).then(_zero_unless_valued("denominator")),
        immature=has_file & pl.col("open") & (waits | pl.lit(by in SHOW_OPEN)),
        note=_note(has_file, waits, by=by, notes=notes, open_note=open_note),
    ).select(pl.col(name).cast(dtype) for name, dtype in MEASURED.items())


COUNTS = ("numerator", "denominator")


def _zero_unless_valued(count: str) -> pl.Expr:
    """A printed score has a value without counts; elsewhere no row means nothing counted."""
    return pl.when(pl.col("value").is_null()).then(pl.col(count).fill_null(0)).otherwise(count)


def _note(
    has_file: pl.Expr, waits: pl.Expr, *, by: By, notes: Sequence[str], open_note: str
) -> pl.Expr:
    still_open = has_file & pl.col("open")
    part = pl.when(still_open & ~waits & pl.lit(by in ("period", "agent")))
    why_null = pl.when(pl.col("value").is_null()).then(pl.coalesce("reason", pl.lit("no_rows")))
    return pl.concat_str(
        pl.when(~has_file).then(pl.lit("no_file")),
        pl.when(has_file & ~waits).then(why_null),
        pl.when(still_open & (waits | pl.lit(by in SHOW_OPEN))).then(pl.lit("immature")),
        part.then(pl.lit(open_note)),
        *(pl.when(has_file).then(pl.lit(code)) for code in notes),
        pl.when(has_file).then("note"),
        separator=";",
        ignore_nulls=True,
    )
