"""The order of names that people count in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from webapp.search import folded

_DIGITS = re.compile(r"([0-9]+)")


def natural(name: str) -> tuple[str | int, ...]:
    """What names are sorted by: «Магазин 2» comes before «Магазин 10», ё is е, capitals are small letters."""
    parts = _DIGITS.split(folded(name))
    return tuple(int(part) if i % 2 else part for i, part in enumerate(parts))


def by_name(names: Mapping[UUID, str]) -> list[UUID]:
    """The ids in the order of their names."""
    return sorted(names, key=lambda outlet_id: (natural(names[outlet_id]), outlet_id))
