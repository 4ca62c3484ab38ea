"""Outlets with their totals, daily revenue, payment methods."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from schemas.statements import load
from webapp import owned
from webapp.database import Connection
from webapp.readapi.access import Call
from webapp.readapi.answers import moment, money
from webapp.readapi.parameters import RANGE
from webapp.readapi.resource import Resource
from webapp.readapi.rows import rows
from webapp.readapi.shapes import Day, MethodOfDay, Outlet

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


class _Method(Struct, frozen=True):
    day: date
    method: str
    amount: Decimal
    count: int


async def outlets(connection: Connection, account_outlets: list[owned.Outlet]) -> list[Outlet]:
    """By id. Where viewing has expired, the figures are null and `licensed` says why."""
    ids = [outlet.outlet_id for outlet in account_outlets]
    totals = {row.outlet_id: row for row in await rows(connection, _sql["totals"], {"outlets": ids}, _Totals)}
    return [
        _outlet(outlet, totals.get(outlet.outlet_id) or _Totals(outlet.outlet_id, 0, 0, None))
        for outlet in sorted(account_outlets, key=lambda outlet: outlet.outlet_id)
    ]


def _outlet(outlet: owned.Outlet, totals: _Totals) -> Outlet:
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
        )
        for row in await rows(call.connection, _sql["daily"], parameters, _Day)
    ]


async def payments(call: Call) -> list[MethodOfDay]:
    """By day and method."""
    parameters = {"outlet": call.outlet.outlet_id, **call.parameters.days()}
    return [
        MethodOfDay(day=row.day, method=row.method, amount=money(row.amount), count=row.count)
        for row in await rows(call.connection, _sql["payments"], parameters, _Method)
    ]


OUTLETS = Resource("list_outlets", "", "The account's outlets with their totals", outlets)
DAILY = Resource("list_days", "/{outlet_id}/daily", "Daily revenue, empty days left out", daily, RANGE)
PAYMENTS = Resource("list_payments", "/{outlet_id}/payments", "Payment methods by day", payments, RANGE)
