"""Who may reach the app: this machine only, until somebody says that they know what more means."""

import os
from ipaddress import ip_address

#: Set to 1 by ``store-health app --i-know``, or by whoever starts ``streamlit run`` themselves.
CONSENT = "STORE_HEALTH_I_KNOW"


def is_loopback(address: str | None) -> bool:
    """Whether a server at this address answers this machine only; none at all means every one.

    >>> [is_loopback(one) for one in ("127.0.0.1", "127.8.9.10", "::1", "localhost")]
    [True, True, True, True]
    >>> [is_loopback(one) for one in ("0.0.0.0", "::", "192.168.1.4", "example.org", "", None)]
    [False, False, False, False, False, False]
    """
    if address is None:
        return False
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def consented() -> bool:
    """Whether whoever started the app agreed that others may reach it."""
    return os.environ.get(CONSENT) == "1"
