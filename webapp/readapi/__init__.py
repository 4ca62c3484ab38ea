"""The read API of the contract: the portal's figures for owners' programs.

Decided here where the contract is silent: a call is refused in the order 401, 404, 402, 422; a range whose end lies
before its start is empty; a good or a sale is found under its id whatever characters that holds, slashes and breaks of
lines included.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.routing import BaseRoute

import webapp.addresses  # noqa: F401  # knows what `anything` is
from webapp.completeness.logends import AskLog
from webapp.database import Database
from webapp.readapi import completeness, contacts, figures, goods, sales, shifts, sold
from webapp.readapi.access import account_route, outlet_route
from webapp.readapi.resource import Resource

ROOT = "/api/v1/outlets"
RESOURCES: tuple[Resource, ...] = (
    figures.OUTLETS,
    completeness.COMPLETENESS,
    figures.DAILY,
    figures.HOURS,
    figures.PAYMENTS,
    figures.CASHIERS,
    shifts.SHIFTS,
    figures.TAXES,
    sold.SOLD,
    goods.STOCK,
    sales.SALES,
    sales.SALE,
    goods.GOOD,
    contacts.CONTACTS,
)


def routes(database: Database, log_ends: AskLog | None, clock: Callable[[], datetime]) -> list[BaseRoute]:
    """The API's routes; they answer with JSON alone and know nothing of sessions. `clock` tells what 'today' is."""
    return [_route(database, clock, resource, log_ends if resource.behind else None) for resource in RESOURCES]


def _route(database: Database, clock: Callable[[], datetime], resource: Resource, log_ends: AskLog | None) -> BaseRoute:
    path = ROOT + resource.path
    if "{outlet_id}" in resource.path:
        return outlet_route(database, path, resource.respond, resource.needs, log_ends, clock)
    return account_route(database, path, resource.respond, resource.needs)
