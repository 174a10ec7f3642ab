"""What surrounds the store on this machine: versions, fonts, login."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from shutil import which
from subprocess import run
from typing import Literal

from packaging.requirements import Requirement

from commands.options import ROOT


@dataclass(frozen=True)
class Finding:
    """One thing looked at, and how it was found."""

    state: Literal["ok", "note", "problem"]
    sentence: str


def surroundings() -> list[Finding]:
    """Packages against what the project asks for, a font for Chinese, and the login."""
    return [*_packages(), _chinese_font(), _login(ROOT / ".streamlit" / "secrets.toml")]


def _packages() -> Iterator[Finding]:
    wrong = list(_unmet(requires("store-health") or []))
    if not wrong:
        yield Finding("ok", "All packages have the versions this program asks for.")
    for requirement, found in wrong:
        have = f"is {found}" if found else "is missing"
        yield Finding(
            "problem", f"Package {requirement.name} {have}; {requirement} is asked for. Reinstall."
        )


def _unmet(asked: list[str]) -> Iterator[tuple[Requirement, str | None]]:
    for line in asked:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            yield requirement, None
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            yield requirement, found


def _chinese_font() -> Finding:
    """Only where fontconfig lists fonts can they be checked; browsers elsewhere bring their own."""
    if which("fc-list") is None:
        return Finding("ok", "Fonts are the browser's own here; nothing to check.")
    listed = run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    if listed.stdout.strip():
        return Finding("ok", "A font with Chinese characters is installed.")
    return Finding(
        "problem", "No font has Chinese characters; install one (Debian: fonts-noto-cjk)."
    )


def _login(secrets: Path) -> Finding:
    """A note and no fault: the app is made to be used without one, on this machine only."""
    said = "There is no login: whoever reaches the app's address sees every page."
    if secrets.exists():
        said += f" {secrets.name} is there, but no login is made of it."
    return Finding("note", said)
