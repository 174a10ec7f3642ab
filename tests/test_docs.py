"""docs/ says what the code does: tables drawn from it, commands, links, and what comments cite."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import main
from exports.layout_table import layout_table
from reports.metric_table import metric_table

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
READ = [*PAGES, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))]
CODE = [
    path
    for ending in ("*.py", "*.toml")
    for path in sorted(ROOT.rglob(ending))
    if not any(part.startswith(".") or part == "site" for part in path.relative_to(ROOT).parts)
]
#: A document that a comment cites, perhaps with one of its headings.
CITED = re.compile(r"([\w/-]+\.md)(?:, \"([^\"]+)\")?")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def headings(path: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return re.findall(r"^#+ (.+)$", text, flags=re.M)


def anchor(heading: str) -> str:
    return re.sub(r"[^\w]+", "-", heading.lower(), flags=re.ASCII).strip("-")


def cited(path: Path) -> Iterator[tuple[str, str]]:
    """Documents and headings that a file's comments name, over their line breaks."""
    text = re.sub(r"\s*\n\s*(?:#:? ?)?", " ", path.read_text(encoding="utf-8"))
    yield from CITED.findall(text)


def test_the_table_of_metrics_is_the_catalogue() -> None:
    """Run ``python -m reports.metric_table`` and paste what it prints."""
    assert metric_table() in (DOCS / "numbers.md").read_text(encoding="utf-8")


def test_the_table_of_layouts_is_that_of_the_layouts() -> None:
    """Run ``python -m exports.layout_table`` and paste what it prints."""
    assert layout_table() in (DOCS / "exports.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_is_told_with_its_options(command: str) -> None:
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if f"`store-health {command}" in line]
    options = [option for each in main.commands[command].params for option in each.opts]
    asked = {option for option in options if option.startswith("--")} - {"--store", "--help"}
    assert len(rows) == 1
    assert {option for option in asked if option not in rows[0]} == set()


@pytest.mark.parametrize("path", READ, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    """Those to files and headings of the repository; addresses elsewhere are not asked."""
    dead = []
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        file, _, heading = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if "://" in link:
            continue
        known = heading and target.suffix == ".md" and target.exists()
        if not target.exists() or (known and heading not in map(anchor, headings(target))):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_link_to_pages_only(path: Path) -> None:
    """A link out of docs/ would be dead on the site."""
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in link]
    files = [(path.parent / link.partition("#")[0]).resolve() for link in links]
    assert [str(file) for file in files if not file.is_relative_to(DOCS)] == []


def test_what_comments_cite_is_there() -> None:
    others = [path for path in CODE if path not in (Path(__file__), ROOT / "zensical.toml")]
    missing = [
        f"{name(path)}: {document} {heading}".strip()
        for path in others
        for document, heading in cited(path)
        if not _holds(path, document, heading)
    ]
    assert missing == []


def _holds(path: Path, document: str, heading: str) -> bool:
    """Whether a document, named from the root or from beside the file, has a heading ("": any)."""
    files = [file for file in (ROOT / document, path.parent / document) if file.exists()]
    return any(not heading or heading in headings(file) for file in files)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param('# see docs/a.md, "Two\n# words".', ("docs/a.md", "Two words"), id="comment"),
        pytest.param('"""See docs/a.md, "Two\nwords"."""', ("docs/a.md", "Two words"), id="text"),
        pytest.param("#: see docs/a.md.", ("docs/a.md", ""), id="no heading"),
    ],
)
def test_what_is_taken_for_a_citation(text: str, found: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(text, encoding="utf-8")
    assert list(cited(path)) == [found]


def test_every_page_is_in_the_navigation() -> None:
    config = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    listed = sorted(_files(config["project"]["nav"]))
    assert listed == sorted(path.relative_to(DOCS).as_posix() for path in PAGES)


def _files(entry: Any) -> Iterator[str]:
    match entry:
        case str():
            yield entry
        case dict():
            yield from (file for each in entry.values() for file in _files(each))
        case _:
            yield from (file for each in entry for file in _files(each))
