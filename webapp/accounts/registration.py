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
from webapp import cookies, forms, mail
from webapp.accounts import addresses, letters, limits, links, passwords, sessions
from webapp.accounts.admission import admit
from webapp.accounts.sent import LetterSent
from webapp.context import Context
from webapp.page import ANYBODY, Page, Visit
from webapp.redirects import HOME, redirect
from webapp.rendering import render
from webapp.session import current
from webapp.site import site_of
from webapp.translation import N_, locale_of

LIFETIME = timedelta(hours=24)
FIRST_STEPS = "/first-steps"

_sql = load("webapp.accounts", "accounts.sql")


class _Registration(Struct, frozen=True):
    """A registration that waits for its confirmation."""

    email: str
    password_hash: str
    browser_hash: bytes
    locale: str


class SignUp(Context, frozen=True):
    """`error` is a code of `accounts/errors.html`, "" for none; `wait` the seconds after which to try again."""

    template = "accounts/sign_up.html"
    title = N_("Registration")

    email: str = ""
    error: str = ""
    wait: int = 0
    shortest: int = passwords.SHORTEST


class Confirmation(Context, frozen=True):
    """`ask`: the password is asked for, as another browser registered."""

    template = "accounts/confirm.html"
    title = N_("Confirm your e-mail address")

    email: str
    ask: bool
    error: str = ""
    wait: int = 0


async def sign_up(visit: Visit) -> SignUp | Response:
    return redirect(HOME) if current(visit.request) else SignUp()


async def register(request: Request) -> Response:
    site = site_of(request)
    fields = await forms.read(request)
    typed, password = fields.text("email", 254), fields.verbatim("password")
    email = addresses.email(typed)
    if email is None:
        return _refused(request, 422, SignUp(email=typed, error="email"))
    if weakness := passwords.weakness(password, email):
        return _refused(request, 422, SignUp(email=typed, error=weakness))
    if wait := await limits.attempt(site.database, limits.REGISTRATION, email, request):
        return _refused(request, 429, SignUp(email=typed, error="too_many", wait=wait))
    password_hash = await passwords.hashed(password)  # made for a known address too: it must take the same time
    link, browser, locale = new_secret(), new_secret(), locale_of(request)
    async with site.database.writing() as connection:
        account = await (await connection.execute(_sql["by_email"], {"email": email})).fetchone()
        if account:
            letter = letters.already_registered(
                account[2], f"{site.public_url}/sign-in", f"{site.public_url}/forgotten"
            )
        else:
            letter = letters.registration(locale, f"{site.public_url}/confirm/{link}")
        # For a known address nobody gets the link: it is kept all the same, since that takes time.
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
    site.mail.wake()
    response = redirect("/sign-up/sent")
    cookies.put_cookie(response, _cookie(site.public_url), browser, LIFETIME, site.public_url)
    return response


async def letter_sent(visit: Visit) -> LetterSent:
    return LetterSent(what="registration")


async def confirmation(visit: Visit) -> Confirmation | Response:
    """The page behind the link in the letter: a button, and the password in another browser."""
    registration = await _registration(visit.request)
    if registration is None:
        return links.dead(visit.request)
    return Confirmation(email=registration.email, ask=not _same_browser(visit.request, registration.browser_hash))


async def confirm(request: Request) -> Response:
    site = site_of(request)
    fields = await forms.read(request)
    registration = await _registration(request)
    if registration is None:
        return links.dead(request)
    email = registration.email
    if not _same_browser(request, registration.browser_hash):
        if wait := await limits.attempt(site.database, limits.SIGN_IN, email, request):
            return _refused(request, 429, Confirmation(email=email, ask=True, error="too_many", wait=wait))
        if not (await passwords.verify(registration.password_hash, fields.verbatim("password"))).right:
            return _refused(request, 422, Confirmation(email=email, ask=True, error="wrong"))
    async with site.database.writing() as connection:
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
        response = await admit(connection, added[0], request, FIRST_STEPS, first=True)
    cookies.put_cookie(response, _cookie(site.public_url), "", LIFETIME, site.public_url)
    return response


async def _registration(request: Request) -> _Registration | None:
    link = {"link_hash": digest(request.path_params["secret"])}
    row = await site_of(request).database.one(_sql["registration"], link)
    return _Registration(*row) if row else None


def _same_browser(request: Request, browser_hash: bytes) -> bool:
    secret = request.cookies.get(_cookie(site_of(request).public_url), "")
    return compare_digest(digest(secret), browser_hash)


def _cookie(public_url: str) -> str:
    return f"{sessions.cookie_name(public_url)}-registration"


def _refused(request: Request, status: int, context: SignUp | Confirmation) -> Response:
    return render(request, context, status, limits.retry_after(context.wait))


SIGN_UP = Page(path="/sign-up", action="anybody", gate=ANYBODY, load=sign_up)
SENT = Page(path="/sign-up/sent", action="anybody", gate=ANYBODY, load=letter_sent)
CONFIRMATION = Page(path="/confirm/{secret}", action="anybody", gate=ANYBODY, load=confirmation)
