"""Every page of the list, whatever it shows: who may see it, in which language, and that the menu leads to it."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from tests.webapp import sitemap
from tests.webapp.kept import keep
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW, Office
from tests.webapp.shop import Shop
from tests.webapp.visitor import Visitor
from webapp.pages import MENU, PAGES

FIGURES = [page for page in PAGES if page.gate.who == "licence"]


@pytest.mark.parametrize("locale", ["ru", "en"])
async def test_every_page_is_shown(owner: Visitor, office: Office, locale: str) -> None:
    """Each page opens in either language, with one heading and a title; the menu says where its owner is. Percentages
    are written as the language writes them."""
    keep(office.shop.postgres, "kept", NOW - timedelta(hours=1))
    await owner.post("/locale", locale=locale)
    for page in sitemap.of_account():
        for address in sitemap.addresses(page, office):
            answer = await owner.get(address)
            assert answer.status_code == 200, address
            assert f'<html lang="{locale}"' in answer.text, address
            assert len(re.findall(r"<h1>\s*[^<\s]", answer.text)) == 1, address
            assert re.search(r"<title>[^·]*\w[^·]* · ", answer.text), address
            text = html.unescape(re.sub("<script.*?</script>|<[^>]+>", "", answer.text, flags=re.DOTALL))
            wrong = r"\d\s%" if locale == "en" else r"\d%(?![A-Z0-9])"
            assert not re.search(wrong, text), (address, re.findall(f".{{20}}{wrong}", text))
            if page.menu:
                assert f'href="{page.path}" aria-current="page"' in answer.text, address
        for address in sitemap.downloads(page):
            assert (await owner.get(address)).status_code == 200, address


@pytest.mark.parametrize("locale", ["ru", "en"])
async def test_every_public_page_is_shown(visitor: Visitor, locale: str) -> None:
    """A visitor sees what is for anybody, in either language; a link that leads nowhere says so."""
    for page in PAGES:
        if page.gate.who == "anybody":
            answer = await visitor.get(page.path.replace("{secret}", "nothing"), **{"accept-language": locale})
            if page.path == "/sign-in/code":  # asked after a password alone
                assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
                continue
            assert answer.status_code == (410 if "{secret}" in page.path else 200), page.path
            assert f'<html lang="{locale}"' in answer.text, page.path
            assert len(re.findall("<h1>", answer.text)) == 1, page.path


async def test_the_menu_leads_to_its_pages(owner: Visitor) -> None:
    """The menu holds an entry for each page that has one, in the order of the list."""
    menu = (await owner.get("/")).text.split('<nav class="menu"')[1].split("</nav>")[0]
    assert [html.unescape(path) for path in re.findall(r'href="([^"]+)"', menu)] == [link.path for link in MENU]


@pytest.mark.asvs("V8.2.1", "a page has the gate ANYBODY")
async def test_a_visitor_is_sent_to_sign_in(visitor: Visitor, office: Office) -> None:
    """Every page and every file of an account sends a visitor to sign in, and nothing of it is shown."""
    for page in sitemap.of_account():
        for address in (*sitemap.addresses(page, office), *sitemap.downloads(page)):
            answer = await visitor.get(address)
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), address


@pytest.mark.asvs("V8.2.2", "`open_view` takes any outlet")
async def test_foreign_outlets_are_not_found(owner: Visitor, office: Office, stranger: Visitor) -> None:
    """Every page of figures, every file and every page of an outlet is 404 for the owner of other outlets."""
    Shop(office.shop.postgres, "other@example.com", ["Чужая"])
    await enter(stranger, office.shop.postgres, "other@example.com")
    foreign = [f"{page.path}?outlet={office.shop.outlet}" for page in FIGURES]
    foreign += [f"{file}?outlet={office.shop.outlet}" for page in FIGURES for file in sitemap.downloads(page)]
    foreign += [address for page in PAGES if "{outlet_id" in page.path for address in sitemap.addresses(page, office)]
    for address in foreign:
        assert (await stranger.get(address)).status_code == 404, address


async def test_without_a_licence_no_figures_are_shown(owner: Visitor, office: Office) -> None:
    """Every page of figures of an outlet whose licence is over, and every file, says what is needed instead."""
    office.shop.change("UPDATE app.accounts SET trial_until = now() - interval '1 day'")
    for page in FIGURES:
        for address in (page.path, *sitemap.downloads(page)):
            answer = await owner.get(f"{address}?outlet={office.shop.outlet}")
            assert (answer.status_code, "₽" in answer.text) == (402, False), address


async def test_a_newcomer_is_told_what_to_do(visitor: Visitor) -> None:
    """Every page of figures of an account without outlets says how to add one."""
    await visitor.join()
    for page in PAGES:
        if page.gate.figures:
            answer = await visitor.get(page.path)
            assert (answer.status_code, "Добавить" in answer.text) == (200, True), page.path
