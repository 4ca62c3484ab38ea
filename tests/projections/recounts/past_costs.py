"""The costs that goods had before the last: each in force from its event on, until one that says another."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from schemas.events import GoodSaved
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    saved: dict[str, list[tuple[int, Fraction]]] = {}
    for turn, (_, event, _) in enumerate(model.applied, 1):
        if isinstance(event, GoodSaved) and event.cost is not None:
            saved.setdefault(event.good_id, []).append((turn, Fraction(event.cost)))
    found: Rows = {}
    for good, costs in saved.items():
        changes = [costs[0], *(new for old, new in pairwise(costs) if old[1] != new[1])]
        for turn, cost in changes[:-1]:
            found[good, turn] = {"cost": cost}
    return found
