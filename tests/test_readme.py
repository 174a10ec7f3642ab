from pathlib import Path

from metrics.catalog import METRICS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_first_screen_holds_the_two_commands() -> None:
    first = "\n".join(README.splitlines()[:40])
    assert first.count("python3 -m venv .venv") == 2
    assert first.count("py -m venv .venv") == 2


def test_it_is_read_in_one_go() -> None:
    """What is longer belongs into docs/."""
    assert len(README.splitlines()) <= 120


def test_pictures_exist() -> None:
    shown = [line.split("](")[1].split(")")[0] for line in README.splitlines() if "![" in line]
    assert shown
    assert [path for path in shown if not (ROOT / path).exists()] == []


def test_definitions_name_both_sides_of_each_ratio() -> None:
    assert [metric.id for metric in METRICS if not metric.numerator or not metric.denominator] == []
