"""Outlets with their totals, daily revenue, payment methods."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from schemas.statements import load
from webapp.account_outlets import Outlet as AccountOutlet
from webapp.costs import cost_of, known_of
from webapp.database import Connection
from webapp.readapi.access import Call
from webapp.readapi.answers import moment, money
from webapp.readapi.parameters import RANGE
from webapp.readapi.resource import Resource
from webapp.readapi.rows import rows
from webapp.readapi.shapes import Cashier, Day, HourOfDay, MethodOfDay, Outlet, TaxOfDay

_sql = load("webapp.readapi", "figures.sql")


class _Totals(Struct, frozen=True):
    outlet_id: UUID
    goods: int
    sales: int
    data_through: datetime | None


class _Day(Struct, frozen=True):
    day: date
    sales: int
    revenue: Decimal
    goods_sum: Decimal
    discount_sum: Decimal
    returns_sum: Decimal
    unreconciled: int
    returns: int
    tax_sum: Decimal
    advances_sum: Decimal
    tips_sum: Decimal
    debts_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    voided: int


class _Hour(Struct, frozen=True):
    day: date
    hour: int
    sales: int
    revenue: Decimal


class _Tax(Struct, frozen=True):
    day: date
    rate: str
    base_sum: Decimal
    tax_sum: Decimal


class _Cashier(Struct, frozen=True):
    cashier_id: str | None
    cashier: str | None
    sales: int
    revenue: Decimal
    discount_sum: Decimal
    returns: int
    returns_sum: Decimal
    voided: int


class _Method(Struct, frozen=True):
    day: date
    method: str
    amount: Decimal
    count: int


async def outlets(connection: Connection, account_outlets: list[AccountOutlet]) -> list[Outlet]:
    """By id, without those for trying: they are in no total. Where viewing has expired, the figures are null and
    `licensed` says why."""
    account_outlets = [outlet for outlet in account_outlets if not outlet.test]
    ids = [outlet.outlet_id for outlet in account_outlets]
    totals = {row.outlet_id: row for row in await rows(connection, _sql["totals"], {"outlets": ids}, _Totals)}
    return [
        _outlet(outlet, totals.get(outlet.outlet_id) or _Totals(outlet.outlet_id, 0, 0, None))
        for outlet in sorted(account_outlets, key=lambda outlet: outlet.outlet_id)
    ]


def _outlet(outlet: AccountOutlet, totals: _Totals) -> Outlet:
    return Outlet(
        outlet_id=outlet.outlet_id,
        name=outlet.name,
        goods=totals.goods if outlet.licensed else None,
        sales=totals.sales if outlet.licensed else None,
        data_through=moment(totals.data_through, outlet.zone) if totals.data_through else None,
        zone=outlet.zone,
        currency=outlet.currency,
        licensed=outlet.licensed,
        licensed_until=moment(outlet.licensed_until, outlet.zone),
    )


async def daily(call: Call) -> list[Day]:
    """By day."""
    parameters = {"outlet": call.outlet.outlet_id, **call.parameters.days()}
    return [
        Day(
            day=row.day,
            sales=row.sales,
            revenue=money(row.revenue),
            goods_sum=money(row.goods_sum),
            discount_sum=money(row.discount_sum),
            returns_sum=money(row.returns_sum),
            reconciles=row.unreconciled == 0,
            returns=row.returns,
            voided=row.voided,
            tax_sum=money(row.tax_sum),
            advances_sum=money(row.advances_sum),
            tips_sum=money(row.tips_sum),
            debts_sum=money(row.debts_sum),
            cost_sum=money(cost_of(row.cost_sum, row.cost_known_sum)),
            cost_known_sum=money(known_of(row.cost_known_sum)),
        )
        for row in await rows(call.connection, _sql["daily"], parameters, _Day)
    ]


async def hours(call: Call) -> list[HourOfDay]:
    """By day and hour."""
    parameters = {"outlet": call.outlet.outlet_id, **call.parameters.days()}
    return [
        HourOfDay(day=row.day, hour=row.hour, sales=row.sales, revenue=money(row.revenue))
        for row in await rows(call.connection, _sql["hours"], parameters, _Hour)
    ]


async def payments(call: Call) -> list[MethodOfDay]:
    """By day and method."""
    parameters = {"outlet": call.outlet.outlet_id, **call.parameters.days()}
    return [
        MethodOfDay(day=row.day, method=row.method, amount=money(row.amount), count=row.count)
        for row in await rows(call.connection, _sql["payments"], parameters, _Method)
    ]


async def taxes(call: Call) -> list[TaxOfDay]:
    """By day and rate."""
    parameters = {"outlet": call.outlet.outlet_id, **call.parameters.days()}
    return [
        TaxOfDay(day=row.day, rate=row.rate, base_sum=money(row.base_sum), tax_sum=money(row.tax_sum))
        for row in await rows(call.connection, _sql["taxes"], parameters, _Tax)
    ]


async def cashiers(call: Call) -> list[Cashier]:
    """The greatest revenue first."""
    parameters = {"outlet": call.outlet.outlet_id, **call.parameters.days()}
    return [
        Cashier(
            cashier_id=row.cashier_id,
            cashier=row.cashier,
            sales=row.sales,
            revenue=money(row.revenue),
            discount_sum=money(row.discount_sum),
            returns=row.returns,
            returns_sum=money(row.returns_sum),
            voided=row.voided,
        )
        for row in await rows(call.connection, _sql["cashiers"], parameters, _Cashier)
    ]


OUTLETS = Resource("list_outlets", "", "The account's outlets with their totals", outlets)
DAILY = Resource("list_days", "/{outlet_id}/daily", "Daily revenue, empty days left out", daily, RANGE)
HOURS = Resource("list_hours", "/{outlet_id}/hours", "Revenue by day and hour, empty hours left out", hours, RANGE)
TAXES = Resource(
    "list_taxes", "/{outlet_id}/taxes", "Taxes by day and rate, returns subtracted", taxes, RANGE, needs=("taxes",)
)
CASHIERS = Resource(
    "list_cashiers",
    "/{outlet_id}/cashiers",
    "What each cashier sold and took back, the greatest revenue first",
    cashiers,
    RANGE,
    needs=("cashiers",),
)
PAYMENTS = Resource("list_payments", "/{outlet_id}/payments", "Payment methods by day", payments, RANGE)
