"""The weekly review: one builder, told as points, as a file, as a workbook."""

import io
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner

from cli import main
from metrics.measure import measure
from reports.review.agenda import agenda
from reports.review.offline import offline_html
from reports.review.weekly import freeze, weekly_review
from reports.review.workbook import review_xlsx
from store.notes import write_note
from store.settings import AgentName, ShopSettings
from store.shop_settings import save_settings
from store.tables import shop_tables
from team.entries import write
from team.kinds import Action
from tests.pages.shops import DAY, HOUR, MAY_1, MINUTE, fill, trading
from told.spoken import Spoken

#: The only whole week of fourteen days from Wednesday 1 May.
MONDAY = date(2024, 5, 6)


@pytest.fixture
def shop(store: Path) -> Path:
    """Fourteen days of a shop in which every other buyer is answered."""
    fill(store, trading(days=14))
    return store


def review_of(store: Path, week: date = MONDAY) -> Any:
    return weekly_review(store, "shop", week)


def test_the_review_shows_what_measure_counts(shop: Path) -> None:
    counted = review_of(shop).counted.weeks.filter(pl.col("week") == MONDAY)
    measured = measure(
        shop_tables(shop, "shop"), ShopSettings(), first=MONDAY, last=MONDAY + timedelta(days=6)
    ).collect()
    final = counted.filter("final").select("metric", "value", "numerator", "denominator")
    same = measured.select("metric", "value", "numerator", "denominator").join(
        final.select("metric"), on="metric", how="semi", maintain_order="left"
    )
    assert final.height > 10
    assert final.rows() == same.rows()


def test_the_agenda_keeps_its_order(shop: Path) -> None:
    points = agenda(review_of(shop), Spoken("en", "CNY"))
    codes = [point.code for point in points]
    assert codes == ["changed", "why", "forecast", "agents", "cases", "actions"]
    assert all(len(point.numbers) <= 3 for point in points)


def told(store: Path, **masks: bool) -> str:
    """Every word and figure of the agenda."""
    points = agenda(review_of(store), Spoken("en", "CNY"), **masks)
    rows = [str(table.frame.select(column.name for column in table.columns).rows())
            for point in points for table in point.tables]  # fmt: skip
    figures = [point.figure.to_json() for point in points if point.figure]
    return " ".join([*(f"{p.finding} {p.lines} {p.numbers}" for p in points), *rows, *figures])


def test_names_are_left_out_as_asked(shop: Path) -> None:
    save_settings(
        shop, "shop", ShopSettings(agents=(AgentName(account="ann", display="Xiaoyu"),)), by="test"
    )
    fields = {"agent": "ann", "day": "2024-05-07", "buyer": "tb-secret-9", "tags": ["slow"],
              "better": "Say when it ships", "rule": "", "discuss": True}  # fmt: skip
    write_note(shop, "shop", "case", "1", by="test", text="asked twice", fields=fields)
    masked = told(shop, mask_agents=True)
    assert "tb-secret-9" not in masked
    assert "t***9" in masked
    assert "Say when it ships" in masked
    assert not re.search(r"\b(ann|Xiaoyu)\b", masked)
    assert "Agent 1" in masked
    assert "Xiaoyu" in told(shop)


def test_three_cases_those_to_discuss_first(shop: Path) -> None:
    for n in range(5):
        write_note(shop, "shop", "case", str(n), by="test", text=f"case {n}",
                   fields={"agent": "ann", "discuss": n == 0})  # fmt: skip
    assert review_of(shop).cases["text"].to_list() == ["case 0", "case 4", "case 3"]


