"""Signing in, by password or by a one-time link, and out."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import cookies, forms, mail
from webapp.accounts import addresses, letters, limits, links, passwords, sessions
from webapp.accounts.afterwards import afterwards
from webapp.accounts.code import enter
from webapp.accounts.sent import LetterSent
from webapp.context import Context
from webapp.journal import note, note_alone
from webapp.page import ANYBODY, Page, Visit
from webapp.redirects import HOME, local, redirect
from webapp.rendering import render
from webapp.session import current
from webapp.site import Site, site_of
from webapp.translation import N_

# A link that no mail program has seen before its owner (`make demo` prints it): opening it is enough.
AT_ONCE = "at once"

_sql = load("webapp.accounts", "accounts.sql")


class SignIn(Context, frozen=True):
    """`target` is the page that was wanted, `notice` what has just been done, `error` a code of
    `accounts/errors.html`, `wait` the seconds after which to try again."""

    template = "accounts/sign_in.html"
    title = N_("Sign in")

    email: str = ""
    target: str = HOME
    error: str = ""
    wait: int = 0
    notice: str = ""


class LinkForm(Context, frozen=True):
    """Where a link to sign in is asked for."""

    template = "accounts/link.html"
    title = N_("Sign in by a link")

    email: str
    error: str = ""
    wait: int = 0


class LinkOpened(Context, frozen=True):
    """A link to sign in whose button was not pressed yet."""

    template = "accounts/use_link.html"
    title = N_("Sign in")

    email: str


async def sign_in_form(visit: Visit) -> SignIn | Response:
    query = visit.request.query_params
    target = local(query.get("next", HOME))
    if current(visit.request):
        return redirect(target)
    return SignIn(target=target, notice=query.get("notice", ""))


async def sign_in(request: Request) -> Response:
    database = site_of(request).database
    fields = await forms.read(request)
    typed, target = fields.text("email", 254), local(fields.text("next", 2000) or HOME)
    email = addresses.email(typed) or typed.lower()
    if wait := await limits.attempt(database, limits.SIGN_IN, email, request):
        await note_alone(database, None, "locked_out", request)
        return _refused(request, 429, SignIn(email=typed, target=target, error="too_many", wait=wait))
    account = await database.one(_sql["by_email"], {"email": email})
    stored = account[1] if account else None
    verified = await passwords.verify(stored, fields.verbatim("password"))
    if account is None or not verified.right:
        await note_alone(database, account[0] if account else None, "sign_in_failed", request)
        return _refused(request, 422, SignIn(email=typed, target=target, error="wrong"))
    await limits.succeeded(database, limits.SIGN_IN, email, request)
    renewed = await passwords.hashed(fields.verbatim("password")) if verified.outdated else None
    async with database.writing() as connection:
        if renewed:
            await connection.execute(_sql["set_password"], {"account_id": account[0], "password_hash": renewed})
        return await enter(connection, account[0], request, target)


async def sign_out(request: Request) -> Response:
    site = site_of(request)
    async with site.database.writing() as connection:
        await sessions.sign_out(connection, request, site.public_url)
        if session := current(request):
            await note(connection, session.person_id, "signed_out", request)
    response = redirect("/sign-in?notice=signed_out")
    cookies.put_cookie(response, sessions.cookie_name(site.public_url), "", timedelta(), site.public_url)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def link_form(visit: Visit) -> LinkForm:
    return LinkForm(email=visit.request.query_params.get("email", ""))


async def send_link(request: Request) -> Response:
    """Sends a link to sign in, where the address has an account; the answer is the same where it has none."""
    site = site_of(request)
    typed = (await forms.read(request)).text("email", 254)
    email = addresses.email(typed)
    if email is None:
        return _refused(request, 422, LinkForm(email=typed, error="email"))
    if wait := await limits.attempt(site.database, limits.LETTER, email, request):
        return _refused(request, 429, LinkForm(email=typed, error="too_many", wait=wait))
    response = redirect("/sign-in/link/sent")
    response.background = afterwards(_send_letter, site, email)
    return response


async def _send_letter(site: Site, email: str) -> None:
    async with site.database.writing() as connection:
        account = await (await connection.execute(_sql["by_email"], {"email": email})).fetchone()
        if account:
            secret = await links.make(connection, account[0], "sign_in")
            letter = letters.sign_in(account[2], f"{site.public_url}/sign-in/{secret}")
            await mail.queue(connection, email, letter)
    site.mail.wake()


async def link_sent(visit: Visit) -> LetterSent:
    return LetterSent(what="sign_in")


async def open_link(visit: Visit) -> LinkOpened | Response:
    request = visit.request
    secret = request.path_params["secret"]
    async with site_of(request).database.writing() as connection:
        link = await links.find(connection, secret, "sign_in")
        if link is None:
            return redirect(HOME) if current(request) else links.dead(request)
        if link.detail != AT_ONCE or request.method != "GET" or "sec-purpose" in request.headers:
            return LinkOpened(email=link.email)
    return await use_link(request)


async def use_link(request: Request) -> Response:
    async with site_of(request).database.writing() as connection:
        link = await links.spend(connection, request.path_params["secret"], "sign_in")
        if link is None:
            return links.dead(request)
        return await enter(connection, link.account_id, request, HOME)


def _refused(request: Request, status: int, context: SignIn | LinkForm) -> Response:
    return render(request, context, status, limits.retry_after(context.wait))


SIGN_IN = Page(path="/sign-in", action="anybody", gate=ANYBODY, load=sign_in_form)
LINK_FORM = Page(path="/sign-in/link", action="anybody", gate=ANYBODY, load=link_form)
LINK_SENT = Page(path="/sign-in/link/sent", action="anybody", gate=ANYBODY, load=link_sent)
LINK = Page(path="/sign-in/{secret}", action="anybody", gate=ANYBODY, load=open_link)
