"""Tokens say what they are for, and only their digest is kept."""

from __future__ import annotations

from schemas.tokens import digest, new_secret, new_token


def test_tokens_are_new_each_time_and_say_their_kind() -> None:
    """No two are equal, each has its kind in front and 256 bits behind."""
    tokens = {new_token("till") for _ in range(50)} | {new_token("owner") for _ in range(50)}
    assert len(tokens) == 100
    assert all(token.startswith(("wo_till_", "wo_owner_")) for token in tokens)
    assert len(new_secret()) >= 43


def test_a_digest_is_32_bytes_of_the_token_alone() -> None:
    """The same token gives the same 32 bytes, another gives others."""
    assert digest("a") == digest("a") != digest("b")
    assert len(digest("a")) == 32
