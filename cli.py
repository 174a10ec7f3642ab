"""The house without a browser: ``store-health COMMAND``.

Exit code 0: done. 1: some rows set aside or a check failed, told. 2: unusable arguments or file,
nothing written. Modules are imported inside the commands so that ``--help`` answers at once.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from commands.options import Day, one_shop, opened_shops, store_option
from commands.review import digest, report

if TYPE_CHECKING:
    from metrics.forecast.scores import ForecastInputs
    from store.schemas import ShopTables
    from store.settings import ShopSettings

T = TypeVar("T")
ROOT = Path(__file__).parent
SAMPLE = ROOT / "sample_data" / "shop"
FORMATS = ("table", "csv", "json")
#: So many days ahead a score can be forecast.
_AHEAD = click.IntRange(1, 90)
#: A backtest starts when the shop has this much history to learn from.
LEARNING = timedelta(days=30)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="store-health")
def main() -> None:
    """Store Health 店铺体检: a shop's service, sales, refunds and rolling DSR."""


@main.command()
@store_option
@click.option("--port", type=int, default=8501, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True, help="0.0.0.0 lets others in.")
@click.option("--empty", is_flag=True, help="Start without the sample shop.")
def app(store: str, port: int, address: str, empty: bool) -> None:
    """Run the dashboard; an empty store first gets the sample shop."""
    import os

    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web.cli import main as streamlit

    from store.lake import join
    from store.tables import shops

    if not empty and not shops(store):
        _load_sample(store, SAMPLE.iterdir())
    os.environ["STORE_HEALTH_STORE"] = join(store)
    os.chdir(ROOT)
    # Until a session has called st.navigation, Streamlit greets a shared link with "page not
    # found" because a folder named pages lies here; this says at once that pages are routed.
    PagesManager.uses_pages_directory = False
    click.echo(f"Store Health: http://{address}:{port}  (Ctrl+C ends it)")
    options = ["--server.port", str(port), "--server.address", address, "--server.headless", "true"]
    # Nobody edits the code here; to watch it, a session would walk through every folder below,
    # a virtual environment included.
    streamlit(["run", "app.py", *options, "--server.fileWatcherType", "none"])


def _load_sample(store: str, paths: Iterable[Path]) -> None:
    """Import sample exports as the sample shop."""
    from intake.batch import accept, plan_files, prepare
    from sample_data import SAMPLE_SHOP

    files = [(path.name, path.read_bytes()) for path in sorted(paths) if path.suffix != ".json"]
    click.echo(f"Importing the sample shop ({len(files)} files)…", err=True)
    for plan in plan_files(store, files, shop=SAMPLE_SHOP):
        if plan.ready:
            accept(store, plan, "sample")
    prepare(store, [SAMPLE_SHOP])


@main.command()
@store_option
@click.option("--days", type=click.IntRange(1, 2000), default=200, show_default=True)
@click.option("--orders-per-day", type=click.IntRange(1), default=30, show_default=True)
@click.option("--seed", type=int, default=11, show_default=True)
@click.option("--messages", type=click.IntRange(10), help="About so many chat lines in all.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Where files go.")
@click.option("--load", is_flag=True, help="Import the files into the store.")
def sample(
    store: str,
    days: int,
    orders_per_day: int,
    seed: int,
    messages: int | None,
    out: Path | None,
    load: bool,
) -> None:
    """Generate a sample shop's export files, or load the one that ships with the product."""
    from sample_data.generate import generate

    asked = click.get_current_context().get_parameter_source
    chosen = ("days", "orders_per_day", "seed", "messages", "out")
    if load and all(asked(name) == click.core.ParameterSource.DEFAULT for name in chosen):
        _load_sample(store, SAMPLE.iterdir())
        click.echo(f"The sample shop is in {store}.")
        return
    folder = out or Path("out") / "sample"
    # Only what is written now is loaded: the folder may hold an earlier shop's files.
    paths = generate(folder, days=days, orders_per_day=orders_per_day, seed=seed, messages=messages)
    click.echo(f"Wrote the sample shop's exports to {folder}.")
    if load:
        _load_sample(store, paths)
        click.echo(f"Imported them into {store}.")


