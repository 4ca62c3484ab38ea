"""The declaration of a page: where it is found, who may see it, what it shows. `webapp/pages.py` lists all of them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, Literal, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from webapp import session
from webapp.actions import Action
from webapp.computed import RETRY_SECONDS, BeingComputed, missing
from webapp.context import Context
from webapp.exports import Export
from webapp.exports.answer import answer as export_answer
from webapp.fragments import changes, marked
from webapp.layout import Layout
from webapp.menu import Entry
from webapp.rendering import page as page_text
from webapp.rendering import render
from webapp.routes import ActionRoute, check

HELD_HEADER = "x-live"
"""With it an open page says what it holds (`webapp/fragments.py`), and gets what changed."""
_REST_S, _LONGEST_REST_S, _REST_TIMES = 1.0, 60.0, 20.0
_UNKEPT = {"Cache-Control": "no-store"}


class Visit(Struct, frozen=True):
    """What loading a page starts from: here the request alone. Pages of figures have more, see `View`."""

    request: Request

    @property
    def layout(self) -> Layout:
        return Layout(live=True)

    async def lacking(self) -> frozenset[str]:
        """The projections that are not there for this visit; see `webapp/computed.py`."""
        return frozenset()

    async def untouched(self) -> bool:
        """Whether nothing was ever sold where this visit looks, see `Layout.untouched`."""
        return False

    async def instead(self, needs: Sequence[str]) -> Response | None:
        """The page to show where figures are not there that are needed; None where all of them are."""
        if not missing(needs, await self.lacking()):
            return None
        layout = msgspec.structs.replace(self.layout, live=False)
        context = BeingComputed(kept=layout.as_of is not None, again=layout.at_present)
        if context.kept:
            return render(self.request, context, 404, layout=layout)
        return render(self.request, context, 503, {"Retry-After": str(RETRY_SECONDS)}, layout=layout)


V = TypeVar("V", bound=Visit)


class Gate(Struct, Generic[V], frozen=True):
    """Who may see a page. `open` gives what loading starts from, or what is shown instead; it raises for who has to
    sign in, and for an outlet or a report that is not there. Pages of `figures` lead on within a kept report."""

    who: Literal["anybody", "owner", "licence"]
    open: Callable[[Request], Awaitable[V | Response]]
    figures: bool = False


class Download(Struct, Generic[V], frozen=True):
    """A list of a page as a file, at `path` with `.csv` or `.xlsx`, behind the page's gate. `needs` as for a page."""

    path: str
    load: Callable[[V], Awaitable[Export]]
    needs: tuple[str, ...] = ()


class Page(Struct, Generic[V], frozen=True, kw_only=True):
    """A page. `action` is what its reader has to be allowed (`webapp/actions.py`), for its files "export" as well. What
    `load` returns, as its signature says, are the contexts that the page shows, or a response in their place.
    `chooser`: the chooser of outlets stands on it. `live`: its parts (`data-part`) follow new data. `needs`: what its
    figures are read from beside what every page needs (`webapp/computed.py`)."""

    path: str
    action: Action
    gate: Gate[V]
    load: Callable[[V], Awaitable[Context | Response]]
    menu: Entry | None = None
    chooser: bool = False
    live: bool = False
    needs: tuple[str, ...] = ()
    downloads: tuple[Download[V], ...] = ()

    @property
    def contexts(self) -> list[type[Context]]:
        """The contexts that `load` returns; the first one is the page's own."""
        hint = get_type_hints(self.load)["return"]
        return [kind for kind in get_args(hint) or (hint,) if issubclass(kind, Context)]

    def routes(self) -> list[BaseRoute]:
        return [
            ActionRoute(self.path, self._answer, self.action),
            *(self._download(download) for download in self.downloads),
        ]

    async def _answer(self, request: Request) -> Response:
        started = time.monotonic()
        visit = await self.gate.open(request)
        if isinstance(visit, Response):
            return visit
        if instead := await visit.instead(self.needs):
            return instead
        context = await self.load(visit)
        if isinstance(context, Response):
            return context
        layout = visit.layout
        layout = msgspec.structs.replace(
            layout, live=layout.live and self.live, chooser=self.chooser, untouched=await visit.untouched()
        )
        if not layout.live:
            return render(request, context, layout=layout)
        text = page_text(request, context, layout)
        if held := request.headers.get(HELD_HEADER):
            found = changes(text, held, _rest_ms(time.monotonic() - started))
            return Response(msgspec.json.encode(found), media_type="application/json", headers=_UNKEPT)
        return HTMLResponse(marked(text), headers=_UNKEPT)

    def _download(self, download: Download[V]) -> ActionRoute:
        async def answer(request: Request) -> Response:
            await check(request, self.action)
            visit = await self.gate.open(request)
            if isinstance(visit, Response):
                return visit
            if instead := await visit.instead(download.needs):
                return instead
            return await export_answer(request, await download.load(visit), request.path_params["form"])

        return ActionRoute(download.path + ".{form}", answer, "export")


AnyPage = Page[Any]


def _rest_ms(seconds: float) -> int:
    """How long a page rests that took so many seconds, waiting included: a second at the least, and longer the dearer
    it is: twenty times as long as it took."""
    return round(min(_LONGEST_REST_S, max(_REST_S, _REST_TIMES * seconds)) * 1000)


async def _anybody(request: Request) -> Visit:
    return Visit(request)


async def _owner(request: Request) -> Visit:
    session.required(request)
    return Visit(request)


ANYBODY = Gate("anybody", _anybody)
OWNER = Gate("owner", _owner)
