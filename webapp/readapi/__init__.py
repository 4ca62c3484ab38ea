"""The read API of the contract: the portal's figures for owners' programs."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.database import Database


def routes(database: Database) -> list[BaseRoute]:
    """The API's routes; they answer with JSON alone and know nothing of sessions."""
    return []
