"""The command line as other programs use it: exit codes, columns, formats, sentences."""

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import main
from commands.options import ROOT
from exports.mapping import Mapped, mapped_layout
from exports.templates import template_file
from intake.layout_files import layout_file
from intake.own_layouts import kept_layouts
from metrics.catalog import METRIC_IDS
from store.tables import shops

RATINGS = (
    "订单编号,买家,评价时间,描述相符,服务态度,物流服务,评价内容\n"
    "1001,ann,2025-01-09 20:15:00,5,5,4,\n"
    "1002,bob,2025-01-20 20:15:00,4,5,,\n"
)
METRICS = "metric,shop,start,end,agent,value,numerator,denominator,unit,immature,note"
FORECAST = (
    "day,dimension,mean,low_80,high_80,low_95,high_95,ratings,"
    "from_expired,from_pending,from_in_flight,from_future"
)
BACKTEST = (
    "origin,horizon_days,dimension,mean,low_80,high_80,low_95,high_95,actual,persistence,"
    "expiry_only"
)


def run(store: Path, command: str, *arguments: object) -> Result:
    """The command's result; an error that is no sentence fails the test."""
    result = CliRunner().invoke(main, [command, "--store", str(store), *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.csv"
    path.write_text(RATINGS, encoding="utf-8")
    return path


@pytest.fixture
def filled(store: Path, ratings: Path) -> Path:
    """A store with two ratings and the template's chat."""
    name, content = template_file("messages", "zh")
    (ratings.parent / name).write_bytes(content)
    files = (ratings, ratings.parent / name)
    assert run(store, "import", "--shop", "shop", *files).exit_code == 0
    return store


def test_import_says_what_became_of_the_rows(store: Path, ratings: Path) -> None:
    result = run(store, "import", ratings)
    assert result.exit_code == 0
    assert "ratings_zh, 2025-01-09 to 2025-01-20): 2 rows: 2 new" in result.stdout
    again = run(store, "import", ratings, "--json")
    (told,) = json.loads(again.stdout)
    assert again.exit_code == 0
    assert told["recognised"] is True
    assert [(sheet["unchanged"], sheet["new"]) for sheet in told["sheets"]] == [(2, 0)]


def test_rows_set_aside_are_told_with_row_and_cell(store: Path, ratings: Path) -> None:
    ratings.write_text(RATINGS + "1003,eve,2025-02-29 10:00:00,5,5,5,\n", encoding="utf-8")
    result = run(store, "import", ratings)
    assert result.exit_code == 1
    assert "2 new" in result.stdout
    assert "1 x not a time: row 4 (评价时间 “2025-02-29 10:00:00”)" in result.stdout


def test_cells_that_cannot_be_are_emptied_and_told(store: Path, tmp_path: Path) -> None:
    header = "旺旺昵称,接待人数,未回复人数,旺旺回复率,平均响应时长（秒）,咨询人数,3分钟人工响应率\n"
    path = tmp_path / "咨询接待_2025-11-16.csv"
    rows = "小一,44, 50 ,0.5,30,,0.9\n小二,40,4,0.9,30,,0.9\n"
    path.write_text(header + rows, encoding="utf-8")
    preview = run(store, "import", path, "--dry-run")
    result = run(store, "import", path)
    assert (result.exit_code, result.stdout) == (preview.exit_code, preview.stdout)
    assert result.exit_code == 1
    assert "2 rows: 2 new, 0 updated, 0 unchanged; 0 set aside; 2 cells emptied" in result.stdout
    assert "1 x more buyers unanswered than asked: row 2 (未回复人数 “ 50 ”)" in result.stdout
    assert "cannot be: row 2 (旺旺回复率 “0.5”)" in result.stdout
    measured = run(store, "metrics", "--metric", "reply_rate", "--by", "agent", "--format", "csv")
    found = {row["agent"]: row["value"] for row in csv.DictReader(StringIO(measured.stdout))}
    assert found == {"小一": "", "小二": "0.9"}


@pytest.fixture
def webshop(tmp_path: Path) -> tuple[Path, Path]:
    """Orders of a shop nobody knows, and the layout file that tells what they are."""
    columns = {"order_id": Mapped("Nr"), "created_at": Mapped("Wann")}
    layout = mapped_layout("Webshop", "orders", ["Nr", "Wann", "Wer"], columns)
    told, orders = tmp_path / "webshop.toml", tmp_path / "orders.csv"
    told.write_text(layout_file(layout), encoding="utf-8")
    orders.write_text("Nr,Wann,Wer\n1,2025-01-02 10:00:00,a\n2,gestern,b\n", encoding="utf-8")
    return told, orders


def test_a_layout_file_says_what_an_unknown_file_is(
    store: Path, webshop: tuple[Path, Path]
) -> None:
    told, orders = webshop
    assert run(store, "import", orders).exit_code == 2
    result = run(store, "import", "--map", told, orders)
    assert result.exit_code == 1
    assert "orders (“Webshop”, 2025-01-02 to 2025-01-02): 1 rows: 1 new" in result.stdout
    assert "set aside, 1 x not a time: row 3 (Wann “gestern”)" in result.stdout
    assert "read as “Webshop” from now on." in result.stderr
    assert "Webshop" in run(store, "uploads").stdout
    orders.write_text("Nr,Wann,Wer\n9,2025-01-03 10:00:00,a\n", encoding="utf-8")
    assert run(store, "import", orders).exit_code == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(("name = ", "name "), "this is no TOML file", id="no TOML"),
        pytest.param(('"id"', '"id", of = 1'), "fields.order_id.of", id="unknown key"),
        pytest.param(("order_id =", "buyer ="), "needs order_id", id="needed column"),
        pytest.param(("Nr", "Nummer"), "[Nummer] is missing", id="heading not in the file"),
    ],
)
def test_an_unusable_layout_file_writes_nothing(
    store: Path, webshop: tuple[Path, Path], change: tuple[str, str], reason: str
) -> None:
    told, orders = webshop
    told.write_text(told.read_text("utf-8").replace(*change), encoding="utf-8")
    result = run(store, "import", "--map", told, orders)
    assert result.exit_code == 2
    assert reason in result.output
    assert "own_orders" not in result.output
    assert "from now on" not in result.output
    assert not shops(store)
    assert not kept_layouts(store)


