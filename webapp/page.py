"""The declaration of a page: where it is found, who may see it, what it shows. `webapp/pages.py` lists all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, Literal, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from webapp import session
from webapp.context import Context
from webapp.exports import Export, response
from webapp.layout import Layout
from webapp.menu import Entry
from webapp.rendering import render


class Visit(Struct, frozen=True):
    """What loading a page starts from: here the request alone. Pages of figures have more, see `View`."""

    request: Request

    @property
    def layout(self) -> Layout:
        return Layout(live=True)


V = TypeVar("V", bound=Visit)


class Gate(Struct, Generic[V], frozen=True):
    """Who may see a page. `open` gives what loading starts from, or what is shown instead; it raises for who has to
    sign in, and for an outlet or a report that is not there. Pages of `figures` lead on within a kept report."""

    who: Literal["anybody", "owner", "licence"]
    open: Callable[[Request], Awaitable[V | Response]]
    figures: bool = False


class Download(Struct, Generic[V], frozen=True):
    """A list of a page as a file, at `path` with `.csv` or `.xlsx`, behind the page's gate."""

    path: str
    load: Callable[[V], Awaitable[Export]]


class Page(Struct, Generic[V], frozen=True, kw_only=True):
    """A page. What `load` returns, as its signature says, are the contexts that the page shows, or a response in their
    place. `chooser`: the chooser of outlets stands on it. `live`: its parts (`data-part`) follow new data."""

    path: str
    gate: Gate[V]
    load: Callable[[V], Awaitable[Context | Response]]
    menu: Entry | None = None
    chooser: bool = False
    live: bool = False
    downloads: tuple[Download[V], ...] = ()

    @property
    def contexts(self) -> list[type[Context]]:
        """The contexts that `load` returns; the first one is the page's own."""
        hint = get_type_hints(self.load)["return"]
        return [kind for kind in get_args(hint) or (hint,) if issubclass(kind, Context)]

    def routes(self) -> list[BaseRoute]:
        return [Route(self.path, self._answer), *(self._download(download) for download in self.downloads)]

    async def _answer(self, request: Request) -> Response:
        visit = await self.gate.open(request)
        if isinstance(visit, Response):
            return visit
        context = await self.load(visit)
        if isinstance(context, Response):
            return context
        layout = visit.layout
        layout = msgspec.structs.replace(layout, live=layout.live and self.live, chooser=self.chooser)
        return render(request, context, layout=layout)

    def _download(self, download: Download[V]) -> Route:
        async def answer(request: Request) -> Response:
            visit = await self.gate.open(request)
            if isinstance(visit, Response):
                return visit
            return response(await download.load(visit), request.path_params["form"])

        return Route(download.path + ".{form}", answer)


AnyPage = Page[Any]


async def _anybody(request: Request) -> Visit:
    return Visit(request)


async def _owner(request: Request) -> Visit:
    session.required(request)
    return Visit(request)


ANYBODY = Gate("anybody", _anybody)
OWNER = Gate("owner", _owner)
