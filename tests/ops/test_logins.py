"""What a process logs in to PostgreSQL with reaches what the process needs and no more, whatever SQL it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ops import logins, settings
from ops.logins import PARTS, Part
from ops.migrate import migrate
from projections.generations import register
from schemas.errors import UsageError
from schemas.statements import load
from tests.conftest import fresh_database
from tests.infrastructure import Servers
from tests.logins import as_role
from tests.producers.gateway.service import new_shop
from tests.webapp.shop import Shop

Connection = psycopg.Connection[Any]

_ROOT = Path(__file__).parents[2]
_FIGURES = ("sales", "returns", "daily", "payments", "goods", "contacts", "stock")
_SECRETS = ("accounts", "sessions", "owner_tokens", "till_tokens", "links", "registrations", "devices", "mail")
_AT = "2026-03-02T10:00:00+03:00"
_ESCAPES = (
    "SELECT 1",
    "RESET ROLE",
    "SELECT set_config('role', 'weboffice_accounts', false)",
    "SET ROLE weboffice",
    "SET ROLE postgres",
    "RESET SESSION AUTHORIZATION",
)


@pytest.fixture(scope="module")
def shops(servers: Servers, template: str) -> Iterator[list[Shop]]:
    """Two accounts with a good and a contact each; the tests only look."""
    with fresh_database(servers, template) as postgres:
        found = [Shop(postgres, f"{name}@example.com") for name in ("anna", "boris")]
        for shop in found:
            good = {"type": "good.saved", "good_id": "g", "name": "Чай", "category": "", "max_price": "1", "extra": []}
            contact = {"type": "contact.saved", "contact_id": "c", "name": "Пример А.А.", "purchases_total": "1"}
            shop.send({**good, "at": _AT}, {**contact, "debt": "0", "points": "0", "at": _AT})
        yield found


def rows(connection: Connection, statement: str) -> int | None:
    """How many rows a statement reaches; None where it is refused."""
    try:
        with connection.transaction():
            return len(connection.execute(statement.encode()).fetchall())
    except psycopg.errors.InsufficientPrivilege:
        return None


_REACHED = {"worker": 2, "portal": 1}
"""Of two accounts' goods and contacts; others are refused."""


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.asvs("V13.2.2", "a part logs in as the owner of the tables")
def test_raw_sql_reaches_no_more_than_a_part_needs(shops: list[Shop], part: Part) -> None:
    """Figures are the worker's, and one account's the portal's; accounts are the portal's own; no way leads out."""
    postgres = shops[0].postgres
    schema = live_schema(postgres)
    for escape in _ESCAPES:
        with psycopg.connect(as_role(postgres, part), autocommit=True) as connection:
            bind = "SELECT set_config('weboffice.account', %s, false)"
            connection.execute(bind, (str(shops[0].account_id),))
            with suppress(psycopg.errors.InsufficientPrivilege):
                connection.execute(escape.encode())
            for table in _FIGURES:
                found = rows(connection, f"TABLE {schema}.{table}")
                expected = _REACHED.get(part)
                assert found == expected or (found == 0 and expected and table not in ("goods", "contacts")), table
            for table in _SECRETS:
                found = rows(connection, f"TABLE app.{table}")
                allowed = part == "accounts" or (part, table) == ("gateway", "till_tokens")
                assert (found is not None) == allowed, (table, found)
            assert rows(connection, "SELECT outlet_id FROM app.outlets") == _REACHED.get(part, 2)


@pytest.mark.parametrize("part", PARTS)
def test_nobody_changes_what_is_not_his(shops: list[Shop], part: Part) -> None:
    """No part makes or drops a table, takes the journal back, ends row-level security, or makes a role."""
    postgres = shops[0].postgres
    schema = live_schema(postgres)
    statements = [
        "DELETE FROM app.journal",
        "UPDATE app.journal SET action = 'x'",
        "TRUNCATE app.journal",
        "DELETE FROM app.accounts",
        "DELETE FROM app.generations",
        f"TRUNCATE {schema}.sales",
        f"DROP TABLE {schema}.sales",
        f"ALTER TABLE {schema}.sales NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE app.journal DISABLE TRIGGER ALL",
        "CREATE TABLE app.mine (n int)",
        "CREATE TABLE public.mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "ALTER ROLE weboffice_portal SUPERUSER",
        "GRANT weboffice_accounts TO weboffice_portal",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY app.generations TO PROGRAM 'true'",
        "SELECT app.create_generation_schema('mine')",
        f"SELECT app.drop_generation_schema('{schema}')",
    ]
    if part != "worker":
        statements += ["DELETE FROM sales", "UPDATE runs SET applied_through = 0"]
    if part != "accounts":
        statements += ["UPDATE app.accounts SET trial_until = now()", "INSERT INTO app.licences VALUES (NULL, now())"]
        statements += ["INSERT INTO app.till_tokens (token_hash) VALUES ('')", "DELETE FROM app.sessions"]
    options = f"-c search_path={schema}"
    with psycopg.connect(as_role(postgres, part), autocommit=True, options=options) as connection:
        for statement in statements:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement.encode())


