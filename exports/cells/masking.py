"""Takes what leads to a person out of free text: numbers to call, where to write, where to go."""

import polars as pl

MASK = "***"

#: A mobile number (with or without +86, blanks or hyphens) or a landline with its area code that
#: does not lie inside a longer number: order ids of 18 digits often hold one by chance.
_PHONE = (
    r"(^|[^0-9])(?:\+?86[- ]?)?"
    r"(?:1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|0[0-9]{2,3}-[0-9]{7,8})($|[^0-9])"
)
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
#: An identity card: 18 digits (or X) with a birthday inside, which ids of orders rarely have.
_IDENTITY = (
    r"(^|[^0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"[0-9]{3}[0-9Xx]($|[^0-9Xx])"
)
#: What buyers paste to have an order sent elsewhere: 收货人：…, 地址：….
_LABELLED = r"((?:收[货件](?:人|地址|姓名)|详细地址)(?:姓名)?\s*[:：]\s*)[^\s,，;；]+"
#: A street with its house number, with the town before and the door behind it.
_STREET = r"\p{Han}{2,40}[路街道巷弄村][0-9]{1,5}[号弄栋幢][\p{Han}0-9A-Za-z-]*"
#: Cheap to test, and true of few lines of a chat.
_SUSPECT = r"[0-9]{4}|@|[0-9][号弄栋幢]|收[货件]|详细地址"


def masked_text(text: pl.Series) -> pl.Series:
    """The same texts with what leads to a person replaced by ``***``.

    Telephone numbers, e-mail addresses, identity cards, streets with a house number, and what
    follows the word for a receiver or an address. A name without such a word cannot be told.

    >>> masked_text(pl.Series(["电话13800000000", "订单 100000000000000001", None])).to_list()
    ['电话***', '订单 100000000000000001', None]
    """
    suspects = text.str.contains(_SUSPECT).fill_null(False).arg_true()
    if suspects.is_empty():
        return text
    # Twice, because two numbers with one character between them share that character.
    cleaned = (
        text.gather(suspects)
        .str.replace_all(_PHONE, f"${{1}}{MASK}${{2}}")
        .str.replace_all(_PHONE, f"${{1}}{MASK}${{2}}")
        .str.replace_all(_IDENTITY, f"${{1}}{MASK}${{2}}")
        .str.replace_all(_EMAIL, MASK)
        .str.replace_all(_LABELLED, f"${{1}}{MASK}")
        .str.replace_all(_STREET, MASK)
    )
    return text.clone().scatter(suspects, cleaned)  # scatter writes into its series
