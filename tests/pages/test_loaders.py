"""What is kept of the numbers is asked for by all that they depend on."""

from pathlib import Path

from pages.shared import loaders
from store.settings import ShopSettings
from tests.pages.shops import fill, trading


def test_rules_are_told_apart_by_what_they_say(store: Path) -> None:
    fill(store, trading())
    version = loaders.version()

    def rate(rules: ShopSettings) -> float:
        """The reply rate, of one and the same state of the store."""
        rows = loaders._measured(
            str(store), version, "shop", rules, ("reply_rate",), None, None, "period"
        )
        return float(rows["value"].item())

    assert rate(ShopSettings()) == 0.5
    waiters = tuple(f"waiter-{n:02}" for n in range(12))
    assert rate(ShopSettings(filtered_buyers=waiters)) == 1.0
    assert rate(ShopSettings()) == 0.5
