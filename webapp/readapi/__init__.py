"""The read API of the contract: the portal's figures for owners' programs.

Decided here where the contract is silent: a call is refused in the order 401, 404, 402, 422; a range whose end lies
before its start is empty; a good or a sale is found under its id whatever characters that holds, slashes and breaks of
lines included.
"""

from __future__ import annotations

from starlette.routing import BaseRoute

import webapp.addresses  # noqa: F401  # knows what `anything` is
from webapp.database import Database
from webapp.readapi import contacts, figures, goods, sales
from webapp.readapi.access import account_route, outlet_route
from webapp.readapi.resource import Resource

ROOT = "/api/v1/outlets"
RESOURCES: tuple[Resource, ...] = (
    figures.OUTLETS,
    figures.DAILY,
    figures.PAYMENTS,
    goods.STOCK,
    sales.SALES,
    sales.SALE,
    goods.GOOD,
    contacts.CONTACTS,
)


def routes(database: Database) -> list[BaseRoute]:
    """The API's routes; they answer with JSON alone and know nothing of sessions."""
    return [
        (outlet_route if "{outlet_id}" in resource.path else account_route)(
            database, ROOT + resource.path, resource.respond
        )
        for resource in RESOURCES
    ]
