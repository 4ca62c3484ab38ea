"""The list of an account's outlets."""

from __future__ import annotations

from webapp.account_outlets import Outlet, outlets
from webapp.context import Context
from webapp.menu import Entry
from webapp.page import OWNER, Page, Visit
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_


class Outlets(Context, frozen=True):
    """`notice` says what was done."""

    template = "outlets/list.html"
    title = N_("Outlets")

    account_outlets: list[Outlet]
    notice: str


async def page(visit: Visit) -> Outlets:
    request = visit.request
    account_outlets = await outlets(site_of(request).database, required(request).account)
    return Outlets(account_outlets=account_outlets, notice=request.query_params.get("notice", ""))


PAGE = Page(path="/outlets", action="outlets", menu=Entry("settings", N_("Outlets")), gate=OWNER, load=page)
