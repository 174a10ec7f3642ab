from pathlib import Path

import pytest
import streamlit as st


@pytest.fixture(autouse=True)
def _cold_cache() -> None:
    """Streamlit's caches outlive an AppTest; a stale hit would hide a bug."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store of this test's own."""
    folder = tmp_path / "store"
    monkeypatch.setenv("STORE_HEALTH_STORE", str(folder))
    return folder
