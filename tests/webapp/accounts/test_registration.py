"""Registration, through the pages and the letters."""

from __future__ import annotations

import pytest

from schemas.tokens import digest
from tests.webapp.visitor import PASSWORD, Visitor, link

OWNER = "owner@shop.example"


async def test_a_visitor_registers_confirms_and_is_signed_in(visitor: Visitor) -> None:
    """From the form over the letter's link and one button to the first steps, with a trial of 30 days."""
    path = await visitor.register(OWNER)
    assert not visitor.sql("SELECT 1 FROM app.accounts")
    page = await visitor.get(path)
    assert page.status_code == 200
    assert 'type="password"' not in page.text
    answer = await visitor.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/first-steps")
    assert await visitor.is_signed_in()
    [[days]] = visitor.sql("SELECT extract(day FROM trial_until - confirmed_at)::int FROM app.accounts")
    assert days == 30


async def test_the_letter_is_in_the_visitors_language(visitor: Visitor) -> None:
    """Russian by default, English to a browser that asks for it."""
    await visitor.register(OWNER)
    assert "Подтвердите" in (await visitor.letter(OWNER))["Subject"]
    await visitor.post("/sign-up", headers={"Accept-Language": "en"}, email="b@shop.example", password=PASSWORD)
    assert "Confirm" in (await visitor.letter("b@shop.example"))["Subject"]


async def test_opening_the_link_alone_makes_no_account(visitor: Visitor) -> None:
    """A mail scanner that fetches the link neither uses it up nor confirms anything."""
    path = await visitor.register(OWNER)
    for _ in range(3):
        await visitor.get(path)
    assert not visitor.sql("SELECT 1 FROM app.accounts")
    assert (await visitor.post(path)).status_code == 303


async def test_another_browser_must_know_the_password(visitor: Visitor, stranger: Visitor) -> None:
    """Whoever got a stranger's confirmation letter can't make an account whose password somebody else chose."""
    path = await visitor.register(OWNER)
    assert 'type="password"' in (await stranger.get(path)).text
    assert (await stranger.post(path, password="not the one at all")).status_code == 422
    assert not visitor.sql("SELECT 1 FROM app.accounts")
    assert (await stranger.post(path, password=PASSWORD)).status_code == 303
    assert await stranger.is_signed_in()


@pytest.mark.asvs("V6.5.5", "a link has no end")
@pytest.mark.asvs("V6.4.1", "a link has no end")
async def test_a_confirmation_link_works_once_and_not_for_ever(visitor: Visitor, stranger: Visitor) -> None:
    """A used link and one older than a day lead to a page that says so."""
    path = await visitor.register(OWNER)
    await visitor.post(path)
    assert (await stranger.post(path, password=PASSWORD)).status_code == 410
    old = await stranger.register("late@shop.example")
    visitor.sql("UPDATE app.registrations SET expires_at = now() - interval '1 second'")
    assert (await stranger.get(old)).status_code == 410
    assert (await stranger.post(old)).status_code == 410


async def test_an_address_that_has_an_account_gets_the_same_answer(visitor: Visitor, stranger: Visitor) -> None:
    """The answer and its cookie are alike; the letter says there is an account; its password stays."""
    await visitor.join(OWNER)
    known = await stranger.post("/sign-up", email=OWNER, password="some other password")
    unknown = await stranger.post("/sign-up", email="new@shop.example", password="some other password")
    assert known.status_code == unknown.status_code == 303
    assert known.headers["location"] == unknown.headers["location"]
    assert set(known.headers) == set(unknown.headers)
    assert link(await visitor.letter(OWNER, 2)) == "/sign-in"
    assert (await stranger.sign_in(OWNER, "some other password")).status_code == 422
    assert (await stranger.sign_in(OWNER)).status_code == 303


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("no address", PASSWORD),
        ("a@b", PASSWORD),
        ("a@shop.example\r\nBcc: b@shop.example", PASSWORD),
        ("a@shop.example, b@shop.example", PASSWORD),
        (OWNER, "k7#f2"),
        (OWNER, "password123"),
        (OWNER, "aaaaaaaaaaaa"),
        ("shopowner@shop.example", "shopowner2024"),
        (OWNER, "x" * 257),
    ],
)
@pytest.mark.asvs("V6.2.1", "seven characters are enough")
@pytest.mark.asvs("V1.3.11", "an address may hold line breaks or a second address")
async def test_bad_addresses_and_weak_passwords_are_named(visitor: Visitor, address: str, password: str) -> None:
    """The form comes back with what is wrong and the address as typed; nothing is sent."""
    answer = await visitor.post("/sign-up", email=address, password=password)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert password not in answer.text
    assert not visitor.sql("SELECT 1 FROM app.mail")


async def test_letters_to_one_address_are_limited(visitor: Visitor, stranger: Visitor) -> None:
    """After four registrations within an hour from one place, and twelve from everywhere, an address is left in peace,
    and then free again."""
    for _ in range(4):
        assert (await visitor.post("/sign-up", email=OWNER, password=PASSWORD)).status_code == 303
    assert (await visitor.post("/sign-up", email=OWNER, password=PASSWORD)).status_code == 429
    visitor.sql(
        "UPDATE app.attempts SET count = 12 WHERE action = 'registration' AND subject = %s", digest(f"email {OWNER}")
    )
    refused = await stranger.post("/sign-up", email=OWNER, password=PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    visitor.sql("UPDATE app.attempts SET window_ends = now()")
    assert (await stranger.post("/sign-up", email=OWNER, password=PASSWORD)).status_code == 303
