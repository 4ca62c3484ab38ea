"""No address of ours leads visitors to another site."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest

from tests.webapp.visitor import PASSWORD, Visitor

OWNER = "owner@shop.example"
WEBAPP = Path(__file__).parents[2] / "webapp"
HOSTILE = [
    "//evil.example",
    "///evil.example",
    "////evil.example/x",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    "//\tevil.example",
    "/\x0b/evil.example",
    "/\x01/evil.example",
    "/\u2028/evil.example",
    "/\ufeff/evil.example",
    "http:evil.example",
    "http:/evil.example",
    "https://evil.example/",
    "HTTPS:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "//user:password@evil.example",
    "//office.test@evil.example",
    "//office.test:80@evil.example",
    "@evil.example",
    "evil.example",
    ".evil.example",
    "?x",
    "#x",
    "",
]
# Odd, but a browser stays here: it takes neither %2f nor letters that look like a slash for one.
OURS = [
    "/",
    "/sales?from=2026-01-01&to=2026-01-31",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/.//evil.example",
    "/@evil.example",
    "/\uff0fevil.example",
    "/\u2215evil.example",
    "/\u29f8/evil.example",
    "/goods/card?good=//evil.example",
    "/x#//evil.example",
]


@pytest.mark.asvs("V3.7.2", "`local` takes another site's address")
@pytest.mark.asvs("V1.2.2", "`local` takes `javascript:` or another site's address")
async def test_a_form_leads_to_pages_of_ours_alone(visitor: Visitor) -> None:
    """Whatever `next` says, every form that has one leads to this site, and to its dashboard where `next` does not."""
    await visitor.join(OWNER)

    async def lead(path: str, target: str, **fields: Any) -> str:
        answer = await visitor.post(path, next=target, **fields)
        assert answer.status_code == 303, (path, answer.status_code)
        return str(answer.headers["location"])

    for target in (*HOSTILE, *OURS):
        for location in (
            await lead("/theme", target, theme="dark"),
            await lead("/choose-outlet", target, outlet=""),
            await lead("/locale", target, locale="ru"),
        ):
            check(location, target)


async def test_the_way_through_the_sign_in_stays_here(visitor: Visitor, stranger: Visitor) -> None:
    """The sign-in leads to this site whether `next` came in its address or in its form, signed in already or not."""
    await visitor.join(OWNER)
    for target in (*HOSTILE, *OURS):
        signed_in = await visitor.get(f"/sign-in?next={quote(target)}")
        assert signed_in.status_code == 303
        check(signed_in.headers["location"], target)
        page = (await stranger.get(f"/sign-in?next={quote(target)}")).text
        assert target in OURS or "evil" not in page
    # The form, with a password that costs time, tries one way through each rule of the guard.
    for target in ("///evil.example", "/\\evil.example", "/\t/evil.example", "http:evil.example", "/%2f/evil.example"):
        answer = await visitor.post("/sign-in", email=OWNER, password=PASSWORD, next=target)
        assert answer.status_code == 303
        check(answer.headers["location"], target)


@pytest.mark.parametrize(
    "path", ["//evil.example/", "///evil.example/", "/%2f/evil.example/", "/\\evil.example/", "/%0a/evil.example/"]
)
async def test_an_odd_address_of_ours_leads_nowhere_else(visitor: Visitor, path: str) -> None:
    """An address that no page has is not answered with a way to another site, not even for a slash at its end."""
    for method in ("GET", "POST"):
        answer = await visitor.http.request(
            method, httpx.URL(scheme="http", host="office.test", raw_path=path.encode())
        )
        location = urljoin("http://office.test/", answer.headers.get("location", "/"))
        assert urlsplit(location).netloc == "office.test", location


def test_one_module_makes_redirects() -> None:
    """Nothing but `webapp.redirects` answers with a redirect, so nothing goes past its guard."""
    makers = set()
    for path in WEBAPP.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        read = {id(one) for call in calls if ast.unparse(call.func).endswith("headers.get") for one in call.args}
        made: list[ast.AST] = [call for call in calls if ast.unparse(call.func).endswith("RedirectResponse")]
        made += [
            node for node in nodes if isinstance(node, ast.Constant) and _is_location(node) and id(node) not in read
        ]
        if made:
            makers.add(path.relative_to(WEBAPP).as_posix())
    assert makers == {"redirects.py"}


def _is_location(node: ast.Constant) -> bool:
    return str(node.value).lower() == "location"


def check(location: str, target: str) -> None:
    """A browser that is on this site and sent to `location` stays here; a sound target is kept."""
    assert "\\" not in location
    assert location.isascii()
    assert location.isprintable()
    assert location.startswith("/")
    assert not location.startswith("//")
    assert urlsplit(urljoin("http://office.test/sign-in", location)).netloc == "office.test"
    assert location == (quote(target, safe=":/%#?=@[]!$&'()*+,;") if target in OURS else "/")
