"""A deleted account's figures are in no report, and neither a rebuild nor a backup brings them back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import psycopg
from click.testing import CliRunner

from ops.commands.account import account
from projections.generations import certificates, register
from projections.proof.verify import verify
from projections.replay import switching
from projections.replay.rebuild import Wish, rebuild
from schemas.records import OutletRemoved
from tests.ops.test_analyst import Office, office
from tests.projections.quiet import Quiet

__all__ = ["office"]


def rows_by_generation(office: Office, outlet: str) -> dict[str, set[str]]:
    """The tables of each generation that have rows of an outlet."""
    with psycopg.connect(office.settings.postgres) as connection:
        tables = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'outlet_id'"
            " WHERE c.relkind = 'r' AND n.nspname LIKE 'gen%'"
        ).fetchall()
        found: dict[str, set[str]] = {}
        for schema, table in tables:
            row = connection.execute(f"SELECT FROM {schema}.{table} WHERE outlet_id = '{outlet}' LIMIT 1".encode())
            if row.fetchone() is not None:
                found.setdefault(schema, set()).add(table)
        return found


def test_nothing_brings_a_deleted_account_back(office: Office) -> None:
    """Live, kept and old reports lose its rows; a rebuild and a report 'as the log stood' before have none; all else is
    as it was, certificates hold, and `verify` finds no difference. Its analysts are gone."""
    source, (anna, boris) = office.log.source, office.shops
    before = datetime.now(UTC)
    office.login("--email", "anna@example.org")
    rebuild(source, Wish(until=before, name="before"), Quiet())
    rebuild(source, Wish(), Quiet())
    with psycopg.connect(office.settings.postgres) as connection:
        figures = connection.execute("SELECT day, revenue FROM gen_3.daily WHERE outlet_id = %s", (boris.outlet,))
        others = figures.fetchall()
    call = ["delete", "anna@example.org", "--yes", "--json"]
    done = CliRunner().invoke(account, call, obj=office.settings, catch_exceptions=False)
    told = json.loads(done.stdout.splitlines()[-1])  # above it the log of this process
    assert (done.exit_code, told["outcome"], told["remains"]["outlets"]) == (0, "deleted", 1)
    assert told["remains"]["log_events"] == len(list(anna.events(20)))
    again = CliRunner().invoke(account, call, obj=office.settings, catch_exceptions=False)
    assert (again.exit_code, json.loads(again.stdout)["outcome"]) == (1, "unknown_account")
    assert office.command("list") == []
    office.names.clear()

    office.log.append([OutletRemoved(anna.outlet, datetime.now(UTC))])  # what a gateway writes
    office.log.apply()
    rebuild(source, Wish(), Quiet())
    rebuild(source, Wish(until=before, name="before too"), Quiet())
    counts = {"runs", "removed_outlets"}
    assert all(tables <= counts for tables in rows_by_generation(office, anna.outlet).values())
    assert verify(source, Quiet()).same
    with psycopg.connect(office.settings.postgres) as connection:
        live = register.live(connection)
        kept = [register.named(connection, name) for name in ("before", "before too")]
        assert all(generation is not None and certificates.broken(connection, generation) == [] for generation in kept)
        register.use(connection, live)
        query = "SELECT day, revenue FROM daily WHERE outlet_id = %s"
        assert connection.execute(query, (boris.outlet,)).fetchall() == others
    switching.switch(source, 3, Quiet())
    assert all(tables <= counts for tables in rows_by_generation(office, anna.outlet).values())
