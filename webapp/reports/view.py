"""What every page of figures starts from: who looks, at which outlets, in one snapshot of the read models."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from webapp import session
from webapp.database import Connection, Database
from webapp.layout import KeptReport, Layout
from webapp.links import href
from webapp.owned import Outlet, outlets
from webapp.page import Visit
from webapp.places import unpack
from webapp.reports.filters import Filters
from webapp.reports.kept import kept_reports
from webapp.session import Session
from webapp.site import site_of
from webapp.translation import locale_of, translations

C = TypeVar("C")


class View(Visit, frozen=True):
    """`outlets` are the account's, `requested` those the page is about; of these, `seen` may be summed here.

    An outlet is left out of `seen` where its licence is over (`expired`) or where it counts in another currency than
    the first of them (`foreign`): sums of different currencies mean nothing. With `kept` all figures are those of a
    kept report, and `now` is the moment that it shows. `everything`: the page is about the whole account.
    """

    session: Session
    database: Database
    now: datetime
    outlets: list[Outlet]
    requested: list[Outlet]
    kept: KeptReport | None
    everything: bool = False

    @property
    def expired(self) -> list[Outlet]:
        return [outlet for outlet in self.requested if not outlet.licensed]

    @property
    def seen(self) -> list[Outlet]:
        licensed = [outlet for outlet in self.requested if outlet.licensed]
        return [outlet for outlet in licensed if outlet.currency == licensed[0].currency]

    @property
    def foreign(self) -> list[Outlet]:
        return [outlet for outlet in self.requested if outlet.licensed and outlet not in self.seen]

    @property
    def filters(self) -> Filters:
        return Filters(self.request.query_params)

    @property
    def seen_ids(self) -> list[UUID]:
        return [outlet.outlet_id for outlet in self.seen]

    @property
    def names(self) -> dict[UUID, str]:
        """The names of the account's outlets."""
        return {outlet.outlet_id: outlet.name for outlet in self.outlets}

    @property
    def gettext(self) -> Callable[[str], str]:
        """Texts in the reader's language."""
        return translations(locale_of(self.request)).gettext

    @property
    def outlet_parameters(self) -> dict[str, list[str]]:
        """The outlets as parameters of a link; none where it is all of them."""
        if len(self.requested) == len(self.outlets):
            return {"outlet": ["all"]} if len(self.outlets) > 1 else {}
        return {"outlet": [str(outlet.outlet_id) for outlet in self.requested]}

    @property
    def layout(self) -> Layout:
        seen = self.seen
        return Layout(
            live=(self.everything or bool(seen)) and self.kept is None,
            chooser=True,
            outlets=self.outlets,
            chosen={outlet.outlet_id for outlet in self.requested},
            seen=seen,
            expired=self.expired,
            foreign=self.foreign,
            several=len(seen) > 1,
            currency=seen[0].currency if seen else "RUB",
            at=self.outlet_parameters,
            now=self.now,
            as_of=self.kept,
            kept_zone=(seen or self.outlets)[0].zone if self.outlets else "UTC",
            at_present=href(self.request.url.path, self.parameters),
        )

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the page, but for those of the kept report and of the position in a list."""
        query = self.request.query_params
        return {name: query.getlist(name) for name in query if name not in ("as-of", "after")}

    @property
    def filter_fields(self) -> dict[str, str]:
        """What a list's filter fields hold, to be kept in its links."""
        query = self.request.query_params
        return {name: self.filters.raw(name) for name in query if name not in ("after", "outlet")}

    def cursor(self, kind: type[C]) -> C | None:
        """Where the page of a list begins: behind the row that `after` names; None for the first page."""
        if "after" not in self.request.query_params:
            return None
        try:
            return unpack(self.request.query_params["after"], kind)
        except ValueError as exc:
            raise HTTPException(404) from exc

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
    site = site_of(request)
    account_outlets = await outlets(site.database, signed_in.account_id)
    wanted = request.query_params.getlist("outlet")
    requested: Sequence[Outlet] = account_outlets
    kept = await _kept(request, signed_in)
    if wanted and wanted != ["all"] and not everything:
        by_id = {str(outlet.outlet_id): outlet for outlet in account_outlets}
        ids = set(wanted)
        if not ids <= by_id.keys():
            raise HTTPException(404)
        requested = [outlet for outlet in account_outlets if str(outlet.outlet_id) in ids]
    elif not wanted and not everything and signed_in.outlet_id is not None:
        requested = [outlet for outlet in account_outlets if outlet.outlet_id == signed_in.outlet_id] or account_outlets
    now = kept.until if kept else site.clock()
    return View(request, signed_in, site.database, now, account_outlets, list(requested), kept, everything)


async def _kept(request: Request, signed_in: Session) -> KeptReport | None:
    name = request.query_params.get("as-of")
    if not name:
        return None
    for kept in await kept_reports(site_of(request).database, signed_in.account_id):
        if kept.name == name:
            return kept
    raise HTTPException(404)