def test_a_frozen_week_keeps_what_was_seen(shop: Path) -> None:
    before = review_of(shop)
    assert before.frozen is None
    assert before.then_and_now().is_empty()
    freeze(shop, before, by="ann")
    still = review_of(shop)
    assert still.frozen.by == "ann"
    assert still.then_and_now().drop_nulls("then")["difference"].abs().max() == 0
    answered = [
        {"buyer": "late", "sent_at": MAY_1 + 6 * DAY + 10 * HOUR + wait, "sender": sender,
         "agent": "ann"}
        for sender, wait in (("buyer", 0 * MINUTE), ("agent", MINUTE))
    ]  # fmt: skip
    fill(shop, {"messages": answered})
    rows = review_of(shop).then_and_now().filter(metric="reply_rate", week=MONDAY)
    assert rows.select("then", "n_then", "now", "n_now").rows() == [(0.5, 14.0, 8 / 15, 15.0)]


def action(**told: str | None) -> Action:
    usual = {"subject": "1", "by": "test", "week": "2024-W19", "text": "call", "owner": "ann"}
    return Action.model_validate(usual | told)


@pytest.mark.parametrize(
    ("born", "done_in", "seen"),
    [
        pytest.param("2024-W19", None, [False], id="of this week"),
        pytest.param("2024-W18", None, [False], id="carried over"),
        pytest.param("2024-W18", "2024-W18", [], id="done before"),
        pytest.param("2024-W18", "2024-W19", [True], id="done this week"),
        pytest.param("2024-W18", "2024-W20", [False], id="done later: open then"),
        pytest.param("2024-W20", None, [], id="of a later week"),
    ],
)
def test_actions_of_a_review(shop: Path, born: str, done_in: str | None, seen: list[bool]) -> None:
    write(shop, "shop", action(week=born, done_in=done_in))
    assert review_of(shop).actions["done"].to_list() == seen


def test_the_file_asks_for_nothing_and_is_the_same_twice(shop: Path) -> None:
    html = offline_html(review_of(shop))
    assert html == offline_html(review_of(shop))
    markup = re.sub(r"(?s)<script.*?</script>", "", html)
    assert re.findall(r'\s(?:src|href)\s*=\s*"([^"]*)"', markup) == ["data:,"]
    assert html.count('main lang="') == 2
    # Plotly stands in it once.
    assert 3_000_000 < len(html.encode()) < 6_000_000


def test_text_of_the_shop_is_no_markup(shop: Path) -> None:
    write(shop, "shop", action(text="<script>x</script>", owner="<b>"))
    html = offline_html(review_of(shop), languages=["en"])
    assert "<script>x" not in html
    assert "&lt;script&gt;x&lt;/script&gt; — &lt;b&gt;" in html


def test_the_workbook_holds_the_tables_and_runs_nothing(shop: Path) -> None:
    write(shop, "shop", action(text="=1+1"))
    content = review_xlsx(review_of(shop), language="en")
    assert content == review_xlsx(review_of(shop), language="en")
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames[0] == "1 Week over week"
    first = {row[0]: row for row in book.worksheets[0].iter_rows(values_only=True)}
    assert first["Reply rate"][-1] == 0.5
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert "'=1+1" in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]


def ran(*command: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(command))
    return result.exit_code, result.output


def test_the_command_writes_both_files(shop: Path, tmp_path: Path) -> None:
    html, xlsx = tmp_path / "r.html", tmp_path / "r.xlsx"
    where = ("--store", str(shop), "--lang", "en")
    code, said = ran("report", *where, "--out", str(html), "--xlsx", str(xlsx))
    assert (code, said.count("2024-W19")) == (0, 1)
    assert "Weekly review 2024-W19" in html.read_text(encoding="utf-8")
    assert xlsx.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        pytest.param(["--week", "2024-W19"], "Say where to write", id="no file"),
        pytest.param(["--week", "2024-W21", "--out", "x.html"], "2024-W19 to 2024-W19", id="late"),
        pytest.param(["--week", "May", "--out", "x.html"], "'May' is no week", id="no week"),
        pytest.param(["--out", "missing/x.html"], "cannot be written", id="no folder"),
    ],
)
def test_what_cannot_be_written_is_said(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = ran("report", "--store", str(shop), *options)
    assert (code, sentence in said) == (2, True), said
    assert list(tmp_path.glob("*.html")) == []
