"""What surrounds the store on this machine: versions, fonts, login settings."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from shutil import which
from subprocess import run
from typing import Literal

from packaging.requirements import Requirement

from commands.options import ROOT

#: What an OpenID Connect login needs of ``.streamlit/secrets.toml``.
LOGIN_KEYS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")


@dataclass(frozen=True)
class Finding:
    """One thing looked at, and how it was found."""

    state: Literal["ok", "healed", "problem"]
    sentence: str


def surroundings() -> list[Finding]:
    """Packages against what the project asks for, a font for Chinese, and the login settings."""
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
    if not secrets.exists():
        return Finding("ok", "No login is set up: whoever reaches the address sees the dashboard.")
    try:
        auth = tomllib.loads(secrets.read_text(encoding="utf-8")).get("auth", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Finding("problem", f"{secrets.name} cannot be read: {error}")
    missing = [key for key in LOGIN_KEYS if key not in auth]
    if auth and missing:
        return Finding("problem", f"Login: [auth] in {secrets.name} lacks {', '.join(missing)}.")
    return Finding("ok", "Login is set up." if auth else "No login is set up.")
