"""The guard against a slow import: processor time against pyarrow's, which only parses."""

from pathlib import Path

import pytest

pytest.importorskip("pandas", reason="the bench extra is not installed")

from benchmarks import daily
from benchmarks.measuring import cost_of
from benchmarks.same_lines import assert_same_lines
from benchmarks.work import imported

pytestmark = pytest.mark.benchmark
LINES, ROUNDS = 100_000, 3
#: Our processor time ÷ pyarrow's, about three times what was measured.
MOST = 15


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("chats") / "聊天记录.csv"
    daily.write_chat_file(file, daily.chat_lines(LINES, daily.START, days=30, seed=1))
    return file


def test_import_keeps_up_with_pyarrow(chats: Path, tmp_path: Path) -> None:
    least = {
        tool: min(cost_of(imported(str(chats), tool, str(tmp_path))).cpu for _ in range(ROUNDS))
        for tool in ("ours", "pyarrow")
    }
    assert least["ours"] <= MOST * least["pyarrow"], least


def test_ours_and_the_peers_find_the_same_lines(chats: Path) -> None:
    assert_same_lines(chats)


def test_lines_that_differ_are_noticed(chats: Path, tmp_path: Path) -> None:
    """pandas reads the word NULL as nothing; ours keeps what somebody said."""
    said = tmp_path / chats.name
    said.write_bytes(
        chats.read_bytes() + "大店,买家1,,买家,2024-01-30 09:00:00,NULL\r\n".encode("gb18030")
    )
    with pytest.raises(AssertionError, match="text"):
        assert_same_lines(said)
