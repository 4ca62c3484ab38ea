"""Secrets under a key that is not in the database: for one person, under a key that can be changed."""

from __future__ import annotations

import stat
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.errors import UsageError
from webapp import sealing

ME = uuid4()


@pytest.mark.asvs("V11.3.2", "a secret is not sealed by an authenticated cipher: AES in CBC, say")
@pytest.mark.asvs("V11.3.3", "a seal does not notice that it was altered, or moved to another's row")
@pytest.mark.asvs("V11.3.1", "the same text gives the same seal (ECB)")
def test_a_seal_is_one_persons_and_notices_changes() -> None:
    """The same secret never looks the same; it opens for its person alone, and not when a bit of it is changed."""
    keys = sealing.of_text(sealing.new_key())
    sealed = keys.seal("SECRET", ME)
    assert sealed != keys.seal("SECRET", ME)
    assert "SECRET" not in sealed
    assert keys.open(sealed, ME) == "SECRET"
    with pytest.raises(sealing.SealedOtherwise):
        keys.open(sealed, uuid4())
    for at in range(len(sealed) - 12, len(sealed) - 4):
        with pytest.raises(sealing.SealedOtherwise):
            keys.open(f"{sealed[:at]}{'A' if sealed[at] != 'A' else 'B'}{sealed[at + 1 :]}", ME)


@pytest.mark.asvs("V11.2.2", "a key can't be taken over by a new one")
def test_keys_follow_one_another() -> None:
    """What an earlier key sealed opens while it is named, and is not under the present one; without it, it doesn't."""
    first, second = sealing.new_key(), sealing.new_key()
    sealed = sealing.of_text(first).seal("SECRET", ME)
    both = sealing.of_text(f"{second}\n{first}")
    assert both.open(sealed, ME) == "SECRET"
    assert (both.is_present(sealed), both.is_present(both.seal("SECRET", ME))) == (False, True)
    with pytest.raises(sealing.SealedOtherwise, match="WEBOFFICE_FACTOR_KEYS"):
        sealing.of_text(second).open(sealed, ME)


def test_a_homes_key_is_its_users_alone_and_stays(tmp_path: Path) -> None:
    """Made once, for its user alone; the next portal takes the same."""
    home = tmp_path / "home"
    sealed = sealing.of_home(home).seal("SECRET", ME)
    assert stat.S_IMODE((home / sealing.FILE).stat().st_mode) == 0o600
    assert sealing.of_home(home).open(sealed, ME) == "SECRET"
    assert [path.name for path in home.iterdir()] == [sealing.FILE]


@pytest.mark.parametrize("text", ["", "short", "ключ", "QUJD", "A" * 200])
def test_what_is_no_key_is_refused(text: str) -> None:
    """32 bytes in Base64, in either of its alphabets; anything else is named with what to do."""
    with pytest.raises(UsageError, match="openssl rand"):
        sealing.of_text(text)
    assert sealing.of_text("+/" * 21 + "+=")
