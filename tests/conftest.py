import functools
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner

#: What opens pages, browsers or whole shops, runs commands from files to figures, or fills and
#: damages stores; the quick lane passes it over.
UNHURRIED = {
    *("benchmarks", "browser", "pages", "reports", "sample_data"),
    *("test_cases.py", "test_cli.py", "test_exposure.py", "test_filled_gaps.py", "test_lacking.py"),
    *("test_limits.py", "test_refund_files.py", "test_robust.py", "test_scores.py", "test_zone.py"),
    *("test_concurrency.py", "test_condensed.py", "test_crash.py", "test_doctor.py"),
    *("test_replay.py", "test_upgrade.py", "test_uploads.py"),
}
#: How often the quick lane draws where the whole run draws 10 to 200 times.
QUICK_EXAMPLES = 5


def pytest_configure(config: pytest.Config) -> None:
    """Several processes at once leave no core for threads of their own."""
    if getattr(config.option, "numprocesses", None):
        for pool in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ.setdefault(pool, "1")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what people at work run between two edits: ``pytest -m quick``.

    That lane draws fewer examples, also where a test says how many; every property still runs.
    """
    for item in items:
        if not UNHURRIED & set(item.path.parts):
            item.add_marker(pytest.mark.quick)
        test = getattr(item, "obj", None)
        if config.option.markexpr == "quick" and hypothesis.is_hypothesis_test(test):
            _draw_less(test)


def _draw_less(test: Any) -> None:
    # A profile does not reach tests that have settings of their own, and a test cannot be
    # decorated twice; Hypothesis' own plugin sets what a test was decorated with as well.
    own = test._hypothesis_internal_use_settings
    fewer = min(QUICK_EXAMPLES, own.max_examples)
    test._hypothesis_internal_use_settings = hypothesis.settings(own, max_examples=fewer)


def pytest_collection_finish() -> None:
    """What the tests are made of stays: Streamlit searches all objects for garbage every run."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """``-n auto``: two processes a core, because a third of the tests wait for a browser."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session", autouse=True)
def _packages_read_once() -> Iterator[None]:
    """Every AppTest looks through all installed packages for components; they stay the same."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


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
