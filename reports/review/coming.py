"""The agenda's point on the scores to come."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from charts.fan import fan
from reports.review.points import Number, Point, Table, Telling
from told.names import DIMENSIONS
from told.tables import Column

#: Days ahead named in the table.
AHEAD = (7, 14, 30)


def forecast(telling: Telling) -> Point:
    """Where the three scores go in 30 days."""
    _, counted = telling.words, telling.review.counted
    title = _("Forecast")
    if counted.forecast.is_empty() or counted.forecast_from is None:
        none = _("There are no ratings to learn from; upload them to see a forecast.")
        return Point(code="forecast", title=title, finding=none)
    last = counted.forecast.filter(pl.col("day") == pl.col("day").max()).to_dicts()
    today = dict(
        counted.scores.sort("day").group_by("dimension").agg(pl.col("score").last()).iter_rows()
    )
    targets = telling.review.settings.targets
    low = min(last, key=lambda row: row["mean"] - targets.get(f"dsr_{row['dimension']}", 0.0))
    told = _("{name} is expected at {mean} on {day} (80 %: {low} to {high}).")
    lines = [
        told.format(
            name=_(DIMENSIONS[row["dimension"]]),
            mean=f"{row['mean']:.4f}",
            day=_.day(row["day"]),
            low=f"{row['low_80']:.4f}",
            high=f"{row['high_80']:.4f}",
        )
        for row in sorted(last, key=lambda row: row is not low)
    ]
    return Point(
        code="forecast",
        title=title,
        finding=lines[0],
        numbers=tuple(_ahead(telling, row, today) for row in last),
        lines=tuple(lines[1:]),
        figure=_fan(telling, low["dimension"]),
        alt=lines[0],
        tables=(_forecast_table(telling),),
    )


def _ahead(telling: Telling, row: Mapping[str, Any], today: Mapping[str, float]) -> Number:
    _, name = telling.words, row["dimension"]
    now = today.get(name)
    return Number(
        label=_(DIMENSIONS[name]),
        value=f"{row['mean']:.2f}",
        note=_("now {now} · 80 %: {low}–{high}").format(
            now=_.figure(now, "score"), low=f"{row['low_80']:.2f}", high=f"{row['high_80']:.2f}"
        ),
    )


def _fan(telling: Telling, dimension: str) -> go.Figure:
    _, counted = telling.words, telling.review.counted
    past = counted.scores.filter(pl.col("dimension") == dimension).sort("day")
    now = past["score"][-1]
    bounds = ("mean", "low_80", "high_80", "low_95", "high_95")
    today = counted.forecast_from
    assert today is not None
    start = pl.DataFrame({"day": [today], **{name: [now] for name in bounds}})
    future = counted.forecast.filter(pl.col("dimension") == dimension).select("day", *bounds)
    target = telling.review.settings.targets.get(f"dsr_{dimension}")
    label = _("target {target}").format(target=_.figure(target, "score"))
    return fan(
        past.select("day", value="score"),
        pl.concat([start, future]),
        y_title=_("{name} (stars)").format(name=_(DIMENSIONS[dimension])),
        today=today,
        today_label=_("known"),
        gates={label: target} if target is not None else None,
        height=320,
    )


def _forecast_table(telling: Telling) -> Table:
    _, counted = telling.words, telling.review.counted
    steps = (pl.col("day") - pl.lit(counted.forecast_from)).dt.total_days()
    frame = counted.forecast.with_columns(
        ahead=steps,
        name=pl.col("dimension").replace({k: _(name) for k, name in DIMENSIONS.items()}),
    ).filter(pl.col("ahead").is_in(AHEAD))
    return Table(
        _("Forecast of the scores"),
        frame,
        (
            Column("day", _("Day"), "day"),
            Column("name", _("Dimension")),
            Column("mean", _("Expected"), "score"),
            Column("low_80", _("80 % low"), "score"),
            Column("high_80", _("80 % high"), "score"),
            Column("low_95", _("95 % low"), "score"),
            Column("high_95", _("95 % high"), "score"),
        ),
    )
