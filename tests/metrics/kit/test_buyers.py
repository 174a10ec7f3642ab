import polars as pl
import pytest

from metrics.kit.buyers import (
    blurred_buyer,
    buyer_if_named,
    item_identity,
    item_name,
    named_buyer,
)


@pytest.mark.parametrize(
    ("buyer", "blurred", "named", "known"),
    [
        pytest.param("ann", False, True, "ann", id="a name"),
        pytest.param("a**n", True, False, None, id="blurred"),
        pytest.param("", False, True, "", id="an empty name is one"),
        pytest.param(None, None, False, None, id="no name"),
    ],
)
def test_buyers(buyer: str | None, blurred: bool | None, named: bool, known: str | None) -> None:
    frame = pl.DataFrame({"nick": [buyer]}, schema={"nick": pl.String})
    told = frame.select(
        blurred=blurred_buyer("nick"), named=named_buyer("nick"), known=buyer_if_named("nick")
    )
    assert told.rows() == [(blurred, named, known)]


@pytest.mark.parametrize(
    ("item_id", "merchant_code", "title", "identity", "name"),
    [
        pytest.param("1", "m", "red cup", "1", "red cup", id="all known: two orders"),
        pytest.param(None, "m", "red cup", "m", "red cup", id="no id"),
        pytest.param("1", "m", None, "1", "m", id="no title"),
        pytest.param(None, None, None, None, None, id="nothing"),
    ],
)
def test_items(
    item_id: str | None,
    merchant_code: str | None,
    title: str | None,
    identity: str | None,
    name: str | None,
) -> None:
    schema = dict.fromkeys(("item_id", "merchant_code", "title"), pl.String)
    frame = pl.DataFrame([(item_id, merchant_code, title)], schema=schema, orient="row")
    assert frame.select(i=item_identity(), n=item_name()).rows() == [(identity, name)]
