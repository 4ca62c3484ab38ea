"""Which passwords are good enough."""

from __future__ import annotations

import pytest

from webapp.accounts import passwords
from webapp.accounts.passwords import LONGEST, hashed, verify, weakness

EMAIL = "anna.petrova@chaynaya.example"


@pytest.mark.asvs("V6.2.4", "the list is a short one")
@pytest.mark.asvs("V6.2.12", "the list is a short one")
def test_the_list_is_a_real_one() -> None:
    """More than 10,000 passwords of those that everybody guesses are known, of the length that a password has."""
    assert sum(len(word) >= passwords.SHORTEST for word in passwords._COMMON) > 10_000


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "Trustno1",
        "qwertyuiop",
        "iloveyou1!",
        "Football2024",
        "12345678",
        "weboffice",
        "weboffice2026!",
        "веб-офис",
    ]
    + ["веб-офис", "пароль123", "aaaaaaaa", "магазин2025"],
)
def test_common_passwords_are_refused(password: str) -> None:
    """A common password stays one with digits and signs around it; the service's own words are common here."""
    assert weakness(password, EMAIL) == "common"


@pytest.mark.parametrize("password", ["anna.petrova", "chaynaya2024", "chaynaya!", EMAIL, "Anna.Petrova1"])
@pytest.mark.asvs("V6.2.11", "the address's parts are not looked at")
def test_the_address_is_no_password(password: str) -> None:
    """The e-mail address and its parts are refused."""
    assert weakness(password, EMAIL) == "own"


@pytest.mark.asvs("V6.2.8", "a password is cut before it is hashed")
@pytest.mark.asvs("V6.2.9", "64 characters are too long")
async def test_long_passwords_are_not_cut() -> None:
    """Of a password of 1,000 characters the last one counts; what is longer than a password can be is wrong."""
    password = "длинный пароль " * 66
    assert weakness(password, EMAIL) is None
    stored = await hashed(password)
    assert (await verify(stored, password)).right
    assert not (await verify(stored, password[:-1])).right
    assert not (await verify(stored, password[:256])).right
    assert weakness("x1y2" * 300, EMAIL) == "long"
    assert not (await verify(stored, password + "x" * LONGEST)).right
