"""What changed later: which uploads altered a day after a report was kept, by which receipts and by how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from starlette.exceptions import HTTPException

from webapp.account_outlets import Outlet
from webapp.context import Context
from webapp.page import Page
from webapp.reports.gate import KEPT_REPORT
from webapp.reports.kept import LaterUpload, later_uploads
from webapp.reports.periods import FIRST_DAY, LAST_DAY, Window
from webapp.reports.sums import Sums, sums
from webapp.reports.view import View


class Later(Context, frozen=True):
    """`then` and `present` are the day's sums in the kept report and now, `by` the sum of what the uploads changed.
    `unfinished`: the day was not over when the report was kept."""

    template = "reports/later.html"

    outlet: Outlet
    day_shown: date
    unfinished: bool
    then: Sums
    present: Sums
    uploads: list[LaterUpload]
    by: Decimal


async def later(view: View) -> Later:
    """One outlet's `day` of the kept report `as-of`, then and now. The sum of the receipts is shown beside the
    difference of the two reports."""
    assert view.kept is not None  # the gate lets nothing else through
    outlet, day = view.seen[0], _day(view.request.query_params.get("day", ""))
    window = {"": [Window(outlet.outlet_id, day, day)]}
    async with view.reading() as connection:
        then = (await sums(connection, window))[""].get(outlet.outlet_id, Sums())
    # The functions behind compare with the live generation by themselves; both are read in one snapshot here.
    async with view.database.reading(view.session.account) as connection:
        present = (await sums(connection, window))[""].get(outlet.outlet_id, Sums())
        uploads = await later_uploads(connection, view.kept, outlet.outlet_id, day)
    return Later(
        outlet=outlet,
        day_shown=day,
        unfinished=day >= outlet.day(view.kept.until),
        then=then,
        present=present,
        uploads=uploads,
        by=sum((upload.by for upload in uploads), Decimal(0)),
    )


def _day(text: str) -> date:
    try:
        return min(max(date.fromisoformat(text), FIRST_DAY), LAST_DAY)
    except ValueError as exc:
        raise HTTPException(404) from exc


PAGE = Page(path="/report/later", action="figures", gate=KEPT_REPORT, load=later)
