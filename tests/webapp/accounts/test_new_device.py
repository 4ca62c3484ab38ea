"""A letter tells of a sign-in on a new device, and its link ends everything."""

from __future__ import annotations

import re

import pytest

from tests.webapp.visitor import PASSWORD, Visitor, link

OWNER = "owner@shop.example"


@pytest.mark.asvs("V7.5.2", "the link ends some sessions only")
async def test_it_was_not_me(visitor: Visitor, stranger: Visitor) -> None:
    """Registering and coming back tell nothing; a new device sends a letter with where and on what. Its link, opened,
    does nothing; its button ends all sessions, tokens, links and the password, and leads to a new one, once."""
    await visitor.join(OWNER)
    await visitor.post("/sign-out")
    await visitor.sign_in(OWNER)
    assert len(visitor.letters(OWNER)) == 1
    token = re.findall(r"wo_owner_[\w-]+", (await visitor.post_and_look("/account/tokens")).text)[0]
    agent = {"user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}
    await stranger.post("/sign-in", agent, email=OWNER, password=PASSWORD)
    letter = await visitor.letter(OWNER, 2)
    text = letter.get_content()
    assert "Firefox · Windows" in text
    assert "198.51.100.x" in text
    path = link(letter)
    assert (await visitor.get(path)).status_code == 200
    assert await stranger.is_signed_in()
    answer = await visitor.post(path)
    assert (answer.status_code, answer.headers["location"].split("/")[1]) == (303, "reset")
    assert [await each.is_signed_in() for each in (visitor, stranger)] == [False, False]
    assert (await visitor.get("/api/v1/outlets", authorization=f"Bearer {token}")).status_code == 401
    assert (await stranger.sign_in(OWNER)).status_code == 422  # the password that he knew
    assert (await visitor.post(path)).status_code == 410
    assert (await visitor.post(answer.headers["location"], password="another good phrase")).status_code == 303
    assert (await visitor.sign_in(OWNER, "another good phrase")).status_code == 303
    assert visitor.sql("SELECT count(*) FROM app.journal WHERE action = 'not_me'") == [(1,)]
