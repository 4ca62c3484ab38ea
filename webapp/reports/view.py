"""What every page of figures starts from: who looks, at which outlets, in one snapshot of the read models."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request

from webapp import session
from webapp.database import Connection, Database
from webapp.links import href
from webapp.owned import Outlet, outlets
from webapp.reports.filters import Filters
from webapp.reports.kept import Kept, kept_reports
from webapp.session import Session
from webapp.state import portal_of


class View(Struct, frozen=True):
    """`owned` are the account's outlets, `asked` those the page is about; of these, `seen` may be summed here.

    An outlet is left out of `seen` where its licence is over (`expired`) or where it counts in another currency than
    the first of them (`foreign`): sums of different currencies mean nothing. With `kept` all figures are those of a
    kept report, and `now` is the moment that it shows.
    """

    request: Request
    session: Session
    database: Database
    now: datetime
    owned: list[Outlet]
    asked: list[Outlet]
    kept: Kept | None

    @property
    def expired(self) -> list[Outlet]:
        return [outlet for outlet in self.asked if not outlet.licensed]

    @property
    def seen(self) -> list[Outlet]:
        licensed = [outlet for outlet in self.asked if outlet.licensed]
        return [outlet for outlet in licensed if outlet.currency == licensed[0].currency]

    @property
    def foreign(self) -> list[Outlet]:
        return [outlet for outlet in self.asked if outlet.licensed and outlet not in self.seen]

    @property
    def filters(self) -> Filters:
        return Filters(self.request.query_params)

    @property
    def seen_ids(self) -> list[UUID]:
        return [outlet.outlet_id for outlet in self.seen]

    def outlet(self, outlet_id: UUID) -> Outlet:
        return next(outlet for outlet in self.owned if outlet.outlet_id == outlet_id)

    @property
    def outlet_parameters(self) -> dict[str, list[str]]:
        """The outlets as parameters of a link; none where it is all of them."""
        if len(self.asked) == len(self.owned):
            return {"outlet": ["all"]} if len(self.owned) > 1 else {}
        return {"outlet": [str(outlet.outlet_id) for outlet in self.asked]}

    def context(self) -> dict[str, Any]:
        """What the layout and the shared parts of templates need."""
        seen = self.seen
        return {
            "outlets": self.owned,
            "chosen": {outlet.outlet_id for outlet in self.asked},
            "seen": seen,
            "expired": self.expired,
            "foreign": self.foreign,
            "several": len(seen) > 1,
            "currency": seen[0].currency if seen else "RUB",
            "at": self.outlet_parameters,
            "now": self.now,
            "live": bool(seen) and self.kept is None,
            "as_of": self.kept,
            "kept_zone": (seen or self.owned)[0].zone if self.owned else "UTC",
            "at_present": href(self.request.url.path, self.asked_for),
        }

    @property
    def asked_for(self) -> dict[str, list[str]]:
        """The parameters of the page, but for those of the kept report and of the place in a list."""
        query = self.request.query_params
        return {name: query.getlist(name) for name in query if name not in ("as-of", "after")}

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        generation = self.kept.number if self.kept else None
        async with self.database.reading(self.session.account_id, generation) as connection:
            yield connection


async def open_view(request: Request, *, everything: bool = False) -> View:
    """The view that the request asks for: `outlet` parameters (`all`, or ids), else the outlet chosen last.

    `everything` is for pages about the whole account; `as-of` names a kept report to read from. A foreign or unknown
    outlet or report is 404; a visitor is sent to sign in.
    """
    signed_in = session.required(request)
    portal = portal_of(request)
    owned = await outlets(portal.database, signed_in.account_id)
    wanted = request.query_params.getlist("outlet")
    asked: Sequence[Outlet] = owned
    kept = await _kept(request, signed_in)
    if wanted and wanted != ["all"] and not everything:
        by_id = {str(outlet.outlet_id): outlet for outlet in owned}
        ids = set(wanted)
        if not ids <= by_id.keys():
            raise HTTPException(404)
        asked = [outlet for outlet in owned if str(outlet.outlet_id) in ids]
    elif not wanted and not everything and signed_in.outlet_id is not None:
        asked = [outlet for outlet in owned if outlet.outlet_id == signed_in.outlet_id] or owned
    now = kept.until if kept else portal.clock()
    return View(request, signed_in, portal.database, now, owned, list(asked), kept)


async def _kept(request: Request, signed_in: Session) -> Kept | None:
    name = request.query_params.get("as-of")
    if not name:
        return None
    for kept in await kept_reports(portal_of(request).database, signed_in.account_id):
        if kept.name == name:
            return kept
    raise HTTPException(404)
