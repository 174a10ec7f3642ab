"""Rows set aside: which cell was at fault, and the row itself without personal data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from exports.cells.headings import normal_header
from exports.cells.masking import masked_text
from exports.result import REJECTED, no_rejected

#: Headings that speak of persons, whatever the layout: unknown columns may hold them too.
_PERSONAL = re.compile(
    r"收货人|收件|姓名|手机|电话|地址|邮编|支付宝|留言|抬头|身份证|座机|微信|街道"
    r"|email|phone|address|street|zip|billing|shipping(?!$)|recipient|receiver",
    re.IGNORECASE,
)
#: Longest value kept of a cell at fault.
_VALUE_LENGTH = 200


@dataclass(frozen=True)
class Aside:
    """Some rows set aside for one column and one reason."""

    #: Places in the body, from 0.
    rows: pl.Series
    #: The file's own heading; "" where the whole row is at fault.
    heading: str
    values: pl.Series
    reason: str


def is_personal(heading: str, listed: frozenset[str]) -> bool:
    """Whether a (normalised) heading's cells may not leave the reader."""
    return heading in listed or bool(_PERSONAL.search(heading))


def rejected_frame(
    asides: Sequence[Aside],
    body: pl.DataFrame,
    source_row: pl.Series,
    spelled: Mapping[str, str],
    personal: frozenset[str],
) -> pl.DataFrame:
    """One line per row set aside, for the first of its faults in the layout's order.

    Args:
        asides: The faults found.
        body: The data rows, columns named by normalised heading.
        source_row: Spreadsheet row of each body row.
        spelled: The file's spelling of each heading.
        personal: Normalised headings of personal columns.
    """
    if not asides:
        return no_rejected()
    faults = pl.concat([_faults(aside) for aside in asides])
    first = faults.unique("at", keep="first", maintain_order=True).sort("at")
    return told_lines(first, body, source_row, spelled, personal)


def told_lines(
    faults: pl.DataFrame,
    body: pl.DataFrame,
    source_row: pl.Series,
    spelled: Mapping[str, str],
    personal: frozenset[str],
) -> pl.DataFrame:
    """One line per fault, with its row's cells, without what leads to a person.

    Args:
        faults: ``at`` (place in the body, from 0), ``column``, ``value``, ``reason``.
        body: The data rows, columns named by normalised heading.
        source_row: Spreadsheet row of each body row.
        spelled: The file's spelling of each heading.
        personal: Normalised headings of personal columns.
    """
    at = faults["at"]
    kept = [name for name in body.columns if not is_personal(normal_header(name), personal)]
    whole = body.select(kept).rename({name: spelled[name] for name in kept})[at.to_list()]
    clean = whole.with_columns(masked_text(column) for column in whole.iter_columns())
    json = clean.select(pl.struct(pl.all()).struct.json_encode()).to_series() if kept else "{}"
    return faults.select(
        source_row.gather(at).alias("source_row"),
        "column",
        masked_text(faults["value"].str.slice(0, _VALUE_LENGTH)).alias("value"),
        "reason",
        (json.alias("cells") if isinstance(json, pl.Series) else pl.lit(json).alias("cells")),
    ).select(pl.col(name).cast(dtype) for name, dtype in REJECTED.items())


def _faults(aside: Aside) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "at": aside.rows.cast(pl.Int64),
            "value": aside.values.cast(pl.String).fill_null(""),
            "column": pl.Series([aside.heading], dtype=pl.String).new_from_index(
                0, aside.rows.len()
            ),
            "reason": pl.Series([aside.reason], dtype=pl.String).new_from_index(
                0, aside.rows.len()
            ),
        }
    )
