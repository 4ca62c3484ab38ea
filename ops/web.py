"""The HTTP processes: the gateway, the portal, or both on one port, run by uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ops import logins
from ops.http.headers import SafeAnswers
from ops.http.shortcut import Shortcut
from ops.logends import LogEndsOf
from ops.lookout import Lookout
from ops.reachable import kafka_answers, postgres_answers
from ops.running import Services
from ops.settings import Settings
from producers.gateway.app import UPLOADS_PATH, Gateway
from projections.models import versions
from webapp import openapi
from webapp.app import Portal

log = structlog.get_logger(__name__)

Part = Literal["gateway", "portal", "all"]
_ASK_AGAIN_S = 1.0


LOGINS: dict[Part, tuple[logins.Part, ...]] = {
    "gateway": ("gateway",),
    "portal": ("accounts", "portal"),
    "all": ("gateway", "accounts", "portal"),
}
"""What each logs in to PostgreSQL with."""


def application(part: Part, settings: Settings, services: Services, url: str) -> Starlette:
    """The ASGI application with the routes of one part, or of both."""
    kafka = services.kafka
    postgres = services.logins["accounts" if part == "portal" else "gateway"]
    lookout = Lookout(kafka, postgres, settings.topics)
    gateway = Gateway(kafka, postgres, settings.topics, in_log=lookout.in_log) if part != "portal" else None
    log_ends = LogEndsOf(kafka, settings.topics, lookout.stopped)
    portal = None
    if part != "gateway":
        portal = Portal(
            services.logins["accounts"],
            figures=services.logins["portal"],
            standby=logins.standby(settings, services.logins["portal"]),
            home=settings.home,
            public_url=settings.public_url or url,
            smtp_url=settings.smtp_url or None,
            payment_secret=settings.payment_secret or None,
            support_email=settings.support_email,
            telegram_bot=settings.telegram_bot,
            factor_keys=settings.factor_keys,
            push_key=settings.push_key,
            push_networks=settings.push_networks,
            closing_keys=settings.closing_keys,
            demo=settings.demo == "on",
            stale=versions.lacking,
            standstill_of=lookout.standstill,
            log_ends=log_ends,
        )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(lookout.looking())
            await stack.enter_async_context(log_ends.open())
            for found in (gateway, portal):
                if found is not None:
                    await stack.enter_async_context(found)
            yield

    routes: list[BaseRoute] = [
        Route("/healthz", _alive),
        Route("/readyz", _readiness(kafka, postgres, lookout, portal)),
    ]
    if gateway is not None:
        routes += gateway.routes()
    routes += portal.routes() if portal is not None else openapi.routes
    secure = (settings.public_url or url).startswith("https://")
    app = Shortcut(routes=routes, lifespan=lifespan, middleware=[Middleware(SafeAnswers, secure=secure)])
    if gateway is not None:
        app.direct = UPLOADS_PATH, SafeAnswers(gateway.uploads, secure)
    app.state.end_streams = portal.live.close if portal is not None else lambda: None
    return app


async def _alive(request: Request) -> Response:
    return PlainTextResponse("alive\n")


def _readiness(
    kafka: str, postgres: str, lookout: Lookout, portal: Portal | None
) -> Callable[[Request], Awaitable[Response]]:
    """Whether both answer; asked at most once a second, however often it is called.

    It also says which partitions of the logs wait for a decision, and of a standby whether figures are read from it and
    by how much it was behind. Uploads are taken and pages shown all the while, so neither makes the process unready.
    """
    standby = portal.database.standby if portal is not None else None
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
        if standby is not None:
            answer["standby"] = msgspec.to_builtins(standby.state)
        return JSONResponse(answer, status_code=200 if both else 503)

    return ready


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. It can be handed to a child process, so that a restart of it refuses nobody."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.create_server((host, port), family=family, backlog=1024)
    found.set_inheritable(True)
    return found
