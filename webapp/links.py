"""Addresses of pages with their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID

_quoted = lru_cache(maxsize=8192)(quote_plus)
_SINGLE = frozenset((str, int, date, UUID, Decimal))
"""Kinds of values that are one parameter: asking whether a value can be iterated takes longer than all the rest."""


def href(path: str, *parts: Mapping[str, Any], **more: Any) -> str:
    """`path` with parameters; later ones replace earlier ones of the same name, None and "" are left out."""
    merged: dict[str, Any] = {}
    for part in (*parts, more):
        merged.update(part)
    pairs = []
    for name, values in merged.items():
        if values is None or values == "":
            continue
        if type(values) in _SINGLE or isinstance(values, str) or not isinstance(values, Iterable):
            pairs.append(f"{name}={_quoted(str(values))}")
        else:
            pairs += [f"{name}={_quoted(str(value))}" for value in values if value is not None and value != ""]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def receipt(kind: str, till: object, number: str, tab: str | None = None) -> dict[str, object]:
    """The parameters that lead to a receipt's card beside the sale's id: a return stands on the card of its sale, and
    has one of its own where that sale is unknown."""
    if kind == "sale":
        return {"till": till, "tab": tab}
    return {"tab": "returns", "return": number, "by": till}
