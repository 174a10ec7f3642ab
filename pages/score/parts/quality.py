"""How good this forecast is: the shop's own past, forecast with what was known then."""

import polars as pl
import streamlit as st

from charts.calibration import hindsight
from metrics.forecast.backtest import beside_facts, summary
from pages.score.parts import forecasts
from pages.shared import tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from told.names import DIMENSIONS
from told.tables import Column


def show(view: View, dimension: str) -> None:
    """Errors against two naive forecasts, coverage of the bands, forecasts beside facts.

    The backtest takes a while, so it runs when somebody opens it.
    """
    _ = wording.words()
    box = st.expander(
        _("How good is this forecast?"),
        icon=":material/fact_check:",
        key="forecast_quality",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        tested = forecasts.tested(view.shop)
        if tested["actual"].drop_nulls().is_empty():
            st.caption(_("The shop has too little history to look back on."))
            return
        _table(tested)
        _beside_facts(tested, dimension)


def _table(tested: pl.DataFrame) -> None:
    _, rows = wording.words(), summary(tested)
    best = rows.filter(pl.col("horizon_days") == 7).row(0, named=True)
    st.markdown(
        _(
            "A week ahead it missed by {error} hundredths on average; “stays as it is” by "
            "{naive}, counting only expiry by {expiry}."
        ).format(
            error=f"{best['error'] * 100:.2f}",
            naive=f"{best['persistence_error'] * 100:.2f}",
            expiry=f"{best['expiry_error'] * 100:.2f}",
        )
        if best["error"] is not None
        else ""
    )
    tables.show(
        rows,
        [
            Column("horizon_days", _("Days ahead"), "count"),
            Column("forecasts", _("Forecasts"), "count"),
            Column("error", _("Error (RMSE, stars)"), "score"),
            Column("persistence_error", _("Stays as it is"), "score"),
            Column("expiry_error", _("Expiry only"), "score"),
            Column("within_80", _("In the 80 % band"), "share"),
            Column("within_95", _("In the 95 % band"), "share"),
        ],
        key="forecast_quality",
        alt=_("Errors and coverage of the shop's own backtest"),
        file_name="forecast-quality",
    )


def _beside_facts(tested: pl.DataFrame, dimension: str) -> None:
    _ = wording.words()
    ahead = st.segmented_control(
        _("Days ahead"),
        tested["horizon_days"].unique().sort().to_list(),
        default=7,
        format_func=lambda days: _("+{days} d").format(days=days),
        required=True,
        key="forecast_quality_ahead",
    )
    st.plotly_chart(
        hindsight(
            beside_facts(tested, dimension=dimension, ahead=int(ahead)),
            y_title=_("{name} (stars)").format(name=_(DIMENSIONS[dimension])),
        ),
        key="forecast_hindsight",
        config=QUIET_BAR,
        alt=_("What had been forecast, with its bands, and what came"),
    )
    st.caption(_("Points are what came, bars the 80 % and 95 % bands forecast for that day."))
