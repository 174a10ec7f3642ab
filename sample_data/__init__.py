"""A shop that never was: its truth, and the export files that tell of it."""

from pathlib import Path

#: What the shop that ships with the product is called in a store.
SAMPLE_SHOP = "示例店铺"
#: The export files of that shop; ``truth.json`` beside them tells what they are made of.
SHOP_FILES = Path(__file__).parent / "shop"
