"""Контакты: «Фамилия И.О.» with purchases, debt and points, filtered, with totals; and their export."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.places import pack
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.search import least, pieces
from webapp.reports.view import View
from webapp.translation import N_

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


class Totals(Struct, frozen=True):
    """The figures of all contacts listed, on every page of the list."""

    count: int
    purchases: Decimal
    debt: Decimal
    points: Decimal


class Contacts(Context, frozen=True):
    """`forgiven`: nothing is called what was typed, so what is most like it is listed."""

    template = "reports/contacts.html"
    title = N_("Contacts")

    rows: list[Contact]
    names: dict[UUID, str]
    next: str | None
    first_page: bool
    totals: Totals
    forgiven: bool
    filters: Filters
    parameters: dict[str, str]


class _Cursor(Struct, frozen=True, array_like=True):
    """The last contact of a page of the list."""

    likeness: float
    sorted_by: str
    contact_id: str
    outlet_id: UUID


async def contacts(view: View) -> Contacts:
    filters = view.filters
    after = view.cursor(_Cursor)
    async with view.reading() as connection:
        search, totals, forgiven = await _search(connection, view.seen_ids, filters)
        rows = [contact async for contact in _rows(connection, search, after, _PAGE + 1)]
    last = rows[_PAGE - 1] if len(rows) > _PAGE else None
    return Contacts(
        rows=rows[:_PAGE],
        names=view.names,
        next=pack(_Cursor(last.likeness, last.sorted_by, last.contact_id, last.outlet_id)) if last else None,
        first_page=after is None,
        totals=totals,
        forgiven=forgiven,
        filters=filters,
        parameters=view.filter_fields,
    )


async def export(view: View) -> Export:
    _, names = view.gettext, view.names
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Full name"), "text"),
        Column(_("Purchases"), "money"),
        Column(_("Debt"), "money"),
        Column(_("Points"), "money"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        search, _totals_found, _forgiven = await _search(connection, view.seen_ids, view.filters)
        async for contact in _rows(connection, search, None, None):
            yield [names[contact.outlet_id], contact.name, contact.purchases_total, contact.debt, contact.points]

    return Export(_("Contacts"), columns, view.reading(), rows)


async def _search(connection: Connection, outlets: list[UUID], filters: Filters) -> tuple[dict[str, Any], Totals, bool]:
    """What to list: just what was typed, or what is like it where that finds nothing."""
    search = _parameters(outlets, filters, forgiving=False)
    totals = await _totals(connection, search)
    if totals.count or not search["query"]:
        return search, totals, False
    search = _parameters(outlets, filters, forgiving=True)
    totals = await _totals(connection, search)
    return search, totals, totals.count > 0


def _parameters(outlets: list[UUID], filters: Filters, *, forgiving: bool) -> dict[str, Any]:
    query = filters.text("query")
    typed = pieces(query) if query and forgiving else None
    return {
        "outlets": outlets,
        "query": query,
        "pieces": typed,
        "least": least(typed),
        **{name: filters.amount(name) for name in BOUNDS},
    }


async def _totals(connection: Connection, search: dict[str, Any]) -> Totals:
    row = await (await connection.execute(_sql["totals"], search)).fetchone()
    assert row is not None  # an aggregate always gives one row
    return Totals(*row)


async def _rows(
    connection: Connection, search: dict[str, Any], after: _Cursor | None, limit: int | None
) -> AsyncIterator[Contact]:
    cursor_parameters = {
        "after_likeness": after and after.likeness,
        "after_name": after and after.sorted_by,
        "after_contact": after and after.contact_id,
        "after_outlet": after and after.outlet_id,
        "limit": limit,
    }
    async with connection.cursor(row_factory=class_row(Contact)) as cursor:
        async for contact in await cursor.execute(_sql["contacts"], {**search, **cursor_parameters}):
            yield contact


PAGE = Page(
    path="/contacts",
    menu=Entry("sections", N_("Contacts")),
    gate=LICENSED,
    load=contacts,
    chooser=True,
    live=True,
    downloads=(Download("/contacts/export", export),),
)
