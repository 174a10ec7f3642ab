"""What the sample shop sells."""

from dataclasses import dataclass

import numpy as np

from sample_data.plan import Floats, Ints


@dataclass(frozen=True)
class Item:
    """One item on sale."""

    item_id: str
    code: str
    title: str
    price_fen: int
    skus: tuple[str, ...]
    #: Visits that end here, against the others.
    weight: float


_CLOTHES = (
    "颜色分类:米白;尺码:S",
    "颜色分类:米白;尺码:M",
    "颜色分类:黑色;尺码:M",
    "颜色分类:黑色;尺码:L",
)
_ONE = ("颜色分类:原色",)
_COLOURS = ("颜色分类:浅灰", "颜色分类:深蓝", "颜色分类:豆绿")


def _items() -> tuple[Item, ...]:
    rows: list[tuple[str, int, tuple[str, ...], float]] = [
        ("纯棉圆领短袖T恤", 59_00, _CLOTHES, 9),
        ("宽松连帽卫衣", 129_00, _CLOTHES, 8),
        ("高腰直筒牛仔裤", 149_00, _CLOTHES, 8),
        ("羊毛混纺针织开衫", 199_00, _CLOTHES, 6),
        ("轻薄羽绒服", 399_00, _CLOTHES, 5),
        ("加绒打底裤", 69_00, _CLOTHES, 7),
        ("法式碎花连衣裙", 169_00, _CLOTHES, 6),
        ("防晒薄外套", 99_00, _CLOTHES, 5),
        ("纯棉中筒袜五双装", 29_90, _COLOURS, 10),
        ("毛线帽", 45_00, _COLOURS, 4),
        ("羊绒围巾", 239_00, _COLOURS, 3),
        ("帆布托特包", 79_00, _COLOURS, 5),
        ("真皮细腰带", 88_00, _ONE, 3),
        ("家居拖鞋", 35_00, _COLOURS, 5),
        ("纯棉睡衣套装", 159_00, _CLOTHES, 5),
        ("珊瑚绒毛毯", 119_00, _COLOURS, 4),
        ("洗衣收纳袋三件套", 19_90, _ONE, 6),
        ("衣物除毛器", 49_00, _ONE, 3),
    ]
    return tuple(
        Item(f"6000000000{n:02d}", f"SL-{n:03d}", title, price, skus, weight)
        for n, (title, price, skus, weight) in enumerate(rows, start=1)
    )


ITEMS: tuple[Item, ...] = _items()
PRICES: Ints = np.array([item.price_fen for item in ITEMS])
SKU_COUNTS: Ints = np.array([len(item.skus) for item in ITEMS])
SHARES: Floats = np.cumsum([item.weight for item in ITEMS]) / sum(item.weight for item in ITEMS)


def draw_items(rng: np.random.Generator, count: int) -> Ints:
    """Positions in ``ITEMS`` of ``count`` picks."""
    return np.minimum(np.searchsorted(SHARES, rng.random(count)), len(ITEMS) - 1)
