"""The dashboard, run from the command line."""

import os

import click

from commands.options import ROOT, store_option
from commands.sample import load_sample
from pages.shared.exposure import CONSENT, is_loopback
from sample_data import SHOP_FILES


@click.command()
@store_option
@click.option("--port", type=int, default=8501, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True, help="0.0.0.0 lets others in.")
@click.option("--i-know", is_flag=True, envvar=CONSENT, help="Others may see all of it: no login.")
@click.option("--empty", is_flag=True, help="Start without the sample shop.")
def app(store: str, port: int, address: str, i_know: bool, empty: bool) -> None:
    """Run the dashboard; an empty store first gets the sample shop."""
    if i_know:
        os.environ[CONSENT] = "1"
    elif not is_loopback(address):
        raise click.UsageError(
            f"--address {address}: there is no login, so everybody who reaches this machine would"
            " see the shop's buyers, orders and chats. Add --i-know if that is what you want."
        )
    _serve(store, port, address, empty)


def _serve(store: str, port: int, address: str, empty: bool) -> None:
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web.cli import main as streamlit

    from store.lake import join
    from store.logbook import logger
    from store.tables import shops

    if not empty and not shops(store):
        load_sample(store, SHOP_FILES.iterdir())
    os.environ["STORE_HEALTH_STORE"] = join(store)
    os.chdir(ROOT)
    # Until a session has called st.navigation, Streamlit greets a shared link with "page not
    # found" because a folder named pages lies here; this says at once that pages are routed.
    PagesManager.uses_pages_directory = False
    host = f"[{address}]" if ":" in address else address
    click.echo(f"Store Health: http://{host}:{port}  (Ctrl+C ends it)")
    logger("app").info("serves %s, port %d", host, port)
    options = ["--server.port", str(port), "--server.address", address, "--server.headless", "true"]
    # Nobody edits the code here; to watch it, a session would walk through every folder below,
    # a virtual environment included.
    streamlit(["run", "app.py", *options, "--server.fileWatcherType", "none"])
