"""What is known of a shop before one of its files is read."""

from typing import NamedTuple


class KnownBefore(NamedTuple):
    """What rows are held to beyond their own cells; currencies are codes of ISO 4217."""

    #: The shop's currency; "" where nothing told it yet.
    currency: str = ""
    #: The currency that the uploader says of rows that name none; "" where nobody does.
    said_currency: str = ""
    #: The store's key for buyers known by their e-mail address; without it they have no name.
    buyer_key: bytes | None = None

    def after(self, currency: str) -> "KnownBefore":
        """What is known after a table in this currency was read."""
        return self._replace(currency=self.currency or currency)


NOTHING = KnownBefore()
