"""Voids: a receipt or return that was none. It leaves every figure and the stock, for good, and stays in the lists."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from schemas.events import ReturnVoided, SaleVoided


class Void(Struct, frozen=True, omit_defaults=True, gc=False):
    """When and why a document was voided, and by whom. `unseen`: the document itself has not come yet."""

    at: datetime
    reason: str | None = None
    cashier: str | None = None
    cashier_id: str | None = None
    unseen: bool = False


VoidColumn = Annotated[Void, Meta(extra={"postgres": "jsonb"})]


def void(event: SaleVoided | ReturnVoided, unseen: bool) -> Void:
    return Void(event.at, event.reason, event.cashier, event.cashier_id, unseen)
