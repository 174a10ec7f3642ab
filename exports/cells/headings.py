"""Rule H: when two headings are the same one."""

from collections.abc import Iterable
from unicodedata import normalize

_MAPPED = str.maketrans({"（": "(", "）": ")", "：": ":", "\ufeff": None, "\r": None, "\n": None})


def normal_header(heading: str | None) -> str:
    """A heading as headings are compared: no spaces, no BOM, half-width brackets and colons.

    Every kind of space goes (U+3000 and no-break included), so ``订单付款时间␠`` and ``商品 ID``
    meet their plain twins; letter case stays. An accent is one with its letter, as Shopee's
    Vietnamese headings have it in some columns only.

    >>> normal_header(" 首次响应时长（秒) ")
    '首次响应时长(秒)'
    """
    return normalize("NFC", "".join((heading or "").translate(_MAPPED).split()))


def distinct_headers(headings: Iterable[str | None]) -> list[str]:
    """The headings of a row, normalised; a name met again becomes ``x.1``, ``x.2``.

    >>> distinct_headers(["支付金额", None, "支付金额 "])
    ['支付金额', '', '支付金额.1']
    """
    written = [normal_header(heading) for heading in headings]
    # A heading may itself look like a name with a number behind it.
    taken, met = set(written), dict.fromkeys(written, 0)
    names: list[str] = []
    used = {""}
    for name in written:
        told = name
        while name and told in used:
            met[name] += 1
            told = f"{name}.{met[name]}"
            told = name if told in taken else told
        used.add(told)
        names.append(told)
    return names


def bare_header(name: str) -> str:
    """A name of :func:`distinct_headers` without the number that told it from an earlier twin.

    >>> bare_header("支付金额.1"), bare_header("支付金额")
    ('支付金额', '支付金额')
    """
    head, dot, tail = name.rpartition(".")
    return head if dot and tail.isdigit() else name
