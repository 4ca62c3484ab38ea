"""What an outlet's licence is at a moment: on trial, paid, or over; and for how many days still."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.statements import load
from webapp.database import Connection

Kind = Literal["trial", "paid", "expired"]

_DAY = timedelta(days=1)
_sql = load("webapp.licences", "licences.sql")


class State(Struct, frozen=True):
    """`until` is when viewing ends or ended; `days_left` counts a day begun as a whole one, 0 once it is over."""

    outlet_id: UUID
    name: str
    zone: str
    kind: Kind
    until: datetime
    days_left: int


def state(
    outlet_id: UUID, name: str, zone: str, trial_until: datetime, paid_until: datetime | None, now: datetime
) -> State:
    """The state of an outlet whose account's trial and whose licence end as given; the later one counts."""
    until = max(trial_until, paid_until or trial_until)
    kind: Kind = "expired" if until < now else "paid" if paid_until and paid_until >= trial_until else "trial"
    return State(outlet_id, name, zone, kind, until, max(0, -((now - until) // _DAY)))


async def states(connection: Connection, account_id: UUID, now: datetime) -> list[State]:
    """The states of an account's outlets, by name. Needs the owner role: trials stand in the accounts."""
    rows = await (await connection.execute(_sql["terms"], {"account_id": account_id})).fetchall()
    return [state(outlet, name, zone, trial, paid, now) for outlet, name, zone, trial, paid in rows]
