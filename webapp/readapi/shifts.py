"""Shifts: what each took, what should lie in its drawer, and whether its Z-report says the same."""

from __future__ import annotations

from schemas.statements import load
from webapp.readapi.access import Call
from webapp.readapi.answers import moment, money
from webapp.readapi.parameters import RANGE
from webapp.readapi.resource import Resource
from webapp.readapi.rows import rows
from webapp.readapi.shapes import Shift
from webapp.shifts import ShiftRow, difference, lines, matches

_sql = load("webapp.readapi", "shifts.sql")


async def shifts(call: Call) -> list[Shift]:
    """By day and the moment of opening."""
    parameters = {"outlet": call.outlet.outlet_id, **call.parameters.days()}
    zone = call.outlet.zone
    return [
        Shift(
            shift_id=row.shift_id,
            number=row.number,
            till_id=row.till_id,
            opened_at=moment(row.opened_at, zone) if row.opened_at else None,
            closed_at=moment(row.closed_at, zone) if row.closed_at else None,
            cashier=row.cashier,
            sales=row.sales,
            revenue=money(row.revenue),
            returns_sum=money(row.returns_sum),
            cash_expected=money(row.cash_expected),
            cash_counted=money(row.cash_counted),
            difference=money(difference(row.cash_counted, row.cash_expected)),
            matches_totals=matches(lines(row)),
        )
        for row in await rows(call.connection, _sql["shifts"], parameters, ShiftRow)
    ]


SHIFTS = Resource(
    "list_shifts",
    "/{outlet_id}/shifts",
    "Shifts with their drawers and Z-reports, by day",
    shifts,
    RANGE,
    needs=("shift_sums", "shift_payments", "shift_openings", "shift_closings"),
)
