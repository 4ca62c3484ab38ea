"""Продажи: the list of receipts, its export, and the card of a sale."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schemas.amounts import line_sum
from schemas.events import Line, Payment, Refund, ReturnLine
from schemas.statements import load
from webapp.database import Connection
from webapp.places import pack, unpack
from webapp.rendering import render
from webapp.reports import periods, receipts
from webapp.reports.exports import Column, Export, Row, response
from webapp.reports.gate import closed
from webapp.reports.view import View, open_view
from webapp.translation import locale_of, translations

_sql = load("webapp.reports", "sales.sql")
_PAGE = 50
_TABS = ("lines", "payments", "returns")


async def listing(request: Request) -> Response:
    view = await open_view(request)
    if instead := closed(view):
        return instead
    filters = view.filters
    what = receipts.wanted(filters)
    windows = periods.windows(what.period, view.seen, view.now)
    try:
        after = unpack(request.query_params["after"], receipts.Place) if "after" in request.query_params else None
    except ValueError as exc:
        raise HTTPException(404) from exc
    async with view.reading() as connection:
        rows = [row async for row in receipts.rows(connection, what, windows, after, _PAGE + 1)]
        days = await receipts.of_days(connection, what, windows)
        totals = await receipts.totals(connection, what, windows, days, filters.raw("recount") == "1")
        reported = await receipts.reported(connection, what, windows, days)
        good = await _good_name(connection, view.seen_ids, what.good)
    asked = {name: view.filters.raw(name) for name in request.query_params if name not in ("after", "outlet")}
    return render(
        request,
        "reports/sales.html",
        {
            **view.context(),
            "rows": rows[:_PAGE],
            "names": {outlet.outlet_id: outlet.name for outlet in view.owned},
            "zones": {outlet.outlet_id: outlet.zone for outlet in view.owned},
            "next": pack(rows[_PAGE - 1].place) if len(rows) > _PAGE else None,
            "first_page": after is None,
            "totals": totals,
            "reported": reported,
            "what": what,
            "good_name": good,
            "filters": filters,
            "asked": asked,
            "methods": receipts.METHODS,
        },
    )


async def _good_name(connection: Connection, outlets: list[UUID], good: str | None) -> str | None:
    if good is None:
        return None
    row = await (await connection.execute(_sql["good_name"], {"outlets": outlets, "good": good})).fetchone()
    return row[0] if row else good


async def export(request: Request) -> Response:
    view = await open_view(request)
    if instead := closed(view):
        return instead
    what = receipts.wanted(view.filters)
    windows = periods.windows(what.period, view.seen, view.now)
    _ = translations(locale_of(request)).gettext
    names = {outlet.outlet_id: outlet.name for outlet in view.owned}
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
        *([Column(_("Of this, as filtered"), "money")] if what.in_parts else []),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for one in receipts.rows(connection, what, windows, None, None):
            yield [
                names[one.outlet_id],
                one.at,
                kinds[one.kind],
                one.number,
                one.positions,
                one.goods_sum,
                one.discount_sum,
                one.total,
                *([one.part] if what.in_parts else []),
            ]

    return response(Export(_("Sales"), columns, view.reading(), rows), request.path_params["form"])


async def card(request: Request) -> Response:
    """A sale with its lines, payments and returns; `till` tells sales of one id apart. The `return` of an unknown sale
    is shown by itself."""
    view = await open_view(request)
    if instead := closed(view):
        return instead
    asked: dict[str, Any] = {
        "outlet": view.seen_ids[0],
        "sale": view.filters.text("sale"),
        "till": _uuid(request.query_params.get("till")),
    }
    async with view.reading() as connection:
        sale = await (await connection.execute(_sql["sale"], asked)).fetchone()
        if sale is None:
            return await _return_card(request, view, connection)
        returned = await connection.execute(_sql["returns_of_sale"], {**asked, "till": sale[1]})
        returns = [_returned(*row) async for row in returned]
    lines = msgspec.convert(sale[13], list[Line])
    names = "sale_id till_id number at goods_sum discount_sum total change difference contact_id contact cashier till"
    return render(
        request,
        "reports/sale.html",
        {
            **view.context(),
            "sale": dict(zip(names.split(), sale[:13], strict=True)),
            "outlet": view.seen[0],
            "lines": [(line, line_sum(line.quantity, line.price)) for line in lines],
            "line_names": {line.good_id: line.name for line in lines},
            "payments": msgspec.convert(sale[14], list[Payment]),
            "returns": returns,
            "tab": view.filters.choice("tab", _TABS) or "lines",
            "tabs": _TABS,
            "chooser": False,
        },
    )


async def _return_card(request: Request, view: View, connection: Connection) -> Response:
    outlet = view.seen[0]
    asked = {"outlet": outlet.outlet_id, "return": view.filters.text("return")}
    asked["by"] = _uuid(request.query_params.get("by"))
    row = await (await connection.execute(_sql["return"], asked)).fetchone()
    if row is None:
        raise HTTPException(404)
    returned = _returned(*row[:6])
    goods = [line.good_id for line in returned["lines"]]
    names = await connection.execute(_sql["good_names"], {"outlet": outlet.outlet_id, "goods": goods})
    context = {"one": returned, "sale_id": row[6], "till": row[7], "outlet": outlet, "chooser": False}
    return render(
        request, "reports/return.html", {**view.context(), **context, "line_names": dict(await names.fetchall())}
    )


def _returned(
    return_id: str, at: datetime, amount: Decimal, difference: Decimal, lines: object, refunds: object
) -> dict[str, Any]:
    return {
        "id": return_id,
        "at": at,
        "amount": amount,
        "difference": difference,
        "lines": msgspec.convert(lines, list[ReturnLine]),
        "refunds": msgspec.convert(refunds, list[Refund]),
    }


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as exc:
        raise HTTPException(404) from exc


routes: list[BaseRoute] = [
    Route("/sales", listing),
    Route("/sales/export.{form}", export),
    Route("/sales/card", card),
]
