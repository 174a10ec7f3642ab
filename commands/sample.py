"""The sample shop: its export files written anew, or imported."""

from collections.abc import Iterable
from pathlib import Path

import click

from commands.options import store_option
from sample_data import SHOP_FILES


@click.command()
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
        load_sample(store, SHOP_FILES.iterdir())
        click.echo(f"The sample shop is in {store}.")
        return
    folder = out or Path("out") / "sample"
    # Only what is written now is loaded: the folder may hold an earlier shop's files.
    paths = generate(folder, days=days, orders_per_day=orders_per_day, seed=seed, messages=messages)
    click.echo(f"Wrote the sample shop's exports to {folder}.")
    if load:
        load_sample(store, paths)
        click.echo(f"Imported them into {store}.")


def load_sample(store: str, paths: Iterable[Path]) -> None:
    """Import sample exports as the sample shop."""
    from intake.batch import accept, plan_files, prepare
    from sample_data import SAMPLE_SHOP

    files = [(path.name, path.read_bytes()) for path in sorted(paths) if path.suffix != ".json"]
    click.echo(f"Importing the sample shop ({len(files)} files)…", err=True)
    for plan in plan_files(store, files, shop=SAMPLE_SHOP):
        if plan.ready:
            accept(store, plan, "sample")
    prepare(store, [SAMPLE_SHOP])
