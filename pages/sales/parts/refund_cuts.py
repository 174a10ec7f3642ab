"""Parts of the refunds page."""

from collections.abc import Sequence
from functools import partial

import polars as pl
import streamlit as st

from charts.ranked import ranked_bars
from metrics.refunds.cuts import CaseCut, retention_by
from metrics.views.limits import FEWEST_OBSERVATIONS
from pages.shared import counts, drill, loaders, masking, tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from told.mark import mark
from told.names import REFUND_TIERS
from told.tables import Column

TIERS = {**REFUND_TIERS, "all": mark("All")}
CLASSES = {
    "ours": mark("Our own doing"),
    "buyer": mark("The buyer's choice"),
    "unknown": mark("Not known"),
}
STATES = {
    "retained": mark("Retained"),
    "exchanged": mark("Exchanged"),
    "lost": mark("Refunded"),
    "open": mark("Not decided"),
}


def states(view: View) -> None:
    """What became of the cases: retained, exchanged, refunded, open."""
    _ = wording.words()
    rows = _slices(view, "state", STATES)
    cases = {row["code"]: row["cases"] for row in rows.to_dicts()}
    total = int(rows["cases"].sum())
    if total:
        st.caption(
            _("{n} cases of the final days: {parts}").format(
                n=wording.count(total),
                parts=_(", ").join(
                    f"{_(name)} {wording.count(cases.get(code, 0))}"
                    for code, name in STATES.items()
                ),
            )
        )


def tiers(view: View) -> None:
    """Retention by kind of refund."""
    _ = wording.words()
    rows = _slices(view, "tier", TIERS)
    if rows.is_empty():
        return
    st.subheader(_("By kind of refund"))
    _bars(rows, view, key="refunds_tiers", alt=_("Retention by kind of refund"))
    _table(rows, "tier", _("Kind of refund"), view, key="refunds_tiers")


def reasons(view: View) -> None:
    """Why buyers ask: the shop's own doing against their own choice, then reason by reason."""
    _ = wording.words()
    classes = _slices(view, "reason_class", CLASSES)
    cases = {row["code"]: row["cases"] for row in classes.to_dicts()}
    total = int(classes["cases"].sum())
    if not total:
        return
    st.subheader(
        _("{n} of {m} cases are our own doing").format(
            n=wording.count(cases.get("ours", 0)), m=wording.count(total)
        )
    )
    _table(classes, "reason_class", _("Whose doing"), view, key="refunds_classes")
    _table(_slices(view, "reason", {}), "reason", _("Reason"), view, key="refunds_reasons")
    st.caption(
        wording.sentences(
            _("Click a figure to see its cases."),
            _("Whose doing a reason is can be changed in the settings."),
        )
    )


def handling(view: View) -> None:
    """How long applications take."""
    _ = wording.words()
    rows = loaders.counted(counts.handling_times, view.shop, first=view.first, last=view.last)
    if rows.is_empty():
        return
    st.subheader(_("How long refunds take"))
    names = {code: _(name) for code, name in TIERS.items()}
    tables.show(
        rows.with_columns(pl.col("slice").replace(names)),
        [
            Column("slice", _("Kind of refund")),
            Column("applications", _("Applications ended"), "count"),
            Column("mean", _("Mean (hours)"), "hours"),
            Column("median", _("Median (hours)"), "hours"),
            Column("p90", _("Slowest tenth (hours)"), "hours"),
        ],
        key="refunds_handling",
        alt=_("Handling time by kind of refund"),
        file_name=f"refund-time-{view.first}-{view.last}",
    )


def open_clock(view: View) -> None:
    """Applications still open, the most pressing first."""
    _ = wording.words()
    rows = loaders.counted(counts.refunds_open, view.shop, last=view.last)
    st.subheader(_("{n} applications are still open").format(n=wording.count(rows.height)))
    if rows.is_empty():
        return
    st.caption(
        _("Clocks as of the end of {day}; a complaint wants an answer within 48 hours.").format(
            day=wording.day(view.last)
        )
    )
    names = {code: _(name) for code, name in TIERS.items()}
    shown = rows.with_columns(
        pl.col("tier").replace(names),
        complaint=pl.when("complaint").then(pl.lit(_("yes"))).otherwise(pl.lit("")),
    )
    tables.show(
        masking.buyers(shown, mask=loaders.settings(view.shop).mask_buyers),
        [
            Column("refund_id", _("Refund number")),
            Column("buyer", _("Buyer")),
            Column("asked_at", _("Asked"), "time"),
            Column("respond_by", _("Decides itself"), "time"),
            Column("left_s", _("Hours left"), "hours"),
            Column("complaint", _("Complaint")),
            Column("amount", wording.amount_heading(), wording.spoken().money_kind),
            Column("tier", _("Kind of refund")),
            Column("reason", _("Reason")),
        ],
        key="refunds_open",
        alt=_("Open applications with their clocks"),
        file_name=f"open-refunds-{view.last}",
    )


def _slices(view: View, cut: CaseCut, names: dict[str, str]) -> pl.DataFrame:
    _ = wording.words()
    cases = loaders.counted(counts.cases_of_period, view.shop, first=view.first, last=view.last)
    rows = retention_by(cases.lazy(), cut=cut).collect()
    words = {code: _(name) for code, name in names.items()}
    return rows.with_columns(
        code=pl.col("slice"),
        slice=pl.col("slice").replace(words).fill_null(_("Not known")),
        few=pl.col("denominator") < FEWEST_OBSERVATIONS,
    )


def _parts(rows: pl.DataFrame, cut: str) -> list[drill.Part]:
    return [
        drill.Part(told, "refund_retention", ((cut, code),))
        for told, code in rows.select("slice", "code").rows()
    ]


def _bars(rows: pl.DataFrame, view: View, *, key: str, alt: str) -> None:
    chart = f"{key}_chart"
    x_title, x_format = wording.axis("refund_retention")
    st.plotly_chart(
        ranked_bars(
            rows,
            name="slice",
            value="value",
            x_title=x_title,
            x_format=x_format,
            n="denominator",
            low="low",
            high="high",
            few="few",
        ),
        key=chart,
        on_select=partial(drill.ask_by_bar, chart, _parts(rows, "tier"), view.first, view.last),
        selection_mode="points",
        config=QUIET_BAR,
        alt=alt,
    )
    _ = wording.words()
    st.caption(_("Click a bar or a figure to see its cases."))


def _ask_row(view: View, parts: Sequence[drill.Part], row: int, column: str) -> None:
    drill.ask_part(parts[row], view.first, view.last)


def _table(rows: pl.DataFrame, cut: str, heading: str, view: View, *, key: str) -> None:
    _ = wording.words()
    tables.show(
        rows,
        [
            Column("slice", heading),
            Column("cases", _("Cases"), "count"),
            Column("denominator", _("Decided"), "count"),
            Column("numerator", _("Retained"), "count"),
            Column("exchanged", _("of these exchanged"), "count"),
            Column("open", _("Not decided"), "count"),
            Column("value", _("Retention (%)"), "share"),
            Column(
                "lost",
                _("Refunded ({currency})").format(currency=wording.spoken().sign),
                wording.spoken().money_kind,
            ),
        ],
        key=key,
        alt=heading,
        file_name=f"{key}-{view.first}-{view.last}",
        on_pick=partial(_ask_row, view, _parts(rows, cut)),
    )
