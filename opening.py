"""A shop opened to be counted: the one way from a store to the metrics."""

from metrics.conversations import recipe
from store.lake import Store
from store.schemas import ShopTables
from store.settings import ShopSettings
from store.tables import shop_tables


def opened(store: Store, shop: str, settings: ShopSettings) -> ShopTables:
    """A shop's tables, with its chat lines condensed by its rules.

    The first time after an import the touched days are counted, which takes seconds for a month
    of a big shop; ``intake.accept`` does it at once, so that nobody waits for it on a page.

    Args:
        store: The store.
        shop: The shop.
        settings: Its rules, perhaps changed for this once.
    """
    return shop_tables(store, shop, recipe=recipe(settings))
