import polars as pl
import pytest

from exports.cells.masking import masked_text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("13800000000", "***", id="a mobile number alone"),
        pytest.param("电话13800000000谢谢", "电话***谢谢", id="between Chinese words"),
        pytest.param("13800000000,13900000000", "***,***", id="two with one sign between them"),
        pytest.param("138-0000-0000", "***", id="hyphens"),
        pytest.param("138 0000 0000", "***", id="blanks"),
        pytest.param("打+8613800000000", "打***", id="country code"),
        pytest.param("0571-88888888", "***", id="landline with area code"),
        pytest.param("写信 a.b@example.com 。", "写信 *** 。", id="e-mail"),
        pytest.param("订单100000013800000000001", "订单100000013800000000001", id="inside an id"),
        pytest.param("12800000000", "12800000000", id="no mobile prefix"),
        pytest.param("138元", "138元", id="a price"),
        pytest.param("证号110101199003070011。", "证号***。", id="identity card"),
        pytest.param("证号11010119900307001X", "证号***", id="identity card ending in X"),
        pytest.param("订单100000199913070011", "订单100000199913070011", id="no birthday inside"),
        pytest.param("收货人：示例 换成这个", "收货人：*** 换成这个", id="receiver"),
        pytest.param("收货地址: 示例省示例市", "收货地址: ***", id="address by its word"),
        pytest.param("发到示例市示例路8号2单元", "***", id="street and house number"),
        pytest.param("什么时候收货", "什么时候收货", id="word without a name"),
        pytest.param("选8号色", "选8号色", id="number of a colour"),
        pytest.param("", "", id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_telephone_numbers_and_addresses_are_masked(text: str | None, masked: str | None) -> None:
    assert masked_text(pl.Series([text], dtype=pl.String)).to_list() == [masked]


def test_rows_keep_their_place() -> None:
    texts = pl.Series(["在吗", "13800000000", "好的", "a@example.com"])
    assert masked_text(texts).to_list() == ["在吗", "***", "好的", "***"]
    assert texts[1] == "13800000000"
