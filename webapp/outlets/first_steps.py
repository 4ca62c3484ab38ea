"""The first steps: add an outlet, get its till's token once, try it, and wait for the first upload."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from schemas.tokens import digest, hint, new_token
from webapp import forms, owned
from webapp.database import Connection
from webapp.outlets import held, sample, zones
from webapp.outlets.held import Held, execute
from webapp.rendering import render
from webapp.session import required
from webapp.state import portal_of
from webapp.translation import locale_of, translations


class Entered(Struct, frozen=True):
    """What was typed about a new outlet."""

    name: str = ""
    zone: str = zones.DEFAULT_ZONE
    currency: str = "RUB"


async def page(request: Request) -> Response:
    """The form for an outlet; with an outlet that has no data yet, the waiting for it."""
    return await _form_page(request, Entered())


async def add_outlet(request: Request) -> Response:
    """Makes the outlet with its first till and shows the till's token, the only time it can be seen."""
    portal, session = portal_of(request), required(request)
    sent = await forms.read(request)
    entered = Entered(sent.text("name", 100), sent.text("zone"), sent.text("currency"))
    if error := wrong(entered):
        return await _form_page(request, entered, error, 422)
    outlet_id = uuid4()
    async with portal.database.writing() as connection:
        parameters = {
            "outlet_id": outlet_id,
            "account_id": session.account_id,
            "name": entered.name,
            "zone": entered.zone,
            "currency": entered.currency,
        }
        added = await (await connection.execute(held.sql["add_outlet"], parameters)).fetchone()
        if added is not None:
            name = translations(locale_of(request)).gettext("Till %(number)s") % {"number": 1}
            till_id = await add_till(connection, outlet_id, name)
            token = await issue_token(connection, till_id)
    if added is None:
        return await _form_page(request, entered, "name_taken", 422)
    outlet = Held(outlet_id, entered.name, entered.zone, entered.currency, False)
    return token_page(request, outlet, name, token, first=True)


async def waiting(request: Request) -> Response:
    """Waits for the outlet's first upload: the page looks by itself, and reloads itself where scripts are off."""
    async with portal_of(request).database.writing() as connection:
        outlet = await held.hold(connection, request)
    arrived = await held.has_data(request, outlet.outlet_id)
    context = {"outlet": outlet, "arrived": arrived}
    return render(request, "outlets/waiting.html", context)


async def arrival(request: Request) -> Response:
    """For the page's script: whether data of the outlet has arrived."""
    async with portal_of(request).database.writing() as connection:
        outlet = await held.hold(connection, request)
    arrived = await held.has_data(request, outlet.outlet_id)
    return JSONResponse({"arrived": arrived}, headers={"Cache-Control": "no-store"})


async def sample_file(request: Request) -> Response:
    async with portal_of(request).database.writing() as connection:
        outlet = await held.hold(connection, request)
    return PlainTextResponse(
        sample.lines(now(request, outlet.zone)),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="sample.jsonl"', "Cache-Control": "no-store"},
    )


def token_page(request: Request, outlet: Held, till: str, token: str, *, first: bool = False) -> Response:
    """Shows a new token with commands to try it; never to be seen again."""
    context = {
        "outlet": outlet,
        "till": till,
        "token": token,
        "first": first,
        "public_url": portal_of(request).public_url,
        "upload": sample.upload(now(request, outlet.zone)),
    }
    return render(request, "outlets/token.html", context)


async def add_till(connection: Connection, outlet_id: UUID, name: str) -> UUID:
    till_id = uuid4()
    await execute(connection, "add_till", till_id=till_id, outlet_id=outlet_id, name=name)
    return till_id


async def issue_token(connection: Connection, till_id: UUID) -> str:
    """A new token of a till; only its digest is kept."""
    token = new_token("till")
    await execute(connection, "add_token", token_hash=digest(token), till_id=till_id, hint=hint(token))
    return token


def wrong(entered: Entered) -> str:
    """What is wrong with an outlet's fields, as a code for the page; "" where nothing is."""
    if not entered.name or not entered.name.isprintable():
        return "name"
    if not zones.is_zone(entered.zone):
        return "zone"
    return "" if entered.currency in zones.CURRENCIES else "currency"


def now(request: Request, zone: str) -> datetime:
    return portal_of(request).clock().astimezone(ZoneInfo(zone))


async def _form_page(request: Request, entered: Entered, error: str = "", status: int = 200) -> Response:
    portal, session, locale = portal_of(request), required(request), locale_of(request)
    russian, others = zones.zones(locale, portal.clock().date())
    context = {
        "entered": entered,
        "error": error,
        "russian": russian,
        "others": others,
        "currencies": zones.currencies(locale),
        "known": await owned.outlets(portal.database, session.account_id),
    }
    return render(request, "outlets/first_steps.html", context, status)
