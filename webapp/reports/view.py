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
from webapp.owned import Outlet, outlets
from webapp.reports.filters import Filters
from webapp.session import Session
from webapp.state import portal_of


class View(Struct, frozen=True):
    """`owned` are the account's outlets, `asked` those the page is about; of these, `seen` may be summed here.

    An outlet is left out of `seen` where its licence is over (`expired`) or where it counts in another currency than
    the first of them (`foreign`): sums of different currencies mean nothing.
    """

    request: Request
    session: Session
    database: Database
    now: datetime
    owned: list[Outlet]
    asked: list[Outlet]
    narrowed: bool

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
            "live": bool(seen),
        }

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        async with self.database.reading(self.session.account_id) as connection:
            yield connection


async def open_view(request: Request, *, everything: bool = False) -> View:
    """The view that the request asks for: `outlet` parameters (`all`, or ids), else the outlet chosen last.

    `everything` is for pages about the whole account. A foreign or unknown outlet is 404; a visitor is sent to sign in.
    """
    signed_in = session.required(request)
    portal = portal_of(request)
    owned = await outlets(portal.database, signed_in.account_id)
    wanted = request.query_params.getlist("outlet")
    asked: Sequence[Outlet] = owned
    narrowed = False
    if wanted and wanted != ["all"] and not everything:
        by_id = {str(outlet.outlet_id): outlet for outlet in owned}
        ids = set(wanted)
        if not ids <= by_id.keys():
            raise HTTPException(404)
        asked, narrowed = [outlet for outlet in owned if str(outlet.outlet_id) in ids], True
    elif not wanted and not everything and signed_in.outlet_id is not None:
        asked = [outlet for outlet in owned if outlet.outlet_id == signed_in.outlet_id] or owned
    return View(request, signed_in, portal.database, portal.clock(), owned, list(asked), narrowed)
