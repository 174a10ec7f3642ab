"""Orders worth a call: which pending ratings are likely to cost most, and who called."""

from typing import Any

import polars as pl
import streamlit as st

from metrics.forecast.scores import FittedForecast
from metrics.forecast.worth_a_call import call_sheet, tells_apart, worth_a_call
from pages.shared import loaders, masking, tables, viewer, wording
from pages.shared.filters import View
from store.lake import store_path
from team.entries import entries, entry_table, write
from team.kinds import Call
from told.mark import mark
from told.names import DIMENSIONS
from told.tables import Column

LISTED = 100
#: Why an order stands where it stands; {number} in words of its own.
REASONS: dict[str, str] = {
    "refund_refused": mark("refund refused"),
    "refund_open": mark("refund still open"),
    "refunded": mark("refunded once"),
    "parcel_late": mark("parcel {number} late"),
    "waited": mark("waited {number} for an answer"),
    "product_low": mark("product rated {number} stars lower"),
    "buyer_low": mark("buyer rates {number} stars lower"),
}


def show(view: View, fit: FittedForecast) -> None:
    """The ranked list with its ticks."""
    _ = wording.words()
    ranked = worth_a_call(fit, most=LISTED)
    st.subheader(_("Orders worth a call"))
    if ranked.is_empty():
        st.caption(
            _("No completed order is waiting for its rating. Order files with 确认收货时间 tell.")
        )
        return
    st.caption(_told(fit))
    listed = _listed(view, ranked)
    edited = st.data_editor(
        listed.drop("order_id").rename(_headings()),
        column_config=_configs(),
        disabled=[label for name, label in _headings().items() if name not in ("done", "text")],
        hide_index=True,
        key=f"forecast_calls_{fit.as_of}",
    )
    _save(view, listed, edited)
    tables.downloads(listed, _columns(), key="forecast_calls", file_name=f"calls-{fit.as_of}")


def _told(fit: FittedForecast) -> str:
    """How many wait, and whether the ranking means anything."""
    _, able = wording.words(), tells_apart(fit)
    told = _("{n} completed orders are not rated yet.").format(n=wording.count(fit.pending.height))
    blind = [_(DIMENSIONS[name]) for name, sees in able.items() if not sees]
    if not blind:
        return told
    if len(blind) == len(able):
        little = _("Nothing known of them foretells low stars: the order says little.")
        return wording.sentences(told, little)
    alike = _("For {dimensions} they cannot be told apart.")
    return wording.sentences(told, alike.format(dimensions=_(", ").join(blind)))


def _listed(view: View, ranked: pl.DataFrame) -> pl.DataFrame:
    """The rows as shown: words for reasons, ticks from the store, buyers masked."""
    sheet = call_sheet(ranked)
    reasons = pl.Series("reasons", [_reasons(row) for row in sheet["reasons"].to_list()])
    called = entry_table(Call, entries(store_path(), view.shop, Call))
    ticks = called.select("subject", "done", "text")
    named = masking.buyers(sheet, mask=loaders.settings(view.shop).mask_buyers)
    return (
        named.with_columns(reasons)
        .join(ticks, left_on="order_id", right_on="subject", how="left", maintain_order="left")
        .select(
            "order_id",
            pl.col("done").fill_null(False),
            "place",
            "reasons",
            *("days_left", "loss", "chance", "expected", "if_5", "if_1", "buyer"),
            order="order_id",
            text=pl.col("text").fill_null(""),
        )
    )


def _reasons(entries: list[dict[str, Any]]) -> str:
    _ = wording.words()
    told = [(REASONS[entry["code"]], _number(**entry)) for entry in entries]
    return _("; ").join(_(reason).format(number=number) for reason, number in told)


def _number(code: str, number: float | None) -> str:
    if number is None:
        return ""
    match code:
        case "parcel_late":
            return wording.figure(number * 86_400, "seconds")
        case "waited":
            return wording.figure(number, "seconds")
        case _:
            return f"{number:.1f}"


def _columns() -> list[Column]:
    _ = wording.words()
    return [
        Column("done", _("Contacted")),
        Column("place", _("Rank"), "count"),
        Column("reasons", _("Why")),
        Column("days_left", _("Days left to rate"), "number"),
        Column("loss", _("Expected loss (hundredths)"), "score"),
        Column("chance", _("Chance to rate (%)"), "number"),
        Column("expected", _("Lowest stars expected"), "number"),
        Column("if_5", _("If 5 ★ (hundredths)"), "score"),
        Column("if_1", _("If 1 ★ (hundredths)"), "score"),
        Column("buyer", _("Buyer")),
        Column("order", _("Order")),
        Column("text", _("Note")),
    ]


def _headings() -> dict[str, str]:
    return {column.name: column.label for column in _columns()}


def _configs() -> dict[str, Any]:
    configs, labels = st.column_config, _headings()
    formats = {"days_left": "%.1f", "chance": "%.0f", "expected": "%.2f"}
    formats |= dict.fromkeys(("loss", "if_5", "if_1"), "%.3f")
    shown: dict[str, Any] = {
        labels[name]: configs.NumberColumn(format=form) for name, form in formats.items()
    }
    # Its heading carries the pencil of what can be edited.
    shown[labels["done"]] = configs.CheckboxColumn(width=112)
    shown[labels["text"]] = configs.TextColumn(width="medium")
    return shown


def _save(view: View, before: pl.DataFrame, edited: pl.DataFrame) -> None:
    """Keep what was ticked or written; only rows that changed."""
    labels = _headings()
    after = before.select("order_id").with_columns(
        done=edited[labels["done"]], text=edited[labels["text"]].fill_null("")
    )
    was = before.select("order_id", was_done="done", was_text="text")
    changed = after.join(was, on="order_id", validate="1:1").filter(
        (pl.col("done") != pl.col("was_done")) | (pl.col("text") != pl.col("was_text"))
    )
    for row in changed.to_dicts():
        call = Call(subject=row["order_id"], by=viewer.name(), done=row["done"], text=row["text"])
        write(store_path(), view.shop, call)
    if changed.height:
        st.toast(wording.words()("Saved."), icon=":material/check:")
