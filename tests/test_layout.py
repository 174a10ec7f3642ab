"""What a reader of the folder tree may rely on."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Folder -> what its files may import besides their own folder. Not listed here: pages,
# reports, commands, intake/batch.py, opening.py, cli.py and app.py, which may import all of these.
ARROWS: dict[str, set[str]] = {
    "store": set(),
    "exports": {"store"},
    "metrics": {"store"},
    "team": {"store"},
    "charts": {"plotly"},
    "sample_data": {"store"},
}
WATCHED = {
    "app",
    "cli",
    "commands",
    "intake",
    "told",
    "opening",
    "pages",
    "reports",
    "streamlit",
    "plotly",
    *ARROWS,
}
FILES = [path for folder in ARROWS for path in sorted((ROOT / folder).rglob("*.py"))]
# Of the store, metrics see schemas, shop tables (with their recipes) and the settings model,
# nothing that reads or writes.
IMPURE = (".collect(", "map_elements", ".today(", ".now(")
STORE_SEEN_BY_METRICS = {"store.schemas", "store.shop_tables", "store.settings"}
METRIC_FILES = [path for path in FILES if path.is_relative_to(ROOT / "metrics")]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def taken(path: Path, module: str) -> set[str]:
    """The names that a file imports from a module."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    whence = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == module]
    return {alias.name for node in whence for alias in node.names}


def hidden(path: Path) -> bool:
    """Whether a folder on the way starts with a dot, as an environment's does."""
    return any(part.startswith(".") for part in path.relative_to(ROOT).parts)


def imported(path: Path) -> set[str]:
    """Full names of the modules a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    whence = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return plain | whence


@pytest.mark.parametrize("path", FILES, ids=name)
def test_arrows_point_one_way(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    tops = {module.split(".")[0] for module in imported(path)}
    assert tops & WATCHED <= ARROWS[folder] | {folder}


@pytest.mark.parametrize("path", METRIC_FILES, ids=name)
def test_metrics_stay_lazy_and_pure(path: Path) -> None:
    """Linters cannot see methods, so read the text."""
    text = path.read_text(encoding="utf-8")
    assert not [word for word in IMPURE if word in text]
    store = {module for module in imported(path) if module.startswith("store")}
    assert store <= STORE_SEEN_BY_METRICS


def test_blurred_buyers_are_known_in_one_place() -> None:
    users = {name(path) for path in METRIC_FILES if 'contains("*"' in path.read_text("utf-8")}
    assert users == {"metrics/kit/buyers.py"}


def test_only_team_reads_and_writes_notes() -> None:
    """What people write is a model of ``team.kinds`` everywhere else."""
    rooms = (*ARROWS, "intake", "pages", "reports", "commands", "told")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    users = {name(path) for path in files if taken(path, "store.notes") - {"notes_version"}}
    assert users == {"team/entries.py"}


def test_no_modules_import_each_other() -> None:
    """Not even for type checkers only: what needs each other belongs together."""
    seen = {path: imported(path) for path in ROOT.rglob("*.py") if not hidden(path)}
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in seen}
    graph = {module: seen[path] & names.keys() for module, path in names.items()}
    TopologicalSorter(graph).prepare()


def test_no_page_runs_without_the_entry_point() -> None:
    """Streamlit serves ``pages/*.py`` by URL before ``app.py`` has run once."""
    assert not list((ROOT / "pages").glob("*.py"))
