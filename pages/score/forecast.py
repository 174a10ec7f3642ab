import streamlit as st

from metrics.forecast.scores import crossings, forecast_of
from pages.score.parts import ahead, bridges, calls, forecasts, quality, snapshot, what_if
from pages.shared import empty, wording

_ = wording.words()
view = empty.view_of("ratings", "rating_days", "rating_snapshots")
as_of = forecasts.last_known(view.shop, view.last)
if as_of is None:
    empty.stop(_("No rating is known up to this day."), title=_("No score yet"))
fit = forecasts.learned(view.shop, as_of)
if not fit.dimensions:
    snapshot.stop(view, fit)
st.caption(ahead.convention(view, fit))
coming = forecast_of(fit)
ahead.cards(view, fit, coming, crossings(fit, ahead.gates(view.shop)))

dimension = ahead.chosen_dimension(fit)
ahead.fan_chart(view, fit, coming, dimension)
bridges.show(view, fit, coming, dimension)
ahead.expiry(fit, dimension)
calls.show(view, fit)
what_if.show(view, fit, dimension)
quality.show(view, dimension)
