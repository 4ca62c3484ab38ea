"""Analysts read documented views of what is theirs, whichever generation is live, and nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql

from ops.commands.analyst import analyst
from ops.infrastructure.postgres import _binary
from ops.provisioning import provision
from ops.settings import Settings
from projections.generations import register
from projections.replay import switching
from projections.replay.rebuild import Wish, rebuild
from projections.replay.replay import Source
from schemas.errors import Refused, UsageError
from schemas.topics import Topics
from tests.logins import as_role
from tests.projections.kafkalog import KafkaLog
from tests.projections.quiet import Quiet
from tests.projections.shops import Shop
from tests.service import wait_until

_DOCUMENT = (Path(__file__).parents[2] / "docs/analysts.md").read_text()
_DOCUMENTED = {
    view: re.findall(r"`(\w+)`", columns)
    for view, columns in re.findall(r"^\| `(\w+)` \|[^|]+\|([^|]+)\|", _DOCUMENT, re.M)
}
COSTS = {"cost", "cost_sum", "cost_known_sum"}


class Logins:
    """The command, and what it made: dropped at the end, since roles belong to all databases of a server."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.names: list[str] = []

    def command(self, *arguments: str) -> Any:
        done = CliRunner().invoke(analyst, [*arguments, "--json"], obj=self.settings, catch_exceptions=False)
        assert done.exit_code == 0
        return json.loads(done.stdout)

    def login(self, *options: str) -> str:
        self.names.append(f"t{uuid.uuid4().hex}")
        connection: str = self.command("create", self.names[-1], *options)["connection"]
        return connection

    def drop_all(self) -> None:
        for name in self.names:
            self.command("drop", name)


