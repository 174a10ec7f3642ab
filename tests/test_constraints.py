"""What README's two commands install is what was tested, to the version."""

import re
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PINS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def closure(name: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]) -> set[str]:
    """Every package that installing ``name`` brings onto this machine."""
    if (name, extras) in seen:
        return set()
    seen.add((name, extras))
    found: set[str] = set()
    for text in distribution(name).requires or []:
        need = Requirement(text)
        wanted = need.marker is None or any(
            need.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        )
        if wanted:
            found.add(canonicalize_name(need.name))
            found |= closure(need.name, frozenset(need.extras), seen)
    return found


def test_a_pin_is_a_name_and_a_version() -> None:
    assert [
        line for line in PINS if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line)
    ] == []


def test_everything_that_is_installed_is_pinned() -> None:
    """A package that is missing here would come in whatever version is newest that day."""
    pinned = {canonicalize_name(line.split("==")[0]) for line in PINS}
    assert closure("store-health", frozenset({"dev"}), set()) - pinned == set()


def test_both_commands_install_what_is_pinned() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    installs = [
        line for line in readme.splitlines() if "pip install" in line and "-m venv .venv" in line
    ]
    assert len(installs) == 4
    assert [line for line in installs if "install -q -c constraints.txt -e" not in line] == []
