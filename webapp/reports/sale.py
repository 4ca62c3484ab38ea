"""The card of a sale, with its lines, payments and returns in tabs; and that of a return whose sale is not known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from starlette.exceptions import HTTPException

from schemas.events import Line, Payment, Refund, ReturnLine, line_goods
from schemas.statements import load
from webapp import costs
from webapp.account_outlets import Outlet
from webapp.completeness.tills import Replacement, replacements
from webapp.computed import missing
from webapp.context import Context
from webapp.database import Connection
from webapp.page import Page
from webapp.reports.gate import LICENSED
from webapp.reports.view import View

R = TypeVar("R")
_sql = load("webapp.reports", "sale.sql")
_TABS = ("lines", "payments", "returns")


class Void(Struct, frozen=True):
    """When a sale or a return was voided, why and by whom."""

    at: datetime
    reason: str | None = None
    cashier: str | None = None


class Sale(Struct, frozen=True):
    """A sale without its documents. `difference` is what was paid over what was due, `tax_sum` the tax in the total.
    `cost_sum` is the cost of the lines that have one, `cost_known_sum` the revenue of those."""

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
    copy: bool
    shift_id: str | None
    fiscal_fn: str | None
    fiscal_fd: str | None
    fiscal_fp: str | None
    correction: bool
    rounding: Decimal
    tax_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    void: Void | None

    @property
    def cost(self) -> Decimal | None:
        """None where no cost is known, or where it is not to be seen."""
        return costs.cost_of(self.cost_sum, self.cost_known_sum)

    @property
    def margin(self) -> Decimal | None:
        """What was earned on the lines whose cost is known."""
        return None if self.cost is None else self.cost_known_sum - self.cost


class Original(Struct, frozen=True):
    """The receipt that counts in place of a copy of its fiscal document."""

    sale_id: str
    till_id: UUID


class ReturnOfNumbers(Struct, frozen=True):
    """A return that says the fiscal numbers of a sale, which one of the two can't have."""

    return_id: str
    at: datetime


class Position(Struct, frozen=True):
    """A line of the sale and its sum, the discount not taken off."""

    line: Line
    sum: Decimal

    @property
    def unit_cost(self) -> Decimal | None:
        """The cost of one unit; None where it is not known or not to be seen."""
        return costs.unit_cost_of(self.line.cost)


class Return(Struct, frozen=True):
    """`difference` is what was returned over what was refunded: who refunds too much has taken too little. One that was
    voided is in no figure."""

    id: str
    at: datetime
    amount: Decimal
    difference: Decimal
    lines: list[ReturnLine]
    refunds: list[Refund]
    void: Void | None


class SaleCard(Context, frozen=True):
    """`costly` and `taxed`: some position has a cost that may be seen, or a tax."""

    template = "reports/sale.html"

    sale: Sale
    outlet: Outlet
    positions: list[Position]
    costly: bool
    taxed: bool
    good_names: dict[str, str]
    payments: list[Payment]
    returns: list[Return]
    tab: str
    tabs: tuple[str, ...]
    replacements: list[Replacement]
    original: Original | None
    same_numbers: ReturnOfNumbers | None
    shift_number: str | None


class ReturnCard(Context, frozen=True):
    """`sale_id` is what the return says of its sale, `till` the till's name, if it is there still. A `copy` counts in
    no figure. `same_numbers` is a sale that says the return's fiscal numbers."""

    template = "reports/return.html"

    returned: Return
    sale_id: str
    till: str | None
    copy: bool
    same_numbers: Original | None
    outlet: Outlet
    good_names: dict[str, str]


async def card(view: View) -> SaleCard | ReturnCard:
    """`till` tells sales of one id apart. The `return` of an unknown sale is shown by itself."""
    key: dict[str, Any] = {
        "outlet": view.seen_ids[0],
        "sale": view.filters.exact("sale"),
        "till": _uuid(view.request.query_params.get("till")),
    }
    async with view.reading() as connection:
        row = await (await connection.execute(_sql["sale"], key)).fetchone()
        if row is None:
            return await _return_card(view, connection)
        *facts, void, lines, payments = row
        sale = Sale(*[*facts, msgspec.convert(void, Void | None)])
        of_till = {**key, "till": sale.till_id}
        rows = await connection.execute(_sql["returns_of_sale"], of_till)
        returns = [_return(*row) async for row in rows]
        original = await _one(connection, "original", of_till, Original) if sale.copy else None
        same = await _one(connection, "return_of_numbers", of_till, ReturnOfNumbers) if sale.fiscal_fd else None
        shift_number = await _shift_number(view, connection, {**of_till, "shift": sale.shift_id})
        versions = await replacements(connection, view.seen_ids[0], sale.sale_id, sale.till_id)
    positions = [Position(line, line_goods(line)) for line in msgspec.convert(lines, list[Line])]
    return SaleCard(
        sale=sale,
        outlet=view.seen[0],
        positions=positions,
        costly=any(position.unit_cost is not None for position in positions),
        taxed=any(position.line.tax is not None for position in positions),
        good_names={position.line.good_id: position.line.name for position in positions},
        payments=msgspec.convert(payments, list[Payment]),
        returns=returns,
        tab=view.filters.choice("tab", _TABS) or "lines",
        tabs=_TABS,
        replacements=versions,
        original=original,
        same_numbers=same,
        shift_number=shift_number,
    )


async def _shift_number(view: View, connection: Connection, key: dict[str, Any]) -> str | None:
    """None where the till said no shift, or none that the figures know; a report of before shifts knows none."""
    if key["shift"] is None or missing(("shift_openings", "shift_closings"), await view.lacking()):
        return None
    return await _one(connection, "shift_number", key, str)


async def _one(connection: Connection, name: str, key: dict[str, Any], kind: Callable[..., R]) -> R | None:
    """The one row of a statement; None where there is none."""
    row = await (await connection.execute(_sql[name], key)).fetchone()
    return None if row is None else kind(*row)


async def _return_card(view: View, connection: Connection) -> ReturnCard:
    outlet = view.seen[0]
    key: dict[str, Any] = {
        "outlet": outlet.outlet_id,
        "return": view.filters.exact("return"),
        "by": _uuid(view.request.query_params.get("by")),
    }
    row = await (await connection.execute(_sql["return"], key)).fetchone()
    if row is None:
        raise HTTPException(404)
    *facts, sale_id, till, copy, till_id, fiscal_fd = row
    returned = _return(*facts)
    goods = {"outlet": outlet.outlet_id, "goods": [line.good_id for line in returned.lines]}
    names = {good_id: name async for good_id, name in await connection.execute(_sql["good_names"], goods)}
    return ReturnCard(
        returned=returned,
        sale_id=sale_id,
        till=till,
        copy=copy,
        same_numbers=await _one(connection, "sale_of_numbers", {**key, "by": till_id}, Original) if fiscal_fd else None,
        outlet=outlet,
        good_names=names,
    )


def _return(
    return_id: str, at: datetime, amount: Decimal, difference: Decimal, lines: object, refunds: object, void: object
) -> Return:
    return Return(
        return_id,
        at,
        amount,
        difference,
        msgspec.convert(lines, list[ReturnLine]),
        msgspec.convert(refunds, list[Refund]),
        msgspec.convert(void, Void | None),
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as exc:
        raise HTTPException(404) from exc


PAGE = Page(path="/sales/card", action="figures", gate=LICENSED, load=card, live=True)
