"""An account goes by its owner's request: confirmed, after a wait, taken back until then; nothing brings it back."""

from __future__ import annotations

import psycopg
import pytest

from ops.provisioning import provision
from ops.settings import Settings
from tests.logins import as_role
from tests.webapp.accounts.test_account_command import command
from tests.webapp.accounts.test_second_factor import turn_on
from tests.webapp.visitor import PASSWORD, Visitor
from webapp.accounts import erasing

OWNER = "owner@shop.example"


async def due(visitor: Visitor) -> bool:
    [(at,)] = visitor.sql("SELECT deletion_due_at FROM app.accounts WHERE email = %s", OWNER)
    return at is not None


async def test_it_is_confirmed_waits_and_can_be_taken_back(visitor: Visitor) -> None:
    """Without the typed address and the password nothing is asked for; letters tell of the day, and that it stays."""
    await visitor.join(OWNER)
    assert "Удалить учётную запись" in (await visitor.get("/account")).text
    assert (await visitor.post("/account/delete", email="other@shop.example", present=PASSWORD)).status_code == 422
    assert (await visitor.post("/account/delete", email=OWNER, present="wrong guess")).status_code == 422
    assert not await due(visitor)
    page = await visitor.post_and_look("/account/delete", email=OWNER, present=PASSWORD)
    assert "Сохранить учётную запись" in page.text
    assert await due(visitor)
    assert "будет удалена" in (await visitor.letter(OWNER, 2)).get_content()
    assert await erasing.erase_due(visitor.portal.database) == 0
    page = await visitor.post_and_look("/account/delete/keep")
    assert "Учётная запись остаётся." in page.text
    assert not await due(visitor)
    assert "остаётся" in (await visitor.letter(OWNER, 3)).get_content()
    noted = [action for (action,) in visitor.sql("SELECT action FROM app.journal ORDER BY entry_id")]
    assert noted[-2:] == ["deletion_asked", "deletion_taken_back"]


async def test_a_second_factor_is_asked_for(visitor: Visitor) -> None:
    """A session alone, which may be a stolen one, deletes nothing, and neither does the password with it."""
    await visitor.join(OWNER)
    await turn_on(visitor)
    visitor.sql("UPDATE app.sessions SET stepped_up_at = now() - interval '1 hour'")
    answer = await visitor.post("/account/delete", email=OWNER, present=PASSWORD)
    assert answer.headers["location"].startswith("/step-up")
    assert not await due(visitor)


async def test_when_its_time_has_come_all_is_gone(
    visitor: Visitor, stranger: Visitor, service_settings: Settings
) -> None:
    """Sign-in, sessions, tokens, members' access, the journal; what stays has no name. Others keep theirs. The portal's
    login can't delete before the time."""
    await visitor.join(OWNER)
    await stranger.join("member@shop.example")
    provision(service_settings.postgres, OWNER, ["Лавка"])
    assert command(service_settings, "keep") == (0, "not_due")
    await visitor.post_and_look("/account/tokens")
    visitor.sql(
        "INSERT INTO app.members (account_id, person_id, role) SELECT o.account_id, p.account_id, 'manager'"
        " FROM app.accounts o, app.accounts p WHERE o.email = %s AND p.email = 'member@shop.example'",
        OWNER,
    )
    [(account_id,)] = visitor.sql("SELECT account_id FROM app.accounts WHERE email = %s", OWNER)
    with psycopg.connect(as_role(service_settings.postgres, "accounts"), autocommit=True) as portal:
        for function in ("erase_account", "erase_due_account"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                portal.execute(f"SELECT app.{function}(%s)".encode(), (account_id,))
    visitor.sql(
        "INSERT INTO app.closings (closing_id, account_id, outlet_id, first, last, closed_at, closed_by, knowingly,"
        " signed, pdf_ru, pdf_en) SELECT gen_random_uuid(), account_id, outlet_id, '2026-03-01', '2026-03-31', now(),"
        " account_id, false, '', '', '' FROM app.outlets"
    )
    visitor.sql(
        "INSERT INTO app.closed_documents SELECT closing_id, outlet_id, 'sale', 's', gen_random_uuid(), '1', now(),"
        " first, 1, true, gen_random_uuid(), 1, 1, '' FROM app.closings"
    )
    visitor.sql("UPDATE app.sessions SET outlet_id = (SELECT outlet_id FROM app.outlets LIMIT 1)")
    await visitor.post("/account/delete", email=OWNER, present=PASSWORD)
    visitor.sql("UPDATE app.accounts SET deletion_due_at = now() WHERE email = %s", OWNER)
    assert await erasing.erase_due(visitor.portal.database) == 1
    assert not await visitor.is_signed_in()
    assert (await visitor.sign_in(OWNER)).status_code == 422
    assert await stranger.is_signed_in()
    holding = visitor.sql(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND a.attname IN ('account_id', 'person_id')"
    )
    tables = {table for table, _ in holding}
    left = {table for table in tables if any(account_id in row for row in visitor.sql(f"TABLE app.{table}"))}
    assert left == {"accounts", "outlets"}
    [(email, hashed, name)] = visitor.sql(
        "SELECT a.email, a.password_hash, o.name FROM app.accounts a JOIN app.outlets o USING (account_id)"
        " WHERE deleted_at IS NOT NULL"
    )
    assert (email, hashed, name) == (f"deleted-{account_id}@invalid", None, "–")
    assert visitor.sql("SELECT 1 FROM app.till_tokens") == visitor.sql("SELECT 1 FROM app.tills") == []
    assert [row[0] for row in visitor.sql("SELECT count(*) FROM app.outbox")] == [1], "the order for the log"
    visitor.portal.mail.wake()
    assert "удалена" in (await visitor.letter(OWNER, 3))["Subject"]
    assert OWNER in (await stranger.letter("member@shop.example", 3)).get_content()
    assert command(service_settings, "keep") == (1, "unknown_account")
    await visitor.post("/sign-up", email=OWNER, password=PASSWORD)
    assert "Подтвердите" in (await visitor.letter(OWNER, 4))["Subject"], "the address is free again"
