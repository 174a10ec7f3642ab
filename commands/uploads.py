"""Files in and out of the store: import, uploads, withdraw, watch."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.options import Currency, Day, store_option

if TYPE_CHECKING:
    from intake.batch import FilePlan


@click.command("import")
@store_option
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--shop", help="The shop the files belong to; else told from the files or the store.")
@click.option("--layout", help="Read the files as this layout, whatever their headings say.")
@click.option("--day", type=Day(), help="The day of a file that names none.")
@click.option(
    "--currency",
    type=Currency(),
    default="",
    help="What amounts are in that name no currency; else the platform's or the shop's.",
)
@click.option(
    "--agent",
    "agents",
    multiple=True,
    metavar="NAME",
    help="An account that answers for the shop, where chats do not say it; may be given again.",
)
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def import_(
    store: str,
    files: tuple[Path, ...],
    shop: str | None,
    layout: str | None,
    day: date | None,
    currency: str,
    agents: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import export files: CSV, XLSX, XLS, text, or a ZIP of them."""
    from intake.batch import accept, answered, plan_files, prepare
    from intake.report import Told, told

    named = [(path.name, path) for path in files]
    with click.progressbar(length=2 * len(files), label="Importing", file=sys.stderr) as bar:
        try:
            plans = plan_files(
                store,
                named,
                shop=shop,
                layout=layout,
                day=day,
                currency=currency,
                agents=agents,
                told=lambda *_: bar.update(1),
            )
        except OSError as error:
            reason = f"{error.filename}: cannot be read ({error.strerror})"
            raise click.UsageError(reason) from error
        report: list[Told] = []
        touched: list[str] = []
        for plan in plans:
            if not dry_run and (said := agents or _named_agents(plan)):
                plan = answered(store, plan, said, _user())
                touched += [part.shop for part in plan.parts]
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
    sys.exit(1 if any(not file.taken_whole for file in report) else 0)


def _named_agents(plan: "FilePlan") -> tuple[str, ...]:
    """Who serves by what the person at the terminal says; nobody where there is none."""
    speakers = [speaker for part in plan.parts for speaker in part.speakers]
    if not speakers or not sys.stdin.isatty():
        return ()
    click.echo(f"\n{plan.file.name}: who of these answers for the shop?", err=True)
    for number, speaker in enumerate(speakers, 1):
        samples = " / ".join(speaker.samples)
        click.echo(f"  {number}  {speaker.name} ({speaker.lines} lines): {samples}", err=True)
    answer = click.prompt("Numbers, or nothing if you do not know", default="", err=True)
    chosen = [int(word) - 1 for word in answer.replace(",", " ").split() if word.isdecimal()]
    return tuple(speakers[at].name for at in chosen if 0 <= at < len(speakers))


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "cli"


@click.command()
@store_option
def uploads(store: str) -> None:
    """List the uploads the store holds, newest first."""
    from commands.console import printed
    from store.uploads import uploads as held

    columns = ["upload_id", "shop", "table", "layout", "rows_accepted", "rows_rejected"]
    columns += ["first_day", "last_day", "uploaded_at", "uploaded_by", "file_name"]
    click.echo(printed(held(store).select(columns), "table"))


@click.command()
@store_option
@click.argument("upload_id")
def withdraw(store: str, upload_id: str) -> None:
    """Take an upload back; rows it had replaced return."""
    from store.uploads import withdraw as take_back

    take_back(store, upload_id)
    click.echo(f"Took {upload_id} back.")


@click.command()
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
