"""Recovery, and what an owner changes about the account."""

from __future__ import annotations

import pytest

from schemas.tokens import digest
from tests.webapp.visitor import PASSWORD, Visitor, link

OWNER = "owner@shop.example"
NEW = "new@shop.example"


@pytest.mark.asvs("V6.4.3", "a link works twice")
@pytest.mark.asvs("V6.5.1", "a link works twice")
async def test_recovery_sets_a_password_once_and_signs_everybody_out(visitor: Visitor, stranger: Visitor) -> None:
    """The link works once, every session ends, a weak password does not use the link up, the owner is told."""
    await visitor.join(OWNER)
    await stranger.post("/forgotten", email=OWNER)
    path = link(await visitor.letter(OWNER, 2))
    assert (await stranger.get(path)).status_code == 200
    assert (await stranger.post(path, password="12345678")).status_code == 422
    assert (await stranger.post(path, password="another good one")).headers["location"].startswith("/sign-in")
    assert (await stranger.post(path, password="a third good one")).status_code == 410
    assert not await visitor.is_signed_in()
    assert (await visitor.sign_in(OWNER, PASSWORD)).status_code == 422
    assert (await visitor.sign_in(OWNER, "another good one")).status_code == 303
    assert "изменён" in (await visitor.letter(OWNER, 3))["Subject"]


async def test_an_old_reset_link_is_dead(visitor: Visitor, stranger: Visitor) -> None:
    """After an hour, and after the password was changed otherwise, the link leads nowhere."""
    await visitor.join(OWNER)
    await stranger.post("/forgotten", email=OWNER)
    path = link(await visitor.letter(OWNER, 2))
    visitor.sql("UPDATE app.links SET expires_at = now()")
    assert (await stranger.get(path)).status_code == 410
    await stranger.post("/forgotten", email=OWNER)
    path = link(await visitor.letter(OWNER, 3))
    await visitor.post("/account/password", present=PASSWORD, password="another good one")
    assert (await stranger.post(path, password="a third good one")).status_code == 410


@pytest.mark.asvs("V6.2.2", "the form does nothing")
@pytest.mark.asvs("V6.2.3", "the present password is not asked for")
@pytest.mark.asvs("V7.5.1", "the present password is not asked for")
async def test_the_password_changes_with_the_present_one_only(visitor: Visitor, stranger: Visitor) -> None:
    """Other devices are signed out, this one goes on with a new session."""
    await visitor.join(OWNER)
    await stranger.sign_in(OWNER)
    before = visitor.http.cookies["weboffice"]
    wrong = await visitor.post("/account/password", present="not the one", password="another good one")
    assert wrong.status_code == 422
    assert (await visitor.post("/account/password", present=PASSWORD, password="short")).status_code == 422
    changed = await visitor.post("/account/password", present=PASSWORD, password="another good one")
    assert changed.status_code == 303
    assert await visitor.is_signed_in()
    assert visitor.http.cookies["weboffice"] != before
    assert not await stranger.is_signed_in()


async def test_the_address_changes_once_the_new_one_is_confirmed(visitor: Visitor, stranger: Visitor) -> None:
    """The link goes to the new address, works for the account's own session only, and the old address is told."""
    await visitor.join(OWNER)
    assert (await visitor.post("/account/email", email=NEW, present="wrong password")).status_code == 422
    assert (await visitor.post("/account/email", email=NEW, present=PASSWORD)).status_code == 303
    path = link(await visitor.letter(NEW))
    assert (await stranger.post(path)).headers["location"] == "/sign-in"
    await stranger.join("third@shop.example")
    assert (await stranger.post(path)).status_code == 410
    assert visitor.sql("SELECT 1 FROM app.accounts WHERE email = %s", OWNER)
    assert (await visitor.get(path)).status_code == 200
    assert (await visitor.post(path)).headers["location"] == "/account?notice=email_changed"
    assert NEW in (await visitor.get("/account")).text
    await visitor.letter(OWNER, 2)
    assert (await stranger.sign_in(NEW)).status_code == 303


