"""Контакты: «Фамилия И.О.» with purchases, debt and points, filtered, with totals; and their export."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.amounts import ZERO, mean
from schemas.statements import load
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.lists import Heading, Listed, Listing, Place
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.receipts import MOST_SORTED
from webapp.reports.view import View
from webapp.search import least, pieces
from webapp.translation import N_

_sql = load("webapp.reports", "contacts.sql")
_GONE_DAYS = (30, 60, 90, 180)
BOUNDS = ("purchases_min", "purchases_max", "debt_min", "debt_max", "points_min", "points_max")


class Contact(Struct, frozen=True):
    outlet_id: UUID
    contact_id: str
    name: str
    purchases_total: Decimal
    debt: Decimal
    points: Decimal


class Bought(Struct, frozen=True):
    """What a contact bought, by the receipts that name it; `purchases_total` of the contact is what its till says.
    `recent` is of the last 90 days, `before` of the 90 days before them."""

    receipts: int
    total: Decimal
    last_at: datetime
    recent: Decimal
    before: Decimal

    @property
    def average(self) -> Decimal:
        return mean(self.total, self.receipts)


_BOUGHT = ("receipts", "average", "last_at", "recent")
_RECENT = timedelta(days=90)
_PIECE = 500
"""Rows of a file whose receipts are asked for at once."""
_HEADINGS = (
    Heading("name", N_("Full name")),
    Heading("outlet_id", N_("Outlet"), "outlet"),
    Heading("purchases_total", N_("Purchases"), "number", money=True),
    Heading("debt", N_("Debt"), "number", money=True),
    Heading("points", N_("Points"), "number"),
    Heading("receipts", N_("Receipts"), "number", 3),
    Heading("average", N_("Average receipt"), "number", 4, money=True),
    Heading("last_at", N_("Last purchase"), "moment", 2),
    Heading("recent", N_("90 days"), "number", 4, money=True),
    Heading("likeness", "", "number"),
)
_KEY = ("sorted_by", "contact_id", "outlet_id")
_LIST = Listing(Contact, _sql["contacts_listed"], *_HEADINGS, key=_KEY, order="name")
_BY_BOUGHT = Listing(Contact, _sql["by_bought"], *_HEADINGS, key=_KEY, order="-last_at")


class Totals(Struct, frozen=True):
    """The figures of all contacts listed, on every page of the list."""

    count: int = 0
    purchases: Decimal = ZERO
    debt: Decimal = ZERO
    points: Decimal = ZERO

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.count + other.count,
            self.purchases + other.purchases,
            self.debt + other.debt,
            self.points + other.points,
        )


class OutletTotals(Totals, frozen=True, kw_only=True):
    """Those of an outlet."""

    outlet_id: UUID


class Contacts(Context, frozen=True):
    """`forgiven`: nothing is called what was typed, so what is most like it is listed. `bought` is by outlet and
    contact, `gone` the days for which those listed have not come, None for all. `days` are the first and the last of
    the 90 days before the last 90, by outlet."""

    template = "reports/contacts.html"
    title = N_("Contacts")

    rows: list[Contact]
    names: dict[UUID, str]
    listed: Listed
    bought: dict[tuple[UUID, str], Bought]
    clocks: dict[UUID, str]
    gone: int | None
    gone_days: tuple[int, ...]
    totals: Totals
    outlet_totals: list[OutletTotals]
    days: dict[UUID, tuple[date, date]]
    forgiven: bool
    filters: Filters
    parameters: dict[str, str]


async def contacts(view: View) -> Contacts:
    filters = view.filters
    async with view.reading() as connection:
        search, by_outlet, forgiven = await _search(connection, view)
        place = await _place(connection, view, forgiven)
        rows, listed = await _listing(place).page(connection, place, search)
        bought = await _bought(connection, view, rows)
    return Contacts(
        rows=rows,
        names=view.names,
        listed=listed,
        bought=bought,
        clocks={outlet.outlet_id: outlet.zone for outlet in view.seen},
        gone=_gone(filters),
        gone_days=_GONE_DAYS,
        totals=sum(by_outlet, Totals()),
        outlet_totals=by_outlet if len(view.seen) > 1 else [],
        days={outlet_id: days_before(today) for outlet_id, today in _todays(view).items()},
        forgiven=forgiven,
        filters=filters,
        parameters=view.filter_fields,
    )


async def export(view: View) -> Export:
    _, names, clocks, zones = view.gettext, view.names, view.clocks, view.zones
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Full name"), "text"),
        Column(_("Purchases"), "money"),
        Column(_("Debt"), "money"),
        Column(_("Points"), "money"),
        Column(_("Code"), "code"),
        Column(_("Receipts"), "count"),
        Column(_("Bought by receipts"), "money"),
        Column(_("Average receipt"), "money"),
        Column(_("Last purchase"), "moment"),
        Column(_("Bought in 90 days"), "money"),
        Column(_("Bought in the 90 days before"), "money"),
        *([Column(_("Time zone"), "text")] if zones else []),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        search, _by_outlet, forgiven = await _search(connection, view)
        place = await _place(connection, view, forgiven)
        async for contact, bought in _with_bought(connection, view, _listing(place).every(connection, place, search)):
            yield [
                *(names[contact.outlet_id], contact.name),
                *(contact.purchases_total, contact.debt, contact.points, contact.contact_id),
                *((bought.receipts, bought.total, bought.average) if bought else (0, None, None)),
                bought.last_at.astimezone(clocks[contact.outlet_id]) if bought else None,
                *((bought.recent, bought.before) if bought else (None, None)),
                *([zones[contact.outlet_id]] if zones else []),
            ]

    return Export(filename(view, _("Contacts")), columns, view.account, rows)


async def _with_bought(
    connection: Connection, view: View, contacts: AsyncIterator[Contact]
) -> AsyncIterator[tuple[Contact, Bought | None]]:
    """The contacts in their order, each with what it bought."""
    piece: list[Contact] = []

    async def pairs() -> list[tuple[Contact, Bought | None]]:
        bought = await _bought(connection, view, piece)
        return [(each, bought.get((each.outlet_id, each.contact_id))) for each in piece]

    async for contact in contacts:
        piece.append(contact)
        if len(piece) == _PIECE:
            for pair in await pairs():
                yield pair
            piece = []
    for pair in await pairs():
        yield pair


async def _bought(connection: Connection, view: View, rows: Sequence[Contact]) -> dict[tuple[UUID, str], Bought]:
    """What these contacts bought; those who bought nothing are not there."""
    todays = _todays(view)
    keys = {
        "outlets": [row.outlet_id for row in rows],
        "contacts": [row.contact_id for row in rows],
        "lasts": [todays[row.outlet_id] for row in rows],
    }
    found = await connection.execute(_sql["bought"], keys)
    return {(outlet, contact): Bought(*figures) async for outlet, contact, *figures in found}


def days_before(today: date) -> tuple[date, date]:
    """The first and the last of the 90 days before the last 90."""
    return today - 2 * _RECENT + timedelta(days=1), today - _RECENT


def _todays(view: View) -> dict[UUID, date]:
    """The outlets' present days."""
    return {outlet.outlet_id: outlet.day(view.now) for outlet in view.seen}


