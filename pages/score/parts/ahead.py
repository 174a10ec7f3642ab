"""Parts of the forecast page: what is coming, and what leaves."""

from datetime import timedelta

import polars as pl
import streamlit as st

from charts.expiry import expiry_bars
from charts.fan import fan
from metrics.catalog import BY_ID
from metrics.forecast.scores import FittedForecast, gate_in_doubt
from metrics.ratings.expiry import expiry_calendar, scores_on
from pages.shared import loaders, tables, wording
from pages.shared.cards import QUIET_BAR
from pages.shared.filters import View
from pages.shared.setting_names import DSR_DAY_RULES
from store.schemas import DSR_DIMENSIONS
from told.mark import mark
from told.names import DIMENSIONS
from told.tables import Column

#: Days of the past drawn before the fan opens.
PAST = timedelta(days=90)
#: Which feed a forecast rests on, and what that costs.
FEEDS: dict[str, str] = {
    "ratings": mark("from rating rows and orders: pending orders are known one by one"),
    "rating_days": mark(
        "from daily scores: what expires is known per day, new ratings follow recent days; "
        "single orders are not known"
    ),
    "rating_snapshots": mark("from the seller page alone: only ranges can be given"),
}
#: Steps of the bridge into the future, by column of the forecast.
SOURCES: dict[str, str] = {
    "from_expired": mark("Expiring"),
    "from_pending": mark("Not yet rated"),
    "from_in_flight": mark("On the way"),
    "from_future": mark("Orders to come"),
}
#: What no forecast can tell apart from never (and, from 1, from always).
_LEAST_CHANCE = 0.01


def convention(view: View, fit: FittedForecast) -> str:
    """Which day the forecast starts from, which feed it rests on, and by which day ratings go."""
    _ = wording.words()
    feed = FEEDS.get(fit.inputs.feed, FEEDS["rating_snapshots"])
    told = _("As of {day}, {feed}").format(day=wording.day(fit.as_of), feed=_(feed))
    if fit.inputs.feed != "ratings":
        return told
    return f"{told} · {_(DSR_DAY_RULES[loaders.settings(view.shop).dsr_day])}"


def gates(shop: str) -> list[float]:
    """Scores worth watching: the targets, and what campaigns demand."""
    settings = loaders.settings(shop)
    targets = [settings.targets.get(f"dsr_{name}") for name in DSR_DIMENSIONS]
    return sorted({goal for goal in targets if goal} | set(settings.campaign_gates))


def cards(view: View, fit: FittedForecast, coming: pl.DataFrame, below: pl.DataFrame) -> None:
    """Per dimension: today's score, where it will be in 30 days, and the gate most in doubt."""
    _ = wording.words()
    with st.grid(3, min_column_width=280):
        for name in fit.dimensions:
            last = coming.filter(pl.col("dimension") == name).row(-1, named=True)
            today = fit.score_today(name)
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.metric(
                    _(DIMENSIONS[name]),
                    f"{today:.3f}",
                    f"{last['mean'] - today:+.3f}",
                    delta_color="off",
                    help=BY_ID[f"dsr_{name}"].told("definition", _),
                )
                st.markdown(
                    _("{day}: {mean} expected, 80 % between {low} and {high}").format(
                        day=wording.day(last["day"]),
                        mean=f"{last['mean']:.3f}",
                        low=f"{last['low_80']:.3f}",
                        high=f"{last['high_80']:.3f}",
                    )
                )
                st.caption(crossing_sentence(below.filter(pl.col("dimension") == name), today))


def crossing_sentence(below: pl.DataFrame, today: float) -> str:
    """The gate whose outcome is most in doubt at the end of the forecast, in one sentence."""
    _ = wording.words()
    doubt = gate_in_doubt(below, today)
    told = _("{day}: under {gate} with a chance of {chance}").format(
        chance=_chance(doubt.below), gate=f"{doubt.gate:g}", day=wording.day(doubt.day)
    )
    if doubt.turns is None:
        return told
    return told + _("; it likely crosses on {day}").format(day=wording.day(doubt.turns))


def _chance(share: float) -> str:
    """A forecast is never sure: beyond 1 and 99 % only the side is told."""
    if share < _LEAST_CHANCE:
        return "<" + wording.figure(_LEAST_CHANCE, "share")
    if share > 1 - _LEAST_CHANCE:
        return ">" + wording.figure(1 - _LEAST_CHANCE, "share")
    return wording.figure(share, "share")


