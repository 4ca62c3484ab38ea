"""The report's tables as files: revenue over time, payment methods, best goods, best groups, hours of the week."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from webapp.database import Connection
from webapp.reports import breakdown, periods
from webapp.reports.breakdown import SoldGood
from webapp.reports.exports import Column, Export, Row, response
from webapp.reports.gate import closed
from webapp.reports.series import span
from webapp.reports.summary import drawn_series
from webapp.reports.view import open_view
from webapp.translation import locale_of, translations


async def export(request: Request) -> Response:
    view = await open_view(request)
    if instead := closed(view):
        return instead
    period = view.filters.period("30d")
    windows = periods.windows(period, view.seen, view.now)
    _ = translations(locale_of(request)).gettext
    amount, sales = Column(_("Amount"), "money"), Column(_("Sales"), "count")
    method_names = {
        "cash": _("Cash"),
        "card": _("Card"),
        "sbp": _("Faster Payments"),
        "credit": _("On credit"),
        "points": _("Points"),
        "other": _("Other"),
    }
    weekdays = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
    outlet_names = {outlet.outlet_id: outlet.name for outlet in view.owned}

    async def sold(connection: Connection) -> list[SoldGood]:
        known = await span(connection, windows)
        return await breakdown.sold_goods(connection, breakdown.ranked(windows, known[1]) if known else windows)

    async def revenue_rows(connection: Connection) -> AsyncIterator[Row]:
        for one in (await drawn_series(connection, view, period))[2]:
            yield [one.first, one.hour, one.revenue, one.sales]

    async def payment_rows(connection: Connection) -> AsyncIterator[Row]:
        for one in await breakdown.methods(connection, windows):
            yield [method_names.get(one.method, one.method), one.amount, one.count]

    async def good_rows(connection: Connection) -> AsyncIterator[Row]:
        for one in await sold(connection):
            yield [outlet_names[one.outlet_id], one.name, one.category, one.quantity, one.amount]

    async def group_rows(connection: Connection) -> AsyncIterator[Row]:
        for name, quantity, worth in breakdown.groups(await sold(connection)):
            yield [name or _("without a group"), quantity, worth]

    async def hour_rows(connection: Connection) -> AsyncIterator[Row]:
        for (weekday, hour), (revenue, count) in sorted((await breakdown.hours_of_week(connection, windows)).items()):
            yield [weekdays[weekday - 1], hour, revenue, count]

    name, quantity = Column(_("Name"), "text"), Column(_("Quantity"), "quantity")
    group, hour = Column(_("Group"), "text"), Column(_("Hour"), "count")
    revenue, outlet = Column(_("Revenue"), "money"), Column(_("Outlet"), "text")
    method, payments = Column(_("Payment method"), "text"), Column(_("Payments"), "count")
    tables = {
        "revenue": (_("Revenue"), [Column(_("Begins"), "day"), hour, revenue, sales], revenue_rows),
        "payments": (_("Payment methods"), [method, amount, payments], payment_rows),
        "goods": (_("Best goods"), [outlet, name, group, quantity, amount], good_rows),
        "groups": (_("Best groups"), [group, quantity, amount], group_rows),
        "hours": (_("Hours of the week"), [Column(_("Weekday"), "text"), hour, revenue, sales], hour_rows),
    }
    if request.path_params["table"] not in tables:
        raise HTTPException(404)
    title, columns, rows = tables[request.path_params["table"]]
    return response(Export(title, columns, view.reading(), rows), request.path_params["form"])


routes: list[BaseRoute] = [Route("/report/{table}.{form}", export)]