def _gone(filters: Filters) -> int | None:
    chosen = filters.whole("gone", min(_GONE_DAYS), max(_GONE_DAYS))
    return chosen if chosen in _GONE_DAYS else None


async def _search(connection: Connection, view: View) -> tuple[dict[str, Any], list[OutletTotals], bool]:
    """What to list, and what it comes to: just what was typed, or what is like it where that finds nothing."""
    search = _parameters(view, forgiving=False)
    totals = await _totals(connection, view, search)
    if totals or not search["query"]:
        return search, totals, False
    search = _parameters(view, forgiving=True)
    row = await (await connection.execute(_sql["alike"], search)).fetchone()
    search["alike"] = row[0] if row else []
    totals = await _totals(connection, view, search)
    return search, totals, bool(totals)


def _parameters(view: View, *, forgiving: bool) -> dict[str, Any]:
    filters, gone = view.filters, _gone(view.filters)
    today = min((outlet.day(view.now) for outlet in view.seen), default=view.now.date())
    query = filters.text("query")
    typed = pieces(query) if query and forgiving else None
    return {
        "outlets": view.seen_ids,
        "lasts": list(_todays(view).values()),
        "query": query,
        "gone_since": None if gone is None else today - timedelta(days=gone),
        "pieces": typed,
        "least": least(typed),
        "alike": None,
        **{name: filters.amount(name) for name in BOUNDS},
    }


async def _totals(connection: Connection, view: View, search: dict[str, Any]) -> list[OutletTotals]:
    """In the order of the outlets; those without such a contact are left out."""
    async with connection.cursor(row_factory=class_row(OutletTotals)) as cursor:
        found = {row.outlet_id: row async for row in await cursor.execute(_sql["totals"], search)}
    return [found[outlet_id] for outlet_id in view.seen_ids if outlet_id in found]


async def _place(connection: Connection, view: View, forgiven: bool) -> Place:
    """By name; where what was typed is nowhere, what is most like it first, unless another order is asked for. By what
    was bought where the outlets have not more receipts than are read through for an order (0063)."""
    hidden = view.spare_columns + ([] if forgiven else ["likeness"])
    row = await (await connection.execute(_sql["receipts"], {"outlets": view.seen_ids})).fetchone()
    unsorted = _BOUGHT if row is None or row[0] > MOST_SORTED else ()
    standard = "-likeness" if forgiven else "name"
    return _LIST.place(view.request.query_params, view.names, hidden, unsorted, standard)


def _listing(place: Place) -> Listing[Contact]:
    """The list as that order needs it: only one by receipts reads all of these."""
    return _BY_BOUGHT if place.order.name in _BOUGHT else _LIST


PAGE = Page(
    path="/contacts",
    action="figures",
    menu=Entry("sections", N_("Contacts")),
    gate=LICENSED,
    load=contacts,
    chooser=True,
    live=True,
    downloads=(Download("/contacts/export", export),),
)
