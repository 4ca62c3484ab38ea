"""«Выбор точки»: where an account has too many outlets for a drop-down list, one is found here by name or group."""

from __future__ import annotations

from uuid import UUID

from webapp.account_outlets import Outlet, outlets
from webapp.context import Context
from webapp.outlet_groups import Group, Piece, groups, matching, of_group, paged
from webapp.page import OWNER, Page, Visit
from webapp.redirects import local
from webapp.search import folded
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_

_SIZE = 40
_LONGEST_QUERY = 100


class Choose(Context, frozen=True):
    """`found` is a page of the outlets that the `query` or the opened group names, `found_groups` the groups that the
    query names. `chosen_outlet` and `chosen_group` are what the session holds; `back` is where a choice leads."""

    template = "reports/choose.html"
    title = N_("Choose an outlet")

    back: str
    query: str
    opened: str
    total: int
    found: list[Outlet]
    piece: Piece
    found_groups: list[Group]
    chosen_outlet: UUID | None
    chosen_group: str | None


async def choose(visit: Visit) -> Choose:
    request = visit.request
    session, parameters = required(request), request.query_params
    query, opened = parameters.get("query", "")[:_LONGEST_QUERY].strip(), parameters.get("in", "")
    account_outlets = await outlets(site_of(request).database, session.account)
    named = [group for group in groups(account_outlets) if group.name]
    found = matching(of_group(account_outlets, opened) if opened else account_outlets, query)
    shown, piece = paged(found, parameters.get("page", ""), _SIZE)
    words = folded(query).split()
    return Choose(
        back=local(parameters.get("next", "/")[:2000]),
        query=query,
        opened=opened,
        total=len(account_outlets),
        found=shown,
        piece=piece,
        found_groups=[] if opened else [one for one in named if all(word in folded(one.name) for word in words)],
        chosen_outlet=session.outlet_id,
        chosen_group=session.group,
    )


PAGE = Page(path="/choose", action="today", gate=OWNER, load=choose)
