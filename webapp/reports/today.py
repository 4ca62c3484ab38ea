"""The dashboard of who may see the figures of today alone: a seller, and his outlets."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import Response

from webapp.account_outlets import Outlet
from webapp.context import Context
from webapp.reports.breakdown import Method, methods
from webapp.reports.gate import closed
from webapp.reports.periods import Period, windows
from webapp.reports.sums import Sums, sums
from webapp.reports.view import View
from webapp.translation import N_


class OutletToday(Struct, frozen=True):
    """An outlet's figures of its present day."""

    outlet: Outlet
    sums: Sums
    methods: list[Method]

    @property
    def paid(self) -> Decimal:
        return sum((method.amount for method in self.methods), Decimal(0))


class TodayAlone(Context, frozen=True):
    template = "reports/today.html"
    title = N_("Today")

    lines: list[OutletToday]


async def today_alone(view: View) -> TodayAlone | Response:
    """Raises `HTTPException` 403 for a kept report, which shows another day."""
    if view.kept is not None:
        raise HTTPException(403)
    if instead := closed(view):
        return instead
    shown = [outlet for outlet in view.outlets if outlet.licensed]
    async with view.reading() as connection:
        days = windows(Period("today"), shown, view.now)
        by_outlet = (await sums(connection, {"today": days}))["today"]
        lines = [
            OutletToday(outlet, by_outlet.get(outlet.outlet_id, Sums()), await methods(connection, [day]))
            for outlet, day in zip(shown, days, strict=True)
        ]
    return TodayAlone(lines=lines)
