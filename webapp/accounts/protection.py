"""Turning the second factor on and off, and its recovery codes. Its secret and the codes are shown once."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms, mail
from webapp.accounts import letters, limits, second_factor, totp
from webapp.accounts.credentials import refusal_of_password
from webapp.context import Context
from webapp.journal import note
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_


class Protection(Context, frozen=True):
    """`on`: it is asked for at sign-in; `left` recovery codes are unused. `secret` and its `picture` are those of one
    that waits for its first code, `codes` new recovery codes; both are shown in the answer to a form alone.
    `needed_by` is the owner who asks his members for it, "" where none does."""

    template = "accounts/protection.html"
    title = N_("Second factor")

    on: bool
    left: int
    notice: str = ""
    error: str = ""
    wait: int = 0
    secret: str = ""
    picture: str = ""
    codes: list[str] = []
    needed_by: str = ""


async def page(visit: Visit) -> Protection:
    on, left = await _state(visit.request)
    notice = visit.request.query_params.get("notice", "")
    return Protection(on=on, left=left, notice=notice, needed_by=_needed_by(visit.request))


async def begin(request: Request) -> Response:
    """Shows a new secret after the present password: a session alone, which might be a stolen one, locks nobody out."""
    site, session = site_of(request), required(request)
    fields = await forms.read(request)
    if error := await refusal_of_password(request, session, fields.verbatim("present")):
        return await _show(request, error.status, error=error.code, wait=error.wait)
    secret = totp.new_secret()
    parameters = {"person_id": session.person_id, "secret": site.keys.seal(secret, session.person_id)}
    if await site.database.one(second_factor.sql["begin"], parameters) is None:
        return redirect(PAGE.path)
    return await _show(request, 200, secret=secret, picture=totp.qr_code(secret, session.email))


async def confirm(request: Request) -> Response:
    """Turns it on with a first code, which shows that the device has the secret; shows the recovery codes."""
    site, session = site_of(request), required(request)
    code = (await forms.read(request)).text("code", 20).replace(" ", "")
    key = {"person_id": session.person_id}
    row = await site.database.one(second_factor.sql["waiting"], key)
    if row is None:
        return redirect(PAGE.path)
    if wait := await limits.attempt(site.database, limits.CODE, session.email, request):
        return await _show(request, 429, error="too_many", wait=wait)
    secret = site.keys.open(row[0], session.person_id)
    step = totp.step_of(secret, code, site.clock())
    if step is None:
        picture = totp.qr_code(secret, session.email)
        return await _show(request, 422, error="wrong_code", secret=secret, picture=picture)
    async with site.database.writing() as connection:
        if await (await connection.execute(second_factor.sql["confirm"], {**key, "step": step})).fetchone() is None:
            return redirect(PAGE.path)
        codes = await second_factor.new_recovery_codes(connection, session.person_id)
        await connection.execute(second_factor.sql["step_up"], {"session_hash": session.session_hash})
        await note(connection, session.person_id, "second_factor_on", request)
        letter = letters.second_factor(session.locale, True, f"{site.public_url}/forgotten")
        await mail.queue(connection, session.email, letter)
    site.mail.wake()
    return await _show(request, 200, codes=codes, notice="on")


async def new_codes(request: Request) -> Response:
    """New recovery codes; all earlier ones are worth nothing."""
    session = required(request)
    async with site_of(request).database.writing() as connection:
        if not await second_factor.is_on(connection, session.person_id):
            raise HTTPException(404)
        codes = await second_factor.new_recovery_codes(connection, session.person_id)
        await note(connection, session.person_id, "recovery_codes_made", request)
    return await _show(request, 200, codes=codes)


async def turn_off(request: Request) -> Response:
    site, session = site_of(request), required(request)
    key = {"person_id": session.person_id}
    async with site.database.writing() as connection:
        if await (await connection.execute(second_factor.sql["remove"], key)).fetchone() is None:
            raise HTTPException(404)
        await note(connection, session.person_id, "second_factor_off", request)
        letter = letters.second_factor(session.locale, False, f"{site.public_url}/forgotten")
        await mail.queue(connection, session.email, letter)
    site.mail.wake()
    return redirect(f"{PAGE.path}?notice=off")


async def _state(request: Request) -> tuple[bool, int]:
    key = {"person_id": required(request).person_id}
    row = await site_of(request).database.one(second_factor.sql["state"], key)
    return (row[0], row[1]) if row else (False, 0)


def _needed_by(request: Request) -> str:
    session = required(request)
    return session.owner_email if session.factor_missing else ""


async def _show(
    request: Request,
    status: int,
    *,
    error: str = "",
    wait: int = 0,
    notice: str = "",
    secret: str = "",
    picture: str = "",
    codes: list[str] | None = None,
) -> Response:
    on, left = await _state(request)
    context = Protection(
        on=on,
        left=left,
        notice=notice,
        error=error,
        wait=wait,
        secret=secret,
        picture=picture,
        codes=codes or [],
        needed_by=_needed_by(request),
    )
    return render(request, context, status, limits.retry_after(wait))


PAGE = Page(path="/account/second-factor", action="own", gate=OWNER, load=page)
