"""The house without a browser: ``store-health COMMAND``.

Exit code 0: done. 1: some rows set aside or a check failed, told. 2: unusable arguments or file,
nothing written. Modules are imported inside the commands so that ``--help`` answers at once.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

if TYPE_CHECKING:
    import polars as pl

    from store.settings import ShopSettings

P = ParamSpec("P")
ROOT = Path(__file__).parent
FORMATS = ("table", "csv", "json")


class Day(click.ParamType):
    """A day written like 2025-01-02."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day, or end the command with a sentence."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it like 2025-01-02", param, ctx)


def _store_option(command: Callable[P, None]) -> Callable[..., None]:
    """Give a command ``--store`` and open that store, healing what a crash left."""

    @click.option("--store", "folder", metavar="DIR", help="Folder of the store.")
    @wraps(command)
    def opened(*args: Any, folder: str | None, **options: Any) -> None:
        from store.lake import StoreError, store_path

        try:
            command(folder or store_path(), *args, **options)  # type: ignore[arg-type]
        except StoreError as error:
            raise click.UsageError(str(error)) from error

    return opened


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="store-health")
def main() -> None:
    """Store Health 店铺体检: a shop's service, sales, refunds and rolling DSR."""


@main.command()
@_store_option
@click.option("--port", type=int, default=8501, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True, help="0.0.0.0 lets others in.")
@click.option("--empty", is_flag=True, help="Start without the sample shop.")
def app(store: str, port: int, address: str, empty: bool) -> None:
    """Run the dashboard; an empty store first gets the sample shop."""
    import os

    from store.tables import shops

    if not empty and not shops(store):
        _load_sample(store, ROOT / "sample_data" / "shop")
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    command += ["--server.port", str(port), "--server.address", address]
    command += ["--server.headless", "true"]
    click.echo(f"Store Health: http://{address}:{port}  (Ctrl+C ends it)")
    environment = {**os.environ, "STORE_HEALTH_STORE": store}
    sys.exit(subprocess.call(command, env=environment, cwd=ROOT))


def _load_sample(store: str, folder: Path) -> None:
    """Import a folder of sample exports as the sample shop."""
    from intake import SAMPLE_SHOP, accept, plan_files

    files = [
        (path.name, path.read_bytes())
        for path in sorted(folder.iterdir())
        if path.suffix in {".csv", ".xlsx", ".xls", ".zip", ".txt"}
    ]
    click.echo(f"Importing the sample shop ({len(files)} files)…", err=True)
    for plan in plan_files(store, files, shop=SAMPLE_SHOP):
        accept(store, plan, by="sample")


@main.command()
@_store_option
@click.option("--days", type=click.IntRange(1, 2000), default=200, show_default=True)
@click.option("--orders-per-day", type=click.IntRange(0), default=35, show_default=True)
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

    shipped = ROOT / "sample_data" / "shop"
    asked = click.get_current_context().get_parameter_source
    chosen = ("days", "orders_per_day", "seed", "messages", "out")
    if load and all(asked(name) == click.core.ParameterSource.DEFAULT for name in chosen):
        _load_sample(store, shipped)
        click.echo(f"The sample shop is in {store}.")
        return
    folder = out or Path("out") / "sample"
    generate(folder, days=days, orders_per_day=orders_per_day, seed=seed, messages=messages)
    click.echo(f"Wrote the sample shop's exports to {folder}.")
    if load:
        _load_sample(store, folder)
        click.echo(f"Imported them into {store}.")
