"""What holds of every page and file, whatever it shows: its headers, its forms, where it loads from."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.webapp import sitemap
from tests.webapp.kept import keep
from tests.webapp.reports.office import NOW, Office
from tests.webapp.visitor import Visitor
from webapp.pages import PAGES

_TYPES = ("text/html; charset=utf-8", "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument")
_ELSEWHERE = re.compile(r"""<(?:script|img|link|iframe|source|form)\b[^>]*?(?:src|href|action)=["'](?:https?:)?//""")


def _types(answer: httpx.Response) -> bool:
    return answer.headers["content-type"].startswith(_TYPES)


@pytest.mark.asvs("V4.1.1", "an answer does not say its type and charset")
@pytest.mark.asvs("V14.3.2", "a page or a file may be kept by the browser")
@pytest.mark.asvs("V14.2.2", "a page or a file may be kept by a cache on the way")
@pytest.mark.asvs("V3.2.1", "a file is shown in the browser as if it were a page")
@pytest.mark.asvs("V7.4.4", "a page behind sign-in has no form to sign out")
async def test_every_page_and_file(owner: Visitor, office: Office) -> None:
    """Each says its type with the charset, is kept nowhere, and loads from this site alone; each page can be signed out
    from, each file is a download."""
    keep(office.shop.postgres, "kept", NOW)
    for page in sitemap.of_account():
        for address in sitemap.addresses(page, office):
            answer = await owner.get(address)
            assert _types(answer), (address, answer.headers["content-type"])
            assert answer.headers["cache-control"] == "no-store", address
            assert '<form method="post" action="/sign-out"' in answer.text, address
            assert not _ELSEWHERE.search(answer.text), address
        for address in sitemap.downloads(page):
            answer = await owner.get(address)
            assert _types(answer), (address, answer.headers["content-type"])
            assert answer.headers["content-disposition"].startswith("attachment"), address
            assert "no-store" in answer.headers["cache-control"], address


@pytest.mark.asvs("V6.2.6", "a password is typed into a field of text")
@pytest.mark.asvs("V6.2.7", "a field refuses what is pasted, or programs that keep passwords")
async def test_passwords_are_masked_and_may_be_pasted(owner: Visitor) -> None:
    """Each field for a password is one, tells programs that keep passwords what it is for, and hinders no pasting; no
    script listens to that."""
    fields = []
    for path in ("/account", "/account/second-factor"):
        fields += re.findall(r"<input[^>]*password[^>]*>", (await owner.get(path)).text)
    await owner.post("/sign-out")
    for path in ("/sign-in", "/sign-up"):
        fields += re.findall(r"<input[^>]*password[^>]*>", (await owner.get(path)).text)
    assert len(fields) >= 3
    for field in fields:
        assert 'type="password"' in field, field
        assert re.search(r'autocomplete="(current|new)-password"', field), field
    for script in ("app", "account", "live", "charts", "more"):
        found = re.search(rf'src="(/static/[^"]*{script}[^"]*)"', (await owner.get("/sign-in")).text)
        text = (await owner.get(found[1])).text if found else ""
        assert "paste" not in text


@pytest.mark.asvs("V14.3.1", "signing out leaves what the browser keeps")
async def test_signing_out_clears_what_is_kept(owner: Visitor) -> None:
    """The browser is told to let go of what it keeps, and the page that comes next holds nothing of the account."""
    answer = await owner.post("/sign-out")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert "owner@example.com" not in (await owner.get(answer.headers["location"])).text


@pytest.mark.asvs("V13.4.3", "a folder of static files is listed")
@pytest.mark.asvs("V13.4.4", "TRACE is answered")
async def test_no_listings_and_no_trace(owner: Visitor) -> None:
    """No folder is listed, nothing outside of the static files is served, and TRACE is refused everywhere."""
    for path in ("/static/", "/static/fonts/", "/static/..%2fapp.py", "/static/../../pyproject.toml", "/.git/config"):
        answer = await owner.get(path)
        assert answer.status_code in (404, 405), path
        assert "charts.js" not in answer.text, path
    for path in ("/", "/sign-in", "/api/v1/outlets", "/static/app.js", *(page.path for page in PAGES[:5])):
        assert (await owner.http.request("TRACE", path)).status_code in (403, 404, 405), path


@pytest.mark.asvs("V4.1.2", "a program's call is led from http to https")
@pytest.mark.asvs("V15.3.7", "of a parameter that is given twice one is looked at and another used")
async def test_programs_are_not_led_on(owner: Visitor, office: Office) -> None:
    """The APIs lead nowhere else, whatever is asked; a parameter given twice counts as last given."""
    for path in ("/api/v1/outlets", "/api/v1/uploads", "/api/v1/nothing", "/api/v1"):
        answer = await owner.http.get(path, headers={"x-forwarded-proto": "http"})
        assert not answer.is_redirect, path
    token = {"Authorization": f"Bearer {office.shop.token}"}
    daily = f"/api/v1/outlets/{office.shop.outlet}/daily"
    for query in ("from=2026-11-20&from=nonsense", "to=2026-11-20&to=nonsense"):
        assert (await owner.http.get(f"{daily}?{query}", headers=token)).status_code == 422, query
    twice = await owner.http.get(f"{daily}?from=nonsense&from=2026-11-20", headers=token)
    once = await owner.http.get(f"{daily}?from=2026-11-20", headers=token)
    assert (twice.status_code, twice.content) == (200, once.content)


@pytest.mark.asvs("V6.2.5", "a password needs signs of several kinds")
@pytest.mark.asvs("V6.2.10", "a password has an end")
@pytest.mark.asvs("V6.3.2", "there is an account that nobody registered")
async def test_passwords_of_any_kind_for_as_long_as_wanted(visitor: Visitor) -> None:
    """There is no account before the first one is registered. Letters, digits or blanks alone make a password, and
    it signs in years later without a word about its age."""
    assert visitor.sql("SELECT count(*) FROM app.accounts") == [(0,)]
    for number, password in enumerate(("осенниелистьяпадают", "4815162342108971", "    three blanks    ")):
        email = f"p{number}@shop.example"
        path = await visitor.register(email, password)
        await visitor.post(path)
        visitor.sql("UPDATE app.accounts SET created_at = now() - interval '10 years' WHERE email = %s", email)
        await visitor.post("/sign-out")
        answer = await visitor.sign_in(email, password)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), password
        await visitor.post("/sign-out")
