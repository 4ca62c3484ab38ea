"""The projections: one module each, and one line each in `PROJECTIONS`, which everything else goes by.

A generation's tables, the fold, both stores, comparison, certificates, the removal of an outlet, the tests' recount and
the documentation follow from the tuple. Rows are written in its order.
"""

from __future__ import annotations

from typing import get_args

from projections.kinds.bookkeeping import Bookkeeping
from projections.kinds.fold import check_complete
from projections.models.contacts import CONTACTS
from projections.models.daily import DAILY
from projections.models.forgotten import FORGOTTEN
from projections.models.goods import GOODS
from projections.models.hourly import HOURLY
from projections.models.moves import MOVES
from projections.models.outlet_totals import OUTLET_TOTALS
from projections.models.payments import PAYMENTS
from projections.models.returns import RETURNS
from projections.models.sales import SALES
from projections.models.stock import STOCK
from projections.models.warehouses import WAREHOUSES
from schemas.events import Event, EventWithdrawn

PROJECTIONS = (
    OUTLET_TOTALS,
    DAILY,
    HOURLY,
    PAYMENTS,
    SALES,
    RETURNS,
    MOVES,
    GOODS,
    WAREHOUSES,
    STOCK,
    CONTACTS,
)

REGISTERS = (FORGOTTEN,)
"""Outside the generations; every fold consults them."""

BOOKKEEPING = (
    Bookkeeping("positions", compared=False, isolated=False),
    Bookkeeping("runs"),
    Bookkeeping("parked"),
    Bookkeeping("quarantine"),
    Bookkeeping("removed_outlets"),
)

PASSED_OVER: tuple[type, ...] = (EventWithdrawn,)
"""Events that mean nothing to any projection; every other one has to be in a declaration."""

GONE: dict[str, int] = {}
"""Projections of earlier releases, with their last version: an old generation's are left as they are."""

check_complete(PROJECTIONS, get_args(Event), PASSED_OVER)
