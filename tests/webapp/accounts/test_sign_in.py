"""Signing in and out."""

from __future__ import annotations

import statistics
import time

import httpx
import pytest

from ops.provisioning import create_sign_in_link, provision
from schemas.tokens import digest
from tests.webapp.visitor import PASSWORD, Visitor, link

OWNER = "owner@shop.example"


async def test_the_password_signs_in_and_sign_out_ends_the_session(visitor: Visitor, stranger: Visitor) -> None:
    """A session starts with the right password only; signing out removes it from the table, not just the cookie."""
    await visitor.join(OWNER)
    assert (await stranger.sign_in(OWNER, "wrong password here")).status_code == 422
    assert not await stranger.is_signed_in()
    assert (await stranger.sign_in(OWNER.upper())).status_code == 303
    assert await stranger.is_signed_in()
    kept = stranger.http.cookies["weboffice"]
    await stranger.post("/sign-out")
    assert not await stranger.is_signed_in()
    assert (await stranger.get("/account", Cookie=f"weboffice={kept}")).status_code == 303
    assert await visitor.is_signed_in()


async def test_an_unknown_address_is_answered_like_a_wrong_password(visitor: Visitor, stranger: Visitor) -> None:
    """The same page and the same work: a hash is compared in both cases, so time tells nothing either."""
    await visitor.join(OWNER)
    took: dict[str, list[float]] = {OWNER: [], "nobody@shop.example": []}
    pages = set()
    for _ in range(4):
        for address, seconds in took.items():
            start = time.perf_counter()
            answer = await stranger.sign_in(address, "wrong password here")
            seconds.append(time.perf_counter() - start)
            assert answer.status_code == 422
            pages.add(answer.text.replace(address, ""))
    assert len(pages) == 1
    known, unknown = (statistics.median(seconds) for seconds in took.values())
    assert unknown > known / 3


async def test_a_session_planted_before_sign_in_is_worth_nothing(visitor: Visitor, stranger: Visitor) -> None:
    """Signing in never adopts the cookie that the browser came with; the session it belonged to ends (fixation)."""
    await visitor.join("attacker@shop.example")
    planted = visitor.http.cookies["weboffice"]
    await Visitor(stranger.portal).join(OWNER)
    answer = await stranger.post("/sign-in", headers={"Cookie": f"weboffice={planted}"}, email=OWNER, password=PASSWORD)
    assert answer.status_code == 303
    assert stranger.http.cookies["weboffice"] != planted
    assert await stranger.is_signed_in()
    assert not await visitor.is_signed_in()


async def test_only_digests_are_kept(visitor: Visitor) -> None:
    """The table holds the SHA-256 of the cookie's secret and an Argon2id hash of the password."""
    await visitor.join(OWNER)
    [[kept]] = visitor.sql("SELECT session_hash FROM app.sessions")
    assert bytes(kept) == digest(visitor.http.cookies["weboffice"])
    [[password_hash]] = visitor.sql("SELECT password_hash FROM app.accounts")
    assert password_hash.startswith("$argon2id$")


@pytest.mark.parametrize("column", ["expires_at = now()", "seen_at = now() - interval '15 days'"])
async def test_sessions_end_by_age_and_by_idleness(visitor: Visitor, column: str) -> None:
    """Past either limit the cookie is worth nothing."""
    await visitor.join(OWNER)
    visitor.sql(f"UPDATE app.sessions SET {column}")  # noqa: S608 (of this test's own)
    answer = await visitor.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Faccount")


async def test_guessing_is_limited_per_address_and_success_clears(visitor: Visitor, stranger: Visitor) -> None:
    """Ten wrong guesses lock password sign-in to one account for minutes; a known device goes on working."""
    await visitor.join(OWNER)
    for _ in range(9):
        assert (await stranger.sign_in(OWNER, "wrong password here")).status_code == 422
    assert (await stranger.sign_in(OWNER)).status_code == 303
    for _ in range(10):
        assert (await stranger.sign_in(OWNER, "wrong password here")).status_code == 422
    refused = await stranger.sign_in(OWNER)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert await visitor.is_signed_in()
    for _ in range(10):
        await stranger.sign_in("nobody@shop.example", "wrong password here")
    assert (await stranger.sign_in("nobody@shop.example")).status_code == 429


