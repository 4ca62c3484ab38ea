"""Sales, newest first, and the card of one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.amounts import line_sum
from schemas.events import MAIN_WAREHOUSE, Line, Payment, Refund, ReturnLine
from schemas.statements import load
from webapp.places import pack
from webapp.readapi.access import Call
from webapp.readapi.answers import moment, money, not_found, quantity
from webapp.readapi.parameters import PAGE, RANGE, TILL
from webapp.readapi.resource import Resource
from webapp.readapi.rows import first_row, rows
from webapp.readapi.shapes import ListedSale, ReturnedLine, SaleCard, SaleLine, SalePayment, SaleReturn, Sales

_sql = load("webapp.readapi", "sales.sql")


class _ListedSale(Struct, frozen=True):
    sale_id: str
    till_id: UUID
    number: str
    at: datetime
    positions: int
    goods_sum: Decimal
    discount_sum: Decimal
    total: Decimal


class _Sale(Struct, frozen=True):
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
    cashier: str | None
    lines: list[object]
    payments: list[object]


class _Return(Struct, frozen=True):
    """`lines` and `refunds` are documents as the till sent them."""

    return_id: str
    till_id: UUID
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
    )


def _line(line: Line) -> SaleLine:
    return SaleLine(
        good_id=line.good_id,
        name=line.name,
        quantity=quantity(line.quantity),
        price=money(line.price),
        discount=money(line.discount),
        sum=money(line_sum(line.quantity, line.price) - line.discount),
        warehouse_id=line.warehouse_id or MAIN_WAREHOUSE,
    )


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
            )
            for line in msgspec.convert(row.lines, list[ReturnLine])
        ],
        refunds=[_payment(refund) for refund in msgspec.convert(row.refunds, list[Refund])],
    )


SALES = Resource("list_sales", "/{outlet_id}/sales", "Sales, newest first", listed, {**RANGE, **PAGE})
SALE = Resource(
    "get_sale",
    "/{outlet_id}/sales/{sale_id:anything}",
    "The card of a sale: the latest of that id unless `till` is given",
    card,
    TILL,
)
