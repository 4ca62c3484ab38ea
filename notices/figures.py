"""What the rules of alarms look at: an outlet as the read models have it. Pure; `reading.py` reads it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from webapp.account_outlets import Outlet
from webapp.notices.kinds import Kind

Hours = frozenset[tuple[int, int]]
"""Day of the week (Monday is 0) and hour by the outlet's clock."""


class Till(Struct, frozen=True):
    """A till with the moment at which it was last heard of, and the hours in which it sold in at least three of the
    four weeks before that."""

    till_id: UUID
    name: str
    heard_at: datetime
    usual: Hours


class Held(Struct, frozen=True):
    """Events of a till's run that have not come, or wait behind such, or were set aside: since when that is known."""

    till_id: UUID
    till: str
    run: UUID
    events: int
    since: datetime


class Refused(Struct, frozen=True):
    """Events of a till that were refused, of which the owner has not taken note: how many, the first of them when."""

    till_id: UUID
    till: str
    events: int
    since: datetime


class WrongClock(Struct, frozen=True):
    """A till that sent wrongly dated events within the last day: what the last one was dated, and when it came."""

    till_id: UUID
    till: str
    at: datetime
    received_at: datetime


class OffDay(Struct, frozen=True):
    """A day whose receipts do not add up: by how much in all, too much and too little not set off."""

    day: date
    receipts: int
    off: Decimal


class Drawer(Struct, frozen=True):
    """A closed shift's drawer: what was counted over what should lie there."""

    day: date
    shift_id: str
    till_id: UUID
    title: str
    difference: Decimal


class Day(Struct, frozen=True):
    """What a day's returns, discounts and voids are judged by."""

    day: date
    sales: int
    goods_sum: Decimal
    discount_sum: Decimal
    returns: int
    returns_sum: Decimal
    voided: int


class Short(Struct, frozen=True):
    """A good of which there is less than its least stock, or that will run out. `cover` is in days, None where nothing
    of it was sold in 28 days."""

    good_id: str
    name: str
    quantity: Decimal
    min_stock: Decimal | None
    cover: Decimal | None


class Figures(Struct, frozen=True):
    """An outlet. `today` is its present day; `off_days`, `drawers` go back to `first_day`. `days` are the last 29, the
    present one included. `behind`: what was acknowledged may wait in the log still. `slow`: also what takes longer to
    read was read; without it `off_days`, `drawers`, `days` and `short` are empty and say nothing.
    `unknown` are kinds of which this generation keeps nothing."""

    outlet: Outlet
    today: date
    first_day: date
    tills: tuple[Till, ...] = ()
    held: tuple[Held, ...] = ()
    refused: tuple[Refused, ...] = ()
    clocks: tuple[WrongClock, ...] = ()
    off_days: tuple[OffDay, ...] = ()
    drawers: tuple[Drawer, ...] = ()
    days: tuple[Day, ...] = ()
    short: tuple[Short, ...] = ()
    behind: bool = False
    slow: bool = True
    unknown: frozenset[Kind] = frozenset()
