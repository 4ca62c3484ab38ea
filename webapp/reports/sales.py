"""Продажи: the list of receipts and its export."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import UUID

from schemas.statements import load
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.places import pack
from webapp.reports import periods, receipts
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.receipts import Cursor, Receipt, Selection, Totals
from webapp.reports.view import View
from webapp.translation import N_

_sql = load("webapp.reports", "sales.sql")
_PAGE = 50


class Sales(Context, frozen=True):
    """`reported` is the list's sum as the reports show it, None where none does; `good_name` that of the good filtered
    by."""

    template = "reports/sales.html"
    title = N_("Sales")

    rows: list[Receipt]
    names: dict[UUID, str]
    zones: dict[UUID, str]
    next: str | None
    first_page: bool
    totals: Totals
    reported: Decimal | None
    selection: Selection
    good_name: str | None
    filters: Filters
    parameters: dict[str, str]
    methods: tuple[str, ...]


async def sales(view: View) -> Sales:
    filters = view.filters
    selection = receipts.selection(filters)
    windows = periods.windows(selection.period, view.seen, view.now)
    after = view.cursor(Cursor)
    async with view.reading() as connection:
        rows = [row async for row in receipts.rows(connection, selection, windows, after, _PAGE + 1)]
        days = await receipts.of_days(connection, selection, windows)
        totals = await receipts.totals(connection, selection, windows, days, filters.raw("recount") == "1")
        reported = await receipts.reported(connection, selection, windows, days)
        good_name = await _good_name(connection, view.seen_ids, selection.good)
    return Sales(
        rows=rows[:_PAGE],
        names=view.names,
        zones={outlet.outlet_id: outlet.zone for outlet in view.outlets},
        next=pack(rows[_PAGE - 1].cursor) if len(rows) > _PAGE else None,
        first_page=after is None,
        totals=totals,
        reported=reported,
        selection=selection,
        good_name=good_name,
        filters=filters,
        parameters=view.filter_fields,
        methods=receipts.METHODS,
    )


async def _good_name(connection: Connection, outlets: list[UUID], good: str | None) -> str | None:
    if good is None:
        return None
    row = await (await connection.execute(_sql["good_name"], {"outlets": outlets, "good": good})).fetchone()
    return row[0] if row else good


async def export(view: View) -> Export:
    selection = receipts.selection(view.filters)
    windows = periods.windows(selection.period, view.seen, view.now)
    _, names = view.gettext, view.names
    kinds = {"sale": _("Sale"), "return": _("Return")}
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Date and time"), "moment", view.seen[0].zone),
        Column(_("Kind"), "text"),
        Column(_("Number"), "text"),
        Column(_("Positions"), "count"),
        Column(_("Goods sum"), "money"),
        Column(_("Discount sum"), "money"),
        Column(_("Total"), "money"),
        *([Column(_("Of this, as filtered"), "money")] if selection.in_parts else []),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for receipt in receipts.rows(connection, selection, windows, None, None):
            yield [
                names[receipt.outlet_id],
                receipt.at,
                kinds[receipt.kind],
                receipt.number,
                receipt.positions,
                receipt.goods_sum,
                receipt.discount_sum,
                receipt.total,
                *([receipt.part] if selection.in_parts else []),
            ]

    return Export(_("Sales"), columns, view.reading(), rows)


PAGE = Page(
    path="/sales",
    menu=Entry("sections", N_("Sales")),
    gate=LICENSED,
    load=sales,
    chooser=True,
    live=True,
    downloads=(Download("/sales/export", export),),
)