@main.command("import")
@store_option
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--shop", help="The shop the files belong to; else told from the files or the store.")
@click.option("--layout", help="Read the files as this layout, whatever their headings say.")
@click.option("--day", type=Day(), help="The day of a file that names none.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def import_(
    store: str,
    files: tuple[Path, ...],
    shop: str | None,
    layout: str | None,
    day: date | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import export files: CSV, XLSX, XLS, text, or a ZIP of them."""
    from intake.batch import accept, plan_files, prepare
    from intake.report import Told, told

    contents = [(path.name, _bytes_of(path)) for path in files]
    with click.progressbar(length=2 * len(files), label="Importing", file=sys.stderr) as bar:
        plans = plan_files(
            store, contents, shop=shop, layout=layout, day=day, told=lambda *_: bar.update(1)
        )
        report: list[Told] = []
        touched: list[str] = []
        for plan in plans:
            if plan.ready and not dry_run:
                touched += accept(store, plan, _user()).added
            report.append(told(plan))
            bar.update(1)
        prepare(store, touched)
    if as_json:
        click.echo(json.dumps([file.as_json() for file in report], ensure_ascii=False, indent=2))
    else:
        for file in report:
            click.echo(file.as_text())
    if all(file.error for file in report):
        sys.exit(2)
    sys.exit(1 if any(file.error or file.set_aside for file in report) else 0)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be read ({error.strerror})") from error


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "cli"


@main.command()
@store_option
def uploads(store: str) -> None:
    """List the uploads the store holds, newest first."""
    from commands.console import printed
    from store.uploads import uploads as held

    columns = ["upload_id", "shop", "table", "layout", "rows_accepted", "rows_rejected"]
    columns += ["first_day", "last_day", "uploaded_at", "uploaded_by", "file_name"]
    click.echo(printed(held(store).select(columns), "table"))


@main.command()
@store_option
@click.argument("upload_id")
def withdraw(store: str, upload_id: str) -> None:
    """Take an upload back; rows it had replaced return."""
    from store.uploads import withdraw as take_back

    take_back(store, upload_id)
    click.echo(f"Took {upload_id} back.")


@main.command()
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
    """Print every metric with its counts: money in yuan, durations in seconds, shares 0-1."""
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


@main.command()
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

    tables, rules = one_shop(store, shop, changes)
    day = as_of or _last_rated(tables)
    inputs = _forecast_inputs(tables, rules)
    scores = forecast_scores(inputs, rules, as_of=day, horizon=horizon)
    if scores.is_empty():
        raise click.UsageError(
            f"Nothing to forecast from on {day}: it takes ratings, or daily scores with their"
            f" counts, of the {DSR_WINDOW.days} days before."
        )
    click.echo(printed(scores, style))


@main.command()
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

    ahead = _each(horizons, _AHEAD, "--horizons")
    days = _each(origins, Day(), "--origins") if origins else []
    if not out.parent.is_dir():
        raise click.UsageError(f"--out: there is no folder {out.parent}; make it first.")
    tables, rules = one_shop(store, shop, changes)
    inputs = _forecast_inputs(tables, rules)
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


def _forecast_inputs(tables: "ShopTables", rules: "ShopSettings") -> "ForecastInputs":
    import polars as pl

    from metrics.forecast.scores import ForecastInputs, forecast_inputs

    frames = forecast_inputs(tables, rules)
    collected = pl.collect_all(list(frames.values()))
    return ForecastInputs(**dict(zip(frames, collected, strict=True)))


@main.command()
@store_option
def doctor(store: str) -> None:
    """Check the store, versions, fonts and login settings; heal and tidy up what can be."""
    from commands.surroundings import surroundings
    from store.doctor import doctor as examined

    marks = {"ok": "ok      ", "healed": "healed  ", "problem": "PROBLEM "}
    checks = [(check.state, str(check)) for check in examined(store)]
    if all(state != "problem" for state, _ in checks):
        checks += _tidied(store)
    checks += [(check.state, check.sentence) for check in surroundings()]
    for state, sentence in checks:
        click.echo(marks[state] + sentence)
    sys.exit(1 if any(state == "problem" for state, _ in checks) else 0)


def _tidied(store: str) -> Iterator[tuple[Literal["ok", "problem"], str]]:
    """Upkeep of a sound store: small files joined, old ones deleted."""
    from store.doctor import optimize
    from store.errors import StoreError
    from store.tables import shops

    if not shops(store):
        return
    try:
        deleted = optimize(store)
    except StoreError as error:
        yield "problem", str(error)
    else:
        yield "ok", f"Small files are joined; {deleted} old files were deleted."


@main.command()
@store_option
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--shop", help="The shop the files belong to.")
@click.option("--once", is_flag=True, help="Import what is there now, then end.")
def watch(store: str, folder: Path, shop: str | None, once: bool) -> None:
    """Import what appears in a folder; files move to done/ or refused/ with the reason."""
    from intake.watch import finished_files, take_in

    click.echo(f"Watching {folder} (Ctrl+C ends it)", err=True)
    for path in finished_files(folder, once=once):
        click.echo(take_in(store, path, shop=shop, by=_user()))


main.add_command(report)
main.add_command(digest)

if __name__ == "__main__":
    main()
