"""Which figures are there: a generation of read models has those projections that it was built with, and no others.

After an upgrade the live generation lacks what this version added until it is built anew, and a kept report lacks it
for ever. Pages and calls declare what they need; where a generation lacks it, they say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from webapp.context import Context
from webapp.translation import N_

Stale = Callable[[Mapping[str, int]], Iterable[str]]
"""Of the projections that the live generation was made with, those that this program does not go on folding: their rows
stand still while the log goes on, so they are wrong. `projections.models.versions.lacking`, handed in by who starts the
portal."""

SINCE: Mapping[str, int] = {
    "outlet_totals": 1,
    "daily": 1,
    "hourly": 1,
    "payments": 1,
    "sold": 1,
    "cashiers": 2,
    "taxes": 1,
    "shift_sums": 1,
    "shift_payments": 1,
    "shift_openings": 1,
    "shift_closings": 1,
    "cash_moves": 1,
    "sales": 1,
    "returns": 1,
    "moves": 1,
    "counts": 1,
    "goods": 1,
    "good_names": 1,
    "warehouses": 1,
    "stock": 1,
    "contacts": 1,
    "refusals": 1,
    "void_uploads": 1,
}
"""The projections that the portal reads, each with the oldest version that has all the columns it reads. A kept report
that was made with an older one can't be shown."""

ALWAYS = frozenset(
    ("outlet_totals", "daily", "hourly", "payments", "sales", "returns", "moves", "goods")
    + ("warehouses", "stock", "contacts")
)
"""What every page of figures needs; the others are needed by those that declare it."""

RETRY_SECONDS = 60


class BeingComputed(Context, frozen=True):
    """In place of a page whose figures are not there yet; `kept`: they will never be in this kept report."""

    template = "reports/being_computed.html"
    title = N_("The figures are being computed")

    kept: bool
    again: str


def unreadable(made_with: Mapping[str, int]) -> frozenset[str]:
    """What the portal reads and a generation that was made with these projections does not have."""
    return frozenset(name for name, since in SINCE.items() if made_with.get(name, 0) < since)


def missing(needs: Iterable[str], lacks: frozenset[str]) -> bool:
    """Whether anything that is needed is among what a generation lacks."""
    return not lacks.isdisjoint({*ALWAYS, *needs})
