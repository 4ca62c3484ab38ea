"""What every page of figures starts from: who looks, at which outlets, in one snapshot of the read models."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

from schemas.statements import load
from webapp import session
from webapp.account import Account
from webapp.account_outlets import Outlet, counting, outlets
from webapp.completeness.logends import Snapshot, caught_up
from webapp.cursors import unpack
from webapp.database import Connection, Database
from webapp.journal import note_alone
from webapp.layout import KeptReport, Layout
from webapp.links import href
from webapp.outlet_groups import of_group
from webapp.page import Visit
from webapp.reports.filters import Filters
from webapp.reports.kept import kept_reports
from webapp.session import Session
from webapp.site import site_of
from webapp.standstill import Standstill
from webapp.translation import locale_of, translations
from webapp.zonenames import zone_name

C = TypeVar("C")
_sql = load("webapp.reports", "view.sql")


class View(Visit, frozen=True, dict=True):
    """`outlets` are the account's that count, `requested` those the page is about; of these, `seen` may be summed here.

    An outlet is left out of `seen` where its licence is over (`expired`) or where it counts in another currency than
    the first of them (`foreign`): sums of different currencies mean nothing. With `kept` all figures are those of a
    kept report, and `now` is the moment that it shows. `everything`: the page is about the whole account.
    An outlet for trying is looked at by itself: where another one is requested, it is not. `choices` has all outlets.
    `group`: those requested are the outlets of that group.
    """

    session: Session
    database: Database
    now: datetime
    outlets: list[Outlet]
    requested: list[Outlet]
    kept: KeptReport | None
    choices: list[Outlet]
    everything: bool = False
    group: str | None = None

    @cached_property
    def expired(self) -> list[Outlet]:
        return [outlet for outlet in self.requested if not outlet.licensed]

    @cached_property
    def seen(self) -> list[Outlet]:
        licensed = [outlet for outlet in self.requested if outlet.licensed]
        return [outlet for outlet in licensed if outlet.currency == licensed[0].currency]

    @cached_property
    def foreign(self) -> list[Outlet]:
        seen = set(self.seen_ids)
        return [outlet for outlet in self.requested if outlet.licensed and outlet.outlet_id not in seen]

    @property
    def filters(self) -> Filters:
        return Filters(self.request.query_params)

    @cached_property
    def seen_ids(self) -> list[UUID]:
        return [outlet.outlet_id for outlet in self.seen]

    @property
    def spare_columns(self) -> list[str]:
        """Columns of lists that say nothing here: the outlet's, where one alone is seen."""
        return ["outlet_id"] if len(self.seen) < 2 else []

    @property
    def account(self) -> Account:
        """Whose rows the view's lists are, and from which generation."""
        return msgspec.structs.replace(self.session.account, generation=self.kept.number if self.kept else None)

    @cached_property
    def names(self) -> dict[UUID, str]:
        """The names of the account's outlets."""
        return {outlet.outlet_id: outlet.name for outlet in self.outlets}

    @cached_property
    def clocks(self) -> dict[UUID, ZoneInfo]:
        """The clock of each of the account's outlets."""
        return {outlet.outlet_id: ZoneInfo(outlet.zone) for outlet in self.outlets}

    @cached_property
    def zones(self) -> dict[UUID, str]:
        """What the zones of those seen are called, by outlet; none where all of them have the same one."""
        if len({outlet.zone for outlet in self.seen}) < 2:
            return {}
        locale = locale_of(self.request)
        return {outlet.outlet_id: zone_name(outlet.zone, locale, self.now.date()) for outlet in self.seen}

    @property
    def gettext(self) -> Callable[[str], str]:
        """Texts in the reader's language."""
        return translations(locale_of(self.request)).gettext

    @property
    def outlet_parameters(self) -> dict[str, list[str]]:
        """The outlets as parameters of a link; none where it is all of them."""
        if self.group:
            return {"group": [self.group]}
        if len(self.requested) == len(self.outlets):
            return {"outlet": ["all"]} if len(self.choices) > 1 else {}
        return {"outlet": [str(outlet.outlet_id) for outlet in self.requested]}

    @property
    def layout(self) -> Layout:
        seen = self.seen
        return Layout(
            live=(self.everything or bool(seen)) and self.kept is None,
            chooser=True,
            outlets=self.outlets,
            all_outlets=self.choices,
            trying=any(outlet.test for outlet in self.requested),
            group=self.group,
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
            still=[outlet for outlet in self.requested if outlet.outlet_id in self.standstills],
            still_since=min((one.since for one in self.standstills.values() if one.since), default=None),
        )

    async def untouched(self) -> bool:
        """An outlet that sold once is not asked for again. A kept report is of a shop that has begun."""
        if self.kept is not None:
            return False
        sold = site_of(self.request).sold
        if not sold.isdisjoint(self.seen_ids):
            return False
        async with self.reading() as connection:
            rows = await connection.execute(_sql["sold"], {"outlets": self.seen_ids})
            found = {outlet_id async for (outlet_id,) in rows}
        sold |= found
        return not found

    async def lacking(self) -> frozenset[str]:
        return await self.database.lacking(self.kept.number if self.kept else None)

    @cached_property
    def standstills(self) -> dict[UUID, Standstill]:
        """Of the requested outlets those whose new data is not shown; none in a kept report, which always stands."""
        if self.kept is not None:
            return {}
        tell = site_of(self.request).standstill_of
        found = {outlet.outlet_id: tell(str(outlet.outlet_id)) for outlet in self.requested}
        return {outlet_id: one for outlet_id, one in found.items() if one}

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the page, but for those of the kept report and of the position in a list."""
        query = self.request.query_params
        return {name: query.getlist(name) for name in query if name not in ("as-of", "after", "show")}

    @property
    def filter_fields(self) -> dict[str, str]:
        """What a list's filter fields hold, to be kept in its links."""
        query = self.request.query_params
        return {name: query[name] for name in query if name not in ("after", "show", "outlet", "group")}

    def cursor(self, kind: type[C]) -> C | None:
        """Where the page of a list begins: behind the row that `after` names; None for the first page."""
        if "after" not in self.request.query_params:
            return None
        try:
            return unpack(self.request.query_params["after"], kind)
        except ValueError as exc:
            raise HTTPException(404) from exc

    def reading_whole(self, outlets: Iterable[Outlet]) -> AbstractAsyncContextManager[Snapshot]:
        """A reading that says of which of the outlets it may lack what was acknowledged before. What a kept report
        lacks came later than its moment."""
        ask = site_of(self.request).log_ends if self.kept is None else None
        return caught_up(ask, self.reading, [outlet.outlet_id for outlet in outlets])

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        async with self.database.reading(self.account) as connection:
            yield connection


