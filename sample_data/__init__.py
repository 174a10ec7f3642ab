"""A shop that never was: its truth, and the export files that tell of it."""

#: What the shop that ships with the product is called in a store.
SAMPLE_SHOP = "示例店铺"
