"""The card of a sale, with its lines, payments and returns in tabs; and that of a return whose sale is not known."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from starlette.exceptions import HTTPException

from schemas.amounts import line_sum
from schemas.events import Line, Payment, Refund, ReturnLine
from schemas.statements import load
from webapp.context import Context
from webapp.database import Connection
from webapp.owned import Outlet
from webapp.page import Page
from webapp.reports.gate import LICENSED
from webapp.reports.view import View

_sql = load("webapp.reports", "sale.sql")
_TABS = ("lines", "payments", "returns")


class Sale(Struct, frozen=True):
    """A sale without its documents. `difference` is what was paid over what was due."""

    sale_id: str
    till_id: UUID
    number: str
    at: datetime
    goods_sum: Decimal
    discount_sum: Decimal
    total: Decimal
    change: Decimal
    difference: Decimal
    contact_id: str | None
    contact: str | None
    cashier: str | None
    till: str | None


class Position(Struct, frozen=True):
    """A line of the sale and its sum, the discount not taken off."""

    line: Line
    sum: Decimal


class Return(Struct, frozen=True):
    """`difference` is what was refunded over what was returned."""

    id: str
    at: datetime
    amount: Decimal
    difference: Decimal
    lines: list[ReturnLine]
    refunds: list[Refund]


class SaleCard(Context, frozen=True):
    template = "reports/sale.html"

    sale: Sale
    outlet: Outlet
    positions: list[Position]
    good_names: dict[str, str]
    payments: list[Payment]
    returns: list[Return]
    tab: str
    tabs: tuple[str, ...]


class ReturnCard(Context, frozen=True):
    """`sale_id` is what the return says of its sale, `till` the till's name, if it is there still."""

    template = "reports/return.html"

    returned: Return
    sale_id: str
    till: str | None
    outlet: Outlet
    good_names: dict[str, str]


async def card(view: View) -> SaleCard | ReturnCard:
    """`till` tells sales of one id apart. The `return` of an unknown sale is shown by itself."""
    key: dict[str, Any] = {
        "outlet": view.seen_ids[0],
        "sale": view.filters.text("sale"),
        "till": _uuid(view.request.query_params.get("till")),
    }
    async with view.reading() as connection:
        row = await (await connection.execute(_sql["sale"], key)).fetchone()
        if row is None:
            return await _return_card(view, connection)
        *facts, lines, payments = row
        sale = Sale(*facts)
        rows = await connection.execute(_sql["returns_of_sale"], {**key, "till": sale.till_id})
        returns = [_return(*row) async for row in rows]
    positions = [Position(line, line_sum(line.quantity, line.price)) for line in msgspec.convert(lines, list[Line])]
    return SaleCard(
        sale=sale,
        outlet=view.seen[0],
        positions=positions,
        good_names={position.line.good_id: position.line.name for position in positions},
        payments=msgspec.convert(payments, list[Payment]),
        returns=returns,
        tab=view.filters.choice("tab", _TABS) or "lines",
        tabs=_TABS,
    )


async def _return_card(view: View, connection: Connection) -> ReturnCard:
    outlet = view.seen[0]
    key: dict[str, Any] = {
        "outlet": outlet.outlet_id,
        "return": view.filters.text("return"),
        "by": _uuid(view.request.query_params.get("by")),
    }
    row = await (await connection.execute(_sql["return"], key)).fetchone()
    if row is None:
        raise HTTPException(404)
    *facts, sale_id, till = row
    returned = _return(*facts)
    goods = {"outlet": outlet.outlet_id, "goods": [line.good_id for line in returned.lines]}
    names = {good_id: name async for good_id, name in await connection.execute(_sql["good_names"], goods)}
    return ReturnCard(returned=returned, sale_id=sale_id, till=till, outlet=outlet, good_names=names)


def _return(
    return_id: str, at: datetime, amount: Decimal, difference: Decimal, lines: object, refunds: object
) -> Return:
    return Return(
        return_id,
        at,
        amount,
        difference,
        msgspec.convert(lines, list[ReturnLine]),
        msgspec.convert(refunds, list[Refund]),
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as exc:
        raise HTTPException(404) from exc


PAGE = Page(path="/sales/card", gate=LICENSED, load=card, live=True)