async def test_an_address_in_use_is_not_taken_over(visitor: Visitor, stranger: Visitor) -> None:
    """Asking for it is answered as ever; the link then does nothing."""
    await visitor.join(OWNER)
    await stranger.join(NEW)
    assert (await visitor.post("/account/email", email=NEW, present=PASSWORD)).status_code == 303
    path = link(await visitor.letter(NEW, 2))
    assert (await visitor.post(path)).status_code == 410
    assert len(visitor.sql("SELECT 1 FROM app.accounts WHERE email IN (%s, %s)", OWNER, NEW)) == 2


@pytest.mark.asvs("V7.5.2", "a session that is ended goes on")
async def test_sessions_are_listed_and_ended(visitor: Visitor, stranger: Visitor) -> None:
    """Each device is named; one is ended, or all but this one; somebody else's can't be."""
    await visitor.join(OWNER)
    phone = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
    await stranger.post("/sign-in", headers={"User-Agent": phone}, email=OWNER, password=PASSWORD)
    assert "Chrome · Android" in (await visitor.get("/account")).text
    [[session_id]] = visitor.sql("SELECT session_id FROM app.sessions WHERE device <> %s", "")
    await Visitor(visitor.portal).join(NEW)
    thief = await Visitor(visitor.portal).join("thief@shop.example")
    assert (await thief.post(f"/account/sessions/{session_id}/end")).status_code == 404
    assert await stranger.is_signed_in()
    assert (await visitor.post(f"/account/sessions/{session_id}/end")).status_code == 303
    assert not await stranger.is_signed_in()
    await stranger.sign_in(OWNER)
    await visitor.post("/account/sessions/end-others")
    assert not await stranger.is_signed_in()
    assert await visitor.is_signed_in()
    assert await thief.is_signed_in()


async def test_tokens_for_programs_are_shown_once_and_revoked(visitor: Visitor, stranger: Visitor) -> None:
    """A token opens the read API until it is revoked, by its owner only."""
    await visitor.join(OWNER)
    address = (await visitor.post("/account/tokens", name="Отчёт бухгалтеру")).headers["location"]
    page = (await visitor.get(address)).text
    token = page.split('id="new-token">')[1].split("<")[0]
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await stranger.http.get("/api/v1/outlets", headers=bearer)).status_code == 200
    shown = (await visitor.get("/account")).text
    assert token not in shown
    assert token in (await visitor.get(address)).text  # a reload
    assert visitor.sql("SELECT count(*) FROM app.owner_tokens") == [(1,)]
    assert "Отчёт бухгалтеру" in shown
    [[token_id, kept]] = visitor.sql("SELECT token_id, token_hash FROM app.owner_tokens")
    assert bytes(kept) == digest(token)
    await stranger.join(NEW)
    assert (await stranger.post(f"/account/tokens/{token_id}/revoke")).status_code == 404
    assert (await visitor.post(f"/account/tokens/{token_id}/revoke")).status_code == 303
    assert (await stranger.http.get("/api/v1/outlets", headers=bearer)).status_code == 401


async def test_the_language_is_kept(visitor: Visitor) -> None:
    """For a visitor in a cookie, for an owner with the account; an unknown one changes nothing."""
    assert 'lang="ru"' in (await visitor.get("/sign-in")).text
    answer = await visitor.post("/locale", locale="en", next="/sign-in")
    assert answer.headers["location"] == "/sign-in"
    assert "Forgot the password?" in (await visitor.get("/sign-in")).text
    await visitor.join(OWNER)
    assert visitor.sql("SELECT locale FROM app.accounts") == [("en",)]
    await visitor.post("/locale", locale="ru", next="//evil.example")
    assert visitor.sql("SELECT locale FROM app.accounts") == [("ru",)]
    await visitor.post("/locale", locale="xx", next="/account")
    assert "Учётная запись" in (await visitor.get("/account")).text
