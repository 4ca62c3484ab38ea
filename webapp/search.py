"""Searching by words and by codes; with typing mistakes forgiven, in any database, by pairs of neighbouring letters.

`pg_trgm` would do it too, but knows letters by the database's locale, and in a "C" locale Cyrillic ones are none.
"""

from __future__ import annotations

_TAIL = 4
_LEAST_DIGITS = 7
"""Of a shortened barcode: EAN-8 and UPC-E have 8, one of them may be a leading zero."""


def folded(text: str) -> str:
    """The text as it is compared: lower case, ё as е, single spaces."""
    return " ".join(text.lower().replace("ё", "е").split())


def words(query: str | None) -> list[str] | None:
    """The words of a query, as they are looked for in any order; None where there are none."""
    return (folded(query).split() or None) if query else None


def codes(query: str | None) -> dict[str, str | None]:
    """The query as a barcode, an article or an id: whole, without leading zeros, and as the last digits of a barcode.

    A scanner or a person may leave out the leading zero of a UPC, and people read out the last four digits.
    """
    code = (query or "").strip()
    number = code.replace(" ", "")
    digits = number.isdecimal() and number.isascii()
    return {
        "code": code or None,
        "digits": (number.lstrip("0") or None) if digits and len(number) >= _LEAST_DIGITS else None,
        "tail": number if digits and len(number) == _TAIL else None,
    }


def least(typed: list[str] | None) -> float:
    """The share of the pieces typed that a name has to hold: in a short word one wrong letter breaks half of them."""
    return 0.5 if typed and len(typed) <= 4 else 0.6


def pieces(query: str) -> list[str]:
    """The pairs of letters of each word, its edges included: «чай» gives « ч», «ча», «ай», «й »."""
    pairs = []
    for word in folded(query).split():
        edged = f" {word} "
        pairs += [edged[i : i + 2] for i in range(len(edged) - 1)]
    return list(dict.fromkeys(pairs))
