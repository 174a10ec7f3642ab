"""The forecast page of a shop whose score is known from snapshots of the seller page alone."""

from typing import NoReturn

import polars as pl
import streamlit as st

from metrics.forecast.scores import FittedForecast
from metrics.forecast.snapshot_scenarios import snapshot_scenarios
from metrics.ratings.snapshots import newest_printed
from pages.score.parts.ahead import convention
from pages.shared import empty, loaders, wording
from pages.shared.filters import View
from told.names import DIMENSIONS


def stop(view: View, fit: FittedForecast) -> NoReturn:
    """What a snapshot alone allows to say: how many ratings there are, and what each would do."""
    _ = wording.words()
    printed = loaders.counted(newest_printed, view.shop, last=view.last)
    if printed.is_empty():
        empty.stop(_("No rating is known up to this day."), title=_("No score yet"))
    st.caption(convention(view, fit))
    scenarios = snapshot_scenarios(printed, ratings=[1])
    for row in printed.to_dicts():
        with st.container(border=True):
            st.metric(_(DIMENSIONS[row["dimension"]]), f"{row['score']:.2f}")
            st.markdown(_snapshot_sentence(scenarios.filter(dimension=row["dimension"])))
    st.info(
        _(
            "A snapshot knows no single ratings, so neither expiry nor arrivals can be told. "
            "Upload rating rows or daily scores to get a forecast."
        ),
        icon=":material/info:",
    )
    st.stop()


def _snapshot_sentence(scenarios: pl.DataFrame) -> str:
    """The effect of one rating, as wide as the number of ratings is known."""
    _ = wording.words()
    if scenarios.is_empty():
        return _("How many ratings stand behind it is not known.")
    worst, best = (scenarios.row(by_predicate=pl.col("rating") == n, named=True) for n in (1, 5))
    return _(
        "Between {low} and {high} ratings stand behind it: one more 1 ★ costs {most} to {least} "
        "stars, one more 5 ★ brings {gain}."
    ).format(
        low=wording.count(worst["fewest"]),
        high=wording.count(worst["most"]) if worst["most"] else "∞",
        most=f"{worst['change_low']:+.4f}",
        least=f"{worst['change_high']:+.4f}",
        gain=f"{best['change_high']:+.4f}",
    )
