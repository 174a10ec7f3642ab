"""Own layouts: of the whole store, one a kind of file, deleted and brought back."""

from pathlib import Path

import pytest

from exports.layouts import Layout
from exports.mapping import Mapped, mapped_layout
from intake.batch import DEFAULT_SHOP, accept, plan_files
from intake.own_layouts import (
    NameTakenError,
    bring_back,
    files_read,
    forget_layout,
    keep_layout,
    kept,
    kept_layouts,
    layout_names,
)
from store.tables import shops
from team.entries import write
from team.kinds import OwnLayout

HEADINGS = ["Nr", "Wann", "Wer"]
CONTENT = b"Nr,Wann,Wer\n1,2025-01-02 10:00:00,a\n"


def own(name: str = "Webshop", headings: list[str] = HEADINGS, **more: str) -> Layout:
    picks = {"order_id": headings[0], "created_at": "Wann", **more}
    columns = {column: Mapped(heading) for column, heading in picks.items()}
    return mapped_layout(name, "orders", headings, columns)


def test_a_layout_made_before_any_shop_is_known_to_every_shop(store: Path) -> None:
    keep_layout(store, own(), "ann")
    assert shops(store) == []
    for shop in ("甲", "乙"):
        (one,) = plan_files(store, [("a.csv", CONTENT)], shop=shop)
        assert [reading.layout for reading in one.parts[0].readings] == [own().id]
        accept(store, one, "ann")
    assert files_read(store) == {own().id: 2}


@pytest.mark.parametrize("shop", [DEFAULT_SHOP, "甲"])
def test_layouts_that_earlier_versions_kept_with_a_shop_are_found(store: Path, shop: str) -> None:
    """The form kept them with a shop that need not have come into being."""
    told = own().model_dump(mode="json") | {"required": ["order_id", "created_at"]}
    write(store, shop, OwnLayout(subject=own().id, by="wu", text="Webshop", layout=told))
    assert kept_layouts(store) == [own()]
    forget_layout(store, own().id, "ann")
    assert kept_layouts(store) == []


def test_a_newer_layout_of_the_same_headings_takes_the_place_of_the_older(store: Path) -> None:
    assert keep_layout(store, own(), "ann") is None
    newer = own("Laden", HEADINGS[::-1], order_id="Nr", buyer="Wer")
    assert keep_layout(store, newer, "ann") == own()
    (only,) = kept_layouts(store)
    assert (only.name, only.id, set(only.fields)) == (
        "Laden", own().id, {"order_id", "created_at", "buyer"},
    )  # fmt: skip
    assert keep_layout(store, only, "ann") is None


def test_two_kinds_do_not_share_a_name(store: Path) -> None:
    keep_layout(store, own(), "ann")
    other = own(headings=["Nummer", "Wann"])
    with pytest.raises(NameTakenError, match="Webshop"):
        keep_layout(store, other, "ann")
    forget_layout(store, own().id, "ann")
    keep_layout(store, other, "ann")
    with pytest.raises(NameTakenError):
        bring_back(store, own().id, "ann")
    assert kept_layouts(store) == [other]


def test_a_deleted_layout_reads_nothing_and_keeps_its_name(store: Path) -> None:
    keep_layout(store, own(), "ann")
    forget_layout(store, own().id, "bob")
    (unknown,) = plan_files(store, [("a.csv", CONTENT)])
    assert unknown.file.error is not None
    assert layout_names(store)[own().id] == "Webshop"
    bring_back(store, own().id, "bob")
    ((one,), told) = kept(store), kept(store, deleted=True)
    assert (one.layout, one.by, told) == (own(), "bob", [one])


def test_what_is_no_layout_any_more_is_left_out(store: Path) -> None:
    write(store, "甲", OwnLayout(subject="own_x", by="wu", text="x", layout={"id": "own_x"}))
    keep_layout(store, own(), "ann")
    assert kept_layouts(store) == [own()]
