"""The dashboard, run from the command line."""

import os

import click

from commands.options import ROOT, store_option
from commands.sample import load_sample
from sample_data import SHOP_FILES


@click.command()
@store_option
@click.option("--port", type=int, default=8501, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True, help="0.0.0.0 lets others in.")
@click.option("--empty", is_flag=True, help="Start without the sample shop.")
def app(store: str, port: int, address: str, empty: bool) -> None:
    """Run the dashboard; an empty store first gets the sample shop."""
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web.cli import main as streamlit

    from store.lake import join
    from store.tables import shops

    if not empty and not shops(store):
        load_sample(store, SHOP_FILES.iterdir())
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
