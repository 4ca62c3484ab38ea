"""Signing in and out."""

from __future__ import annotations

import re
import statistics
import time
from typing import Any

import httpx
import pytest

from ops.provisioning import create_sign_in_link, provision
from schemas.tokens import digest
from tests.logins import owner_of
from tests.webapp.visitor import PASSWORD, Visitor, link
from webapp.app import Portal

OWNER = "owner@shop.example"


@pytest.mark.asvs("V7.4.1", "sign-out only takes the cookie away")
@pytest.mark.asvs("V7.2.1", "the cookie alone is believed")
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


@pytest.mark.asvs("V16.5.1", "the answer names what was wrong")
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


@pytest.mark.asvs("V7.2.4", "sign-in keeps the session that was there")
@pytest.mark.asvs("V7.2.2", "a session's secret stays the same at each sign-in")
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


@pytest.mark.asvs("V11.4.2", "passwords are kept by a plain digest")
@pytest.mark.asvs("V6.5.2", "secrets are kept as they are")
async def test_only_digests_are_kept(visitor: Visitor) -> None:
    """The table holds the SHA-256 of the cookie's secret and an Argon2id hash of the password."""
    await visitor.join(OWNER)
    [[kept]] = visitor.sql("SELECT session_hash FROM app.sessions")
    assert bytes(kept) == digest(visitor.http.cookies["weboffice"])
    [[password_hash]] = visitor.sql("SELECT password_hash FROM app.accounts")
    assert password_hash.startswith("$argon2id$")


@pytest.mark.parametrize("column", ["expires_at = now()", "seen_at = now() - interval '15 days'"])
@pytest.mark.asvs("V7.3.1", "`find` takes any `seen_at`")
@pytest.mark.asvs("V7.3.2", "`find` takes any `expires_at`")
async def test_sessions_end_by_age_and_by_idleness(visitor: Visitor, column: str) -> None:
    """Past either limit the cookie is worth nothing."""
    await visitor.join(OWNER)
    visitor.sql(f"UPDATE app.sessions SET {column}")  # noqa: S608 (of this test's own)
    answer = await visitor.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Faccount")


async def test_guessing_is_limited_per_address_and_success_clears(visitor: Visitor, stranger: Visitor) -> None:
    """Ten wrong guesses from one address lock it out of one account for minutes, whether or not there is that account;
    a sign-in that succeeds clears them."""
    await visitor.join(OWNER)
    for _ in range(10):
        assert (await stranger.sign_in(OWNER, "wrong password here")).status_code == 422
    refused = await stranger.sign_in(OWNER)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert await visitor.is_signed_in()
    for _ in range(10):
        await stranger.sign_in("nobody@shop.example", "wrong password here")
    assert (await stranger.sign_in("nobody@shop.example")).status_code == 429
    for _ in range(2):
        for _ in range(9):
            assert (await visitor.sign_in(OWNER, "wrong password here")).status_code == 422
        assert (await visitor.sign_in(OWNER)).status_code == 303


async def _from_many(portal: Portal, path: str, count: int, **form: Any) -> list[int]:
    """The answers to so many forms, each from an address of its own."""
    statuses = []
    for number in range(count):
        guesser = Visitor(portal, f"203.0.113.{number}")
        statuses.append((await guesser.post(path, **form)).status_code)
        await guesser.http.aclose()
    return statuses


@pytest.mark.asvs("V6.3.1", "attempts are not counted, or count for known devices too")
async def test_nobody_locks_an_owner_out(visitor: Visitor, stranger: Visitor) -> None:
    """Wrong passwords from a hundred addresses stop at a hundred, and so do requests for letters at twelve; the owner
    signs in on a device that he has signed in on before, and gets his letters there."""
    await visitor.join(OWNER)
    visitor.sql("DELETE FROM app.attempts")
    assert await _from_many(visitor.portal, "/sign-in", 3, email=OWNER, password="wrong password here") == [422] * 3
    visitor.sql("UPDATE app.attempts SET count = 97 WHERE action = 'sign_in' AND count = 3")  # each costs a hash
    statuses = await _from_many(visitor.portal, "/sign-in", 7, email=OWNER, password="wrong password here")
    assert statuses == [422] * 3 + [429] * 4
    assert set(await _from_many(visitor.portal, "/sign-in/link", 12, email=OWNER)) == {303}
    assert (await stranger.sign_in(OWNER)).status_code == 429
    assert (await stranger.post("/forgotten", email=OWNER)).status_code == 429
    await visitor.post("/sign-out")
    assert (await visitor.sign_in(OWNER)).status_code == 303
    assert (await visitor.post("/forgotten", email=OWNER)).status_code == 303


async def test_one_address_locks_nobody_else_out(visitor: Visitor, stranger: Visitor) -> None:
    """What is refused to one address is not counted for the others."""
    await visitor.join(OWNER)
    for _ in range(110):
        await stranger.sign_in(OWNER, "wrong password here")
    elsewhere = Visitor(visitor.portal, "203.0.113.1")
    assert (await elsewhere.sign_in(OWNER)).status_code == 303
    await elsewhere.http.aclose()


async def test_a_stolen_session_takes_over_nothing(visitor: Visitor) -> None:
    """An account without a password gets one by a letter alone: a session sets none, and no new e-mail address."""
    await visitor.join(OWNER)
    visitor.sql("UPDATE app.accounts SET password_hash = NULL")
    for answer in (
        await visitor.post("/account/password", password="correct horse staple"),
        await visitor.post("/account/email", email="thief@shop.example"),
    ):
        assert (answer.status_code, "по ссылке из письма" in answer.text) == (422, True)
    assert visitor.sql("SELECT email, password_hash FROM app.accounts") == [(OWNER, None)]
    assert "Прислать ссылку" in (await visitor.get("/account")).text


@pytest.mark.asvs("V7.4.3", "a new password leaves the rest as it is")
async def test_a_new_password_ends_tokens_and_devices(visitor: Visitor) -> None:
    """With a new password no token for programs works any more, and no other device is known; a token has an end, and
    says when it was last used; there are twenty at the most."""
    await visitor.join(OWNER)
    made = await visitor.post_and_look("/account/tokens", name="Таблица")
    token = re.findall(r"wo_owner_[\w-]+", made.text)[0]
    assert "ещё не использовался" in made.text
    call = {"authorization": f"Bearer {token}"}
    assert (await visitor.get("/api/v1/outlets", **call)).status_code in (200, 503)
    page = (await visitor.get("/account")).text
    assert "последний раз" in page
    assert "действует до" in page
    statuses = [(await visitor.post("/account/tokens", name="ещё")).status_code for _ in range(20)]
    assert statuses == [303] * 19 + [422]
    answer = await visitor.post("/account/password", present=PASSWORD, password="another horse battery")
    assert answer.status_code == 303
    assert (await visitor.get("/api/v1/outlets", **call)).status_code == 401
    assert visitor.sql("SELECT count(*) FROM app.devices") == [(1,)]


async def test_a_token_has_an_end(visitor: Visitor) -> None:
    """A token whose time is over is refused."""
    await visitor.join(OWNER)
    token = re.findall(r"wo_owner_[\w-]+", (await visitor.post_and_look("/account/tokens")).text)[0]
    visitor.sql("UPDATE app.owner_tokens SET expires_at = now()")
    assert (await visitor.get("/api/v1/outlets", authorization=f"Bearer {token}")).status_code == 401


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


@pytest.mark.asvs("V7.6.2", "opening a link signs in")
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
    postgres = owner_of(visitor.portal.database.url)
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
