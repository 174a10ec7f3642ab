"""The forecast page of a shop whose score is known from snapshots of the seller page alone."""

from typing import NoReturn

import streamlit as st

from metrics.forecast.scores import FittedForecast
from metrics.ratings.snapshots import newest_printed
from metrics.ratings.stars import raters_between
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
    for row in printed.to_dicts():
        with st.container(border=True):
            st.metric(_(DIMENSIONS[row["dimension"]]), f"{row['score']:.2f}")
            st.markdown(_snapshot_sentence(row))
    st.info(
        _(
            "A snapshot knows no single ratings, so neither expiry nor arrivals can be told. "
            "Upload rating rows or daily scores to get a forecast."
        ),
        icon=":material/info:",
    )
    st.stop()


def _snapshot_sentence(row: dict[str, object]) -> str:
    """The effect of one rating, as wide as the number of ratings is known."""
    _, score = wording.words(), float(str(row["score"]))
    known = _raters(row)
    if known is None:
        return _("How many ratings stand behind it is not known.")
    low, high = known
    least = (1 - score) / (high + 1) if high else 0.0
    return _(
        "Between {low} and {high} ratings stand behind it: one more 1 ★ costs {most} to {least} "
        "stars, one more 5 ★ brings {gain}."
    ).format(
        low=wording.count(low),
        high=wording.count(high) if high else "∞",
        most=f"{(1 - score) / (low + 1):+.4f}",
        least=f"{least:+.4f}",
        gain=f"{(5 - score) / (low + 1):+.4f}",
    )


def _raters(row: dict[str, object]) -> tuple[int, int | None] | None:
    if row["raters"] is not None:
        return int(str(row["raters"])), int(str(row["raters"]))
    if row["five_star_gap"] is None or row["target"] is None:
        return None
    gap, target = int(str(row["five_star_gap"])), float(str(row["target"]))
    return raters_between(gap, target, float(str(row["score"])))
