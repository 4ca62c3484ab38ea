"""Pages from Jinja2 templates: autoescaped, translated, with figures in the reader's language.

Every template knows `session` (None for a visitor), `locale`, `theme`, `path`, `asset(name)`, `href(path, …)`,
`receipt(…)`, and the filters `money`, `quantity`, `number`, `percent`, `day`, `days`, `moment`; `{% trans %}`, `_` and
`ngettext` translate. Names the context lacks are errors. The signed-in pages' layout is `base.html`, the signed-out
ones' `bare.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from gettext import NullTranslations
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from webapp import assets, formats
from webapp.links import href, receipt
from webapp.session import current
from webapp.translation import LOCALES, locale_of, translations

THEMES = ("auto", "light", "dark")


def _environment(locale: str) -> Environment:
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
    )
    return environment


def _plurals(texts: NullTranslations, locale: str) -> Callable[..., Markup]:
    """Jinja's `ngettext` with the count written like any other number: «10 839 продаж»."""

    @pass_context
    def ngettext(_context: Context, one: str, many: str, num: int, **variables: Any) -> Markup:
        counts = {name: formats.number(num, locale) for name in ("num", "count")}
        return Markup(texts.ngettext(one, many, num)) % {**variables, **counts}  # noqa: S704 (a text of ours)

    return ngettext


@pass_context
def _href(context: Context, path: str, *parts: Mapping[str, Any], **more: Any) -> str:
    """A link between pages of figures: one that shows a kept report leads on within that report."""
    kept = context.get("as_of")
    return href(path, {"as-of": kept.name} if kept else {}, *parts, **more)


@pass_context
def _money(context: Context, amount: Any, currency: str = "") -> str:
    """Money in the given currency, or in the one that the page's context names `currency`, or in roubles."""
    return formats.money(amount, context["locale"], currency or context.get("currency") or "RUB")


_environments = {locale: _environment(locale) for locale in LOCALES}


def theme_of(request: Request) -> str:
    theme = request.cookies.get("theme", "auto")
    return theme if theme in THEMES else "auto"


def page(request: Request, template: str, context: Mapping[str, Any]) -> str:
    """The text of a page."""
    always = {"session": current(request), "theme": theme_of(request), "path": request.url.path}
    return _environments[locale_of(request)].get_template(template).render({**always, **context})


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page as a response that no cache keeps: what it shows is the account's alone."""
    return HTMLResponse(
        page(request, template, context), status_code, headers={"Cache-Control": "no-store", **(headers or {})}
    )
