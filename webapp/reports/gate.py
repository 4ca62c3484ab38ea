"""Who may see figures: an owner, of outlets whose licence is not over; and what stands in the place of figures."""

from __future__ import annotations

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp.context import Context
from webapp.page import Gate
from webapp.rendering import render
from webapp.reports.view import View, open_view
from webapp.translation import N_


class NoOutlets(Context, frozen=True):
    template = "reports/no_outlets.html"
    title = N_("Nothing is connected yet")


class Expired(Context, frozen=True):
    template = "reports/expired.html"
    title = N_("A licence is needed")


def closed(view: View) -> Response | None:
    """The page to show instead, None where there are figures to show."""
    layout = msgspec.structs.replace(view.layout, live=False)
    if not view.outlets:
        return render(view.request, NoOutlets(), layout=layout)
    if not view.seen:
        return render(view.request, Expired(), 402, layout=layout)
    return None


async def _licensed(request: Request) -> View | Response:
    view = await open_view(request)
    return closed(view) or view


async def _account(request: Request) -> View:
    return await open_view(request, everything=True)


async def _kept_report(request: Request) -> View | Response:
    view = await open_view(request)
    if instead := closed(view):
        return instead
    if view.kept is None:
        raise HTTPException(404)
    return view


LICENSED = Gate("licence", _licensed, figures=True)
ACCOUNT = Gate("owner", _account, figures=True)
"""for a page about all outlets, which sorts out itself which of them may be shown"""
KEPT_REPORT = Gate("licence", _kept_report, figures=True)
"""for a page that there is within a kept report alone"""
