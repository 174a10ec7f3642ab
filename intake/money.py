"""What a shop's amounts are in, and by which key its buyers are named: asked before files are read,
held to when their rows are planned, kept when they are accepted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from exports.layouts import layout_by_id, load_layouts
from exports.reading import KnownBefore
from exports.result import Reading, Remark, no_rejected
from store.buyer_key import is_key_lost, keep_key, key_for_reading
from store.lake import Store
from store.shop_settings import load_settings, save_settings
from store.uploads import uploads
from told.mark import mark as _

REMARKS = {
    "currency_assumed": _(
        "Nothing names the currency of the amounts; they are taken as {currency}. If they are in "
        "another, say so in the settings or import with --currency."
    ),
    "buyer_key_lost": _(
        "The key by which buyers' e-mail addresses were turned into pseudonyms is gone from the "
        "store: buyers of earlier files count as new in this one. To keep them known, restore the "
        "store's folder buyer-key from a backup first, then import."
    ),
}


def known_before(store: Store, *, said: str = "") -> KnownBefore:
    """What is known before a file is read, whatever its shop.

    Args:
        store: The store.
        said: The currency that somebody says of rows that name none.
    """
    return KnownBefore(said_currency=said, buyer_key=key_for_reading(store))


def shop_currency(store: Store, shop: str) -> str:
    """The shop's currency: set or learned, else that of its files' platform; "" for none."""
    saved = load_settings(store, shop).currency
    if saved:
        return saved
    oldest_first = uploads(store, shop).filter(pl.col("rows_accepted") > 0).reverse()
    layouts = (name for names in oldest_first["layout"] for name in names.split(","))
    return next(filter(None, map(_platform_currency, layouts)), "")


def currency_of(readings: Iterable[Reading]) -> str:
    """The currency that rows of these readings are in; "" where none is known."""
    return next((one.currency for one in readings if one.currency and one.rows.height), "")


def held_to(
    store: Store, shop: str, readings: Sequence[Reading], after: Iterable[Reading] = ()
) -> tuple[Reading, ...]:
    """The readings, with all rows of those set aside whose amounts are in another currency.

    Rows of a file that was read for its own shop are told apart while they are read; these are
    the rest, such as those of a file that waited while its shop's currency was learned.

    Args:
        store: The store.
        shop: The shop.
        readings: What a file gave.
        after: What files before it bring, which may teach the shop's currency.
    """
    currency = shop_currency(store, shop) or currency_of(after) or currency_of(readings)
    return tuple(_in_currency(reading, currency) for reading in readings)


def _in_currency(reading: Reading, currency: str) -> Reading:
    if not currency or reading.currency in ("", currency):
        return reading
    told = reading.rows.select(
        pl.col("source_row").cast(pl.Int64),
        column=pl.lit(""),
        value=pl.lit(reading.currency),
        reason=pl.lit("other_currency"),
        cells=pl.lit("{}"),
    ).cast(no_rejected().schema)
    params = {"currency": currency, "others": reading.currency, "count": told.height}
    return replace(
        reading,
        rows=reading.rows.clear(),
        rejected=pl.concat([reading.rejected, told]),
        emptied=reading.emptied.clear(),
        remarks=(*reading.remarks, Remark("other_currency", params)),
        first_day=None,
        last_day=None,
    )


def money_remarks(store: Store, shop: str, readings: Iterable[Reading]) -> list[Remark]:
    """What is to be said of the currency and the buyers' key of one shop's rows."""
    readings = list(readings)
    remarks = []
    if any(map(_unnamed_amounts, readings)) and not shop_currency(store, shop):
        assumed = load_settings(store, shop).paid_in
        remarks.append(Remark("currency_assumed", {"currency": assumed}))
    if any(reading.named_by for reading in readings) and is_key_lost(store):
        remarks.append(Remark("buyer_key_lost"))
    return remarks


def keep(store: Store, shop: str, readings: Iterable[Reading], by: str) -> None:
    """Keep what the first rows of a shop teach, before they are written.

    Args:
        store: The store.
        shop: The shop.
        readings: What is to be written.
        by: Who uploads.

    Raises:
        StoreError: When the store meanwhile got another key for its buyers.
    """
    readings = [reading for reading in readings if reading.rows.height]
    for mark in dict.fromkeys(reading.named_by for reading in readings if reading.named_by):
        keep_key(store, mark, by)
    found = currency_of(readings)
    own = {_platform_currency(reading.layout) for reading in readings}
    if found and found not in own and not shop_currency(store, shop):
        changed = load_settings(store, shop).model_copy(update={"currency": found})
        save_settings(store, shop, changed, by)


def _platform_currency(layout: str) -> str:
    known = layout_by_id(load_layouts(), layout)
    return known.currency if known else ""


def _unnamed_amounts(reading: Reading) -> bool:
    amounts = [name for name in reading.rows.columns if name.endswith("_fen")]
    filled = (reading.rows[name].count() for name in amounts)
    return not reading.currency and any(filled)
