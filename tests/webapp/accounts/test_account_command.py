"""`weboffice account`: an account that is closed is closed to everybody, and its tills go on."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from ops.settings import Settings
from tests.service import environment
from tests.webapp.visitor import PASSWORD, Visitor

OWNER = "owner@shop.example"


def command(settings: Settings, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "ops", "account", *arguments, OWNER, "--json"]
    done = subprocess.run(command, env=environment(settings), capture_output=True, text=True, timeout=60)
    return done.returncode, json.loads(done.stdout)["outcome"]


@pytest.mark.asvs("V7.4.2", "`find` does not look at `disabled_at`")
async def test_a_closed_account_is_closed(visitor: Visitor, stranger: Visitor, service_settings: Settings) -> None:
    """After `disable` no session, link, token or password works, and nothing tells that there is such an account; after
    `enable` the owner signs in again. The journal has both."""
    assert command(service_settings, "disable") == (1, "unknown_account")
    await visitor.join(OWNER)
    token = re.findall(r"wo_owner_[\w-]+", (await visitor.post_and_look("/account/tokens")).text)[0]
    call = {"authorization": f"Bearer {token}"}
    assert (await visitor.get("/api/v1/outlets", **call)).status_code == 200
    assert command(service_settings, "disable") == (0, "disabled")
    assert not await visitor.is_signed_in()
    assert (await visitor.get("/api/v1/outlets", **call)).status_code == 401
    assert (await visitor.sign_in(OWNER)).status_code == 422
    assert (await visitor.post("/sign-in/link", email=OWNER)).status_code == 303
    assert (await visitor.post("/forgotten", email=OWNER)).status_code == 303
    assert len(visitor.letters(OWNER)) == 1  # of the registration
    assert command(service_settings, "enable") == (0, "enabled")
    assert (await visitor.sign_in(OWNER, PASSWORD)).status_code == 303
    assert (await visitor.get("/api/v1/outlets", **call)).status_code == 401
    noted = [row[0] for row in visitor.sql("SELECT action FROM app.journal WHERE by_operator ORDER BY entry_id")]
    assert noted == ["account_disabled", "owner_token_revoked", "account_enabled"]


@pytest.mark.asvs("V7.4.5", "the command ends nothing")
async def test_sign_out_ends_everything(visitor: Visitor, stranger: Visitor, service_settings: Settings) -> None:
    """`sign-out` ends all sessions, and the owner signs in again."""
    await visitor.join(OWNER)
    await stranger.sign_in(OWNER)
    assert command(service_settings, "sign-out") == (0, "signed_out")
    assert [await each.is_signed_in() for each in (visitor, stranger)] == [False, False]
    assert (await visitor.sign_in(OWNER)).status_code == 303