async def open_view(request: Request, *, everything: bool = False) -> View:
    """The view that the request asks for: a `group`, or `outlet` parameters (`all`, or ids), else what was chosen last.

    `everything` is for pages about the whole account; `as-of` names a kept report to read from. A foreign or unknown
    outlet or report is 404; a visitor is sent to sign in.
    """
    signed_in = session.required(request)
    site = site_of(request)
    choices = await outlets(site.database, signed_in.account)
    account_outlets = counting(choices)
    wanted, group = request.query_params.getlist("outlet"), None
    requested: Sequence[Outlet] = account_outlets
    kept = await _kept(request, signed_in)
    if wanted and wanted != ["all"] and not everything:
        by_id = {str(outlet.outlet_id): outlet for outlet in choices}
        ids = set(wanted)
        if not ids <= by_id.keys():
            await note_alone(site.database, signed_in.account_id, "foreign_refused", request)
            raise HTTPException(404)
        requested = counting([outlet for outlet in choices if str(outlet.outlet_id) in ids])
    elif not wanted and not everything and (name := request.query_params.get("group")):
        if not (requested := counting(of_group(choices, name))):
            raise HTTPException(404)
        group = name
    elif not wanted and not everything and signed_in.group and of_group(choices, signed_in.group):
        requested, group = counting(of_group(choices, signed_in.group)), signed_in.group
    elif not wanted and not everything and signed_in.outlet_id is not None:
        requested = [outlet for outlet in choices if outlet.outlet_id == signed_in.outlet_id] or account_outlets
    counted = {outlet.outlet_id for outlet in account_outlets}
    account_outlets = [*account_outlets, *(outlet for outlet in requested if outlet.outlet_id not in counted)]
    now = kept.until if kept else site.clock()
    return View(
        request, signed_in, site.database, now, account_outlets, list(requested), kept, choices, everything, group
    )


async def _kept(request: Request, signed_in: Session) -> KeptReport | None:
    name = request.query_params.get("as-of")
    if not name:
        return None
    async with site_of(request).database.reading(signed_in.account) as connection:
        found = await kept_reports(connection)
    for kept in found:
        if kept.name == name:
            return kept
    raise HTTPException(404)
