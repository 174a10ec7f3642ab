"""A shop's settings: every saving is kept, the newest counts."""

from store.jottings import append, jotted, jottings_version
from store.lake import Store
from store.records import Settings
from store.settings import ShopSettings


def load_settings(store: Store, shop: str) -> ShopSettings:
    """The shop's settings as last saved; the defaults where none were saved."""
    saved = jotted(store, "settings", Settings).filter(shop=shop)
    if saved.is_empty():
        return ShopSettings()
    return ShopSettings.model_validate_json(saved.item(saved.height - 1, "settings"))


def save_settings(store: Store, shop: str, settings: ShopSettings, by: str) -> None:
    """Save a shop's settings.

    Args:
        store: The store.
        shop: The shop.
        settings: All settings, not only the changed ones.
        by: Who saves them.
    """
    row = {"shop": shop, "saved_by": by, "settings": settings.model_dump_json()}
    append(store, "settings", Settings, row)


def settings_version(store: Store) -> int:
    """A number that changes with every saving."""
    return jottings_version(store, "settings")
