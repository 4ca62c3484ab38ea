"""How the portal shall look to a browser: its language, which an owner's account keeps too, and its theme."""

from __future__ import annotations

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import cookies, forms
from webapp.redirects import redirect
from webapp.rendering import THEMES
from webapp.session import current
from webapp.site import site_of
from webapp.translation import LOCALE_COOKIE, LOCALES

_sql = load("webapp.accounts", "accounts.sql")
_YEAR = timedelta(days=365)


async def choose_locale(request: Request) -> Response:
    """Keeps the language: with the account for its owner, in a cookie for a visitor."""
    site = site_of(request)
    fields = await forms.read(request)
    response = redirect(fields.text("next", 2000))
    locale = fields.text("locale")
    if locale in LOCALES:
        session = current(request)
        if session:
            async with site.database.writing() as connection:
                await connection.execute(_sql["set_locale"], {"account_id": session.person_id, "locale": locale})
        cookies.put_cookie(response, cookies.own_name(LOCALE_COOKIE, site.public_url), locale, _YEAR, site.public_url)
    return response


async def choose_theme(request: Request) -> Response:
    fields = await forms.read(request)
    theme = fields.text("theme")
    if theme not in THEMES:
        raise HTTPException(422)
    response = redirect(fields.text("next", 2000))
    public_url = site_of(request).public_url
    cookies.put_cookie(response, cookies.own_name("theme", public_url), theme, _YEAR, public_url)
    return response
