"""Pages from Jinja2 templates: autoescaped, translated, with figures in the reader's language.

Every template knows the fields of its own `Context`, of `Layout` and of `Always`, `locale`, `asset(name)`,
`href(path, …)`, `receipt(…)`, and the filters `money`, `quantity`, `number`, `percent`, `day`, `days`, `moment`,
`payment_method`, `weekday`;
`{% trans %}`, `_` and `ngettext` translate. Other names are errors. The signed-in pages' layout is `base.html`, the
signed-out ones' `bare.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from gettext import NullTranslations
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as Names
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import HTMLResponse

from webapp import assets, formats, words
from webapp.context import Context
from webapp.layout import Layout
from webapp.links import href, receipt
from webapp.menu import Link
from webapp.session import Session, current
from webapp.site import site_of
from webapp.translation import LOCALES, locale_of, translations

THEMES = ("auto", "light", "dark")


def environment(locale: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("webapp", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["ngettext"] = _plurals(translations(locale), locale)
    environment.globals["asset"] = assets.url
    environment.globals["locale"] = locale
    environment.globals["href"] = _href
    environment.globals["receipt"] = receipt
    environment.filters.update(
        money=_money,
        quantity=lambda value: formats.quantity(value, locale),
        number=lambda value: formats.number(value, locale),
        percent=lambda value: formats.percent(value, locale),
        day=lambda value, form="medium": formats.day(value, locale, form),
        days=lambda period: formats.days(period.first, period.last, locale),
        moment=lambda value, zone, form="short": formats.moment(value, locale, zone, form),
        payment_method=lambda method: words.payment_method(method, locale),
        weekday=lambda number: words.weekday(number, locale),
    )
    return environment


def _plurals(texts: NullTranslations, locale: str) -> Callable[..., Markup]:
    """Jinja's `ngettext` with the count written like any other number: «10 839 продаж»."""

    @pass_context
    def ngettext(_context: Names, one: str, many: str, num: int, **variables: Any) -> Markup:
        counts = {name: formats.number(num, locale) for name in ("num", "count")}
        return Markup(texts.ngettext(one, many, num)) % {**variables, **counts}  # noqa: S704 (a text of ours)

    return ngettext


@pass_context
def _href(names: Names, path: str, *parts: Mapping[str, Any], **more: Any) -> str:
    """A link between pages of figures: one that shows a kept report leads on within that report."""
    kept = names.get("as_of")
    return href(path, {"as-of": kept.name} if kept else {}, *parts, **more)


@pass_context
def _money(names: Names, amount: Any, currency: str = "") -> str:
    """Money in the given currency, or in that of the page's layout."""
    return formats.money(amount, names["locale"], currency or names["currency"])


_environments = {locale: environment(locale) for locale in LOCALES}


def theme_of(request: Request) -> str:
    theme = request.cookies.get("theme", "auto")
    return theme if theme in THEMES else "auto"


class Always(Struct, frozen=True):
    """What every template knows of the request. `title` is that of the context, in the reader's language."""

    session: Session | None
    theme: str
    path: str
    menu: Sequence[Link]
    title: str


_PLAIN = Layout()


def page(request: Request, context: Context, layout: Layout = _PLAIN) -> str:
    """The text of a page."""
    locale = locale_of(request)
    title = Markup(translations(locale).gettext(context.title)) if context.title else ""  # noqa: S704 (a text of ours)
    always = Always(current(request), theme_of(request), request.url.path, site_of(request).menu, title)
    names = asdict(always) | asdict(layout) | asdict(context)
    return _environments[locale].get_template(context.template).render(names)


def render(
    request: Request,
    context: Context,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    layout: Layout = _PLAIN,
) -> HTMLResponse:
    """A page as a response that no cache keeps: what it shows is the account's alone."""
    return HTMLResponse(
        page(request, context, layout), status_code, headers={"Cache-Control": "no-store", **(headers or {})}
    )
