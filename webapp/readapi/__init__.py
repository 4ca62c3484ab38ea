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

_OUTLETS = "/api/v1/outlets"
_OUTLET = _OUTLETS + "/{outlet_id}"


def routes(database: Database) -> list[BaseRoute]:
    """The API's routes; they answer with JSON alone and know nothing of sessions."""
    return [
        account_route(database, _OUTLETS, figures.outlets),
        outlet_route(database, _OUTLET + "/daily", figures.daily),
        outlet_route(database, _OUTLET + "/payments", figures.payments),
        outlet_route(database, _OUTLET + "/stock", goods.stock),
        outlet_route(database, _OUTLET + "/sales", sales.listed),
        outlet_route(database, _OUTLET + "/contacts", contacts.listed),
        outlet_route(database, _OUTLET + "/sales/{sale_id:anything}", sales.card),
        outlet_route(database, _OUTLET + "/goods/{good_id:anything}", goods.card),
    ]
