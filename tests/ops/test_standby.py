"""Figures come from a standby by streaming replication, never older than what was committed before."""

from __future__ import annotations

import asyncio
import math
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from uuid import UUID

import msgspec
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ops import logins
from ops import settings as service_settings
from ops.infrastructure.postgres import EmbeddedPostgres, _binary
from ops.migrate import migrate
from ops.provisioning import provision
from ops.standby import StandbyCollector
from tests.infrastructure import open_folder
from tests.logins import as_role
from tests.service import wait_until
from webapp.account import Account
from webapp.database import Database

Pair = tuple[EmbeddedPostgres, EmbeddedPostgres]


@pytest.fixture(scope="module")
def pair(own_servers: None) -> Iterator[Pair]:
    """A primary, migrated, and a standby that `pg_basebackup` made of it and that follows it."""
    with open_folder() as folder, ExitStack() as stack:
        primary, standby = EmbeddedPostgres(folder / "primary"), EmbeddedPostgres(folder / "standby")
        primary.prepare()
        primary.start()
        stack.callback(primary.stop)
        primary.wait_ready()
        migrate(primary.address)
        copy = folder / "copy"
        of = make_conninfo(primary.address, user="postgres", dbname="postgres")
        subprocess.run(
            [str(_binary("pg_basebackup")), "-d", of, "-D", str(copy), "-c", "fast", "-R"], check=True, timeout=120
        )
        (folder / "standby").mkdir()
        copy.rename(folder / "standby/data")
        with (folder / "standby/data/postgresql.auto.conf").open("a") as conf:
            conf.write("hot_standby_feedback = on\n")
        standby.prepare()
        standby.start()
        stack.callback(standby.stop)
        wait_until(lambda: in_recovery(standby), "the standby does not answer")
        yield primary, standby


def in_recovery(server: EmbeddedPostgres) -> bool:
    try:
        with psycopg.connect(server.address, connect_timeout=5) as connection:
            return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
    except psycopg.OperationalError:
        return False


def replaying(server: EmbeddedPostgres, goes_on: bool) -> None:
    """Lets the standby stand still, as one does whose disk or line is slow, or go on."""
    superuser = make_conninfo(server.address, user="postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("SELECT pg_wal_replay_resume()" if goes_on else "SELECT pg_wal_replay_pause()")


async def seen(database: Database, account_id: str) -> tuple[set[str], bool]:
    """The names of an account's outlets as a page reads them, and whether the standby told them."""
    async with database.reading(Account(UUID(account_id))) as connection:
        rows = await (await connection.execute("SELECT name FROM app.outlets")).fetchall()
        where = await (await connection.execute("SELECT pg_is_in_recovery()")).fetchone()
        assert where is not None
        return {name for (name,) in rows}, bool(where[0])


async def test_a_reading_is_never_older_than_what_it_is_asked_after(pair: Pair) -> None:
    """Each write is seen by the reading after it, from the standby; where that stands still, or is gone, from the
    primary; and from the standby again when it is back."""
    primary, standby = pair
    owner = "owner@example.org"
    account_id = provision(primary.address, owner, ["Лавка 0"])["account_id"]
    accounts, figures = as_role(primary.address, "accounts"), as_role(primary.address, "portal")
    settings = msgspec.structs.replace(service_settings.read({}), postgres_read=standby.address)
    reading = make_conninfo(logins.standby(settings, figures), user="weboffice_portal")
    async with Database(accounts, figures=figures, standby=reading) as database:
        assert database.standby is not None
        state = database.standby.state

        async def from_standby() -> bool:
            return (await seen(database, account_id))[1]

        def lag() -> float:
            """As Prometheus is told it."""
            [metric] = StandbyCollector(figures, reading).collect()
            return metric.samples[0].value

        await eventually(from_standby)
        names = {"Лавка 0"}
        for number in range(1, 6):
            names.add(f"Лавка {number}")
            provision(primary.address, owner, [f"Лавка {number}"])
            assert (await seen(database, account_id))[0] == names
        assert state.usable

        replaying(standby, False)
        names.add("Лавка 6")
        provision(primary.address, owner, ["Лавка 6"])
        assert await seen(database, account_id) == (names, False)
        assert state.lag_bytes > 0
        assert 0 < lag() < math.inf
        replaying(standby, True)
        await eventually(from_standby)

        assert standby.process is not None
        standby.process.send_signal(signal.SIGINT)
        standby.process.wait(60)
        names.add("Лавка 7")
        provision(primary.address, owner, ["Лавка 7"])
        assert await seen(database, account_id) == (names, False)
        assert not state.usable
        assert lag() == math.inf
        standby.start()
        await eventually(from_standby)
        assert (await seen(database, account_id))[0] == names


async def test_what_is_no_standby_is_not_read(pair: Pair) -> None:
    """A primary under that name could be another service's: readings stay where they were."""
    primary, _ = pair
    account_id = provision(primary.address, "other@example.org", ["Киоск"])["account_id"]
    accounts, figures = as_role(primary.address, "accounts"), as_role(primary.address, "portal")
    async with Database(accounts, figures=figures, standby=figures) as database:
        assert await seen(database, account_id) == ({"Киоск"}, False)
        assert database.standby is not None
        assert not database.standby.state.usable


def test_what_the_setting_does_not_name_is_as_in_the_portals_login() -> None:
    """User, password, database and certificates; without the setting there is no standby."""
    portal = "postgresql://weboffice_portal:secret@db.example/weboffice?sslmode=verify-full"
    settings = service_settings.read({"WEBOFFICE_POSTGRES_READ": "postgresql://standby.example:5433"})
    found = conninfo_to_dict(logins.standby(settings, portal))
    assert (found["host"], found["port"], found["user"]) == ("standby.example", "5433", "weboffice_portal")
    assert (found["password"], found["dbname"], found["sslmode"]) == ("secret", "weboffice", "verify-full")
    assert logins.standby(service_settings.read({}), portal) == ""


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits for a condition, with a bound, and lets the event loop work."""
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110 (a server that replays tells nobody)
            await asyncio.sleep(0.05)
