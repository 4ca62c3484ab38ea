"""The outlets as their owner keeps them: the list, and one with its tills, tokens and what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from schemas.errors import RecordUnreadable
from schemas.records import GapGivenUp, decode
from webapp import owned
from webapp.database import Connection
from webapp.outlets import held, zones
from webapp.rendering import render
from webapp.reports.completeness import Missing, completeness
from webapp.reports.periods import Window
from webapp.session import required
from webapp.state import portal_of
from webapp.translation import locale_of


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


async def outlet_list(request: Request) -> Response:
    portal, session = portal_of(request), required(request)
    found = await owned.outlets(portal.database, session.account_id)
    context = {"own": found, "notice": request.query_params.get("notice", "")}
    return render(request, "outlets/list.html", context)


async def outlet_page(request: Request) -> Response:
    return await show(request, notice=request.query_params.get("notice", ""))


async def show(request: Request, status: int = 200, **shown: Any) -> Response:
    """The page of the outlet in the path, with what a form that could not be done has to say (`error`)."""
    portal, locale = portal_of(request), locale_of(request)
    async with portal.database.writing() as connection:
        outlet = await held.hold(connection, request)
        tills = await _rows(connection, "tills", outlet.outlet_id, Till)
        tokens = await _rows(connection, "tokens", outlet.outlet_id, Token)
        ordered = await ordered_gaps(connection, outlet.outlet_id)
    missing = await holes(request, outlet.outlet_id)
    russian, others = zones.zones(locale, portal.clock().date())
    context = {
        "notice": "",
        "error": "",
        **shown,
        "outlet": outlet,
        "tills": tills,
        "tokens": {till.till_id: [token for token in tokens if token.till_id == till.till_id] for till in tills},
        "missing": missing,
        "ordered": ordered,
        "has_data": await held.has_data(request, outlet.outlet_id),
        "russian": russian,
        "others": others,
        "currencies": zones.currencies(locale),
    }
    return render(request, "outlets/outlet.html", context, status)


async def holes(request: Request, outlet_id: UUID) -> tuple[Missing, ...]:
    """The events of the outlet that have not come while later ones have."""
    today = portal_of(request).clock().date()
    async with portal_of(request).database.reading(required(request).account_id) as connection:
        found = await completeness(connection, [Window(outlet_id, today, today)])
    return found[outlet_id].missing


async def ordered_gaps(connection: Connection, outlet_id: UUID) -> set[tuple[str, str, int, int]]:
    """Holes whose giving up is on its way into the log: (till, run, first, last)."""
    rows = await (await connection.execute(held.sql["given_up"], {"outlet_id": outlet_id})).fetchall()
    orders = []
    for (record,) in rows:
        try:
            orders.append(decode(bytes(record)))
        except RecordUnreadable:
            continue  # not written here: the outbox is shared
    return {(o.till, o.run, o.first_seq, o.last_seq) for o in orders if isinstance(o, GapGivenUp)}


async def _rows(connection: Connection, statement: str, outlet_id: UUID, kind: type[Any]) -> list[Any]:
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        return await (await cursor.execute(held.sql[statement], {"outlet_id": outlet_id})).fetchall()
