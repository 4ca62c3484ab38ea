"""Where the portal's pages are found, for the tests that look at all of them.

A page of `PAGES` is looked at by its bare path, so a new one needs no line here, unless it can't be opened without
parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from tests.webapp.reports.office import Office
from webapp.page import AnyPage
from webapp.pages import PAGES

_FIGURES: dict[str, tuple[str, ...]] = {
    "/report": ("", "?range=all", "?range=90d"),
    "/sales": (
        "",
        "?range=all&kind=all",
        "?outlet={outlet}&contact=c1&range=30d",
        "?outlet={outlet}&from=2026-03-01&to=2026-03-07&kind=all&method=cash&min=1",
        "?outlet={outlet}&range=30d&kind=all&category=Чай",
        "?outlet={outlet}&range=30d&kind=all&tax=20",
        "?outlet={outlet}&range=30d&kind=all&good=g1&hour=12&weekday=2&number=1&off=1",
        "?outlet={outlet}&range=30d&kind=all&cashier_id=k1&shift=sh1&voided=1",
    ),
    "/shifts": ("", "?range=all&only=long"),
    "/shifts/card": ("?outlet={outlet}&shift=sh1&till={till}",),
    "/sales/card": tuple(f"?outlet={{outlet}}&sale={{sale}}&tab={tab}" for tab in ("lines", "payments", "returns")),
    "/goods": ("", "?query=черн", "?query=товар+1x9&min=1", "?category=Чай"),
    "/goods/card": ("?outlet={outlet}&good=g1", "?outlet={outlet}&good=g1&to=2026-05-01"),
    "/contacts": ("", "?query=ивонов&debt_min=1", "?gone=30"),
    "/contacts/card": ("?outlet={outlet}&contact=c1",),
    "/sold/abc": ("", "?range=year&abc=A&xyz=Z"),
    "/report/later": ("?as-of={kept}&outlet={outlet}&day=2026-11-23",),
}
"""By the page's path: the queries with which it is looked at."""


def addresses(page: AnyPage, office: Office, kept: str = "kept") -> Iterator[str]:
    """The page's addresses as the office's owner opens them; `kept` is the name of a kept report."""
    values = {
        "outlet": office.shop.outlet,
        "sale": f"s-{office.receipts[0].number}",
        "till": office.shop.till(office.shop.outlet),
        "kept": quote(kept),
    }
    path = page.path.replace("{outlet_id:uuid}", office.shop.outlet)
    for query in _FIGURES.get(page.path, ("",)):
        yield path + query.format(**values)


def downloads(page: AnyPage) -> Iterator[str]:
    """The page's lists as files, in one form or the other."""
    for download in page.downloads:
        for form in ("csv", "xlsx"):
            yield f"{download.path}.{form}"


def within(address: str, parameter: str) -> str:
    """The address with one more parameter."""
    return f"{address}{'&' if '?' in address else '?'}{parameter}"


def of_account() -> list[AnyPage]:
    """The pages behind sign-in that an owner can open at any time: no links of letters, no
    invoices, no new tokens, no question that is asked only when it is due."""
    return [
        page
        for page in PAGES
        if page.gate.who != "anybody"
        and not page.path.endswith(("{secret}", "{number:int}", "{token_id:uuid}", "{closing_id:uuid}", "/step-up"))
    ]
