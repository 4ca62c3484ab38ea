"""An outlet as its owner keeps it: its settings, its tills with their tokens, and what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from schemas.errors import RecordUnreadable
from schemas.records import GapGivenUp, decode
from webapp.completeness.logends import Snapshot
from webapp.completeness.state import Missing, completeness
from webapp.context import Context
from webapp.database import Connection
from webapp.natural import natural
from webapp.outlet_groups import GROUPS_FROM
from webapp.outlets import outlet_lock, zones
from webapp.outlets.outlet_lock import LockedOutlet
from webapp.outlets.zones import Currency, Zone
from webapp.page import OWNER, Page, Visit
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import locale_of

R = TypeVar("R")
GapKey = tuple[str, str, int, int]
"""a hole: its till, its run, the first and the last number"""


class Token(Struct, frozen=True):
    """A till's token that was not revoked; `hint` is its last characters."""

    token_id: UUID
    till_id: UUID
    hint: str
    created_at: datetime


class Till(Struct, frozen=True):
    till_id: UUID
    name: str
    created_at: datetime


class OutletPage(Context, frozen=True):
    """`tokens` by till; `missing` are the holes in what came, `ordered` those whose giving up is on its way. `notice`
    says what was done, `error` what a form could not do. The zone and the hour at which
    days begin are fixed once `has_data`. `groups` are those of the account, None where groups are not offered."""

    template = "outlets/outlet.html"

    notice: str
    error: str
    outlet: LockedOutlet
    tills: list[Till]
    tokens: dict[UUID, list[Token]]
    missing: tuple[Missing, ...]
    ordered: set[GapKey]
    has_data: bool
    groups: list[str] | None
    russian: list[Zone]
    others: list[Zone]
    currencies: list[Currency]


async def page(visit: Visit) -> OutletPage:
    return await _outlet(visit.request, notice=visit.request.query_params.get("notice", ""))


async def show(request: Request, status: int, error: str) -> Response:
    """The page of the outlet in the path, with what a form could not do."""
    return render(request, await _outlet(request, error=error), status)


async def _outlet(request: Request, *, notice: str = "", error: str = "") -> OutletPage:
    site, locale = site_of(request), locale_of(request)
    async with site.database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        tills = await _rows(connection, "tills", outlet.outlet_id, Till)
        tokens = await _rows(connection, "tokens", outlet.outlet_id, Token)
        ordered = await ordered_gaps(connection, outlet.outlet_id)
        groups = await _groups(connection, request)
    missing = await holes(request, outlet.outlet_id)
    russian, others = zones.zones(locale, site.clock().date())
    return OutletPage(
        notice=notice,
        error=error,
        outlet=outlet,
        tills=tills,
        tokens={till.till_id: [token for token in tokens if token.till_id == till.till_id] for till in tills},
        missing=missing,
        ordered=ordered,
        has_data=await outlet_lock.has_data(request, outlet.outlet_id),
        groups=groups,
        russian=russian,
        others=others,
        currencies=zones.currencies(locale),
    )


async def holes(request: Request, outlet_id: UUID) -> tuple[Missing, ...]:
    """The events of the outlet that have not come while later ones have."""
    async with site_of(request).database.reading(required(request).account) as connection:
        whole = await completeness(Snapshot(connection, frozenset()), [outlet_id])
    return whole[outlet_id].missing


async def _groups(connection: Connection, request: Request) -> list[str] | None:
    account = {"account_id": required(request).account_id}
    row = await (await connection.execute(outlet_lock.sql["group_names"], account)).fetchone()
    names, outlets = row or (None, 0)
    return sorted(names or (), key=natural) if names or outlets >= GROUPS_FROM else None


async def ordered_gaps(connection: Connection, outlet_id: UUID) -> set[GapKey]:
    """Holes whose giving up is on its way into the log."""
    rows = await (await connection.execute(outlet_lock.sql["given_up"], {"outlet_id": outlet_id})).fetchall()
    orders = []
    for (record,) in rows:
        try:
            orders.append(decode(bytes(record)))
        except RecordUnreadable:
            continue  # not written here: the outbox is shared
    return {
        (order.till, order.run, order.first_seq, order.last_seq) for order in orders if isinstance(order, GapGivenUp)
    }


async def _rows(connection: Connection, statement: str, outlet_id: UUID, kind: type[R]) -> list[R]:
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        return await (await cursor.execute(outlet_lock.sql[statement], {"outlet_id": outlet_id})).fetchall()


PAGE = Page(path="/outlets/{outlet_id:uuid}", action="outlets", gate=OWNER, load=page)