_STATEMENTS: dict[str, tuple[Part, ...]] = {
    "webapp/**/*.sql": ("accounts", "portal"),
    "ops/importing.sql": ("accounts",),
    "ops/state.sql": ("accounts",),
    "schemas/outbox.sql": ("accounts",),
    "schemas/imports.sql": ("accounts",),
    "schemas/import[s].sql": ("gateway",),
    "producers/gateway/*.sql": ("gateway",),
    "producers/outbox.sql": ("gateway",),
    "projections/apply/*.sql": ("worker",),
    "projections/models/*.sql": ("worker",),
}
"""Which part runs what; a page's statements are for one of its two logins."""


@pytest.mark.parametrize(("files", "parts"), list(_STATEMENTS.items()))
def test_every_statement_is_permitted(shops: list[Shop], files: str, parts: tuple[Part, ...]) -> None:
    """A statement that a part's login may not run would be found by its page's visitor."""
    postgres = shops[0].postgres
    paths = sorted(_ROOT.glob(files))
    assert paths
    for path in paths:
        package = ".".join(path.parent.relative_to(_ROOT).parts)
        statements = {
            name: re.sub(rb"%\(\w+\)s", b"NULL", body).replace(b"%%", b"%")
            for name, body in load(package, path.name).items()
        }
        refused = [_refused(as_role(postgres, part), live_schema(postgres), statements) for part in parts]
        assert set.intersection(*refused) == set(), path


def _refused(url: str, schema: str, statements: dict[str, bytes]) -> set[str]:
    """The statements that a login has no right to; PostgreSQL looks before it explains."""
    refused = set()
    with psycopg.connect(url, autocommit=True, options=f"-c search_path={schema}") as connection:
        for name, statement in statements.items():
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(b"EXPLAIN " + statement)
            except psycopg.errors.InsufficientPrivilege:
                refused.add(name)
            except (psycopg.errors.SyntaxError, psycopg.errors.UndefinedFunction):
                pass  # nothing to explain, or no type for a parameter
    return refused


def test_a_part_forgotten_nowhere(postgres: str) -> None:
    """Every table that row-level security binds lets the processes' roles in, also in a generation made now; every role
    is a plain one."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        with connection.transaction():
            register.create(connection)
        unbound = connection.execute(
            "SELECT oid::regclass FROM pg_class c WHERE relkind = 'r' AND relrowsecurity AND NOT EXISTS"
            " (SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = 'logins')"
        ).fetchall()
        assert unbound == []
        plain = connection.execute(
            "SELECT count(*) FROM pg_roles WHERE rolname = ANY (%s) AND NOT"
            " (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)"
            " AND NOT EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)",
            ([logins.role_of(part) for part in PARTS],),
        ).fetchone()
        assert plain == (len(PARTS),)


def test_what_is_granted_by_hand_is_taken_away(postgres: str) -> None:
    """`migrate` says anew what each may do: a right that is not in its list goes."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("GRANT SELECT ON app.sessions TO weboffice_gateway")
        migrate(postgres)
        with psycopg.connect(as_role(postgres, "gateway"), autocommit=True) as gateway:
            assert rows(gateway, "SELECT * FROM app.sessions") is None


@pytest.fixture
def own_login(postgres: str) -> Iterator[str]:
    """A login of the operator's own."""
    name = "test_operators_login"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        yield psycopg.conninfo.make_conninfo(postgres, user=name)
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_a_login_of_the_operators_own_gets_the_rights_of_its_part(postgres: str, own_login: str) -> None:
    """WEBOFFICE_POSTGRES_GATEWAY names a login: `migrate` makes it a member of the gateway's role, and of no other."""
    new_shop(postgres)
    migrate(postgres, settings.read({"WEBOFFICE_POSTGRES_GATEWAY": own_login}))
    with psycopg.connect(own_login, autocommit=True) as connection:
        assert rows(connection, "SELECT * FROM app.till_tokens")
        assert rows(connection, "SELECT * FROM app.sessions") is None


def test_a_password_follows_from_the_owners() -> None:
    """Each part has another one, the same each time; without one of the owner's there is none."""
    owner = "postgresql://weboffice:of-the-owner@db.example/weboffice"
    urls = {psycopg.conninfo.conninfo_to_dict(logins.login(owner, part))["password"] for part in PARTS}
    assert len(urls) == len(PARTS)
    assert all(len(str(password)) == 43 for password in urls)
    assert logins.login(owner, "gateway") == logins.login(owner, "gateway")
    assert "password" not in psycopg.conninfo.conninfo_to_dict(logins.login("postgresql://a@/a?host=/x", "gateway"))


def live_schema(postgres: str) -> str:
    with psycopg.connect(postgres) as connection:
        return register.live(connection).schema_name


def test_a_login_that_is_not_there_is_named(postgres: str) -> None:
    """A login that the settings name and nobody made ends `migrate` with what to do."""
    missing = psycopg.conninfo.make_conninfo(postgres, user="nobody_made_this")
    with pytest.raises(UsageError, match="nobody_made_this"):
        migrate(postgres, settings.read({"WEBOFFICE_POSTGRES_WORKER": missing}))
