"""Контакты: «Фамилия И.О.» with purchases, debt and points, filtered, with totals; and their export."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schemas.statements import load
from webapp.database import Connection
from webapp.places import pack, unpack
from webapp.rendering import render
from webapp.reports.exports import Column, Export, Row, response
from webapp.reports.filters import Filters
from webapp.reports.gate import closed
from webapp.reports.search import least, pieces
from webapp.reports.view import open_view
from webapp.translation import locale_of, translations

_sql = load("webapp.reports", "contacts.sql")
_PAGE = 50
BOUNDS = ("purchases_min", "purchases_max", "debt_min", "debt_max", "points_min", "points_max")


class Contact(Struct, frozen=True):
    outlet_id: UUID
    contact_id: str
    name: str
    purchases_total: Decimal
    debt: Decimal
    points: Decimal
    likeness: float
    sorted_by: str


class _Place(Struct, frozen=True, array_like=True):
    likeness: float
    sorted_by: str
    contact_id: str
    outlet_id: UUID


def _asked(outlets: list[UUID], filters: Filters, *, forgiving: bool) -> dict[str, Any]:
    query = filters.text("query")
    typed = pieces(query) if query and forgiving else None
    return {
        "outlets": outlets,
        "query": query,
        "pieces": typed,
        "least": least(typed),
        **{name: filters.amount(name) for name in BOUNDS},
    }


async def _totals(connection: Connection, asked: dict[str, Any]) -> tuple[int, Decimal, Decimal, Decimal]:
    row = await (await connection.execute(_sql["totals"], asked)).fetchone()
    assert row is not None  # an aggregate always gives one row
    return row[0], row[1], row[2], row[3]


async def _found(
    connection: Connection, outlets: list[UUID], filters: Filters
) -> tuple[dict[str, Any], tuple[int, Decimal, Decimal, Decimal], bool]:
    """What to list: just what was typed, or what is like it where that finds nothing."""
    asked = _asked(outlets, filters, forgiving=False)
    totals = await _totals(connection, asked)
    if totals[0] or not asked["query"]:
        return asked, totals, False
    asked = _asked(outlets, filters, forgiving=True)
    totals = await _totals(connection, asked)
    return asked, totals, totals[0] > 0


async def _rows(
    connection: Connection, asked: dict[str, Any], after: _Place | None, limit: int | None
) -> AsyncIterator[Contact]:
    place = {
        "after_likeness": after and after.likeness,
        "after_name": after and after.sorted_by,
        "after_contact": after and after.contact_id,
        "after_outlet": after and after.outlet_id,
        "limit": limit,
    }
    async with connection.cursor(row_factory=class_row(Contact)) as cursor:
        async for contact in await cursor.execute(_sql["contacts"], {**asked, **place}):
            yield contact


async def listing(request: Request) -> Response:
    view = await open_view(request)
    if instead := closed(view):
        return instead
    filters = view.filters
    try:
        after = unpack(request.query_params["after"], _Place) if "after" in request.query_params else None
    except ValueError as exc:
        raise HTTPException(404) from exc
    async with view.reading() as connection:
        asked, totals, forgiven = await _found(connection, view.seen_ids, filters)
        rows = [contact async for contact in _rows(connection, asked, after, _PAGE + 1)]
    last = rows[_PAGE - 1] if len(rows) > _PAGE else None
    return render(
        request,
        "reports/contacts.html",
        {
            **view.context(),
            "rows": rows[:_PAGE],
            "names": {outlet.outlet_id: outlet.name for outlet in view.owned},
            "next": pack(_Place(last.likeness, last.sorted_by, last.contact_id, last.outlet_id)) if last else None,
            "first_page": after is None,
            "totals": totals,
            "forgiven": forgiven,
            "filters": filters,
            "asked": {name: filters.raw(name) for name in request.query_params if name not in ("after", "outlet")},
        },
    )


async def export(request: Request) -> Response:
    view = await open_view(request)
    if instead := closed(view):
        return instead
    _ = translations(locale_of(request)).gettext
    names = {outlet.outlet_id: outlet.name for outlet in view.owned}
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Full name"), "text"),
        Column(_("Purchases"), "money"),
        Column(_("Debt"), "money"),
        Column(_("Points"), "money"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        asked, _totals_, _forgiven = await _found(connection, view.seen_ids, view.filters)
        async for one in _rows(connection, asked, None, None):
            yield [names[one.outlet_id], one.name, one.purchases_total, one.debt, one.points]

    return response(Export(_("Contacts"), columns, view.reading(), rows), request.path_params["form"])


routes: list[BaseRoute] = [Route("/contacts", listing), Route("/contacts/export.{form}", export)]
