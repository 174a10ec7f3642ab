from pathlib import Path

import pytest

from sample_data.generate import generate


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of 60 days with chats all along."""
    out = tmp_path_factory.mktemp("small_shop")
    generate(out, days=60, orders_per_day=12, seed=7, chat_days=None)
    return out
