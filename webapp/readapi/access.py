"""Whose call it is and what it may see: bearer token, outlet, licence, in this order."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Struct
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.errors import InfrastructureUnreachable
from schemas.tokens import digest
from webapp import acting
from webapp.account import Account
from webapp.account_outlets import Holder, Outlet, holder_of_token, outlets
from webapp.acting import Acting
from webapp.actions import allowed
from webapp.completeness.logends import AskLog, caught_up
from webapp.computed import RETRY_SECONDS, missing
from webapp.database import Connection, Database, NotReady, TookTooLong
from webapp.hangup import HangUp
from webapp.rates import Rate
from webapp.readapi.answers import Refused, answer, not_found, refusal
from webapp.readapi.parameters import Parameters
from webapp.readapi.resource import Answer
from webapp.shares import Busy
from webapp.site import utc_now

_rate = Rate(per_second=50, burst=500)
log = structlog.get_logger(__name__)

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]  # all come here, or the pages would answer some of them


class Call(Struct, frozen=True):
    """An admitted call about one outlet: a snapshot to read from, the parameters, the ids in the path, the moment.

    `behind`: the snapshot may lack what was acknowledged before; found out for calls that want to know.
    """

    connection: Connection
    outlet: Outlet
    parameters: Parameters
    path: dict[str, str]
    now: datetime
    behind: bool = False


def account_route(
    database: Database,
    path: str,
    endpoint: Callable[[Connection, list[Outlet]], Awaitable[Answer]],
    needs: Sequence[str] = (),
) -> Route:
    """A route that answers with what `endpoint` returns for the account's outlets."""

    async def respond(request: Request) -> Response:
        account = (await _holder(database, request)).account
        account_outlets = await outlets(database, account)
        await _computed(database, needs)
        async with database.reading(account) as connection:
            return answer(await endpoint(connection, account_outlets))

    return Route(path, _guarded(respond), methods=_METHODS, middleware=[Middleware(HangUp)])


def outlet_route(
    database: Database,
    path: str,
    endpoint: Callable[[Call], Awaitable[Answer]],
    needs: Sequence[str] = (),
    log_ends: AskLog | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Route:
    """A route below `/outlets/{outlet_id}` that answers with what `endpoint` returns for that outlet. With `log_ends`
    it waits a moment for what was acknowledged before, and says where that is not enough."""

    async def respond(request: Request) -> Response:
        account = (await _holder(database, request)).account
        outlet_id = _uuid(request.path_params["outlet_id"])
        outlet = await _outlet(database, account, outlet_id)
        if not outlet.licensed:
            raise Refused(402, "licence_expired", "The licence of this outlet has expired; its data is kept.")
        if any("\0" in value for value in request.path_params.values()):
            raise not_found("id")
        await _computed(database, needs)
        async with caught_up(log_ends, lambda: database.reading(account), [outlet_id]) as (connection, behind):
            parameters = Parameters(request.query_params)
            call = Call(connection, outlet, parameters, request.path_params, clock(), bool(behind))
            return answer(await endpoint(call))

    return Route(path, _guarded(respond), methods=_METHODS, middleware=[Middleware(HangUp)])


def _guarded(respond: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        try:
            if request.method not in ("GET", "HEAD"):
                raise Refused(405, "method_not_allowed", "This address takes GET.", {"Allow": "GET, HEAD"})
            return await respond(request)
        except Refused as exc:
            return refusal(exc)
        except TookTooLong:
            log.warning("call took too long", path=request.url.path)
            return refusal(Refused(504, "took_too_long", "Ask for a shorter range of days."))
        except (InfrastructureUnreachable, NotReady, Busy) as exc:
            log.warning("call failed", path=request.url.path, error=str(exc))
            return refusal(Refused(503, "unavailable", "Try again in a few seconds.", {"Retry-After": "5"}))
        except Exception as exc:  # a program that asked gets JSON, whatever went wrong
            log.error("call failed", path=request.url.path, exc_info=exc)
            return refusal(Refused(500, "internal", "Something went wrong; it has been noted."))

    return guarded


async def _computed(database: Database, needs: Sequence[str]) -> None:
    """Raises 503 until the live generation has what the call reads."""
    if missing(needs, await database.lacking()):
        detail = "These figures are being computed from all receipts, which usually takes minutes."
        raise Refused(503, "being_computed", detail, {"Retry-After": str(RETRY_SECONDS)})


async def _holder(database: Database, request: Request) -> Holder:
    """Whose the bearer token is; raises 401 for a missing, unknown or revoked one, 429 for too many calls, 403 where
    he may not read figures."""
    acting.begin()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        holder = await holder_of_token(database, digest(token.strip()))
        if holder is not None:
            if seconds := _rate.wait_seconds(holder.account_id, time.monotonic()):
                wait = {"Retry-After": str(seconds)}
                raise Refused(429, "too_many_calls", "At most 50 calls a second for an account.", wait)
            if not allowed(holder.member, "figures"):
                raise Refused(403, "forbidden", "Who made this token may not read figures (any more).")
            acting.begin(Acting(None, holder.member.sees_costs))
            return holder
    detail = "An owner's token is expected: Authorization: Bearer wo_owner_…"
    raise Refused(401, "unauthorized", detail, {"WWW-Authenticate": 'Bearer realm="weboffice"'})


async def _outlet(database: Database, account: Account, outlet_id: UUID) -> Outlet:
    """The account's outlet of that id; raises 404 for a foreign or unknown one."""
    for outlet in await outlets(database, account):
        if outlet.outlet_id == outlet_id:
            return outlet
    raise not_found("outlet")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise not_found("outlet") from exc
