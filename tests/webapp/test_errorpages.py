"""What a person sees when a page can't be shown, in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.webapp.visitor import Visitor
from webapp import errorpages
from webapp.app import Portal


@pytest.mark.parametrize("path", ["/no-such-page", "/no-such%0Apage", "/sales/%0A", "/static/no%0Asuch"])
@pytest.mark.parametrize(("language", "said"), [("ru", "Такой страницы нет"), ("en", "There is no such page")])
async def test_a_page_that_is_not_there(visitor: Visitor, language: str, said: str, path: str) -> None:
    """An unknown address is 404, in the visitor's language, with the way to the dashboard; a line break in it too."""
    answer = await visitor.get(path, **{"accept-language": language})
    assert (answer.status_code, said in answer.text) == (404, True)
    assert f'<html lang="{language}"' in answer.text
    assert 'href="/"' in answer.text


async def test_an_owner_keeps_the_menu(visitor: Visitor) -> None:
    """Who is signed in finds the menu on the page of a mistyped address, and one heading."""
    await visitor.join()
    answer = await visitor.get("/no-such-page")
    assert answer.status_code == 404
    assert 'href="/sales"' in answer.text
    assert answer.text.count("<h1>") == 1


@pytest.mark.parametrize(("language", "said"), [("ru", "Данные сейчас недоступны"), ("en", "Data is not available")])
@pytest.mark.asvs("V16.5.2", "a page waits without end")
async def test_postgresql_is_away(tmp_path: Path, language: str, said: str) -> None:
    """Without PostgreSQL pages are 503 with Retry-After, and say that nothing is lost."""
    away = "postgresql://nobody@127.0.0.1:1/nothing"
    portal = Portal(away, home=tmp_path, public_url="http://office.test", smtp_url=None)
    portal.database._pool.timeout = 0.3
    transport = httpx.ASGITransport(app=Starlette(routes=portal.routes()), raise_app_exceptions=False)
    async with portal.database, httpx.AsyncClient(transport=transport, base_url="http://office.test") as client:
        answer = await client.get("/", headers={"accept-language": language, "cookie": "session=x"})
        if answer.status_code == 303:  # nobody is signed in without a look into the database
            answer = await client.get("/tariffs", headers={"accept-language": language})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert said in answer.text


@pytest.fixture
async def broken(portal: Portal) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application whose one page fails."""

    async def fail(request: Request) -> Response:
        raise RuntimeError("no figure")

    app = Starlette(routes=[Route("/", fail)], exception_handlers=errorpages.handlers)
    app.state.site = portal
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://office.test") as client:
        yield client


@pytest.mark.parametrize(("language", "said"), [("ru", "Что-то пошло не так"), ("en", "Something went wrong")])
@pytest.mark.asvs("V16.5.3", "a page shows its error")
@pytest.mark.asvs("V13.4.2", "the application runs in its debug mode")
async def test_a_bug(broken: httpx.AsyncClient, language: str, said: str) -> None:
    """An error of ours is 500, tells nothing of the inside, and is in the visitor's language."""
    answer = await broken.get("/", headers={"accept-language": language})
    assert (answer.status_code, said in answer.text) == (500, True)
    assert "no figure" not in answer.text
    assert "Traceback" not in answer.text


async def test_the_manifest(visitor: Visitor) -> None:
    """A phone finds what it needs to install the portal: a name, a start page, and icons that are there."""
    page = (await visitor.get("/sign-in")).text
    assert '<link rel="manifest" href="/app.webmanifest">' in page
    said = (await visitor.get("/app.webmanifest")).json()
    assert (said["name"], said["start_url"], said["display"]) == ("Веб-офис", "/?home", "standalone")
    assert {icon["sizes"] for icon in said["icons"]} >= {"192x192", "512x512"}
    for icon in said["icons"]:
        answer = await visitor.get(icon["src"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
