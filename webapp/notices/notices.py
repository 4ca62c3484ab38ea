"""«Оповещения»: what stands, what was sent and what failed, and how the reader wants to hear of the account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms
from webapp.account_outlets import Outlet, outlets
from webapp.context import Context
from webapp.menu import Entry
from webapp.notices import push, telegram
from webapp.notices.kinds import RULES, Kind
from webapp.notices.push import Push
from webapp.notices.telegram import Telegram
from webapp.outlets import zones
from webapp.outlets.zones import Zone
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.session import Session, required
from webapp.site import site_of
from webapp.translation import N_, locale_of

sql = load("webapp.notices", "notices.sql")


DIGESTS = {
    "day": N_("every day, of the day before"),
    "week": N_("on Mondays, of the week before"),
    "month": N_("on the first, of the month before"),
}


DIGEST_HOUR = 8


class Choice(Struct, frozen=True):
    """How a person hears of an account. Quiet hours are of the clock of `zone`, None for that of the first outlet that
    he sees; both None: none. `digests` are those of `DIGESTS` that he wants, at `digest_hour` of the same clock."""

    letters: bool
    quiet_from: int | None = None
    quiet_until: int | None = None
    digest_hour: int = DIGEST_HOUR
    digests: tuple[str, ...] | list[str] = ()
    zone: str | None = None


class Sent(Struct, frozen=True):
    """A message to the reader: sent, given up, or to be tried (again)."""

    message_id: int
    channel: str
    subject: str
    body: str
    created_at: datetime
    next_attempt_at: datetime
    attempts: int
    error: str
    sent_at: datetime | None
    failed_at: datetime | None


class Standing(Struct, frozen=True):
    """Alarms of a kind that were told of an outlet and are not over."""

    outlet_id: UUID
    kind: Kind
    alarms: int
    since: datetime

    @property
    def title(self) -> str:
        """A text of the catalogues."""
        return RULES[self.kind].standing or RULES[self.kind].title


class Notices(Context, frozen=True):
    """`clocks` are those that may be chosen, `zone` is the one that moments are shown by.

    `readable`: what messages say is shown; it holds figures, which nobody is shown once all licences are over.
    """

    template = "notices/notices.html"
    title = N_("Notices")

    notice: str
    choice: Choice
    digests: dict[str, str]
    telegram: Telegram | None
    push: Push
    messages: list[Sent]
    readable: bool
    standing: list[Standing]
    account_outlets: list[Outlet]
    names: dict[UUID, str]
    zone: str
    clocks: list[Zone]


async def page(visit: Visit) -> Notices:
    request = visit.request
    session, database = required(request), site_of(request).database
    account_outlets = [outlet for outlet in await outlets(database, session.account) if not outlet.test]
    seen = {"outlets": [outlet.outlet_id for outlet in account_outlets]}
    async with database.asking() as connection:
        async with connection.cursor(row_factory=class_row(Choice)) as cursor:
            choice = await (await cursor.execute(sql["choice"], _key(session))).fetchone()
        async with connection.cursor(row_factory=class_row(Sent)) as cursor:
            messages = await (await cursor.execute(sql["messages"], _key(session))).fetchall()
        async with connection.cursor(row_factory=class_row(Standing)) as cursor:
            standing = await (await cursor.execute(sql["standing"], seen)).fetchall()
        by_telegram = await telegram.standing(connection, request)
        by_push = await push.standing(connection, request)
    return Notices(
        notice=request.query_params.get("notice", ""),
        choice=choice or Choice(letters=session.member.role == "owner"),
        digests=DIGESTS,
        telegram=by_telegram,
        push=by_push,
        messages=messages,
        readable=any(outlet.licensed for outlet in account_outlets),
        standing=[each for each in standing if each.kind in RULES],
        account_outlets=account_outlets,
        names={outlet.outlet_id: outlet.name for outlet in account_outlets},
        zone=(choice.zone if choice else None) or (account_outlets[0].zone if account_outlets else zones.DEFAULT_ZONE),
        clocks=_clocks(request, account_outlets),
    )


def _clocks(request: Request, account_outlets: list[Outlet]) -> list[Zone]:
    """Russia's zones, and those of the outlets."""
    russian, others = zones.zones(locale_of(request), site_of(request).clock().date())
    of_outlets = {outlet.zone for outlet in account_outlets}
    return [*russian, *(zone for zone in others if zone.name in of_outlets)]


def _key(session: Session) -> dict[str, UUID]:
    return {"account": session.account_id, "person": session.account.reader_id}


async def choose(request: Request) -> Response:
    """How the reader hears of the account from now on."""
    fields = await forms.read(request)
    quiet = [_hour(fields.text(name)) for name in ("quiet_from", "quiet_until")]
    if None in quiet:
        quiet = [None, None]
    chosen = {"letters": bool(fields.text("letters")), "quiet_from": quiet[0], "quiet_until": quiet[1]}
    hour = _hour(fields.text("digest_hour"))
    wanted = {
        "digest_hour": DIGEST_HOUR if hour is None else hour,
        "digests": [kind for kind in DIGESTS if kind in fields.all("digest")],
        "zone": zone if zones.is_zone(zone := fields.text("zone")) else None,
    }
    async with site_of(request).database.writing() as connection:
        await connection.execute(sql["choose"], {**_key(required(request)), **chosen, **wanted})
    return redirect("/notices?notice=saved")


def _hour(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) < 24 else None


PAGE = Page(path="/notices", action="hear", menu=Entry("settings", N_("Notices")), gate=OWNER, load=page)
