"""Languages: catalogues read from `.po` files, and which of them a visitor gets.

The words in code and templates are English and the Russian catalogues complete (a test holds them to it). Catalogues
are compiled in memory at start, so that no generated file is kept beside its source.
"""

from __future__ import annotations

from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO

from babel.core import negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import Request

from webapp.session import current

DOMAINS = ("portal", "account", "help", "members", "notices", "closings")
LOCALES = ("ru", "en")
DEFAULT = "ru"
LOCALE_COOKIE = "locale"
"""Where a visitor's choice is kept."""


def _read(locale: str) -> NullTranslations:
    """The catalogues of all domains as one: in a chain each text would be looked for in one after the other. English
    has none, its texts are the messages themselves."""
    texts = Catalog(locale=locale)
    for domain in reversed(DOMAINS):  # of a text in several the last one's stands
        source = resources.files("webapp").joinpath("locale", locale, "LC_MESSAGES", f"{domain}.po")
        if not source.is_file():
            continue
        for message in read_po(BytesIO(source.read_bytes()), locale=locale):
            if message.id and message.id not in texts:
                texts[message.id] = message
    if not len(texts):
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return GNUTranslations(compiled)


_translations = {locale: _read(locale) for locale in LOCALES}


def N_(text: str) -> str:
    """Marks a text that is translated later, where it is shown."""
    return text


def translations(locale: str) -> NullTranslations:
    """The texts of a locale of `LOCALES`."""
    return _translations[locale]


def locale_of(request: Request) -> str:
    """The session's locale, else the visitor's choice, else the browser's first acceptable language, else Russian."""
    session = current(request)
    if session is not None and session.locale in LOCALES:
        return session.locale
    chosen = request.cookies.get(f"__Host-{LOCALE_COOKIE}") or request.cookies.get(LOCALE_COOKIE)
    if chosen in LOCALES:
        return chosen
    wanted = []
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    return negotiate_locale([tag for _, tag in sorted(wanted, key=lambda pair: pair[0])], LOCALES) or DEFAULT
