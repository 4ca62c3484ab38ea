"""The HTTP processes: the gateway, the portal, or both on one port, run by uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ops import garbage
from ops.logstate import Lookout
from ops.reachable import kafka_answers, postgres_answers
from ops.settings import Settings
from producers.gateway.app import Gateway
from webapp import openapi
from webapp.app import Portal

log = structlog.get_logger(__name__)

Part = Literal["gateway", "portal", "all"]
_ASK_AGAIN_S = 1.0


def application(part: Part, settings: Settings, kafka: str, postgres: str, url: str) -> Starlette:
    """The ASGI application with the routes of one part, or of both."""
    gateway = Gateway(kafka, postgres, settings.topics) if part != "portal" else None
    lookout = Lookout(kafka, postgres, settings.topics)
    portal = None
    if part != "gateway":
        portal = Portal(
            postgres,
            home=settings.home,
            public_url=settings.public_url or url,
            smtp_url=settings.smtp_url or None,
            payment_secret=settings.payment_secret or None,
        )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(lookout.looking())
            for found in (gateway, portal):
                if found is not None:
                    await stack.enter_async_context(found)
            yield

    routes: list[BaseRoute] = [Route("/healthz", _alive), Route("/readyz", _readiness(kafka, postgres, lookout))]
    if gateway is not None:
        routes += gateway.routes()
    routes += portal.routes() if portal is not None else openapi.routes
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.end_streams = portal.live.close if portal is not None else lambda: None
    return app


async def _alive(request: Request) -> Response:
    return PlainTextResponse("alive\n")


def _readiness(kafka: str, postgres: str, lookout: Lookout) -> Callable[[Request], Awaitable[Response]]:
    """Whether both answer; asked at most once a second, however often it is called.

    It also says which partitions of the logs wait for a decision. Uploads are taken and pages shown all the while, so
    that alone does not make the process unready.
    """
    lock = asyncio.Lock()
    asked_at = -math.inf
    found: dict[str, bool] = {}

    async def ready(request: Request) -> Response:
        nonlocal asked_at, found
        async with lock:
            if time.monotonic() - asked_at > (_ASK_AGAIN_S if all(found.values()) else _ASK_AGAIN_S / 10):
                results = await asyncio.gather(kafka_answers(kafka), postgres_answers(postgres))
                found = dict(zip(("kafka", "postgres"), results, strict=True))
                asked_at = time.monotonic()
            both = all(found.values())
        stopped = [{"place": fault.place, "fault": fault.kind} for fault in lookout.faults]
        answer = {"ready": both, **found, **({"stopped": stopped} if stopped else {})}
        return JSONResponse(answer, status_code=200 if both else 503)

    return ready


def serve(app: Starlette, listening: socket.socket) -> None:
    """Serves on a socket that listens already, until SIGTERM; requests in hand get 8 s to end."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # the parts log their own requests
        server_header=False,
        timeout_graceful_shutdown=8,
        h11_max_incomplete_event_size=64 * 1024,
        lifespan="on",
    )
    garbage.collect_seldom()
    _Server(config, app.state.end_streams).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Ends the streams of open pages first, or stopping would wait for them until its time is over."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_streams()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. It can be handed to a child process, so that a restart of it refuses nobody."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.create_server((host, port), family=family, backlog=1024)
    found.set_inheritable(True)
    return found