def chosen_dimension(fit: FittedForecast) -> str:
    """The dimension the charts below speak of."""
    _ = wording.words()
    names = list(fit.dimensions)
    worst = min(names, key=fit.score_today)
    return st.segmented_control(
        _("Dimension"),
        names,
        format_func=lambda name: _(DIMENSIONS[name]),
        default=worst,
        required=True,
        key="forecast_dimension",
        label_visibility="collapsed",
    )


def fan_chart(view: View, fit: FittedForecast, coming: pl.DataFrame, dimension: str) -> None:
    """The past, the fan, the gates."""
    _, today = wording.words(), fit.score_today(dimension)
    own = coming.filter(pl.col("dimension") == dimension)
    last = own.row(-1, named=True)
    st.subheader(_fan_finding(last, today))
    past = scores_on(fit.entries, fit.as_of - PAST, fit.as_of)
    bounds = ("mean", "low_80", "high_80", "low_95", "high_95")
    start = pl.DataFrame({"day": [fit.as_of], **{name: [today] for name in bounds}})
    near = [gate for gate in gates(view.shop) if _in_sight(gate, own, today)]
    st.plotly_chart(
        fan(
            past.filter(pl.col("dimension") == dimension).select("day", value="score"),
            pl.concat([start, own.select("day", *bounds)]),
            y_title=_("{name} (stars)").format(name=_(DIMENSIONS[dimension])),
            today=fit.as_of,
            today_label=_("today"),
            persistence=today,
            persistence_label=_("stays as it is"),
            gates={f"{gate:g}": gate for gate in near},
        ),
        key="forecast_fan",
        config=QUIET_BAR,
        alt=_("Past score and forecast with 80 % and 95 % bands"),
    )
    st.caption(
        _(
            "Dashed: the expected score. Inner and outer band: where it lies with 80 % and 95 % "
            "probability. Dotted: today's score."
        )
    )
    with st.expander(_("Figures per day"), icon=":material/table_rows:"):
        tables.show(
            own,
            [
                Column("day", _("Day"), "day"),
                Column("mean", _("Expected"), "score"),
                Column("low_80", _("80 % from"), "score"),
                Column("high_80", _("80 % to"), "score"),
                Column("low_95", _("95 % from"), "score"),
                Column("high_95", _("95 % to"), "score"),
                *(Column(name, _(word), "score") for name, word in SOURCES.items()),
            ],
            key="forecast_days",
            alt=_("The forecast per day"),
            file_name=f"forecast-{dimension}-{fit.as_of}",
        )


def _fan_finding(last: dict[str, float], today: float) -> str:
    _ = wording.words()
    if last["low_80"] > today:
        return _("The score is set to rise")
    if last["high_80"] < today:
        return _("The score is set to fall")
    return _("Up or down is open; the band says how far")


def _in_sight(gate: float, own: pl.DataFrame, today: float) -> bool:
    """A gate far from the band would flatten the chart."""
    low, high = own["low_95"].min(), own["high_95"].max()
    reach = max(float(high) - float(low), 0.02)  # type: ignore[arg-type]
    return abs(gate - today) <= 1.5 * reach


def expiry(fit: FittedForecast, dimension: str) -> None:
    """What leaves on which day, and the score if nothing new came."""
    _ = wording.words()
    calendar = expiry_calendar(fit.entries, fit.as_of, fit.horizon)
    own = calendar.filter(pl.col("dimension") == dimension)
    most = own.sort("leaving", "day", descending=[True, False]).row(0, named=True)
    st.subheader(
        _("{n} ratings leave on {day}, the most in these {days} days").format(
            n=wording.count(most["leaving"]), day=wording.day(most["day"]), days=fit.horizon
        )
    )
    st.caption(_("Known exactly. The line is the score if nobody rated any more."))
    st.plotly_chart(
        expiry_bars(
            own,
            leaving_title=_("Leaving (count)"),
            score_title=_("Score (stars)"),
        ),
        key="forecast_expiry",
        config=QUIET_BAR,
        alt=_("Ratings that leave the window per day, and the score they leave behind"),
    )
    with st.expander(_("Figures per day"), icon=":material/table_rows:"):
        tables.show(
            own,
            [
                Column("day", _("Day"), "day"),
                Column("leaving", _("Ratings leaving (count)"), "count"),
                Column("leaving_mean", _("Their mean (stars)"), "score"),
                Column("ratings", _("Ratings left in the window"), "count"),
                Column("score", _("Score without new ones (stars)"), "score"),
            ],
            key="forecast_expiry_days",
            alt=_("Expiry calendar"),
            file_name=f"expiry-{dimension}-{fit.as_of}",
        )
