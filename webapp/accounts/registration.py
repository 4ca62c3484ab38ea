"""Registration: e-mail and password, a letter with a link, and the account once the link is confirmed.

The answer is the same whether or not the address has an account; only the letter tells. The account is made from the
link, with the password given at registration, in the browser that registered or by whoever knows that password: so
nobody gets a stranger to confirm an account whose password he chose.
"""

from __future__ import annotations

from datetime import timedelta
from hmac import compare_digest
from uuid import uuid4

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from schemas.tokens import digest, new_secret
from webapp import forms, mail
from webapp.accounts import addresses, letters, limits, links, passwords, sessions
from webapp.accounts.arrival import admit
from webapp.redirects import HOME, redirect
from webapp.rendering import render
from webapp.session import current
from webapp.state import portal_of
from webapp.translation import locale_of

LIFETIME = timedelta(hours=24)
FIRST_STEPS = "/first-steps"

_sql = load("webapp.accounts", "accounts.sql")


class _Registration(Struct, frozen=True):
    """A registration that waits for its confirmation."""

    email: str
    password_hash: str
    browser_hash: bytes
    locale: str


async def form(request: Request) -> Response:
    if current(request):
        return redirect(HOME)
    return _page(request)


async def register(request: Request) -> Response:
    portal = portal_of(request)
    sent = await forms.read(request)
    typed, password = sent.text("email", 254), sent.verbatim("password")
    email = addresses.email(typed)
    if email is None:
        return _page(request, typed, "email", 422)
    if weakness := passwords.weakness(password, email):
        return _page(request, typed, weakness, 422)
    if wait := await limits.attempt(portal.database, limits.REGISTRATION, email, request):
        return _page(request, typed, "too_many", 429, wait)
    password_hash = await passwords.hashed(password)  # made for a known address too: it must take the same time
    link, browser, locale = new_secret(), new_secret(), locale_of(request)
    async with portal.database.writing() as connection:
        known = await (await connection.execute(_sql["by_email"], {"email": email})).fetchone()
        if known:
            letter = letters.already_registered(
                known[2], f"{portal.public_url}/sign-in", f"{portal.public_url}/forgotten"
            )
        else:
            letter = letters.registration(locale, f"{portal.public_url}/confirm/{link}")
            await connection.execute(
                _sql["add_registration"],
                {
                    "link_hash": digest(link),
                    "browser_hash": digest(browser),
                    "email": email,
                    "password_hash": password_hash,
                    "locale": locale,
                    "lifetime": LIFETIME,
                },
            )
        await mail.queue(connection, email, letter)
    portal.mail.wake()
    response = redirect("/sign-up/sent")
    sessions.put_cookie(response, _cookie(portal.public_url), browser, LIFETIME, portal.public_url)
    return response


async def letter_sent(request: Request) -> Response:
    return render(request, "accounts/sent.html", {"what": "registration"})


async def confirmation(request: Request) -> Response:
    """The page behind the link in the letter: a button, and the password in another browser."""
    registration = await _registration(request)
    if registration is None:
        return links.dead(request)
    return _confirmation_page(request, registration.email, not _same_browser(request, registration.browser_hash))


async def confirm(request: Request) -> Response:
    portal = portal_of(request)
    sent = await forms.read(request)
    registration = await _registration(request)
    if registration is None:
        return links.dead(request)
    email = registration.email
    if not _same_browser(request, registration.browser_hash):
        if wait := await limits.attempt(portal.database, limits.SIGN_IN, email, request):
            return _confirmation_page(request, email, True, "too_many", 429, wait)
        if not (await passwords.verify(registration.password_hash, sent.verbatim("password"))).right:
            return _confirmation_page(request, email, True, "wrong", 422)
    async with portal.database.writing() as connection:
        link = {"link_hash": digest(request.path_params["secret"])}
        taken = await (await connection.execute(_sql["take_registration"], link)).fetchone()
        if taken is None:  # by the same link in another window
            return links.dead(request)
        account = {
            "account_id": uuid4(),
            "email": email,
            "password_hash": registration.password_hash,
            "locale": registration.locale,
        }
        added = await (await connection.execute(_sql["add_account"], account)).fetchone()
        await connection.execute(_sql["drop_registrations"], {"email": email})
        if added is None:  # made meanwhile, by another link or an operator
            return redirect("/sign-in?notice=registered")
        response = await admit(connection, added[0], request, FIRST_STEPS)
    sessions.put_cookie(response, _cookie(portal.public_url), "", LIFETIME, portal.public_url)
    return response


async def _registration(request: Request) -> _Registration | None:
    link = {"link_hash": digest(request.path_params["secret"])}
    row = await portal_of(request).database.one(_sql["registration"], link)
    return _Registration(*row) if row else None


def _same_browser(request: Request, browser_hash: bytes) -> bool:
    secret = request.cookies.get(_cookie(portal_of(request).public_url), "")
    return compare_digest(digest(secret), browser_hash)


def _cookie(public_url: str) -> str:
    return f"{sessions.cookie_name(public_url)}-registration"


def _page(request: Request, email: str = "", error: str = "", status: int = 200, wait: int = 0) -> Response:
    context = {"email": email, "error": error, "wait": wait, "shortest": passwords.SHORTEST}
    return render(request, "accounts/sign_up.html", context, status, limits.retry_after(wait))


def _confirmation_page(
    request: Request, email: str, ask: bool, error: str = "", status: int = 200, wait: int = 0
) -> Response:
    context = {"email": email, "ask": ask, "error": error, "wait": wait}
    return render(request, "accounts/confirm.html", context, status, limits.retry_after(wait))
