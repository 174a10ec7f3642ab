"""Nobody but this machine reaches the app, unless whoever started it said that they know."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from streamlit import config

from cli import main
from commands import surroundings
from commands.options import ROOT
from pages.shared.exposure import CONSENT
from tests.pages.shops import fill, opened, said, trading

#: Seconds a server may take to start on a busy machine.
START = 60


@pytest.fixture
def listening(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[str | None]:
    """The address the server was told to listen on; None where it was told none."""
    address: str | None = request.param
    before = config.get_option("server.address")
    monkeypatch.delenv(CONSENT, raising=False)
    config.set_option("server.address", address)
    yield address
    config.set_option("server.address", before)


FOREIGN = pytest.mark.parametrize("listening", ["0.0.0.0", "192.168.1.4", None], indirect=True)


@FOREIGN
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_server_that_others_reach_shows_nothing(
    listening: str | None, lang: str, store: Path
) -> None:
    fill(store, trading(), shop="my own shop")
    at = opened(lang=lang)
    (sentence,) = at.error
    assert (listening or "0.0.0.0") in sentence.value
    assert f"{CONSENT}=1" in sentence.value
    assert "--i-know" in sentence.value
    assert len(at.main) == 1
    assert len(at.sidebar) == 0
    assert "my own shop" not in said(at)


@FOREIGN
def test_with_consent_it_serves(
    listening: str | None, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONSENT, "1")
    at = opened(lang="en")
    assert not at.error
    assert at.title[0].value == "Health today"


@pytest.mark.parametrize("listening", ["127.0.0.1", "127.0.0.9", "::1", "localhost"], indirect=True)
def test_every_spelling_of_this_machine_is_served(listening: str) -> None:
    at = opened(lang="en")
    assert at.title[0].value == "Health today"


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.4", "shop.example.org", ""])
def test_the_command_lets_nobody_in_unasked(
    address: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CONSENT, raising=False)
    result = CliRunner().invoke(main, ["app", "--store", str(store), "--address", address])
    assert result.exit_code == 2
    assert "there is no login" in result.stderr
    assert "--i-know" in result.stderr
    assert "Traceback" not in result.stderr
    assert not store.exists()


def test_the_doctor_notes_that_there_is_no_login(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text('[auth]\nclient_id = "x"\n')
    for root in (ROOT, tmp_path):
        monkeypatch.setattr(surroundings, "ROOT", root)
        result = CliRunner().invoke(main, ["doctor", "--store", str(store)])
        (line,) = [line for line in result.stdout.splitlines() if "login" in line]
        assert line.startswith("note    There is no login: whoever reaches the app's address")
    assert "no login is made of it" in line


@contextmanager
def streamlit_run(folder: Path, *options: str) -> Iterator[int]:
    """Port of an app started as people who know Streamlit start one; ended by its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *options]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    command += ["--server.port", str(port), "--global.developmentMode", "false"]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    bound = threading.Timer(START, process.kill)
    bound.start()
    try:
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if "URL:" in line:
                break
        else:
            pytest.fail(f"the app did not start:\n{''.join(told)}")
        yield port
    finally:
        bound.cancel()
        process.kill()
        process.communicate()


def answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=5):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("elsewhere", [False, True], ids=["from its folder", "from elsewhere"])
def test_streamlit_run_listens_on_the_loopback_alone(elsewhere: bool, tmp_path: Path) -> None:
    """A server on every address would also answer 127.0.0.2, which is this machine, too."""
    with streamlit_run(tmp_path if elsewhere else ROOT) as port:
        found = {one: answers(one, port) for one in ("127.0.0.1", "127.0.0.2", "::1")}
    assert found == {"127.0.0.1": True, "127.0.0.2": False, "::1": False}
