"""The projections: one module each, and one line each in `PROJECTIONS`, which everything else goes by.

A generation's tables, the fold, both stores, comparison, certificates, the removal of an outlet, the tests' recount and
the documentation follow from the tuple. Rows are written in its order.
"""

from __future__ import annotations

from typing import get_args

from projections.kinds.bookkeeping import Bookkeeping
from projections.kinds.declared import declared
from projections.kinds.fold import check_complete
from projections.models.forgotten import FORGOTTEN
from schemas import events

PROJECTIONS = declared(
    __name__,
    "outlet_totals",
    "daily",
    "hourly",
    "payments",
    "sold",
    "cashiers",
    "taxes",
    "shift_sums",
    "shift_payments",
    "sales",
    "returns",
    "moves",
    "counts",
    "moved",
    "cash_moves",
    "shift_openings",
    "shift_closings",
    "goods",
    "costs",
    "past_costs",
    "good_names",
    "warehouses",
    "stock",
    "contacts",
    "refusals",
    "replaced",
    "wrong_clocks",
    "void_uploads",
)
"""By name: each is declared by the module of its name."""

REGISTERS = (FORGOTTEN,)
"""Outside the generations; every fold consults them."""

BOOKKEEPING = (
    Bookkeeping("positions", compared=False, isolated=False),
    Bookkeeping("runs"),
    Bookkeeping("parked"),
    Bookkeeping("quarantine"),
    Bookkeeping("removed_outlets"),
)

PASSED_OVER: tuple[type, ...] = ()
"""Events that mean nothing to any projection; every other one has to be in a declaration."""

GONE: dict[str, int] = {}
"""Projections of earlier releases, with their last version: an old generation's are left as they are."""

check_complete(PROJECTIONS, get_args(events.Event), PASSED_OVER)
