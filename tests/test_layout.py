"""What a reader of the folder tree may rely on."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: Room -> what its files may import besides their own room. ``told.mark`` imports nothing, so that
#: everybody may mark a message where it is written.
MARK = "told.mark"
ARROWS: dict[str, set[str]] = {
    "store": {MARK},
    "exports": {"store", MARK},
    "metrics": {"store", MARK},
    "team": {"store"},
    "charts": {"plotly"},
    "sample_data": {"store"},
    "told": {"metrics.catalog", "metrics.kit.metric", "metrics.views", "metrics.work"},
    "opening": {"store", "metrics"},
    "intake": {"store", "team", "exports", "opening", "sample_data", MARK},
    "reports": {"store", "team", "metrics", "charts", "opening", "told", "plotly"},
    "pages": {
        *("store", "team", "exports", "metrics", "charts", "intake", "opening"),
        *("sample_data", "told"),
        *("reports.review", "streamlit", "plotly"),
    },
    "commands": {
        *(
            "store",
            "metrics",
            "team",
            "told",
            "intake",
            "opening",
            "reports",
            "sample_data",
            "streamlit",
        ),
        # Who may reach the app is asked before it starts and said on its pages.
        "pages.shared.exposure",
    },
    "cli": {"commands"},
    "app": {
        *("pages", "metrics.ratings.counted", "store.errors", "store.lake", "store.logbook"),
        "streamlit",
    },
}
#: Inside a room, from the ground up: a part imports the parts before it, never one behind it.
LADDERS = {
    "metrics": (
        *("kit", "chats", "refunds", "sales", "ratings", "forecast"),
        *("catalog", "measure", "agents", "cases", "work", "views"),
    ),
    "exports": (
        *("reasons", "errors", "result", "refusals", "cells", "files", "layouts"),
        *("layout_table", "recognise", "refused_files", "chats", "scores", "tables", "special"),
        *("table_evidence", "reading", "mapping", "guesses", "templates"),
    ),
    "reports": ("review", "digest", "metric_table"),
}
WATCHED = {"streamlit", "plotly", *ARROWS}
FILES = [
    path
    for room in ARROWS
    for path in (
        [ROOT / f"{room}.py"]
        if (ROOT / f"{room}.py").exists()
        else sorted((ROOT / room).rglob("*.py"))
    )
]
PAGES = [path for path in FILES if path.is_relative_to(ROOT / "pages")]
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
    """Full names of the modules a file imports, also as ``from package import module``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = node.module or ""
            inside = {f"{package}.{alias.name}" for alias in node.names}
            modules = {module for module in inside if is_module(module)}
            found |= modules or {package}
    return found


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_arrows_point_one_way(path: Path) -> None:
    allowed = {*ARROWS[room_of(path)], room_of(path)}
    watched = {module for module in imported(path) if module.split(".")[0] in WATCHED}
    assert {m for m in watched if not any(within(m, room) for room in allowed)} == set()


@pytest.mark.parametrize(
    "path", [path for path in FILES if room_of(path) in LADDERS and path.name != "__init__.py"],
    ids=name,
)  # fmt: skip
def test_the_parts_of_a_room_build_on_each_other(path: Path) -> None:
    room = room_of(path)
    ladder = LADDERS[room]
    part = path.relative_to(ROOT / room).with_suffix("").parts[0]
    assert part in ladder, f"say in LADDERS what {room}/{part} builds on"
    inside = {module.split(".")[1] for module in imported(path) if within(module, room)}
    assert inside <= {*ladder[: ladder.index(part) + 1]}


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_theme_of_pages_knows_itself_and_what_all_share(path: Path) -> None:
    theme = path.relative_to(ROOT / "pages").parts[0]
    allowed = {"pages.shared", f"pages.{theme}.parts"}
    pages = {module for module in imported(path) if within(module, "pages")}
    assert {m for m in pages if not any(within(m, room) for room in allowed)} == set()


def formulas(tree: ast.AST) -> Iterator[str]:
    """Grouping, aggregating and arithmetic on columns in a file, as "line: text"."""
    for node in ast.walk(tree):
        groups = isinstance(node, ast.Attribute) and node.attr in GROUPING
        counts = isinstance(node, ast.BinOp) and isinstance(node.op, ARITHMETIC) and (
            of_column(node.left) or of_column(node.right)
        )  # fmt: skip
        if groups or counts:
            yield f"{node.lineno}: {ast.unparse(node)}"  # type: ignore[attr-defined]


GROUPING = {"group_by", "group_by_dynamic", "rolling", "agg", "over"}
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


def of_column(node: ast.AST) -> bool:
    """Whether an expression is built on ``pl.col(…)``, through methods and brackets too."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="pl"), attr=made)):
            return made != "lit"
        case ast.Call(func=inner) | ast.Attribute(value=inner) | ast.UnaryOp(operand=inner):
            return of_column(inner)
        case ast.BinOp(left=left, right=right):
            return of_column(left) or of_column(right)
        case _:
            return False


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_hold_no_formula(path: Path) -> None:
    assert list(formulas(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        pytest.param("rows.group_by('day')", True, id="grouping"),
        pytest.param("pl.col('a') / pl.col('b')", True, id="a ratio"),
        pytest.param("1 - pl.col('a').cast(int)", True, id="through a method"),
        pytest.param("pl.when(x).then(1) * 100", True, id="through a condition"),
        pytest.param("view.first - timedelta(days=1)", False, id="days"),
        pytest.param("pl.col('a') > 3", False, id="a comparison"),
        pytest.param("pl.col('a').sum()", False, id="one number of a list"),
    ],
)
def test_what_is_taken_for_a_formula(text: str, is_one: bool) -> None:
    assert bool(list(formulas(ast.parse(text)))) == is_one


@pytest.mark.parametrize("path", METRIC_FILES, ids=name)
def test_metrics_stay_lazy_and_pure(path: Path) -> None:
    """Linters cannot see methods, so read the text."""
    text = path.read_text(encoding="utf-8")
    assert not [word for word in IMPURE if word in text]
    store = {module for module in imported(path) if module.startswith("store")}
    assert store <= STORE_SEEN_BY_METRICS


def test_messages_are_marked_by_one_function() -> None:
    """Files that define another ``_`` or ``mark`` of one message."""
    others = {
        name(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and node.name in ("_", "mark")
        and [each.arg for each in node.args.args] == ["message"]
    }
    assert others == {"told/mark.py"}


def test_blurred_buyers_are_known_in_one_place() -> None:
    users = {name(path) for path in METRIC_FILES if 'contains("*"' in path.read_text("utf-8")}
    assert users == {"metrics/kit/buyers.py"}


def test_only_team_reads_and_writes_notes() -> None:
    """What people write is a model of ``team.kinds`` everywhere else."""
    users = {name(path) for path in FILES if taken(path, "store.notes") - {"notes_version"}}
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
