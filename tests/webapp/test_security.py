"""What binds every page: other sites' requests, headers, cookies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.webapp.visitor import Visitor
from webapp.app import Portal

OWNER = "owner@shop.example"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://office.test"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "", "Referer": "http://office.test/"},
    ],
)
@pytest.mark.asvs("V3.5.1", "CrossSiteRefusal is taken out")
async def test_another_sites_form_is_refused(visitor: Visitor, headers: dict[str, str]) -> None:
    """A form that a page of ours did not send gets 403 and changes nothing, signed in or not."""
    await visitor.join(OWNER)
    for path in ("/sign-out", "/outlets", "/first-steps", "/sign-in", "/account/password", "/theme", "/no-such-page"):
        answer = await visitor.post(path, headers=headers, name="x", zone="Europe/Moscow", currency="RUB")
        assert answer.status_code == 403, path
    assert await visitor.is_signed_in()
    assert not visitor.sql("SELECT 1 FROM app.outlets")


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "", "Origin": "http://office.test"}]
)
async def test_a_form_of_ours_is_taken(visitor: Visitor, headers: dict[str, str]) -> None:
    """By Sec-Fetch-Site, or by the Origin where a browser does not send that."""
    await visitor.join(OWNER)
    assert (await visitor.post("/sign-out", headers=headers)).status_code == 303


@pytest.mark.asvs("V3.4.3", "the policy is not sent")
@pytest.mark.asvs("V3.4.5", "no Referrer-Policy is sent")
@pytest.mark.asvs("V3.4.6", "frame-ancestors is left out")
@pytest.mark.asvs("V3.4.4", "no `nosniff` is sent")
@pytest.mark.asvs("V3.7.1", "the policy lets plugins in")
@pytest.mark.asvs("V14.2.3", "the policy lets pages load from, or send to, other sites")
async def test_every_page_says_what_browsers_may_do(visitor: Visitor) -> None:
    """CSP without unsafe-inline, no sniffing, no framing, no caching; on errors and redirects too."""
    for path in ("/sign-in", "/no-such-page", "/outlets", "/tariffs"):
        headers = (await visitor.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers


async def test_pages_hold_nothing_inline(visitor: Visitor) -> None:
    """No inline script, style or handler, which the policy would refuse."""
    await visitor.join(OWNER)
    for path in ("/sign-in", "/sign-up", "/tariffs", "/account", "/first-steps", "/outlets", "/licences"):
        text = (await visitor.get(path)).text
        assert " style=" not in text
        assert "<style" not in text
        assert "onclick" not in text
        assert "<script>" not in text


async def test_the_apis_are_left_alone(visitor: Visitor) -> None:
    """A program's request needs no origin, gets no session and no page's headers."""
    answer = await visitor.http.get("/api/v1/outlets")
    assert answer.status_code == 401
    assert "content-security-policy" not in answer.headers


@pytest.mark.asvs("V3.3.1", "the cookie is not Secure")
@pytest.mark.asvs("V3.3.3", "the cookie has another name")
@pytest.mark.asvs("V3.3.4", "scripts read the cookie")
@pytest.mark.asvs("V3.3.2", "the cookie has no SameSite")
async def test_under_https_the_cookie_is_bound_to_the_host(postgres: str, tmp_path: Path) -> None:
    """`__Host-`, Secure, HttpOnly and SameSite=Lax; HSTS on the pages."""
    async with Portal(postgres, home=tmp_path, public_url="https://office.test", smtp_url=None) as portal:
        visitor = Visitor(portal)
        path = await visitor.register(OWNER)
        answer = await visitor.post(path)
        [cookie] = [c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-weboffice=")]
        assert {part.strip().lower() for part in cookie.split(";")[1:]} >= {
            "secure",
            "httponly",
            "samesite=lax",
            "path=/",
        }
        assert "domain" not in cookie.lower()
        assert await visitor.is_signed_in()
        assert "max-age" in (await visitor.get("/sign-in")).headers["strict-transport-security"]


async def test_a_body_that_no_page_sends_is_refused(visitor: Visitor) -> None:
    """Too large, of another type, not text, with U+0000: 413, 415, 400."""
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    for content, status in ((b"a=" + b"x" * 140_000, 413), (b"email=%ff", 400), (b"email=%00", 400)):
        assert (await visitor.http.post("/sign-in", content=content, headers=headers)).status_code == status
    json = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    assert (await visitor.http.post("/sign-in", content=b"{}", headers=json)).status_code == 415
