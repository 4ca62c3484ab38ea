"""Events of tills whose clock is wrong: dated more than an hour after they came in, or before 2000. A journal of them.

They count by the day that the till gave, and move stock when they came in; the owner is told of the clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.provenance import Provenance, WrongClock
from projections.kinds.states import On, States


class WrongClockRow(Struct, frozen=True, gc=False):
    """`at` is the moment that the till gave."""

    outlet_id: Uuid
    till_id: Uuid
    run: Uuid
    seq: Bigint
    at: datetime
    received_at: datetime


def wrong(old: None, event: Any, provenance: Provenance) -> WrongClockRow:
    return WrongClockRow(
        provenance.outlet, provenance.till, provenance.run, provenance.seq, event.at, provenance.received_at
    )


WRONG_CLOCKS = States(
    "wrong_clocks", version=1, row=WrongClockRow, key=4, on=(On(WrongClock, None, wrong, reads=False),)
)
