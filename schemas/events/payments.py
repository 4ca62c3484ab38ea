"""Money that changes hands, by method."""

from __future__ import annotations

from typing import Literal

from schemas.amounts import Money
from schemas.events.event_type import Part

Method = Literal["cash", "card", "sbp", "credit", "points", "gift_card", "prepayment", "other"]


class Payment(Part, frozen=True, gc=False):
    """Money taken by one method, before change."""

    method: Method
    amount: Money


class Refund(Part, frozen=True, gc=False):
    """Money given back by one method."""

    method: Method
    amount: Money
