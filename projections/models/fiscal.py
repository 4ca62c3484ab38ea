"""Fiscal numbers: of receipts and returns that say the same storage device and document, one counts in an outlet.

A till sends its receipts, and the same ones come from the fiscal operator as a file (contract, 'Events').
"""

from __future__ import annotations

from typing import Any

from projections.kinds.once import Numbers, Once
from schemas.events import SaleRegistered, SaleReturned


def _of_event(event: SaleRegistered | SaleReturned) -> Numbers | None:
    return None if event.fiscal is None else (event.fiscal.fn, event.fiscal.fd)


def _of_row(row: Any) -> Numbers | None:
    return None if row.fiscal_fd is None else (row.fiscal_fn, row.fiscal_fd)


ONCE = Once(_of_event, _of_row)
