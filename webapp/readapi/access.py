"""Whose call it is and what it may see: bearer token, outlet, licence, in this order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.errors import InfrastructureUnreachable
from schemas.tokens import digest
from webapp.database import Connection, Database, NotReady
from webapp.owned import Outlet, account_of_token, outlets
from webapp.readapi.answers import Refused, answer, not_found, refusal
from webapp.readapi.parameters import Parameters
from webapp.readapi.resource import Answer

log = structlog.get_logger(__name__)

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]  # all come here, or the pages would answer some of them


class Call(Struct, frozen=True):
    """An admitted call about one outlet: a snapshot to read from, the parameters, the ids in the path."""

    connection: Connection
    outlet: Outlet
    parameters: Parameters
    path: dict[str, str]


def account_route(
    database: Database, path: str, endpoint: Callable[[Connection, list[Outlet]], Awaitable[Answer]]
) -> Route:
    """A route that answers with what `endpoint` returns for the account's outlets."""

    async def respond(request: Request) -> Response:
        account_id = await _account(database, request)
        account_outlets = await outlets(database, account_id)
        async with database.reading(account_id) as connection:
            return answer(await endpoint(connection, account_outlets))

    return Route(path, _guarded(respond), methods=_METHODS)


def outlet_route(database: Database, path: str, endpoint: Callable[[Call], Awaitable[Answer]]) -> Route:
    """A route below `/outlets/{outlet_id}` that answers with what `endpoint` returns for that outlet."""

    async def respond(request: Request) -> Response:
        account_id = await _account(database, request)
        outlet_id = _uuid(request.path_params["outlet_id"])
        outlet = await _outlet(database, account_id, outlet_id)
        if not outlet.licensed:
            raise Refused(402, "licence_expired", "The licence of this outlet has expired; its data is kept.")
        if any("\0" in value for value in request.path_params.values()):
            raise not_found("id")
        async with database.reading(account_id) as connection:
            return answer(
                await endpoint(Call(connection, outlet, Parameters(request.query_params), request.path_params))
            )

    return Route(path, _guarded(respond), methods=_METHODS)


def _guarded(respond: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        try:
            if request.method not in ("GET", "HEAD"):
                raise Refused(405, "method_not_allowed", "This address takes GET.", {"Allow": "GET, HEAD"})
            return await respond(request)
        except Refused as exc:
            return refusal(exc)
        except (InfrastructureUnreachable, NotReady) as exc:
            log.warning("call failed", path=request.url.path, error=str(exc))
            return refusal(Refused(503, "unavailable", "Try again in a few seconds.", {"Retry-After": "5"}))
        except Exception as exc:  # a program that asked gets JSON, whatever went wrong
            log.error("call failed", path=request.url.path, exc_info=exc)
            return refusal(Refused(500, "internal", "Something went wrong; it has been noted."))

    return guarded


async def _account(database: Database, request: Request) -> UUID:
    """The account of the bearer token; raises 401 for a missing, unknown or revoked one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        account_id = await account_of_token(database, digest(token.strip()))
        if account_id is not None:
            return account_id
    detail = "An owner's token is expected: Authorization: Bearer wo_owner_…"
    raise Refused(401, "unauthorized", detail, {"WWW-Authenticate": 'Bearer realm="weboffice"'})


async def _outlet(database: Database, account_id: UUID, outlet_id: UUID) -> Outlet:
    """The account's outlet of that id; raises 404 for a foreign or unknown one."""
    for outlet in await outlets(database, account_id):
        if outlet.outlet_id == outlet_id:
            return outlet
    raise not_found("outlet")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise not_found("outlet") from exc
