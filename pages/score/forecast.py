import streamlit as st

from metrics.forecast import crossings, forecast_of
from pages.shared import (
    empty,
    forecast_bridges,
    forecast_calls,
    forecast_parts,
    forecast_quality,
    forecast_snapshot,
    forecast_what_if,
    forecasts,
    wording,
)

_ = wording.words()
view = empty.view_of("ratings", "rating_days", "rating_snapshots")
as_of = forecasts.last_known(view.shop, view.last)
if as_of is None:
    empty.stop(_("No rating is known up to this day."), title=_("No score yet"))
fit = forecasts.learned(view.shop, as_of)
if not fit.dimensions:
    forecast_snapshot.stop(view, fit)
st.caption(forecast_parts.convention(view, fit))
coming = forecast_of(fit)
forecast_parts.cards(view, fit, coming, crossings(fit, forecast_parts.gates(view.shop)))

dimension = forecast_parts.chosen_dimension(fit)
forecast_parts.fan_chart(view, fit, coming, dimension)
forecast_bridges.show(view, fit, coming, dimension)
forecast_parts.expiry(fit, dimension)
forecast_calls.show(view, fit)
forecast_what_if.show(view, fit, dimension)
forecast_quality.show(view, dimension)
