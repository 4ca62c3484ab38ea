"""What changed later: which uploads altered a day after a report was kept, by which receipts and by how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from webapp.rendering import render
from webapp.reports.gate import closed
from webapp.reports.kept import later_uploads
from webapp.reports.periods import FIRST_DAY, LAST_DAY, Window
from webapp.reports.sums import Sums, sums
from webapp.reports.view import open_view


async def later(request: Request) -> Response:
    """One outlet's `day` of the kept report `as-of`, then and now. The sum of the receipts is shown beside the
    difference of the two reports."""
    view = await open_view(request)
    if instead := closed(view):
        return instead
    if view.kept is None:
        raise HTTPException(404)
    outlet, day = view.seen[0], _day(request.query_params.get("day", ""))
    asked = {"": [Window(outlet.outlet_id, day, day)]}
    async with view.reading() as connection:
        then = (await sums(connection, asked))[""].get(outlet.outlet_id, Sums())
    # The functions behind compare with the live generation by themselves; both are read in one snapshot here.
    async with view.database.reading(view.session.account_id) as connection:
        now = (await sums(connection, asked))[""].get(outlet.outlet_id, Sums())
        uploads = await later_uploads(connection, view.kept, outlet.outlet_id, day)
    return render(
        request,
        "reports/later.html",
        {
            **view.context(),
            "outlet": outlet,
            "day_shown": day,
            "unfinished": day >= outlet.local(view.kept.until).date(),
            "then": then,
            "present": now,
            "uploads": uploads,
            "by": sum((upload.by for upload in uploads), Decimal(0)),
            "chooser": False,
        },
    )


def _day(text: str) -> date:
    try:
        return min(max(date.fromisoformat(text), FIRST_DAY), LAST_DAY)
    except ValueError as exc:
        raise HTTPException(404) from exc


routes: list[BaseRoute] = [Route("/report/later", later)]