def test_a_readable_file_beside_an_unreadable_one_is_imported(store: Path, ratings: Path) -> None:
    letter = ratings.with_name("letter.csv")
    letter.write_text("谢谢,再见\n1,2\n", encoding="utf-8")
    result = run(store, "import", ratings, letter)
    assert result.exit_code == 1
    assert "letter.csv" in result.stdout
    assert "shop" in run(store, "uploads").stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("empty.csv", b"", id="empty"),
        pytest.param("letter.csv", "谢谢,再见\n1,2\n".encode(), id="unknown headers"),
        pytest.param("scan.csv", b"%PDF-1.7\n1 0 obj", id="PDF named CSV"),
        pytest.param("cut.xlsx", template_file("ratings", "zh", "xlsx")[1][:900], id="cut XLSX"),
        pytest.param("zeros.csv", bytes(5_000), id="NUL bytes"),
    ],
)
def test_an_unusable_file_writes_nothing(
    tmp_path: Path, store: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    result = run(store, "import", tmp_path / name)
    assert result.exit_code == 2
    assert name in result.stdout
    assert not store.exists()


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=["import", "dry run"])
def test_no_row_taken_is_no_success(store: Path, ratings: Path, options: tuple[str, ...]) -> None:
    lost = ratings.with_name("lost.csv")
    lost.write_text(RATINGS.replace("2025-01-", "gestern "), encoding="utf-8")
    result = run(store, "import", *options, lost)
    assert result.exit_code == 2
    assert "not one of its 2 rows could be taken, so nothing was written" in result.stdout
    assert "2 x not a time: row 2 (评价时间 “gestern" in result.stdout
    assert "the rest stands" not in result.stdout
    assert not store.exists()
    beside = run(store, "import", *options, lost, ratings)
    assert (beside.exit_code, "2 new" in beside.stdout) == (1, True)


