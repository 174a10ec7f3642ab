"""One week of a shop, counted once: what the page, the slides, the file and the XLSX show."""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.catalog import BY_ID
from metrics.forecast.scores import (
    FORECAST_COLUMNS,
    fitted,
    forecast_of,
    newest_day,
)
from metrics.measure import measure
from metrics.ratings.bridge import change_bridge
from metrics.ratings.dsr import dsr
from metrics.views.contributions import CUTS, contributions, sliced
from metrics.views.review import WEEK, changes, then_and_now, week_name, weekly
from opening import forecast_inputs, opened
from store.lake import Store
from store.settings import ShopSettings
from store.shop_settings import load_settings
from store.shop_tables import ShopTables
from team.entries import entries, entry_table, write
from team.kinds import Action, Case, FrozenWeek, SeenNumber

#: What is said of each agent, in this order.
AGENT_METRICS = (
    "reply_rate",
    "response_time_platform",
    "within_three_minutes",
    "inquiry_conversion",
    "unit_price",
)
#: Days of score shown before the forecast.
PAST = timedelta(days=60)
HORIZON = 30
CASES_SHOWN = 3


@dataclass(frozen=True)
class Counted:
    """What a week comes to by the files: small frames, nothing that people wrote."""

    week: date
    #: The newest day that any file covers whole.
    as_of: date
    #: ``metrics.views.review.weekly``.
    weeks: pl.DataFrame
    #: ``metrics.views.review.changes``.
    changes: pl.DataFrame
    #: ``metrics.views.contributions.contributions``.
    movers: pl.DataFrame
    #: ``metrics.ratings.bridge.change_bridge`` from Sunday to Sunday; empty without rating rows.
    bridge: pl.DataFrame
    #: ``day``, ``dimension``, ``score`` of the days before the forecast.
    scores: pl.DataFrame
    #: ``metrics.forecast.scores.forecast_of``; empty where there is nothing to learn from.
    forecast: pl.DataFrame
    #: Last day the forecast knows.
    forecast_from: date | None
    #: Per agent ``agent``, ``received`` and each of ``AGENT_METRICS``, with ``…_before``.
    agents: pl.DataFrame


@dataclass(frozen=True)
class Review:
    """A week's counts and what the team wrote about it."""

    shop: str
    settings: ShopSettings
    counted: Counted
    #: Rows of ``team.kinds.Case``, day and tags as words; those to discuss first, then newest.
    cases: pl.DataFrame
    #: ``subject``, ``text``, ``owner``, ``due``, ``week``, ``done``; the oldest first.
    actions: pl.DataFrame
    frozen: FrozenWeek | None

    @property
    def name(self) -> str:
        """The week as 2025-W46."""
        return week_name(self.counted.week)

    @property
    def sunday(self) -> date:
        """Last day of the week."""
        return self.counted.week + WEEK - timedelta(days=1)

    def then_and_now(self) -> pl.DataFrame:
        """What was frozen beside what the same weeks come to now; empty where nothing is."""
        seen = [number.model_dump() for number in self.frozen.seen] if self.frozen else []
        # A metric that later left the catalogue cannot be shown any more.
        rows = pl.DataFrame(seen, schema=SEEN, orient="row").filter(
            pl.col("metric").is_in(list(BY_ID))
        )
        return then_and_now(rows, self.counted.weeks)


SEEN = {
    "metric": pl.String,
    "week": pl.Date,
    "value": pl.Float64,
    "n": pl.Float64,
    "verdict": pl.String,
}


def weekly_review(store: Store, shop: str, week: date) -> Review:
    """Everything the review of a week shows.

    Args:
        store: The store.
        shop: The shop.
        week: Monday of the week.
    """
    settings = load_settings(store, shop)
    return noted(
        store, shop, settings, counted_week(opened(store, shop, settings), settings, week=week)
    )


def noted(store: Store, shop: str, settings: ShopSettings, counted: Counted) -> Review:
    """A counted week with what the team wrote about it, as it stands now."""
    return Review(
        shop=shop,
        settings=settings,
        counted=counted,
        cases=_cases(store, shop),
        actions=_actions(store, shop, counted.week),
        frozen=_frozen(store, shop, counted.week),
    )


def counted_week(tables: ShopTables, settings: ShopSettings, *, week: date) -> Counted:
    """A week's numbers, from the files alone."""
    weeks = weekly(tables, settings, week=week).collect()
    changed = changes(weeks.lazy()).collect()
    sunday = week + WEEK - timedelta(days=1)
    whole = tables.coverage.filter("whole")["day"].max()
    bridge, scores, ahead, known = _score(tables, settings, sunday)
    return Counted(
        week=week,
        as_of=whole if isinstance(whole, date) else sunday,
        weeks=weeks,
        changes=changed,
        movers=_movers(tables, settings, changed),
        bridge=bridge,
        scores=scores,
        forecast=ahead,
        forecast_from=known,
        agents=_agents(tables, settings, changed),
    )


