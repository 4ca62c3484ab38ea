"""Every route says what is done there, and one place says who may."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from webapp.actions import OWNER, Action, Member, allowed
from webapp.app import Portal
from webapp.page import ANYBODY, Page, Visit
from webapp.roles import ROLES as INVITED_ROLES
from webapp.routes import ActionRoute
from webapp.translation import translations

SHOP, OTHER = uuid4(), uuid4()
ROLES = ("owner", "manager", "accountant", "seller")
# Action → the roles that may, and those of them who may who see one outlet of several alone.
WHO: dict[Action, tuple[str, str]] = {
    "anybody": ("owner manager accountant seller", "manager accountant seller"),
    "own": ("owner manager accountant seller", "manager accountant seller"),
    "today": ("owner manager accountant seller", "manager accountant seller"),
    "figures": ("owner manager accountant", "manager accountant"),
    "export": ("owner manager accountant", "manager accountant"),
    "close": ("owner", ""),
    "hear": ("owner manager accountant", "manager accountant"),
    "tokens": ("owner manager accountant", "manager accountant"),
    "outlets": ("owner manager", "manager"),
    "add_outlet": ("owner manager", ""),
    "remove": ("owner", ""),
    "invoices": ("owner accountant", ""),
    "money": ("owner", ""),
    "members": ("owner", ""),
    "journal": ("owner", ""),
    "settings": ("owner", ""),
}


def page_routes(portal: Portal) -> list[BaseRoute]:
    """The routes of the application that the pages are in."""
    mounted = [route for route in portal.routes() if isinstance(route, Mount) and route.name == "pages"]
    [pages] = mounted
    assert isinstance(pages.app, Starlette)
    return pages.app.routes


@pytest.mark.asvs("V8.3.1", "a route is no `ActionRoute`")
def test_every_route_has_an_action(tmp_path: Path) -> None:
    """A page, a file or a form that does not say what is done there is none: only static files are without."""
    portal = Portal("postgresql://nowhere", home=tmp_path, public_url="http://office.test", smtp_url=None)
    others = [route for route in page_routes(portal) if not isinstance(route, ActionRoute)]
    assert [route.path for route in others if isinstance(route, Mount)] == ["/static"]
    assert len(others) == 1


def test_a_page_without_an_action_is_an_error() -> None:
    """A page that is declared without its action can't be made."""

    async def load(visit: Visit) -> Response:
        raise AssertionError

    with pytest.raises(TypeError, match="action"):
        Page(path="/new", gate=ANYBODY, load=load)  # type: ignore[call-arg]


@pytest.mark.parametrize("action", list(WHO))
def test_who_may_do_what(action: Action) -> None:
    """Of each action exactly these roles may do it; with an outlet only where they see it."""
    everywhere, somewhere = (set(roles.split()) for roles in WHO[action])
    assert {role for role in ROLES if allowed(Member(role), action)} == everywhere  # type: ignore[arg-type]
    restricted = {role: Member(role, frozenset({SHOP})) for role in ROLES[1:]}  # type: ignore[arg-type]
    assert {role for role, member in restricted.items() if allowed(member, action)} == somewhere
    assert {role for role, member in restricted.items() if allowed(member, action, SHOP)} == somewhere
    assert not [role for role, member in restricted.items() if allowed(member, action, OTHER)]
    assert allowed(OWNER, action, OTHER)


def test_roles_are_told_in_russian() -> None:
    """A role has a word of its own: an invoice's seller, «Поставщик», is none of them."""
    russian = translations("ru").gettext
    assert [russian(words) for words in INVITED_ROLES.values()] == ["Управляющий", "Бухгалтер", "Продавец"]
