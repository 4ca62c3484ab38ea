"""A sparkline: a row's recent days as a small drawing, made here so that it needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def points(values: Sequence[Decimal], width: int = 120, height: int = 32) -> str:
    """The values as the `points` of an SVG polyline in a `width` × `height` box, the least at the bottom."""
    if len(values) < 2:
        return ""
    least, most = min(*values, Decimal(0)), max(values)
    stretch = Decimal(height - 4) / (most - least) if most > least else Decimal(0)
    step = Decimal(width - 4) / (len(values) - 1)
    return " ".join(
        f"{2 + step * i:.1f},{height - 2 - stretch * (value - least):.1f}" for i, value in enumerate(values)
    )
