"""Продажи: the list of receipts and its export."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from schemas.statements import load
from webapp.computed import missing
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.lists import Listed, Place
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.reports import periods, receipt_sums, receipts
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.parties import Parties, paid_by, with_parties
from webapp.reports.receipt_sums import NOTHING, Totals
from webapp.reports.receipts import Receipt, Selection
from webapp.reports.sums import Sums
from webapp.reports.view import View
from webapp.translation import N_, locale_of, translations
from webapp.words import payment_method

_sql = load("webapp.reports", "sales.sql")


class Day(Struct, frozen=True):
    """A day of the list, and the sums of all that is listed of it."""

    day: date
    totals: Totals


class Sales(Context, frozen=True):
    """`reported` is the list's sum as the reports show it, None where none does; `good_name`, `contact_name`,
    `cashier_name` ("" of receipts that name nobody) and `shift_number` are those of what is filtered by. `days` has,
    for each row that is the first of a day on this page, the day and its sums whatever page has its rows, None for the
    others; it is empty where rows do not come day by day. `paid` are the payment methods of each row."""

    template = "reports/sales.html"
    title = N_("Sales")

    rows: list[Receipt]
    paid: list[tuple[str, ...]]
    days: list[Day | None]
    names: dict[UUID, str]
    zones: dict[UUID, str]
    listed: Listed
    totals: Totals
    reported: Decimal | None
    selection: Selection
    good_name: str | None
    contact_name: str | None
    cashier_name: str | None
    shift_number: str | None
    filters: Filters
    parameters: dict[str, str]
    methods: tuple[str, ...]


async def sales(view: View) -> Sales:
    filters = view.filters
    selection = receipts.selection(filters)
    windows = periods.windows(selection.period, view.seen, view.now)
    named = selection.cashier_id or selection.shift or selection.by_goods_alone
    lacks = await view.lacking() if named else frozenset()
    async with view.reading() as connection:
        whole = await receipt_sums.of_days(connection, windows)
        place = _place(view, selection, whole)
        rows, listed = await receipts.page(connection, place, selection, windows)
        paid = await paid_by(connection, rows)
        shown = _days(rows, view) if place.order.name == "at" else []
        recount, brought = filters.raw("recount") == "1", None
        if not missing(("sold",), lacks):
            brought = await receipt_sums.brought(connection, selection, windows, whole, recount)
        totals, of_day = await receipt_sums.totals(
            connection, selection, windows, whole, recount, {day for day in shown if day}, brought
        )
        reported = await receipt_sums.reported(connection, selection, windows, whole, brought)
        good_name = await _name(connection, "good", view.seen_ids, selection.good)
        contact_name = await _name(connection, "contact", view.seen_ids, selection.contact)
        cashier_name, shift_number = selection.cashier, selection.shift
        if selection.cashier_id and not missing(("cashiers",), lacks):
            cashier_name = await _name(connection, "cashier", view.seen_ids, selection.cashier_id)
        if selection.shift and not missing(("shift_openings", "shift_closings"), lacks):
            shift_number = await _name(connection, "shift", view.seen_ids, selection.shift)
    return Sales(
        rows=rows,
        paid=paid,
        days=[Day(day, of_day.get(day, NOTHING)) if day else None for day in shown],
        names=view.names,
        zones={outlet.outlet_id: outlet.zone for outlet in view.outlets},
        listed=listed,
        totals=totals,
        reported=reported,
        selection=selection,
        good_name=good_name,
        contact_name=contact_name,
        cashier_name=selection.cashier_id if cashier_name is None else cashier_name,
        shift_number=shift_number,
        filters=filters,
        parameters=view.filter_fields,
        methods=receipts.METHODS,
    )


def _days(rows: list[Receipt], view: View) -> list[date | None]:
    """The day of each row that is the first of one. Outlets whose days begin at other moments have none in common."""
    if len({(outlet.zone, outlet.day_begins) for outlet in view.seen}) > 1:
        return []
    days = [receipt.day for receipt in rows]
    return [day if at == 0 or day != days[at - 1] else None for at, day in enumerate(days)]


def _place(view: View, selection: Selection, days: Sums) -> Place:
    several, count = len(view.seen) > 1, days.sales + days.returns
    return receipts.place(view.request.query_params, view.names, selection, count, several=several)


async def _name(connection: Connection, what: str, outlets: list[UUID], id: str | None) -> str | None:
    """The name of a good, a contact or a cashier, the number of a shift; the id where there is none."""
    if id is None:
        return None
    statement = _sql["shift_number" if what == "shift" else f"{what}_name"]
    row = await (await connection.execute(statement, {"outlets": outlets, what: id})).fetchone()
    return (row and row[0]) or id


async def export(view: View) -> Export:
    selection = receipts.selection(view.filters)
    windows = periods.windows(selection.period, view.seen, view.now)
    _, names, clocks, zones = view.gettext, view.names, view.clocks, view.zones
    locale = locale_of(view.request)
    kinds = {"sale": _("Sale"), "return": _("Return")}
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Date and time"), "moment"),
        Column(_("Kind"), "text"),
        Column(_("Number"), "code"),
        Column(_("Positions"), "count"),
        Column(_("Goods sum"), "money"),
        Column(_("Discount sum"), "money"),
        Column(_("Total"), "money"),
        *([Column(_("Of this, as filtered"), "money")] if selection.in_parts else []),
        Column(_("Payment"), "text"),
        Column(_("Cashier"), "text"),
        Column(_("Contact"), "text"),
        Column(_("Till"), "text"),
        *([Column(_("Time zone"), "text")] if zones else []),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        place = _place(view, selection, await receipt_sums.of_days(connection, windows))
        listed = receipts.every(connection, place, selection, windows)
        async for receipt, parties in with_parties(connection, listed):
            if (receipt.voided and not selection.voided) or receipt.copy:  # who adds up the file gets the page's sums
                continue
            yield [
                names[receipt.outlet_id],
                receipt.at.astimezone(clocks[receipt.outlet_id]),
                kinds[receipt.kind],
                receipt.number,
                receipt.positions,
                receipt.goods_sum,
                receipt.discount_sum,
                receipt.total,
                *([receipt.part] if selection.in_parts else []),
                _paid(parties, locale),
                parties.cashier,
                parties.contact,
                parties.till,
                *([zones[receipt.outlet_id]] if zones else []),
            ]

    return Export(filename(view, _("Sales"), selection.period), columns, view.account, rows)


def _paid(parties: Parties, locale: str) -> str:
    """How a receipt was paid: the method, or each with its amount where there are several or change was given."""
    if len(parties.payments) == 1 and not parties.change:
        return payment_method(parties.payments[0].method, locale)
    paid = [f"{payment_method(each.method, locale)} {each.amount:.2f}" for each in parties.payments]
    if parties.change:
        paid.append(f"{translations(locale).gettext('Change given')} {-parties.change:.2f}")
    return ", ".join(paid).replace(".", "," if locale == "ru" else ".")


PAGE = Page(
    path="/sales",
    action="figures",
    menu=Entry("sections", N_("Sales"), bar=N_("Sales")),
    gate=LICENSED,
    load=sales,
    chooser=True,
    live=True,
    downloads=(Download("/sales/export", export),),
)
