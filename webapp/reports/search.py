"""Searching with typing mistakes forgiven, in any database: by pairs of neighbouring letters.

`pg_trgm` would do it too, but knows letters by the database's locale, and in a "C" locale Cyrillic ones are none.
"""

from __future__ import annotations


def folded(text: str) -> str:
    """The text as it is compared: lower case, ё as е, single spaces."""
    return " ".join(text.lower().replace("ё", "е").split())


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
