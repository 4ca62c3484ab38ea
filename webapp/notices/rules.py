"""What is told of an outlet: which alarms are on, and from when on."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.context import Context
from webapp.database import Connection
from webapp.notices.kinds import RULES, Kind, Rule, Tuned, tuned
from webapp.notices.notices import sql
from webapp.outlets import outlet_lock
from webapp.outlets.outlet_lock import LockedOutlet
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.site import site_of


class OutletRules(Context, frozen=True):
    """`own` are the outlet's rules, by kind."""

    template = "notices/rules.html"

    notice: str
    outlet: LockedOutlet
    rules: Mapping[Kind, Rule]
    own: dict[Kind, Tuned]


async def page(visit: Visit) -> OutletRules:
    request = visit.request
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        own = await _own(connection, outlet)
    return OutletRules(notice=request.query_params.get("notice", ""), outlet=outlet, rules=RULES, own=own)


async def change(request: Request) -> Response:
    """Takes all rules as the form shows them; a number out of its bounds is brought within them, what is none stays."""
    fields = await forms.read(request)
    on = set(fields.all("active"))
    async with site_of(request).database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        for kind, before in (await _own(connection, outlet)).items():
            after = Tuned(kind in on, _threshold(fields.text(kind, 10), RULES[kind], before))
            if after != before:
                changed = {"outlet": outlet.outlet_id, "kind": kind, **msgspec.structs.asdict(after)}
                await connection.execute(sql["change_rule"], changed)
    return redirect(f"/outlets/{outlet.outlet_id}/notices?notice=saved")


def _threshold(text: str, rule: Rule, before: Tuned) -> int:
    if not rule.unit or not (text.isascii() and text.isdigit()):
        return before.threshold
    return max(rule.least, min(rule.most, int(text)))


async def _own(connection: Connection, outlet: LockedOutlet) -> dict[Kind, Tuned]:
    rows = await connection.execute(sql["rules"], {"outlet": outlet.outlet_id})
    return tuned({kind: Tuned(active, threshold) async for kind, active, threshold in rows})


PAGE = Page(path="/outlets/{outlet_id:uuid}/notices", action="outlets", gate=OWNER, load=page)