def test_a_dry_run_writes_nothing(store: Path, ratings: Path) -> None:
    result = run(store, "import", "--dry-run", ratings)
    assert (result.exit_code, "2 new" in result.stdout) == (0, True)
    assert not store.exists()


@pytest.mark.parametrize(
    ("command", "arguments", "says"),
    [
        pytest.param("import", (), "Missing argument", id="no file"),
        pytest.param("import", (".",), "cannot be read", id="a folder"),
        pytest.param("import", ("missing.csv",), "cannot be read", id="no such file"),
        pytest.param("metrics", ("--metric", "nope"), "no metric", id="unknown metric"),
        pytest.param("metrics", ("--from", "2025-02-30"), "is no day", id="no day"),
        pytest.param(
            "metrics", ("--from", "2025-02-02", "--to", "2025-02-01"), "comes after", id="backwards"
        ),
        pytest.param("metrics", ("--by", "hour"), "is not one of", id="unknown cut"),
        pytest.param("metrics", ("--shop", "other"), "has no shop", id="unknown shop"),
        pytest.param("metrics", ("--set", "x=1"), "NAME=VALUE", id="unknown setting"),
        pytest.param(
            "metrics", ("--set", "after_sale_days=-1"), "after_sale_days", id="setting out of range"
        ),
        pytest.param("forecast", ("--horizon", "91"), "not in the range", id="horizon too long"),
        pytest.param("forecast", ("--as-of", "9999-12-31"), "lies outside", id="end of calendars"),
        pytest.param(
            "forecast", ("--as-of", "2001-01-01"), "Nothing to forecast from", id="too early"
        ),
        pytest.param("backtest", (), "--out", id="no file to write"),
        pytest.param("backtest", ("--out", "no/such/b.csv"), "there is no folder", id="no folder"),
        pytest.param(
            "backtest", ("--out", "b.csv", "--horizons", "0"), "--horizons", id="horizon of no days"
        ),
        pytest.param(
            "backtest", ("--out", "b.csv", "--origins", "x"), "--origins", id="origin no day"
        ),
        pytest.param("withdraw", ("000009-0",), "has no upload", id="unknown upload"),
    ],
)
def test_unusable_arguments_end_with_a_sentence(
    filled: Path, monkeypatch: pytest.MonkeyPatch, command: str, arguments: Any, says: str
) -> None:
    monkeypatch.chdir(filled.parent)
    result = run(filled, command, *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize("command", ["metrics", "uploads", "forecast"])
def test_a_file_is_no_store(ratings: Path, command: str) -> None:
    result = run(ratings, command)
    assert (result.exit_code, "is a file" in result.stderr) == (2, True)
    assert run(ratings, "import", ratings).exit_code == 2
    assert run(ratings, "doctor").exit_code == 1


def test_a_folder_that_cannot_be_made_is_told(ratings: Path) -> None:
    result = run(ratings / "store", "import", ratings)
    assert (result.exit_code, "cannot be written" in result.stderr) == (2, True)


def test_an_empty_store_has_no_metrics(store: Path) -> None:
    assert run(store, "metrics").exit_code == 2
    assert run(store, "uploads").exit_code == 0
    assert run(store, "doctor").exit_code == 0
    assert not store.exists()


@pytest.mark.parametrize("by", ["period", "day", "month", "agent"])
def test_metrics_have_the_promised_columns_in_every_format(filled: Path, by: str) -> None:
    text = run(filled, "metrics", "--by", by, "--format", "csv").stdout
    assert text.splitlines()[0] == METRICS
    rows = json.loads(run(filled, "metrics", "--by", by, "--format", "json").stdout)
    printed = list(csv.DictReader(StringIO(text)))
    assert len(rows) == len(printed)
    assert {",".join(row) for row in rows} == {METRICS}
    if by == "period":
        assert [row["metric"] for row in rows] == list(METRIC_IDS)
    assert run(filled, "metrics", "--by", by).exit_code == 0


def test_a_metric_is_printed_with_its_counts(filled: Path) -> None:
    (row,) = json.loads(
        run(filled, "metrics", "--metric", "dsr_logistics", "--format", "json").stdout
    )
    wanted = ("start", "end", "value", "numerator", "denominator", "unit", "agent")
    assert [row[name] for name in wanted] == ["2025-01-09", "2025-01-20", 4, 4, 1, "score", None]


def test_a_setting_moves_a_number_this_once(filled: Path) -> None:
    def answered(*changes: str) -> float:
        shown = ("--metric", "response_time_platform", "--format", "json")
        (row,) = json.loads(run(filled, "metrics", *shown, *changes).stdout)
        seconds: float = row["value"]
        return seconds

    assert answered() == 28
    assert answered("--set", 'robot_agents=["小一"]') is None
    assert answered() == 28


@pytest.mark.parametrize("style", ["csv", "json", "table"])
def test_a_forecast_has_the_promised_columns(filled: Path, style: str) -> None:
    result = run(filled, "forecast", "--horizon", "2", "--format", style)
    assert result.exit_code == 0
    if style == "json":
        assert {",".join(row) for row in json.loads(result.stdout)} == {FORECAST}
        assert len(json.loads(result.stdout)) == 2 * 3
    elif style == "csv":
        assert result.stdout.splitlines()[0] == FORECAST


def test_a_backtest_has_the_promised_columns(filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.csv"
    result = run(filled, "backtest", "--origins", "2025-01-15", "--horizons", "1,5", "--out", out)
    assert result.exit_code == 0
    header, *rows = out.read_text(encoding="utf-8").splitlines()
    assert header == BACKTEST
    assert {tuple(row.split(",")[:2]) for row in rows} == {("2025-01-15", "1"), ("2025-01-15", "5")}


def test_an_upload_is_listed_and_taken_back(filled: Path) -> None:
    listed = run(filled, "uploads").stdout
    upload_id = next(
        word for line in listed.splitlines() for word in line.split() if "000001" in word
    )
    assert run(filled, "withdraw", upload_id).exit_code == 0
    assert upload_id not in run(filled, "uploads").stdout
    assert run(filled, "withdraw", upload_id).exit_code == 2


def test_the_doctor_finds_a_filled_store_sound_and_tidies_it(filled: Path) -> None:
    result = run(filled, "doctor")
    told = [line for line in result.stdout.splitlines() if "Small files are joined" in line]
    assert [line.split()[0] for line in told] == ["ok"]


def test_a_watched_folder_is_not_the_store(store: Path, ratings: Path) -> None:
    result = run(store, "watch", ratings.parent, "--once")
    assert result.exit_code == 0
    assert (ratings.parent / "done" / "ratings.csv").exists()
    assert "ratings_zh" in run(store, "uploads").stdout


def test_a_sample_is_written_and_loaded_alone(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "sample"
    out.mkdir()
    (out / "old.csv").write_text(RATINGS, encoding="utf-8")
    size = ("--days", 20, "--orders-per-day", 3, "--seed", 3)
    assert run(store, "sample", *size, "--out", out, "--load").exit_code == 0
    listed = run(store, "uploads").stdout
    assert "taobao_orders_e" in listed
    assert "old.csv" not in listed


def test_a_shop_whose_buyers_rate_one_dimension_only(store: Path, tmp_path: Path) -> None:
    rows = [f"{day},ann{day},2025-01-{day:02} 09:00:00,,{3 + day % 3},," for day in range(1, 29)]
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join([RATINGS.splitlines()[0], *rows]) + "\n", encoding="utf-8")
    run(store, "import", path)
    printed = run(store, "forecast", "--horizon", 1, "--format", "csv").stdout
    assert [line.split(",")[1] for line in printed.splitlines()[1:]] == ["service"]
    out = tmp_path / "b.csv"
    assert run(store, "backtest", "--origins", "2025-01-20", "--out", out).exit_code == 0


def test_the_command_line_starts_without_what_its_commands_need() -> None:
    """``--help`` would wait for it: polars, streamlit and the rest are imported by commands."""
    heavy = "{'polars', 'pydantic', 'streamlit', 'plotly', 'metrics.catalog', 'store.lake'}"
    seen = f"import sys, cli; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", seen], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
