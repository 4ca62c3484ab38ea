"""The list of an account's outlets; of many of them by search, by group and by page, to be put into groups together."""

from __future__ import annotations

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.account_outlets import Outlet, outlets
from webapp.actions import allowed
from webapp.context import Context
from webapp.links import href
from webapp.menu import Entry
from webapp.outlet_groups import FEW, MOST_GROUPS, Group, Piece, entered, groups, matching, of_group, paged
from webapp.outlets import outlet_lock
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_

_SIZE = 40


class Outlets(Context, frozen=True):
    """`account_outlets` is a page of those that the `query` and the opened group (`opened`, "-" for those without one,
    "" for all) name; `total` is how many the account has. `found_groups` are all groups, folded. `notice` says what
    was done."""

    template = "outlets/list.html"
    title = N_("Outlets")

    account_outlets: list[Outlet]
    total: int
    many: bool
    query: str
    opened: str
    piece: Piece
    found_groups: list[Group]
    notice: str


async def page(visit: Visit) -> Outlets:
    parameters = visit.request.query_params
    query, opened = parameters.get("query", "")[:100].strip(), parameters.get("in", "")
    account_outlets = await outlets(site_of(visit.request).database, required(visit.request).account)
    many = len(account_outlets) > FEW
    inside = of_group(account_outlets, "" if opened == "-" else opened) if opened else account_outlets
    shown, piece = paged(matching(inside, query), parameters.get("page", ""), _SIZE if many else len(inside) or 1)
    return Outlets(
        account_outlets=shown,
        total=len(account_outlets),
        many=many,
        query=query,
        opened=opened,
        piece=piece,
        found_groups=groups(account_outlets) if many else [],
        notice=parameters.get("notice", ""),
    )


async def change_groups(request: Request) -> Response:
    """Puts the ticked outlets into a group, or takes them out of it; back to the list as it stood."""
    session, fields = required(request), await forms.read(request)
    names = entered(fields.text("group"))
    try:
        ticked = [UUID(value) for value in fields.all("outlet")]
    except ValueError as exc:
        raise HTTPException(404) from exc
    if not all(allowed(session.member, "outlets", outlet_id) for outlet_id in ticked):
        raise HTTPException(404)
    where = {"query": fields.text("query"), "in": fields.text("in"), "page": fields.text("page")}
    if names is None or len(names) != 1 or not ticked:
        return redirect(href("/outlets", where, notice="no_group"))
    statement = "leave_group" if fields.text("do") == "leave" else "join_group"
    key = {"account_id": session.account_id, "outlets": ticked, "group": names[0], "most": MOST_GROUPS}
    async with site_of(request).database.writing() as connection:
        await connection.execute(outlet_lock.sql[statement], key)
    return redirect(href("/outlets", where, notice="grouped"))


PAGE = Page(path="/outlets", action="outlets", menu=Entry("settings", N_("Outlets")), gate=OWNER, load=page)
