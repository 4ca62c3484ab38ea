"""Pages from Jinja2 templates: autoescaped, translated, with figures in the reader's language.

Every template knows the fields of its own `Context`, of `Layout` and of `Always`, `locale`, `asset(name)`,
`href(path, …)`, `receipt(…)`, `cell(listed, name)` (the attributes of a cell of a list: its classes, and its heading
for a phone), and the filters `money`, `price`, `less_unit`, `with_unit`, `quantity`, `number`, `percent`, `share`,
`in_percent`, `day`, `days`, `moment`, `payment_method`, `cash_reason`, `weekday`, `city`; `{% trans %}`, `_` and
`ngettext` translate. Other names are errors. The signed-in pages' layout is `base.html`, the
signed-out ones' `bare.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
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
from webapp.actions import Action, allowed
from webapp.context import Context
from webapp.layout import Layout
from webapp.links import href, receipt
from webapp.lists import Heading, Listed
from webapp.menu import Link
from webapp.session import Session, current
from webapp.site import site_of
from webapp.translated import TranslatedCode
from webapp.translation import LOCALES, locale_of, translations
from webapp.zonenames import city

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
    environment.code_generator_class = TranslatedCode
    environment.globals["translated"] = translations(locale).gettext
    environment.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["ngettext"] = _plurals(translations(locale), locale)
    environment.globals["asset"] = assets.url
    environment.globals["locale"] = locale
    environment.globals["href"] = _href
    environment.globals["receipt"] = receipt
    environment.globals["cell"] = _cells(translations(locale))
    environment.filters.update(
        money=_money,
        price=_price,
        less_unit=_less_unit,
        with_unit=_with_unit,
        quantity=lambda value: formats.quantity(value, locale),
        number=lambda value: formats.number(value, locale),
        percent=lambda value: formats.percent(value, locale),
        share=lambda value: formats.part(value, locale),
        in_percent=lambda figure: formats.in_percent(str(figure), locale),
        day=lambda value, form="medium": formats.day(value, locale, form),
        days=lambda period: formats.days(period.first, period.last, locale),
        moment=lambda value, zone, form="short": formats.moment(value, locale, zone, form),
        payment_method=lambda method: words.payment_method(method, locale),
        cash_reason=lambda reason: words.cash_reason(reason, locale),
        city=lambda zone: city(zone, locale) or zone,
        weekday=lambda number: words.weekday(number, locale),
    )
    return environment


_CELLS = {"moment": "when ", "day": "when ", "outlet": "where ", "code": "code "}


def _cells(texts: NullTranslations) -> Callable[..., Markup]:
    """The attributes of a list's cells: a page has hundreds, of a handful of columns."""

    @lru_cache(maxsize=1024)
    def attributes(heading: Heading, more: str) -> Markup:
        kind = "num " if heading.numeric else _CELLS.get(heading.kind, "")
        title = Markup(texts.gettext(heading.title))  # noqa: S704 (a text of ours)
        classes = f"{kind}due-{heading.importance}{' ' if more else ''}{more}"
        return Markup(' class="%s" data-label="%s"') % (classes, title)

    @pass_context
    def cell(_context: Names, listed: Listed, name: str, more: str = "") -> Markup:
        return attributes(listed.heading(name), more)

    return cell


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


@pass_context
def _price(names: Names, amount: Any) -> str:
    """The price of one unit in the currency of the page's layout."""
    return formats.price(amount, names["locale"], names["currency"])


@pass_context
def _less_unit(names: Names, written: str, currency: str = "") -> Markup:
    """A sum of money in a column whose heading names the currency: the sign is shown on a phone alone."""
    return _split(written, formats.unit(names["locale"], currency or names["currency"]))


@lru_cache(maxsize=16_384)
def _split(written: str, unit: str) -> Markup:
    before, unit, after = written.partition(unit)
    return Markup('%s<span class="unit">%s</span>%s') % (before, unit, after)


@pass_context
def _with_unit(names: Names, title: str, currency: str = "") -> Markup:
    """The heading of a column of money: «Выручка, ₽»."""
    sign = formats.unit(names["locale"], currency or names["currency"]).strip()
    return Markup("%s,\N{NO-BREAK SPACE}%s") % (title, sign)


_environments = {locale: environment(locale) for locale in LOCALES}


def theme_of(request: Request) -> str:
    theme = request.cookies.get("__Host-theme") or request.cookies.get("theme", "auto")
    return theme if theme in THEMES else "auto"


class Always(Struct, frozen=True):
    """What every template knows of the request. `title` is that of the context, in the reader's language; `may` tells
    whether the reader may do something, so that no button is shown that would be refused; `demo`: there is `/demo`."""

    session: Session | None
    theme: str
    path: str
    menu: Sequence[Link]
    title: str
    may: Callable[[Action], bool]
    demo: bool


_PLAIN = Layout()


def page(request: Request, context: Context, layout: Layout = _PLAIN) -> str:
    """The text of a page."""
    locale = locale_of(request)
    title = Markup(translations(locale).gettext(context.title)) if context.title else ""  # noqa: S704 (a text of ours)
    session = current(request)

    def may(action: Action) -> bool:
        return action == "anybody" or (session is not None and allowed(session.member, action))

    menu = [link for link in site_of(request).menu if may(link.action)]
    always = Always(session, theme_of(request), request.url.path, menu, title, may, site_of(request).demo is not None)
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
