"""«Где каждый чек»: what became of every event that the tills of an outlet sent, and what has not come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from schemas.spans import Span, missing, overlap, total
from schemas.statements import load
from webapp.completeness.logends import Snapshot, caught_up
from webapp.completeness.refusals import Refused, refused
from webapp.completeness.state import Missing
from webapp.completeness.tills import TillNews, till_news
from webapp.context import Context
from webapp.outlets import outlet_lock
from webapp.outlets.outlet import GapKey, ordered_gaps
from webapp.outlets.outlet_lock import LockedOutlet
from webapp.page import OWNER, Page, Visit
from webapp.session import required
from webapp.site import site_of
from webapp.standstill import Standstill

_sql = load("webapp.outlets", "ledger.sql")
_MOST_RUNS = 100


class SetAside(Struct, frozen=True):
    """Events that could not be read: their numbers, and when they came."""

    till: str
    first: int
    last: int
    came_at: datetime


class RunLedger(Struct, frozen=True):
    """The events of one run of a till. `waiting` and `quarantined` are spans of numbers, as are those `given_up`.

    `lost_through`: the last number that was lost with a log, 0 where none was.
    """

    till: str
    till_id: UUID
    run: UUID
    read: int
    applied: int
    duplicate: int
    discarded: int
    applied_through: int
    given_up: Sequence[Span]
    lost_through: int
    waiting_spans: Sequence[Span]
    quarantined_spans: Sequence[Span]

    @property
    def waiting(self) -> int:
        return total(self.waiting_spans)

    @property
    def quarantined(self) -> int:
        return total(self.quarantined_spans)

    @property
    def missing(self) -> list[Missing]:
        behind_lost = (self.lost_through + 1, self.lost_through)
        held = [*self.waiting_spans, *self.quarantined_spans, behind_lost]
        holes = missing(self.applied_through, held, self.given_up)
        return [Missing(self.till, self.till_id, self.run, *hole) for hole in holes]

    @property
    def troubled(self) -> bool:
        return bool(self.waiting or self.quarantined or self.missing)


class Ledger(Struct, frozen=True):
    """An outlet's events: read = applied + duplicate + waiting + quarantined + discarded, or something is wrong.

    `behind`: others may wait in the log still.
    """

    runs: list[RunLedger]
    set_aside: list[SetAside]
    refused: Refused
    behind: bool

    def sum(self, what: str) -> int:
        return sum(getattr(run, what) for run in self.runs)

    @property
    def accounted(self) -> int:
        return sum(map(self.sum, ("applied", "duplicate", "waiting", "quarantined", "discarded")))

    @property
    def holds(self) -> bool:
        return self.accounted == self.sum("read")

    @property
    def missing(self) -> list[Missing]:
        return [hole for run in self.runs for hole in run.missing]

    @property
    def lost_events(self) -> int:
        """Of those missing, the ones that the service had taken and then lost with a log."""
        lost = [overlap((hole.first, hole.last), (1, run.lost_through)) for run in self.runs for hole in run.missing]
        return total(lost)

    @property
    def troubled(self) -> bool:
        """Whether events are in no figure, and that is news to the owner, or a sum is wrong."""
        return bool(self.missing or self.set_aside or self.sum("waiting") or self.refused.news or not self.holds)

    @property
    def given_up(self) -> bool:
        return any(run.given_up for run in self.runs)

    @property
    def whole(self) -> bool:
        """Whether every event that ever came is in the figures, and none may be on its way."""
        return not (self.troubled or self.sum("discarded") or self.given_up or self.behind)

    @property
    def missing_events(self) -> int:
        return total((hole.first, hole.last) for hole in self.missing)


async def ledger(snapshot: Snapshot, outlet_id: UUID) -> Ledger:
    """The ledger of an outlet as the live read models have it; runs in trouble first."""
    connection = snapshot.connection
    parameters = {"outlet": outlet_id}
    spans: dict[tuple[UUID, UUID, str], list[Span]] = {}
    async for till_id, run, kind, first, last in await connection.execute(_sql["held_back"], parameters):
        spans.setdefault((till_id, run, kind), []).append((first, last))
    runs = []
    async for *of, given_up, lost_through in await connection.execute(_sql["runs"], parameters):
        till, till_id, run, read, applied, duplicate, discarded, through = of
        waiting, quarantined = (spans.get((till_id, run, kind), []) for kind in ("parked", "quarantined"))
        given_up = [(first, last) for first, last in given_up]
        counts = read, applied, duplicate, discarded, through
        runs.append(RunLedger(till, till_id, run, *counts, given_up, lost_through, waiting, quarantined))
    set_aside = [SetAside(*row) async for row in await connection.execute(_sql["set_aside"], parameters)]
    return Ledger(
        sorted(runs, key=lambda run: not run.troubled),
        set_aside,
        await refused(connection, outlet_id),
        outlet_id in snapshot.behind,
    )


class LedgerPage(Context, frozen=True):
    """`shown_runs` are the first of the ledger's runs; `ordered` are holes whose giving up is on its way. `standstill`:
    what comes is not read for the time being."""

    template = "outlets/ledger.html"

    outlet: LockedOutlet
    ledger: Ledger
    shown_runs: list[RunLedger]
    ordered: set[GapKey]
    notice: str
    standstill: Standstill | None
    tills: TillNews


async def page(visit: Visit) -> LedgerPage:
    """The ledger; what is missing can be given up from here. It is there without a licence too: it shows no figures."""
    request = visit.request
    site = site_of(request)
    async with site.database.writing() as connection:
        outlet = await outlet_lock.lock(connection, request)
        ordered = await ordered_gaps(connection, outlet.outlet_id)
    account = required(request).account
    async with caught_up(site.log_ends, lambda: site.database.reading(account), [outlet.outlet_id]) as snapshot:
        outlet_ledger = await ledger(snapshot, outlet.outlet_id)
        news = await till_news(snapshot.connection, [outlet.outlet_id], site.clock())
    return LedgerPage(
        outlet=outlet,
        ledger=outlet_ledger,
        shown_runs=outlet_ledger.runs[:_MOST_RUNS],
        ordered=ordered,
        notice=request.query_params.get("notice", ""),
        standstill=site.standstill_of(str(outlet.outlet_id)),
        tills=news[outlet.outlet_id],
    )


PAGE = Page(path="/outlets/{outlet_id:uuid}/ledger", action="figures", gate=OWNER, load=page, live=True)
