"""The numbers as tables: every metric, the forecast of the DSR, and how forecasts did."""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from commands.options import Day, one_shop, opened_shops, store_option

if TYPE_CHECKING:
    from store.shop_tables import ShopTables

T = TypeVar("T")
FORMATS = ("table", "csv", "json")
#: So many days ahead a score can be forecast.
_AHEAD = click.IntRange(1, 90)
#: A backtest starts when the shop has this much history to learn from.
LEARNING = timedelta(days=30)


@click.command()
@store_option
@click.option("--metric", "ids", multiple=True, help="Only this metric; may be given again.")
@click.option("--shop", help="Only this shop.")
@click.option("--from", "first", type=Day(), help="First day; else the first day covered.")
@click.option("--to", "last", type=Day(), help="Last day; else the last day covered.")
@click.option(
    "--by",
    type=click.Choice(("period", "day", "week", "month", "agent")),
    default="period",
    show_default=True,
)
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Set a rule this once.")
@click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
def metrics(
    store: str,
    ids: tuple[str, ...],
    shop: str | None,
    first: date | None,
    last: date | None,
    by: Any,
    changes: tuple[str, ...],
    style: str,
) -> None:
    """Print every metric with its counts: money in the shop's currency, seconds, shares 0-1."""
    import polars as pl

    from commands.console import printed
    from metrics.catalog import METRIC_IDS
    from metrics.measure import measure

    try:
        parts = [
            measure(tables, rules, ids=ids or METRIC_IDS, first=first, last=last, by=by)
            for tables, rules in opened_shops(store, shop, changes)
        ]
        click.echo(printed(pl.concat(pl.collect_all(parts)), style))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@click.command()
@store_option
@click.option("--shop", help="Which shop, where the store has several.")
@click.option("--as-of", type=Day(), help="Last known day; else the last day ratings cover.")
@click.option("--horizon", type=_AHEAD, default=30, show_default=True)
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Set a rule this once.")
@click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
def forecast(
    store: str,
    shop: str | None,
    as_of: date | None,
    horizon: int,
    changes: tuple[str, ...],
    style: str,
) -> None:
    """Forecast the DSR of each coming day, with 80 % and 95 % intervals and what moves it."""
    from commands.console import printed
    from metrics.forecast.scores import forecast as forecast_scores
    from metrics.ratings.counted import DSR_WINDOW
    from opening import forecast_inputs

    tables, rules = one_shop(store, shop, changes)
    day = as_of or _last_rated(tables)
    inputs = forecast_inputs(tables, rules)
    scores = forecast_scores(inputs, rules, as_of=day, horizon=horizon)
    if scores.is_empty():
        raise click.UsageError(
            f"Nothing to forecast from on {day}: it takes ratings, or daily scores with their"
            f" counts, of the {DSR_WINDOW.days} days before."
        )
    click.echo(printed(scores, style))


@click.command()
@store_option
@click.option("--shop", help="Which shop, where the store has several.")
@click.option("--origins", metavar="D,D,…", help="Days to forecast from.")
@click.option("--every", type=click.IntRange(1), help="Instead: every so many days.")
@click.option("--horizons", default="1,7,15,30", show_default=True, metavar="N,N,…")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Set a rule this once.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def backtest(
    store: str,
    shop: str | None,
    origins: str | None,
    every: int | None,
    horizons: str,
    changes: tuple[str, ...],
    out: Path,
) -> None:
    """Forecast from past days with what was known then, beside what came."""
    from metrics.forecast.backtest import backtest as backtested
    from opening import forecast_inputs

    ahead = _each(horizons, _AHEAD, "--horizons")
    days = _each(origins, Day(), "--origins") if origins else []
    if not out.parent.is_dir():
        raise click.UsageError(f"--out: there is no folder {out.parent}; make it first.")
    tables, rules = one_shop(store, shop, changes)
    inputs = forecast_inputs(tables, rules)
    days = days or _origins(tables, every or 7)
    with click.progressbar(length=len(days), label="Backtest", file=sys.stderr) as bar:
        frame = backtested(
            inputs, rules, origins=days, horizons=ahead, progress=lambda *_: bar.update(1)
        )
    frame.write_csv(out)
    click.echo(f"Wrote {frame.height} forecasts from {len(days)} days to {out}.")


def _each(text: str, kind: click.ParamType[T], option: str) -> list[T]:
    """The values of a list written with commas."""
    try:
        return [kind(part.strip()) for part in text.split(",")]
    except click.BadParameter as error:
        error.param_hint = option
        raise


def _last_rated(tables: "ShopTables") -> date:
    """The as-of day of the shop's best rating feed."""
    from metrics.catalog import BY_ID
    from metrics.kit.coverage import covered_span

    span = covered_span(tables, BY_ID["dsr_service"])
    if span is None:
        raise click.UsageError("The shop has no ratings, daily scores or DSR snapshot to go on.")
    return span[1]


def _origins(tables: "ShopTables", every: int) -> list[date]:
    """Days to forecast from, newest last; the first month of ratings is for learning."""
    last = _last_rated(tables)
    feed = next(feed for feed in ("ratings", "rating_days", "rating_snapshots") if tables.has(feed))
    first = tables.first_day(feed) or last
    back = range(every, max((last - first).days - LEARNING.days, every) + 1, every)
    return [last - timedelta(days=days) for days in reversed(back)]
