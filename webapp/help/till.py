"""How a till's program is set up, step by step, for anybody."""

from __future__ import annotations

from webapp.context import Context
from webapp.page import ANYBODY, Page, Visit
from webapp.site import site_of
from webapp.translation import N_


class TillHelp(Context, frozen=True):
    template = "help/till.html"
    title = N_("Set up the till's program")

    public_url: str


async def page(visit: Visit) -> TillHelp:
    return TillHelp(public_url=site_of(visit.request).public_url)


PAGE = Page(path="/help/till", action="anybody", gate=ANYBODY, load=page)
