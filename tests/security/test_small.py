"""Small pieces that much rests on: secrets, the word that https stays, lines of the log."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ops.http.headers import SafeAnswers
from schemas.tokens import new_secret, new_token


@pytest.mark.asvs("V7.2.3", "a session's secret has less than 128 bits, or comes twice")
@pytest.mark.asvs("V6.6.3", "a link's secret can be guessed: it has less than 64 bits")
def test_secrets_are_long_and_come_once() -> None:
    """Sessions, links and tokens have 256 bits of the system's random, 43 signs; a thousand of them are different."""
    secrets = [new_secret() for _ in range(1000)]
    assert len(set(secrets)) == 1000
    assert min(map(len, secrets)) >= 43
    assert len(new_token("owner").removeprefix("wo_owner_")) >= 43


@pytest.mark.asvs("V3.4.1", "an answer under https does not say that it stays so, for a year and all subdomains")
async def test_all_answers_say_that_https_stays() -> None:
    """Under https each answer has the header, those of errors and of the APIs too; on plain http none has."""
    for secure in (True, False):
        app = SafeAnswers(Starlette(routes=[Route("/", lambda request: PlainTextResponse("yes"))]), secure=secure)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://office.test") as client:
            for path in ("/", "/nothing", "/api/v1/nothing"):
                said = (await client.get(path)).headers.get("strict-transport-security")
                assert said == ("max-age=31536000; includeSubDomains" if secure else None), path
