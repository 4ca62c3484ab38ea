"""The code of the second factor asked for: at sign-in, and again before what is worth it.

At sign-in the right password gives a secret in a cookie, good for ten minutes and for nothing but this page.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.accounts import limits, links, second_factor, sessions
from webapp.accounts.admission import admit
from webapp.context import Context
from webapp.cookies import put_cookie
from webapp.database import Connection
from webapp.journal import note, note_alone
from webapp.page import ANYBODY, OWNER, Page, Visit
from webapp.redirects import HOME, local, redirect
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_

_PATH = "/sign-in/code"


class Code(Context, frozen=True):
    """`error` is a code of `accounts/errors.html`, `wait` the seconds after which to try again."""

    template = "accounts/code.html"
    title = N_("The code of your second factor")

    error: str = ""
    wait: int = 0


class StepUp(Context, frozen=True):
    """`target` is where it goes on."""

    template = "accounts/step_up.html"
    title = N_("The code once more")

    target: str
    error: str = ""
    wait: int = 0


async def enter(connection: Connection, person_id: UUID, request: Request, target: str) -> Response:
    """Signs in who has given his password, or used a link; who has a second factor is asked for its code first."""
    if not await second_factor.is_on(connection, person_id):
        return await admit(connection, person_id, request, target)
    secret = await links.make(connection, person_id, "second_factor", target)
    response, public_url = redirect(_PATH), site_of(request).public_url
    put_cookie(response, _cookie(public_url), secret, links.LIFETIME["second_factor"], public_url)
    return response


async def code_form(visit: Visit) -> Code | Response:
    async with site_of(visit.request).database.writing() as connection:
        link = await links.find(connection, _secret(visit.request), "second_factor")
    return Code() if link else redirect("/sign-in")


async def sign_in_by_code(request: Request) -> Response:
    site = site_of(request)
    typed = (await forms.read(request)).text("code", 60)
    async with site.database.writing() as connection:
        link = await links.find(connection, _secret(request), "second_factor")
    if link is None:
        return redirect("/sign-in")
    if wait := await limits.attempt(site.database, limits.CODE, link.email, request):
        await note_alone(site.database, None, "locked_out", request)
        return render(request, Code(error="too_many", wait=wait), 429, limits.retry_after(wait))
    async with site.database.writing() as connection:
        kind = await second_factor.spend(connection, site.keys, link.account_id, typed, site.clock())
        if kind and await links.spend(connection, _secret(request), "second_factor"):
            response = await admit(connection, link.account_id, request, link.detail, by_code=True)
            if kind == "recovery_code":
                await note(connection, link.account_id, "recovery_code_used", request)
            put_cookie(response, _cookie(site.public_url), "", timedelta(), site.public_url)
            return response
    await note_alone(site.database, link.account_id, "code_failed", request)
    return render(request, Code(error="wrong_code"), 422)


async def step_up_form(visit: Visit) -> StepUp | Response:
    target, session = local(visit.request.query_params.get("next", HOME)), required(visit.request)
    return StepUp(target=target) if session.factor_due else redirect(target)


async def step_up(request: Request) -> Response:
    """The session may do for a while what asks for the code."""
    site, session = site_of(request), required(request)
    fields = await forms.read(request)
    target = local(fields.text("next", 2000) or HOME)
    if wait := await limits.attempt(site.database, limits.CODE, session.email, request):
        return render(request, StepUp(target=target, error="too_many", wait=wait), 429, limits.retry_after(wait))
    async with site.database.writing() as connection:
        typed = fields.text("code", 60)
        kind = await second_factor.spend(connection, site.keys, session.person_id, typed, site.clock())
        if kind:
            await connection.execute(second_factor.sql["step_up"], {"session_hash": session.session_hash})
            if kind == "recovery_code":
                await note(connection, session.person_id, "recovery_code_used", request)
            return redirect(target)
    await note_alone(site.database, session.person_id, "code_failed", request)
    return render(request, StepUp(target=target, error="wrong_code"), 422)


def _secret(request: Request) -> str:
    return request.cookies.get(_cookie(site_of(request).public_url), "")[:100]


def _cookie(public_url: str) -> str:
    return f"{sessions.cookie_name(public_url)}-code"


CODE = Page(path=_PATH, action="anybody", gate=ANYBODY, load=code_form)
STEP_UP = Page(path="/step-up", action="own", gate=OWNER, load=step_up_form)
