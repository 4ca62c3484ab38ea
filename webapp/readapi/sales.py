"""Sales, newest first, and the card of one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas import events
from schemas.events import MAIN_WAREHOUSE, Line, Payment, Refund, ReturnLine, line_goods
from schemas.statements import load
from webapp.costs import cost_of, known_of, unit_cost_of
from webapp.cursors import pack
from webapp.readapi.access import Call
from webapp.readapi.answers import moment, money, not_found, price, quantity
from webapp.readapi.parameters import PAGE, RANGE, TILL
from webapp.readapi.resource import Resource
from webapp.readapi.rows import first_row, rows
from webapp.readapi.shapes import (
    Fiscal,
    ListedSale,
    ReturnedLine,
    SaleCard,
    SaleLine,
    SalePayment,
    SaleReturn,
    Sales,
    Tax,
)

_sql = load("webapp.readapi", "sales.sql")


class _Marks(Struct, frozen=True, kw_only=True):
    """What sales and returns have in common beside their figures."""

    correction: bool
    cashier: str | None
    cashier_id: str | None
    shift_id: str | None
    fiscal_fn: str | None
    fiscal_fd: str | None
    fiscal_fp: str | None
    tax_system: str | None

    @property
    def fiscal(self) -> Fiscal | None:
        if self.fiscal_fn is None or self.fiscal_fd is None or self.fiscal_fp is None:
            return None
        return Fiscal(fn=self.fiscal_fn, fd=self.fiscal_fd, fp=self.fiscal_fp, tax_system=self.tax_system)


class _ListedSale(_Marks, frozen=True):
    sale_id: str
    till_id: UUID
    number: str
    at: datetime
    positions: int
    goods_sum: Decimal
    discount_sum: Decimal
    total: Decimal
    voided: bool
    fiscal_copy: bool


class _Sale(_Marks, frozen=True):
    """`lines` and `payments` are documents as the till sent them."""

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
    lines: list[object]
    payments: list[object]
    voided: bool
    fiscal_copy: bool
    rounding: Decimal
    tax_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal


class _Return(_Marks, frozen=True):
    """`lines` and `refunds` are documents as the till sent them."""

    return_id: str
    till_id: UUID
    number: str | None
    at: datetime
    amount: Decimal
    lines: list[object]
    refunds: list[object]


class _Cursor(Struct, frozen=True, array_like=True):
    """The last sale of a page."""

    at: datetime
    sale_id: str
    till_id: UUID


async def listed(call: Call) -> Sales:
    """Newest first."""
    limit = call.parameters.limit()
    after = call.parameters.after(_Cursor)
    parameters = {
        "outlet": call.outlet.outlet_id,
        **call.parameters.days(),
        "after_at": after and after.at,
        "after_sale": after and after.sale_id,
        "after_till": after and after.till_id,
        "limit": limit + 1,
    }
    sales = await rows(call.connection, _sql["sales"], parameters, _ListedSale)
    items = [
        ListedSale(
            sale_id=sale.sale_id,
            number=sale.number,
            at=moment(sale.at, call.outlet.zone),
            positions=sale.positions,
            goods_sum=money(sale.goods_sum),
            discount_sum=money(sale.discount_sum),
            total=money(sale.total),
            till_id=sale.till_id,
            voided=sale.voided,
            fiscal_copy=sale.fiscal_copy,
            correction=sale.correction,
            cashier=sale.cashier,
            cashier_id=sale.cashier_id,
            shift_id=sale.shift_id,
            fiscal=sale.fiscal,
        )
        for sale in sales[:limit]
    ]
    last = sales[limit - 1] if len(sales) > limit else None
    return Sales(items=items, next=pack(_Cursor(last.at, last.sale_id, last.till_id)) if last else None)


async def card(call: Call) -> SaleCard:
    """The latest sale of that id, or the one of `till`."""
    parameters = {"outlet": call.outlet.outlet_id, "sale": call.path["sale_id"], "till": call.parameters.uuid("till")}
    sale = await first_row(call.connection, _sql["sale"], parameters, _Sale)
    if sale is None:
        raise not_found("sale")
    parameters["till"] = sale.till_id
    lines = msgspec.convert(sale.lines, list[Line])
    return SaleCard(
        sale_id=sale.sale_id,
        till_id=sale.till_id,
        number=sale.number,
        at=moment(sale.at, call.outlet.zone),
        positions=len(lines),
        goods_sum=money(sale.goods_sum),
        discount_sum=money(sale.discount_sum),
        total=money(sale.total),
        change=money(sale.change),
        difference=money(sale.difference),
        contact_id=sale.contact_id,
        cashier=sale.cashier,
        lines=[_line(line) for line in lines],
        payments=[_payment(payment) for payment in msgspec.convert(sale.payments, list[Payment])],
        returns=[
            _return(each, call.outlet.zone)
            for each in await rows(call.connection, _sql["returns_of_sale"], parameters, _Return)
        ],
        voided=sale.voided,
        fiscal_copy=sale.fiscal_copy,
        rounding=money(sale.rounding),
        tax_sum=money(sale.tax_sum),
        cost_sum=money(cost_of(sale.cost_sum, sale.cost_known_sum)),
        cost_known_sum=money(known_of(sale.cost_known_sum)),
        correction=sale.correction,
        cashier_id=sale.cashier_id,
        shift_id=sale.shift_id,
        fiscal=sale.fiscal,
    )


def _line(line: Line) -> SaleLine:
    return SaleLine(
        good_id=line.good_id,
        name=line.name,
        quantity=quantity(line.quantity),
        price=price(line.price),
        discount=money(line.discount),
        sum=money(line_goods(line) - line.discount),
        warehouse_id=line.warehouse_id or MAIN_WAREHOUSE,
        kind=line.kind,
        unit=line.unit,
        cost=price(unit_cost_of(line.cost)),
        tax=_tax(line.tax),
    )


def _tax(tax: events.Tax | None) -> Tax | None:
    return Tax(rate=tax.rate, amount=money(tax.amount), on_top=tax.on_top) if tax else None


def _payment(payment: Payment | Refund) -> SalePayment:
    return SalePayment(method=payment.method, amount=money(payment.amount))


def _return(row: _Return, zone: str) -> SaleReturn:
    return SaleReturn(
        return_id=row.return_id,
        till_id=row.till_id,
        at=moment(row.at, zone),
        amount=money(row.amount),
        lines=[
            ReturnedLine(
                good_id=line.good_id,
                quantity=quantity(line.quantity),
                amount=money(line.amount),
                warehouse_id=line.warehouse_id or MAIN_WAREHOUSE,
                kind=line.kind,
                name=line.name,
                cost=price(unit_cost_of(line.cost)),
                tax=_tax(line.tax),
            )
            for line in msgspec.convert(row.lines, list[ReturnLine])
        ],
        refunds=[_payment(refund) for refund in msgspec.convert(row.refunds, list[Refund])],
        number=row.number,
        correction=row.correction,
        cashier=row.cashier,
        cashier_id=row.cashier_id,
        shift_id=row.shift_id,
        fiscal=row.fiscal,
    )


SALES = Resource("list_sales", "/{outlet_id}/sales", "Sales, newest first", listed, {**RANGE, **PAGE})
SALE = Resource(
    "get_sale",
    "/{outlet_id}/sales/{sale_id:anything}",
    "The card of a sale: the latest of that id unless `till` is given",
    card,
    TILL,
)