async def test_guessing_over_many_accounts_is_limited_per_network_address(visitor: Visitor, stranger: Visitor) -> None:
    """Sixty attempts from one address are enough, whichever e-mails they name; others are not held up."""
    visitor.sql(
        "INSERT INTO app.attempts VALUES ('sign_in', %s, now() + interval '9 minutes', 60)",
        digest("address 192.0.2.1"),
    )
    assert (await visitor.sign_in("some@shop.example")).status_code == 429
    assert (await stranger.sign_in("some@shop.example")).status_code == 422


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "\\\\evil.example"])
async def test_the_way_after_sign_in_stays_on_this_site(visitor: Visitor, target: str) -> None:
    """A crafted `next` leads to the dashboard; a path of ours is kept."""
    await visitor.join(OWNER)
    answer = await visitor.post("/sign-in", email=OWNER, password=PASSWORD, next=target)
    assert answer.headers["location"] == "/"
    answer = await visitor.post("/sign-in", email=OWNER, password=PASSWORD, next="/sales?from=2026-01-01")
    assert answer.headers["location"] == "/sales?from=2026-01-01"


async def test_a_link_by_mail_signs_in_by_its_button_once(visitor: Visitor, stranger: Visitor) -> None:
    """Fetching the link doesn't use it up; the button does; a second press finds a dead link."""
    await visitor.join(OWNER)
    await stranger.post("/sign-in/link", email=OWNER)
    path = link(await visitor.letter(OWNER, 2))
    for _ in range(2):
        assert (await stranger.get(path)).status_code == 200
    assert not await stranger.is_signed_in()
    assert (await stranger.post(path)).status_code == 303
    assert await stranger.is_signed_in()
    other = Visitor(visitor.portal)
    assert (await other.post(path)).status_code == 410
    assert (await other.get(path)).status_code == 410


async def test_asking_for_a_link_does_not_tell_who_has_an_account(visitor: Visitor, stranger: Visitor) -> None:
    """The answer for an unknown address is the same; no letter goes out."""
    await visitor.join(OWNER)
    for path in ("/sign-in/link", "/forgotten"):
        known: httpx.Response = await stranger.post(path, email=OWNER)
        unknown = await stranger.post(path, email="nobody@shop.example")
        assert (known.status_code, known.headers) == (unknown.status_code, unknown.headers)
    await visitor.letter(OWNER, 3)
    assert not visitor.letters("nobody@shop.example")


async def test_the_printed_link_signs_in_at_once_and_once(visitor: Visitor, stranger: Visitor) -> None:
    """The link that `make demo` prints needs no button; a look ahead by the browser doesn't use it up."""
    postgres = visitor.portal.database.url
    provision(postgres, OWNER, ["Лавка"])
    url = create_sign_in_link(postgres, OWNER, visitor.portal.public_url)
    assert (await visitor.get(url, **{"Sec-Purpose": "prefetch"})).status_code == 200
    assert (await visitor.http.head(url)).status_code == 200
    assert not await visitor.is_signed_in()
    answer = await visitor.get(url)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await visitor.is_signed_in()
    assert (await stranger.get(url)).status_code == 410


async def test_the_pages_after_a_letter(visitor: Visitor) -> None:
    """After each letter a page says how long its link works: a day, an hour, a quarter of one."""
    for path, validity in (
        ("/sign-up/sent", "в течение суток"),
        ("/forgotten/sent", "Ссылка действует час"),
        ("/sign-in/link/sent", "один раз, 15 минут"),
    ):
        assert validity in (await visitor.get(path)).text, path
