"""Files in and out of the store: import, uploads, withdraw, watch."""

import json
import sys
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.options import Currency, Day, Zone, store_option

if TYPE_CHECKING:
    from intake.batch import FilePlan
    from intake.layout_files import Layout


@click.command("import")
@store_option
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--shop", help="The shop the files belong to; else told from the files or the store.")
@click.option("--layout", help="Read the files as this layout, whatever their headings say.")
@click.option(
    "--map",
    "layout_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the files by this layout file and remember it, as the upload page does.",
)
@click.option("--day", type=Day(), help="The day of a file that names none.")
@click.option(
    "--zone",
    type=Zone(),
    help="The time zone of the shop, kept with its first files; like America/New_York.",
)
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
    layout_file: Path | None,
    day: date | None,
    zone: str | None,
    currency: str,
    agents: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import export files: CSV, XLSX, XLS, text, or a ZIP of them."""
    from intake.batch import accept, answered, prepare, unzoned
    from intake.own_layouts import kept_layouts
    from intake.report import Told, told

    if layout and layout_file:
        raise click.UsageError("--layout and --map both say what the files are; give one of them.")
    own = kept_layouts(store)
    mapped = _mapped(store, layout_file) if layout_file else None
    if mapped is not None:
        own, layout = [mapped, *(one for one in own if one.id != mapped.id)], mapped.id
    said = {"shop": shop, "layout": layout, "day": day, "currency": currency, "agents": agents}
    planned = partial(_planned, store, files, own_layouts=own, **said)
    plans = planned(zone=zone)
    if zone is None and (question := unzoned(plans)) and sys.stdin.isatty():
        plans = planned(zone=_asked_zone(str(question), question.choices[:9]))
    if stopped := [plan for plan in plans if unzoned([plan])]:
        # The first of a shop's files settles its zone: none is written before that is answered.
        plans, dry_run = stopped, True
    report: list[Told] = []
    touched: list[str] = []
    with click.progressbar(length=len(plans), label="Importing", file=sys.stderr) as bar:
        for plan in plans:
            if not dry_run and (serving := agents or _named_agents(plan)):
                plan = answered(store, plan, serving, _user())
                touched += [part.shop for part in plan.parts]
            if plan.ready and not dry_run:
                touched += accept(store, plan, _user()).added
            report.append(told(plan, own))
            bar.update(1)
        prepare(store, touched)
    if mapped is not None and touched:
        _remember(store, mapped)
    if as_json:
        click.echo(json.dumps([file.as_json() for file in report], ensure_ascii=False, indent=2))
    else:
        for file in report:
            click.echo(file.as_text())
    if all(file.error for file in report):
        sys.exit(2)
    sys.exit(1 if any(not file.taken_whole for file in report) else 0)


def _planned(store: str, files: Sequence[Path], **said: Any) -> "list[FilePlan]":
    """What importing the files would do, with a bar on a terminal."""
    from intake.batch import plan_files

    named = [(path.name, path) for path in files]
    with click.progressbar(length=len(files), label="Reading", file=sys.stderr) as bar:
        try:
            return plan_files(store, named, told=lambda *_: bar.update(1), **said)
        except OSError as error:
            reason = f"{error.filename}: cannot be read ({error.strerror})"
            raise click.UsageError(reason) from error


def _asked_zone(question: str, choices: Sequence[str]) -> str:
    """The zone that a person at the terminal chooses: a number of those that fit, or any name."""
    click.echo(question, err=True)
    for nth, zone in enumerate(choices, 1):
        click.echo(f"  {nth}  {zone}", err=True)

    def chosen(answer: str) -> str:
        listed = answer.isdecimal() and 0 < int(answer) <= len(choices)
        return Zone()(choices[int(answer) - 1] if listed else answer)

    asked = "Time zone of the shop (a number, or a name)"
    return str(click.prompt(asked, value_proc=chosen, err=True))


def _mapped(store: str, path: Path) -> "Layout":
    """The layout that a file says, as it would be kept; an unusable one ends the command."""
    from intake.layout_files import LayoutFileError, read_layout_file
    from intake.own_layouts import NameTakenError, in_place

    try:
        return in_place(store, read_layout_file(path.name, path.read_bytes()))[0]
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be read ({error.strerror})") from error
    except LayoutFileError as error:
        raise click.UsageError(f"--map: {error}") from error
    except NameTakenError as error:
        raise click.UsageError(f"--map {path.name}: {error}; change its name.") from error


def _remember(store: str, layout: "Layout") -> None:
    """Keep a layout by which files were imported, and say so beside the report."""
    from intake.own_layouts import keep_layout

    earlier = keep_layout(store, layout, _user())
    told = f"Files with these headings are read as “{layout.name}” from now on"
    click.echo(f"{told}, no more as “{earlier.name}”." if earlier else f"{told}.", err=True)


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
    import polars as pl

    from commands.console import printed
    from intake.own_layouts import kept
    from store.uploads import uploads as held

    # Own layouts by the names people gave them; built-in ones by their ids, as --layout takes them.
    names = {one.layout.id: one.layout.name for one in kept(store, deleted=True)}
    called = pl.col("layout").str.split(",").list.eval(pl.element().replace(names)).list.join(", ")
    columns = ["upload_id", "shop", "table", "layout", "rows_accepted", "rows_rejected"]
    columns += ["first_day", "last_day", "uploaded_at", "uploaded_by", "file_name"]
    click.echo(printed(held(store).with_columns(layout=called).select(columns), "table"))


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
@click.option("--zone", type=Zone(), help="The time zone of the shop, kept with its first files.")
@click.option("--once", is_flag=True, help="Import what is there now, then end.")
def watch(store: str, folder: Path, shop: str | None, zone: str | None, once: bool) -> None:
    """Import what appears in a folder; files move to done/ or refused/ with the reason."""
    from intake.watch import UnansweredError, finished_files, take_in

    click.echo(f"Watching {folder} (Ctrl+C ends it)", err=True)
    for path in finished_files(folder, once=once):
        try:
            click.echo(take_in(store, path, shop=shop, by=_user(), zone=zone))
        except UnansweredError as question:
            raise click.UsageError(str(question)) from question
