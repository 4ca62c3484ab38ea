"""What the processes of a service log in with, for tests that make a part of one themselves."""

from __future__ import annotations

from ops.logins import PARTS, Part, login
from ops.running import Services

_OWNERS: dict[str, str] = {}


def as_role(postgres: str, part: Part) -> str:
    """The login of a part, on the database of the owner's URL."""
    url = login(postgres, part)
    _OWNERS[url] = postgres
    return url


def owner_of(url: str) -> str:
    """The owner's URL of a database, from that of a login that `as_role` gave."""
    return _OWNERS.get(url, url)


def services_of(kafka: str, postgres: str) -> Services:
    """Addresses with every part's login."""
    return Services(kafka, "", {part: login(postgres, part) for part in PARTS})
