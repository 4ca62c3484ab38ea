"""All logs of a run hold no secret that was issued in it, also where pages fail."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from itertools import takewhile
from pathlib import Path

import httpx
import psycopg
import pytest

from ops.provisioning import provision
from ops.settings import Settings
from tests.security.conftest import signed_in
from tests.service import wait_until
from tests.webapp.served import served_portal

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


def _links(home: Path) -> list[str]:
    letters = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted((home / "mail").glob("*.eml"))]
    return [found for letter in letters for found in re.findall(r"https?://[^/\s]+(/\S+)", str(letter.get_content()))]


@pytest.mark.asvs("V16.2.5", "`redact` is taken out of logging")
@pytest.mark.asvs("V14.2.4", "`redact` is taken out of logging")
def test_no_secret_is_logged(service_settings: Settings) -> None:
    """Links of letters, tokens, cookies and passwords of a run are in none of its logs: not when they work, not when
    what they lead to fails in the midst."""
    postgres, home = service_settings.postgres, service_settings.home
    made = provision(postgres, "owner@shop.example", ["Чайная"])
    secrets = {made["owner_token"], made["outlets"][0]["till_token"], "correct horse battery", "a wrong password"}
    with (
        served_portal(service_settings) as served,
        httpx.Client(base_url=served.url, headers=FORM, timeout=60) as browser,
    ):
        browser.post("/sign-up", content="email=new@shop.example&password=correct+horse+battery")
        for path in ("/forgotten", "/sign-in/link"):
            browser.post(path, content="email=owner@shop.example")
        browser.post("/sign-in", content="email=owner@shop.example&password=a+wrong+password")
        browser.headers["Cookie"] = signed_in(served.url, postgres, "owner@shop.example")
        secrets.add(browser.headers["Cookie"].partition("=")[2])
        made_token = browser.post("/account/tokens", content="name=x")
        secrets.add(made_token.cookies["weboffice-new"])
        wait_until(lambda: len(_links(home)) >= 3, "no letters", 20)
        links = _links(home)
        secrets |= {link.rpartition("/")[2] for link in links}
        call = {"Authorization": f"Bearer {made['owner_token']}"}
        for table in ("links", "registrations", "owner_tokens", "sessions"):  # what they lead to fails
            with psycopg.connect(postgres) as connection:
                connection.execute(f"ALTER TABLE app.{table} RENAME TO gone_{table}".encode())
            for link in links:  # each over a new connection: what fails ends its own
                httpx.get(f"{served.url}{link}", headers=browser.headers, timeout=60)
                httpx.post(
                    f"{served.url}{link}", content="password=correct+horse+battery", headers=browser.headers, timeout=60
                )
            httpx.get(f"{served.url}/api/v1/outlets", headers=call, timeout=60)
            body = "email=owner@shop.example&password=a+wrong+password"
            httpx.post(f"{served.url}/sign-in", content=body, headers=FORM, timeout=60)
    logs = [path for path in service_settings.home.parent.rglob("*.log") if path.is_file()]
    written = "\n".join(path.read_text(errors="replace") for path in logs)
    assert written.count("page failed") >= 6
    assert len(secrets) >= 8
    assert [secret for secret in secrets if secret in written] == []


def test_time_does_not_tell_who_has_an_account(service_settings: Settings) -> None:
    """Asking for a letter takes as long for an address with an account as for one without.

    Both are asked for in turn, so a busy machine is busy for both; where it was not, another round decides.
    """
    provision(service_settings.postgres, "owner@shop.example", ["Чайная"])
    with served_portal(service_settings) as served:
        rounds = (_typical_seconds(served.url, service_settings.postgres) for _ in range(3))
        unequal = list(takewhile(lambda of: abs(of["owner"] - of["nobody"]) >= 0.2 * of["nobody"], rounds))
    assert len(unequal) < 3, unequal


def _typical_seconds(url: str, postgres: str) -> dict[str, float]:
    """The lower quartile of what answers take, by whether the address has an account."""
    seconds: dict[str, list[float]] = {"owner": [], "nobody": []}
    for number in range(80):
        for name, times in seconds.items():
            address = httpx.HTTPTransport(local_address=f"127.0.{1 + number}.{1 + (name == 'owner')}")
            with httpx.Client(base_url=url, transport=address, headers=FORM, timeout=60) as browser:
                browser.get("/healthz")
                answer = browser.post("/forgotten", content=f"email={name}@shop.example")
            assert answer.status_code == 303
            times.append(answer.elapsed.total_seconds())
        with psycopg.connect(postgres) as connection:
            connection.execute("DELETE FROM app.attempts")
    return {name: sorted(times)[len(times) // 4] for name, times in seconds.items()}