class Office(Logins):
    """Two accounts with a shop each."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.log = KafkaLog(Source(settings.kafka, settings.topics.events, settings.postgres))
        self.shops = []
        for n, name in enumerate(("anna", "boris")):
            account = provision(settings.postgres, f"{name}@example.org", ["Лавка"])
            self.shops.append(Shop(n, known_as=account["outlets"][0]["outlet_id"]))
        self.log.append([upload for shop in self.shops for upload in shop.uploads(20)])
        self.log.apply()


@pytest.fixture
def office(service_settings: Settings, topics: Topics) -> Iterator[Office]:
    office = Office(service_settings)
    yield office
    office.drop_all()


@pytest.fixture
def logins(service_settings: Settings) -> Iterator[Logins]:
    logins = Logins(service_settings)
    yield logins
    logins.drop_all()


def rows(where: str, query: str) -> list[Any]:
    with psycopg.connect(where) as connection:
        return connection.execute(query.encode()).fetchall()


def outlets(where: str, view: str) -> set[str]:
    """The outlets that a view shows rows of."""
    with psycopg.connect(where) as connection:
        query = sql.SQL("SELECT DISTINCT outlet_id FROM {}").format(sql.Identifier(view))
        return {str(outlet) for (outlet,) in connection.execute(query)}


SUMS = "SELECT outlet_id, sum(revenue) FROM daily GROUP BY outlet_id"


def test_a_login_sees_its_account_alone_and_costs_where_it_may(office: Office) -> None:
    """In every view; one without an account sees all of all."""
    own, all_of_all = office.login("--email", "anna@example.org"), office.login("--costs")
    for view in _DOCUMENTED:
        seen = outlets(own, view)
        assert seen <= {office.shops[0].outlet}, view
        if view not in ("taxes",):
            assert seen, view
            everybody = outlets(all_of_all, view)
            assert everybody == {shop.outlet for shop in office.shops}, view
    assert rows(own, "SELECT DISTINCT cost_sum FROM daily") == [(None,)]
    assert None not in [cost for (cost,) in rows(all_of_all, "SELECT cost_sum FROM daily")]
    sums = {str(outlet): revenue for outlet, revenue in rows(all_of_all, SUMS)}
    assert rows(own, SUMS) == [(uuid.UUID(office.shops[0].outlet), sums[office.shops[0].outlet])]
    [one, other] = sorted(office.command("list"), key=lambda row: str(row["email"]))
    assert (one["email"], one["costs"], other["email"], other["costs"]) == ("", True, "anna@example.org", False)


def test_a_login_has_no_way_out(office: Office) -> None:
    """No table, no write, no other role; nothing that it can set shows it more."""
    own = office.login("--email", "anna@example.org")
    boris = "SELECT account_id FROM app.accounts WHERE email LIKE 'boris%'"
    [(stranger,)] = rows(office.settings.postgres, boris)
    for statement in (
        "SELECT * FROM app.accounts",
        "SELECT * FROM app.analysts",
        "SELECT * FROM gen_1.daily",
        "SELECT app.current_account()",
        "INSERT INTO report.daily (outlet_id) VALUES (gen_random_uuid())",
        "CREATE VIEW report.mine AS SELECT 1",
        "SET ROLE weboffice",
        "SET ROLE weboffice_portal",
        "SET SESSION AUTHORIZATION weboffice",
        "SET row_security = off; SELECT * FROM report.sales",
    ):
        with psycopg.connect(own, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
    with psycopg.connect(own) as connection:
        connection.execute("SELECT set_config('weboffice.account', %s, false)", (str(stranger),))
        found = connection.execute("SELECT DISTINCT outlet_id FROM report.sales").fetchall()
        assert [str(outlet) for (outlet,) in found] == [office.shops[0].outlet]
        assert connection.execute("SHOW statement_timeout").fetchone() == ("1min",)


def test_what_leaks_elsewhere_does_not_leak_here(office: Office) -> None:
    """A function of one's own that notes what it is shown sees one's own rows alone, and no cost; files, programs,
    statistics and other people's queries tell nothing."""
    own = office.login("--email", "anna@example.org")
    with psycopg.connect(own, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(
            "CREATE FUNCTION pg_temp.leak(anything text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$"
            " BEGIN RAISE NOTICE '%', anything; RETURN true; END $$"
        )
        shown: list[str] = []
        connection.add_notice_handler(lambda notice: shown.append(str(notice.message_primary)))
        for view in ("outlets", "sales", "daily"):
            query = sql.SQL("SELECT count(*) FROM {} WHERE pg_temp.leak(outlet_id::text)")
            connection.execute(query.format(sql.Identifier(view)))
        connection.execute("SELECT count(*) FROM report.daily WHERE pg_temp.leak(cost_sum::text)")
        assert set(shown) == {office.shops[0].outlet, "<NULL>"}
        assert (
            connection.execute("SELECT FROM pg_stats WHERE schemaname IN ('app', 'gen_1', 'report')").fetchall() == []
        )
        others = "SELECT query FROM pg_stat_activity WHERE usename <> session_user AND query LIKE '%SELECT%'"
        assert connection.execute(others).fetchall() == []
        for statement in (
            "SELECT pg_read_file('postgresql.conf')",
            "COPY report.daily TO PROGRAM 'cat'",
            "COPY report.daily TO '/tmp/daily'",
            "SELECT lo_export(1, '/tmp/daily')",
            "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
            "ALTER ROLE weboffice_portal LOGIN",
            "SELECT app.end_long_queries()",
            "SELECT app.erase_account(gen_random_uuid())",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_time_and_connections_are_held(office: Office) -> None:
    """A query ends after its login's time, though the session has set itself another; one connection more than the
    login may have is refused."""
    own = office.login("--email", "anna@example.org", "--timeout", "1", "--connections", "2")
    portal = as_role(office.settings.postgres, "accounts")
    with psycopg.connect(own, autocommit=True) as patient, psycopg.connect(portal, autocommit=True) as watching:
        with pytest.raises(psycopg.errors.QueryCanceled):
            patient.execute("SELECT pg_sleep(60)")
        patient.execute("SET statement_timeout = 0")
        with ThreadPoolExecutor(1) as thread:
            query = thread.submit(patient.execute, "SELECT pg_sleep(60)")

            def ended() -> bool:
                watching.execute("SELECT app.end_long_queries()")
                return query.done()

            wait_until(ended, "the query goes on")
            with pytest.raises(psycopg.errors.QueryCanceled):
                query.result()
        with psycopg.connect(own), pytest.raises(psycopg.OperationalError, match="too many connections"):
            psycopg.connect(own)


@pytest.mark.usefixtures("programs")
def test_the_documents_examples_work(office: Office) -> None:
    """psql and pandas, as docs/analysts.md has them."""
    own = office.login("--email", "anna@example.org")
    [python] = re.findall(r"```python\n(.*?)```", _DOCUMENT, re.S)
    names: dict[str, Any] = {"CONNECTION": own}
    exec(compile(python, "docs/analysts.md", "exec"), names)
    daily = names["daily"]
    expected = rows(own, "SELECT day, revenue FROM daily ORDER BY day")
    found = daily.sort_values("day")
    assert [(day, revenue) for day, revenue in zip(found["day"], found["revenue"], strict=True)] == expected
    [psql] = re.findall(r"^    (psql .*)$", _DOCUMENT, re.M)
    done = subprocess.run(
        ["bash", "-euc", psql],
        env={**os.environ, "CONNECTION": own, "PATH": f"{_binary('psql').parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Лавка" in done.stdout, done.stderr


def test_views_follow_the_switch_though_somebody_reads_them(office: Office) -> None:
    """They show the new generation from the transaction on that makes it live; an analyst who stands in the way loses
    his connection, and the way back is the same."""
    own = office.login("--email", "anna@example.org")
    before = rows(own, "SELECT day, revenue FROM daily ORDER BY day")
    with psycopg.connect(own) as reader:
        reader.execute("SELECT count(*) FROM report.daily")  # its lock is held until the transaction ends
        assert rebuild(office.log.source, Wish(), Quiet()).state == "live"
        with pytest.raises(psycopg.OperationalError):
            reader.execute("SELECT 1")
    with psycopg.connect(office.settings.postgres, autocommit=True) as connection:
        connection.execute("UPDATE gen_2.daily SET revenue = revenue + 1")
        changed = [(day, revenue + 1) for day, revenue in before]
        assert rows(own, "SELECT day, revenue FROM daily ORDER BY day") == changed
        connection.execute("UPDATE gen_2.daily SET revenue = revenue - 1")
        switching.switch(office.log.source, 1, Quiet())
        switching.drop(office.settings.postgres, 2)
        assert register.live(connection).number == 1
    assert rows(own, "SELECT day, revenue FROM daily ORDER BY day") == before


def test_every_column_is_documented_and_of_every_read_model(postgres: str) -> None:
    """docs/analysts.md has the views and columns that there are, in their order; a new generation lacks none."""
    with psycopg.connect(postgres) as connection:
        found = connection.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns"
            " WHERE table_schema = 'report' GROUP BY table_name"
        ).fetchall()
        lacking = connection.execute(
            "SELECT relation, name FROM app.report_columns c WHERE NOT EXISTS (SELECT FROM information_schema.columns i"
            " WHERE (i.table_schema, i.table_name, i.column_name) = ('gen_1', c.relation, c.name))"
        ).fetchall()
        costs = connection.execute("SELECT DISTINCT name FROM app.report_columns WHERE cost").fetchall()
    assert dict(found) == _DOCUMENTED
    assert lacking == []
    assert {name for (name,) in costs} == COSTS


def test_a_generation_that_lacks_a_read_model_shows_no_rows_of_it(postgres: str) -> None:
    """The view keeps its name and its columns; one that lacks a column shows NULL there."""
    with psycopg.connect(postgres) as connection:
        columns = _columns(connection)
        connection.execute("DROP VIEW report.taxes, report.daily")
        connection.execute("DROP TABLE gen_1.taxes")
        connection.execute("ALTER TABLE gen_1.daily DROP COLUMN voided")
        connection.execute("SELECT app.point_reports('gen_1')")
        assert _columns(connection) == columns
        assert connection.execute("SELECT * FROM report.taxes").fetchall() == []


def _columns(connection: psycopg.Connection[Any]) -> list[Any]:
    return connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'report'"
        " ORDER BY table_name, ordinal_position"
    ).fetchall()


def test_what_can_not_be_made_or_dropped_is_refused(logins: Logins) -> None:
    """A name that is there, one that is none, an owner whom nobody knows."""
    logins.login()
    with pytest.raises(UsageError, match="already"):
        logins.command("create", logins.names[0])
    with pytest.raises(UsageError, match="small letters"):
        logins.command("create", "Robert'); DROP")
    with pytest.raises(Refused, match="no account"):
        logins.command("create", "nobody", "--email", "nobody@example.org")
    with pytest.raises(Refused, match="no analyst"):
        logins.command("drop", "nobody")