def _movers(tables: ShopTables, settings: ShopSettings, changed: pl.DataFrame) -> pl.DataFrame:
    """Every metric's change split over its cuts."""
    compared = dict(changed.drop_nulls("before").select("metric", "week").iter_rows())
    weeks = {name: compared[name] for name in CUTS if name in compared}
    if not weeks:
        return contributions(*(_SLICES.lazy(),) * 2).collect()
    before, after = (
        pl.concat(
            sliced(name, tables, settings, week=week - back).with_columns(metric=pl.lit(name))
            for name, week in weeks.items()
        )
        for back in (WEEK, timedelta(0))
    )
    return contributions(before, after).collect()


_SLICES = pl.DataFrame(
    schema={
        "metric": pl.String,
        "cut": pl.String,
        "slice": pl.String,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
    }
)


def _score(
    tables: ShopTables, settings: ShopSettings, sunday: date
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, date | None]:
    """Why the score moved, how it went, and where it goes, as known on the Sunday."""
    inputs = forecast_inputs(tables, settings)
    newest = newest_day(inputs)
    if newest is None:
        none = pl.DataFrame(schema={"day": pl.Date, "dimension": pl.String, "score": pl.Float64})
        return pl.DataFrame(), none, pl.DataFrame(schema=FORECAST_COLUMNS), None
    known = min(newest, sunday)
    fit = fitted(inputs, settings, as_of=known, horizon=HORIZON)
    scores = dsr(tables, settings, first=known - PAST, last=known).collect()
    return (
        change_bridge(fit.entries, known - WEEK, known),
        scores.select("day", "dimension", "score").drop_nulls("score"),
        forecast_of(fit),
        known,
    )


def _agents(tables: ShopTables, settings: ShopSettings, changed: pl.DataFrame) -> pl.DataFrame:
    """Each agent's week, with the week before; the one with most buyers first."""
    compared = dict(changed.select("metric", "week").iter_rows())
    rows = []
    for back, suffix in ((timedelta(0), ""), (WEEK, "_before")):
        for name in AGENT_METRICS:
            if (monday := compared.get(name)) is not None:
                first = monday - back
                spoken = measure(
                    tables,
                    settings,
                    ids=(name,),
                    first=first,
                    last=first + WEEK - timedelta(days=1),
                    by="agent",
                )
                rows.append(
                    spoken.select(
                        "agent",
                        "value",
                        "denominator",
                        name=pl.lit(name + suffix),
                    )
                )
    names = [name + suffix for suffix in ("", "_before") for name in AGENT_METRICS]
    empty = pl.LazyFrame(
        schema={
            "agent": pl.String,
            "value": pl.Float64,
            "denominator": pl.Float64,
            "name": pl.String,
        }
    )
    long = pl.concat([empty, *rows]).filter(pl.col("agent") != "")
    wide = long.group_by("agent").agg(
        pl.col("denominator").filter(pl.col("name") == "reply_rate").first().alias("received"),
        *(pl.col("value").filter(pl.col("name") == name).first().alias(name) for name in names),
    )
    this_week = pl.any_horizontal(pl.col(AGENT_METRICS).is_not_null())
    return wide.filter(this_week).sort("received", "agent", descending=[True, False]).collect()


def _cases(store: Store, shop: str) -> pl.DataFrame:
    """Cases of the case book that are not closed, those marked for discussion first."""
    kept = entry_table(Case, entries(store, shop, Case)).filter(~pl.col("done"))
    return (
        kept.sort("discuss", descending=True, maintain_order=True)
        .head(CASES_SHOWN)
        .with_columns(
            day=pl.col("day").dt.to_string().fill_null(""), tags=pl.col("tags").list.join(", ")
        )
    )


def _actions(store: Store, shop: str, week: date) -> pl.DataFrame:
    """The week's own actions, and those of earlier weeks that were open when it began."""
    this = pl.lit(week_name(week))
    born, ended = pl.col("week"), pl.col("done_in")
    open_then = ~pl.col("done") | (ended >= this).fill_null(False)
    return (
        entry_table(Action, entries(store, shop, Action))
        .filter((born == this) | ((born < this) & open_then))
        .with_columns(done=pl.col("done") & (ended <= this).fill_null(True))
        .select("subject", "text", "owner", "due", "week", "done")
        .sort("week", "due", "subject")
    )


def freeze(store: Store, review: Review, *, by: str) -> None:
    """Keep the numbers of a review as the meeting saw them.

    Kept are the changes shown, and what the week itself came to so far where a number was not
    final yet, so that both can be compared with what they become.
    """
    shown = review.counted.changes.drop_nulls("week").select(*SEEN)
    open_yet = review.counted.weeks.filter(
        pl.col("week") == review.counted.week, ~pl.col("final"), pl.col("value").is_not_null()
    ).select("metric", "week", "value", "n", verdict=pl.lit("open"))
    week = FrozenWeek(
        subject=review.name,
        done=True,
        by=by,
        as_of=review.counted.as_of,
        seen=tuple(SeenNumber(**row) for row in pl.concat([shown, open_yet]).to_dicts()),
    )
    write(store, review.shop, week)


def _frozen(store: Store, shop: str, week: date) -> FrozenWeek | None:
    kept = (entry for entry in entries(store, shop, FrozenWeek) if entry.done)
    return next((entry for entry in kept if entry.subject == week_name(week)), None)
