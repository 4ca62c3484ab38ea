"""Passwords: which are good enough, and their Argon2id hashes, made off the event loop by a bounded number of threads.

Each hash takes 46 MiB for some tens of milliseconds (OWASP's first choice of parameters, with one more pass), so at
most two are made at once; when too many wait, a visitor is told to come back rather than that memory runs out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import resources
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct
from starlette.exceptions import HTTPException

P = ParamSpec("P")
T = TypeVar("T")

SHORTEST, LONGEST = 8, 1024
"""Characters of a password."""

_THREADS = 2
_MOST_WAITING = 64
_ADDED = "0123456789!.,?@#$%*-_+="
"""What is put before and behind a common word, and does not help."""
_hasher = PasswordHasher(time_cost=2, memory_cost=47104, parallelism=1)
_threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
_waiting = 0

# Of no password: verifying against it takes as long as against a real one, so time does not tell who has an account.
_NOBODYS = _hasher.hash("no password has this hash: it is only compared with")
# The 30,000 most frequent of several leaks, as zxcvbn 4.5 lists them (MIT), and Russian ones and our own words.
_COMMON = frozenset(resources.files("webapp.accounts").joinpath("common_passwords.txt").read_text().split())


class Verified(Struct, frozen=True):
    """Whether the password is right, and whether its hash should be made anew with the present parameters."""

    right: bool
    outdated: bool = False


def weakness(password: str, email: str) -> str | None:
    """Why a new password won't do: 'short', 'long', 'common' or 'own' (the e-mail's name); None for a good one."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    plain = password.casefold()
    word = plain.strip(_ADDED)
    if plain in _COMMON or word in _COMMON or len(set(plain)) < 4:
        return "common"
    own = {email, *(part for part in re.split(r"[@.+_-]", email) if len(part) >= 4), email.partition("@")[0]}
    return "own" if own & {plain, word} else None


async def hashed(password: str) -> str:
    """The Argon2id hash, in the standard text form with its parameters. Raises `HTTPException` 503 when too busy."""
    return await _off_loop(_hasher.hash, password)


async def verify(stored: str | None, password: str) -> Verified:
    """Compares a password with a stored hash; without one it takes the same time and is wrong.

    Raises `HTTPException` 503 when too busy.
    """
    if len(password) > LONGEST:  # no password is, and no part of one is a password
        stored, password = None, ""
    return await _off_loop(_verify, stored, password)


def _verify(stored: str | None, password: str) -> Verified:
    try:
        _hasher.verify(stored or _NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return Verified(False)
    return Verified(stored is not None, stored is not None and _hasher.check_needs_rehash(stored))


async def _off_loop(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    global _waiting
    if _waiting >= _MOST_WAITING:
        raise HTTPException(503, headers={"Retry-After": "5"})
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, partial(function, *arguments, **named))
    finally:
        _waiting -= 1
