from pathlib import Path

import pytest

from store import jottings
from store.notes import history, notes, notes_version, write_note
from store.settings import ShopSettings
from store.shop_settings import load_settings, save_settings, settings_version
from tests.store.feeds import SHOP


def test_the_newest_note_of_each_subject_counts(store: Path) -> None:
    write_note(store, SHOP, "contacted", "order 1", by="ann", text="no answer")
    write_note(store, SHOP, "contacted", "order 2", by="bob", done=True)
    write_note(store, SHOP, "contacted", "order 1", by="bob", done=True, fields={"标签": ["好"]})
    seen = notes(store, SHOP, "contacted").select("subject", "saved_by", "done", "text", "fields")
    assert seen.rows() == [
        ("order 1", "bob", True, "", '{"标签": ["好"]}'),
        ("order 2", "bob", True, "", "{}"),
    ]
    assert history(store, SHOP, "contacted", "order 1")["saved_by"].to_list() == ["ann", "bob"]


def test_notes_of_other_shops_and_kinds_are_apart(store: Path) -> None:
    write_note(store, SHOP, "contacted", "1", by="ann")
    assert notes(store, "二店", "contacted").is_empty()
    assert notes(store, SHOP, "handover").is_empty()


def test_every_note_makes_a_new_version_and_many_files_become_one(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jottings, "MANY_FILES", 3)
    seen = [notes_version(store)]
    for nth in range(8):
        write_note(store, SHOP, "work", str(nth), by="ann")
        seen.append(notes_version(store))
    assert seen == sorted(set(seen))
    assert [row["subject"] for row in notes(store, SHOP, "work").to_dicts()] == list("76543210")
    times = notes(store, SHOP, "work")["saved_at"]
    assert times.n_unique() == 8


def test_settings_are_the_defaults_until_saved(store: Path) -> None:
    assert load_settings(store, SHOP) == ShopSettings()
    assert settings_version(store) == 0


def test_the_newest_settings_of_each_shop_count(store: Path) -> None:
    save_settings(store, SHOP, ShopSettings(after_sale_days=7), "ann")
    save_settings(store, "二店", ShopSettings(after_sale_days=30), "ann")
    first = settings_version(store)
    save_settings(store, SHOP, ShopSettings(filtered_buyers=("广告",)), "bob")
    assert load_settings(store, SHOP) == ShopSettings(filtered_buyers=("广告",))
    assert load_settings(store, "二店").after_sale_days == 30
    assert settings_version(store) > first
