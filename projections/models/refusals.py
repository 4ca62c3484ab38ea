"""Refusals: events that the gateway refused and that the till withdrew, with the reason. A journal of them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.provenance import Provenance
from projections.kinds.states import On, States
from schemas.events import EventWithdrawn


class RefusalRow(Struct, frozen=True, gc=False):
    """An event that is in no figure. `at` is the moment that the till gave it."""

    outlet_id: Uuid
    till_id: Uuid
    run: Uuid
    seq: Bigint
    at: datetime
    reason: str
    received_at: datetime


def refused(old: None, event: EventWithdrawn, provenance: Provenance) -> RefusalRow:
    return RefusalRow(
        provenance.outlet,
        provenance.till,
        provenance.run,
        provenance.seq,
        event.at,
        event.reason,
        provenance.received_at,
    )


REFUSALS = States("refusals", version=1, row=RefusalRow, key=4, on=(On(EventWithdrawn, None, refused, reads=False),))
