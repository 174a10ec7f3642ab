"""What would happen if: answered at once, because nothing is learned anew."""

from datetime import date, timedelta

import polars as pl
import streamlit as st

from charts.trend import trends
from metrics.forecast.scores import FittedForecast, forecast_of
from metrics.forecast.what_if import PlannedCampaign, campaign_like, five_stars_needed, what_if
from pages.shared import loaders, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from told.names import DIMENSIONS

#: A past campaign that every Chinese shop has: first and last day of Double 11 (month, day).
DOUBLE_11 = ((11, 1), (11, 11))


@st.fragment
def show(view: View, fit: FittedForecast, dimension: str) -> None:
    """Three questions, one chart; only this part reruns."""
    _ = wording.words()
    st.subheader(_("What if …"))
    with st.grid(3, min_column_width=280):
        with st.container(border=True, height="stretch"):
            campaigns = _campaign(fit, dimension)
        with st.container(border=True, height="stretch"):
            saved = _saved(fit)
        with st.container(border=True, height="stretch"):
            _target(view, fit, dimension)
    if not campaigns and not saved:
        st.caption(_("Plan a campaign or calls to see what they would change."))
        return
    changed = what_if(fit, campaigns=campaigns, saved=saved)
    own = pl.col("dimension") == dimension
    usual, other = forecast_of(fit).filter(own), changed.filter(own)
    end, base = other.row(-1, named=True), usual.row(-1, named=True)
    st.markdown(
        _("{day}: {mean} instead of {base} (80 % between {low} and {high})").format(
            day=wording.day(end["day"]),
            mean=f"{end['mean']:.4f}",
            base=f"{base['mean']:.4f}",
            low=f"{end['low_80']:.4f}",
            high=f"{end['high_80']:.4f}",
        )
    )
    lines = pl.concat(
        [
            usual.select("day", "mean", line=pl.lit("usual")),
            other.select("day", "mean", line=pl.lit("changed")),
        ]
    )
    st.plotly_chart(
        trends(
            lines,
            x="day",
            y="mean",
            by="line",
            names={"usual": _("as forecast"), "changed": _("what if")},
            y_title=_("{name} (stars)").format(name=_(DIMENSIONS[dimension])),
            y_format=".4f",
        ),
        key="forecast_what_if",
        config=QUIET_BAR,
        alt=_("The forecast as it is, and under the changed circumstances"),
    )


def _campaign(fit: FittedForecast, dimension: str) -> list[PlannedCampaign]:
    """A campaign of so many orders and such stars, or one like a past one."""
    _ = wording.words()
    st.markdown(_("**A campaign**"))
    first = st.date_input(
        _("Starts on"),
        fit.as_of + timedelta(days=3),
        min_value=fit.as_of + timedelta(days=1),
        max_value=fit.as_of + timedelta(days=fit.horizon),
        format="YYYY-MM-DD",
        key="forecast_campaign_day",
    )
    if st.toggle(_("Like the last Double 11"), key="forecast_campaign_copy"):
        return _copied(fit, first)
    orders = st.number_input(
        _("Orders on top of the usual"), 0, 1_000_000, 0, step=100, key="forecast_campaign_orders"
    )
    days = st.number_input(_("Days it lasts"), 1, 30, 3, key="forecast_campaign_days")
    mean = st.slider(_("Mean stars"), 1.0, 5.0, 4.7, 0.05, key="forecast_campaign_mean")
    if not orders:
        return []
    last = first + timedelta(days=int(days) - 1)
    stars = {dimension: float(mean)}
    return [PlannedCampaign(first=first, last=last, orders=int(orders), mean_stars=stars)]


def _copied(fit: FittedForecast, first: date) -> list[PlannedCampaign]:
    _, past = wording.words(), _last_double_11(fit.as_of)
    campaign = campaign_like(fit, past, first)
    if campaign is None:
        st.caption(
            _("No paid order lies between {first} and {last}.").format(
                first=wording.day(past[0]), last=wording.day(past[1])
            )
        )
        return []
    st.caption(
        _("{n} orders on top of the usual, as from {first} to {last}").format(
            n=wording.count(campaign.orders),
            first=wording.day(past[0]),
            last=wording.day(past[1]),
        )
    )
    return [campaign]


def _last_double_11(as_of: date) -> tuple[date, date]:
    (month, first), (_month, last) = DOUBLE_11
    year = as_of.year if as_of >= date(as_of.year, month, last) else as_of.year - 1
    return date(year, month, first), date(year, month, last)


def _saved(fit: FittedForecast) -> int:
    """How many of the riskiest orders are called and give five stars."""
    _ = wording.words()
    st.markdown(_("**Calls that help**"))
    most = min(fit.pending.height, 500)
    if not most:
        st.caption(_("No order is waiting for its rating."))
        return 0
    return st.slider(
        _("So many of the riskiest orders give 5 ★ if they rate"),
        0,
        most,
        0,
        key="forecast_saved",
    )


def _target(view: View, fit: FittedForecast, dimension: str) -> None:
    """How many further 5-star ratings a day reach a target by a day."""
    _ = wording.words()
    st.markdown(_("**A target to reach**"))
    goal = loaders.settings(view.shop).targets.get(f"dsr_{dimension}", 4.8)
    target = st.number_input(
        _("Score"), 1.0, 5.0, float(goal), 0.01, format="%.2f", key="forecast_target"
    )
    day = st.date_input(
        _("To be reached by"),
        fit.as_of + timedelta(days=fit.horizon),
        min_value=fit.as_of + timedelta(days=1),
        max_value=fit.as_of + timedelta(days=fit.horizon),
        format="YYYY-MM-DD",
        key="forecast_target_day",
    )
    needed = five_stars_needed(fit, dimension, day=day, target=float(target))
    if needed is None:
        st.markdown(_("No number of ratings reaches it by then."))
    elif needed == 0:
        st.markdown(_("The forecast reaches it anyway."))
    else:
        told = _("It takes **{n} further 5 ★ ratings a day**.")
        st.markdown(told.format(n=f"{needed:.1f}"))
