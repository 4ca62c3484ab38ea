"""The journal: everything that concerns an account's safety is in it, for its owner alone, and nobody alters it."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from ops.provisioning import provision
from tests.webapp.reports.conftest import enter
from tests.webapp.visitor import PASSWORD, Visitor, link
from webapp.account import Account
from webapp.journal import shortened

OWNER = "owner@shop.example"


def _actions(visitor: Visitor) -> list[str]:
    return [row[0] for row in visitor.sql("SELECT action FROM app.journal ORDER BY entry_id")]


@pytest.mark.asvs("V16.3.1", "sign-ins are not noted")
@pytest.mark.asvs("V16.3.2", "foreign ids are not noted")
@pytest.mark.asvs("V16.3.3", "changes of tokens are not noted")
@pytest.mark.asvs("V16.2.1", "an entry lacks when, who, what or from where")
async def test_what_is_done_is_noted(visitor: Visitor, stranger: Visitor) -> None:
    """Sign-ins, wrong passwords, new devices, tokens, outlets, tills, downloads, changes of the password and of the
    address: each is one entry, in the order in which it was done."""
    await visitor.join(OWNER)
    await stranger.sign_in(OWNER, "wrong password here")
    await stranger.sign_in(OWNER)
    await visitor.post("/sign-out")
    await visitor.sign_in(OWNER)
    token = re.findall(r"/account/tokens/([0-9a-f-]+)/revoke", (await visitor.post_and_look("/account/tokens")).text)[0]
    await visitor.post(f"/account/tokens/{token}/revoke")
    await visitor.post("/first-steps", name="Чайная", zone="Europe/Moscow", currency="RUB")
    await visitor.get("/sales/export.csv")
    await visitor.get("/sales?outlet=00000000-0000-4000-8000-000000000000")
    await visitor.post("/account/sessions/end-others")
    await visitor.post("/account/password", present=PASSWORD, password="another horse battery")
    await visitor.post("/account/email", present="another horse battery", email="new@shop.example")
    await visitor.post(link(await visitor.letter("new@shop.example")))
    assert _actions(visitor) == [
        "new_device",
        "sign_in_failed",
        "new_device",
        "signed_out",
        "signed_in",
        "owner_token_made",
        "owner_token_revoked",
        "outlet_added",
        "till_added",
        "till_token_made",
        "exported",
        "foreign_refused",
        "sessions_ended",
        "password_changed",
        "new_device",
        "email_changed",
    ]
    page = (await visitor.get("/journal")).text
    for words in ("Вход с нового устройства", "Неверный пароль", "Ключ программ выдан", "Чайная", "192.0.2.x"):
        assert words in page
    assert "192.0.2.1" not in page
    assert OWNER not in page


async def test_an_operator_is_told_apart(visitor: Visitor, postgres: str) -> None:
    """What an operator's command does is in the journal as well, as the operator's."""
    provision(postgres, OWNER, ["Чайная"])
    await enter(visitor, postgres, OWNER)
    assert visitor.sql("SELECT DISTINCT by_operator FROM app.journal WHERE action = 'till_token_made'") == [(True,)]
    assert "оператор сервиса" in (await visitor.get("/journal")).text


async def test_nobody_sees_another_ones_journal(visitor: Visitor, stranger: Visitor) -> None:
    """Another owner's page holds his own entries alone, and so does a reading bound to his account."""
    await visitor.join(OWNER)
    await visitor.post("/first-steps", name="Тайная", zone="Europe/Moscow", currency="RUB")
    await stranger.join("other@shop.example")
    assert "Тайная" in (await visitor.get("/journal")).text
    assert "Тайная" not in (await stranger.get("/journal")).text
    [(account,)] = visitor.sql("SELECT account_id FROM app.accounts WHERE email = 'other@shop.example'")
    async with visitor.portal.database.reading(Account(account)) as connection:
        rows = await (await connection.execute("SELECT DISTINCT account_id FROM app.journal")).fetchall()
    assert rows == [(account,)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE app.journal SET action = 'nothing'",
        "DELETE FROM app.journal",
        "DELETE FROM app.journal WHERE at < now() - interval '179 days'",
        "TRUNCATE app.journal",
        "INSERT INTO app.journal (account_id, action) VALUES (gen_random_uuid(), 'x') ON CONFLICT (entry_id)"
        " DO UPDATE SET action = 'y'; UPDATE app.journal SET at = now()",
    ],
)
@pytest.mark.asvs("V16.4.2", "the trigger is taken away")
async def test_nobody_alters_it(visitor: Visitor, statement: str) -> None:
    """No entry is changed, or deleted before its 180 days are over, by the owner of the tables either."""
    await visitor.join(OWNER)
    visitor.sql(
        "INSERT INTO app.journal (account_id, action, at) SELECT account_id, 'x', now() - interval '179 days 1 hour'"
        " FROM app.accounts"
    )
    before = _entries(visitor)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        visitor.sql(statement)
    assert _entries(visitor) == before
    for role_statement in ("INSERT INTO app.journal (account_id, action) VALUES (gen_random_uuid(), 'x')", statement):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            visitor.sql(f"SET ROLE weboffice_portal; {role_statement}")


def _entries(visitor: Visitor) -> list[Any]:
    return visitor.sql("SELECT * FROM app.journal ORDER BY entry_id")


async def test_it_is_kept_for_180_days(visitor: Visitor) -> None:
    """The hourly sweep takes out what is older, and nothing else."""
    from webapp.accounts.expiry import Expiry

    await visitor.join(OWNER)
    visitor.sql(
        "INSERT INTO app.journal (account_id, action, at) SELECT account_id, 'old', now() - interval '181 days'"
        " FROM app.accounts"
    )
    await Expiry(visitor.portal.database, visitor.portal.keys).sweep()
    assert _actions(visitor) == ["new_device"]


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ("192.0.2.77", "192.0.2.x"),
        ("::ffff:192.0.2.77", "192.0.2.x"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("", ""),
        ("testclient", ""),
    ],
)
def test_addresses_are_shortened(host: str, kept: str) -> None:
    """Of a network address as much is kept as tells one provider from another."""
    assert shortened(host) == kept
