"""A finished history of so many sales, for pages and memory: rebuilt from the log once, and kept between runs.

Of a longer one the first million goes through log and fold; the others are the same sales under other ids, copied in
PostgreSQL in the order in which the first ones lie on the disk, with all figures multiplied (history.sql). Each length
has servers and a folder of its own, so that what PostgreSQL keeps in memory for one is no help to another.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psycopg
from msgspec import Struct
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from benchmarks import workload
from benchmarks.contenders import ROOT
from benchmarks.servers import Servers
from benchmarks.workload import Shape
from ops.provisioning import provision
from producers.simulator.bulk import ZONE
from projections.generations import register
from schemas.statements import load

DATABASE = "history"
OWNER = "bench@example.org"
_OUTLETS = 10
"""Outlets of the account whose pages are measured, its busiest among them; all others are another account's."""
_PATIENCE_S = 3600.0
_FROM_THE_LOG = 1_000_000
"""Most sales that go through the log."""
_sql = load("benchmarks", "history.sql")

_GOODS = """
INSERT INTO goods (outlet_id, good_id, name, category, max_price, barcodes, extra, removed)
SELECT %(outlet)s, 'g' || n, 'Товар ' || n, 'Раздел ' || n %% 40, n %% 5000 + 10, '[]', '[]', false
FROM generate_series(0, 4999) AS n
ON CONFLICT DO NOTHING
"""
_CONTACTS = """
INSERT INTO contacts (outlet_id, contact_id, name, purchases_total, debt, points, removed)
SELECT %(outlet)s, 'c' || n, 'Покупатель ' || n, n, 0, n %% 100, false FROM generate_series(1, 1000) AS n
ON CONFLICT DO NOTHING
"""
_HAND_OUT = """
INSERT INTO app.outlets (outlet_id, account_id, name, zone)
SELECT t.outlet_id, a.account_id, 'Точка ' || t.outlet_id, %(zone)s
FROM (SELECT outlet_id, row_number() OVER (ORDER BY sales DESC) AS place FROM outlet_totals) t
JOIN app.accounts a ON (a.email = %(owner)s) = (t.place <= %(outlets)s)
"""


class Made(Struct, frozen=True):
    """What was seen while it was made: bytes of the log and of the tables, seconds."""

    sales: int
    schema: str
    outlet: str
    """the busiest"""
    fill_s: float
    rebuild_s: float
    from_the_log: int
    """sales that went through the log"""
    log_bytes: int
    """of those on Kafka's disk"""
    table_bytes: int
    """of the read models with their indexes"""


@contextmanager
def history(home: Path, sales: int) -> Iterator[tuple[Servers, Made]]:
    """Servers with a database `DATABASE` whose live generation holds so many sales; made where it is missing."""
    folder = home / f"history-{sales}"
    servers = Servers(folder)
    servers.start()
    note = folder / "made.json"
    try:
        if not note.exists():
            note.write_bytes(msgspec.json.encode(_make(servers, sales)))
        yield servers, msgspec.json.decode(note.read_bytes(), type=Made)
    finally:
        servers.stop()


def _make(servers: Servers, sales: int) -> Made:
    topic = "history"
    servers.delete_topics(topic)
    servers.create_topic(topic, 12)
    started = time.monotonic()
    times = max(1, sales // _FROM_THE_LOG)
    workload.fill(servers.kafka, topic, 12, Shape(sales // times), as_sent=True)
    filled_at = time.monotonic()
    servers.keep_database(DATABASE)
    command = [sys.executable, "-m", "benchmarks.replay", servers.kafka, topic, servers.database(DATABASE), "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)})
    output, _ = process.communicate(timeout=_PATIENCE_S)
    if process.returncode:
        raise RuntimeError(f"the rebuild failed: {process.returncode}")
    schema, rebuilt_at = f"gen_{int(output)}", time.monotonic()
    log_bytes = sum(file.stat().st_size for file in (servers.home / "kafka").rglob(f"{topic}-*/*.log"))
    servers.delete_topics(topic)
    with psycopg.connect(servers.database(DATABASE, superuser=True), autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
        if times > 1:
            _multiply(connection, times)
        connection.execute("VACUUM ANALYZE")
    outlet = _make_live(servers, schema)
    with psycopg.connect(servers.database(DATABASE, superuser=True)) as connection:
        size = connection.execute(
            "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class"
            " WHERE relnamespace = %s::regnamespace AND relkind = 'r'",
            [schema],
        ).fetchone()
    assert size is not None  # an aggregate
    return Made(
        sales,
        schema,
        outlet,
        filled_at - started,
        rebuilt_at - filled_at,
        sales // times,
        log_bytes,
        int(size[0]),
    )


def _multiply(connection: Connection[TupleRow], times: int) -> None:
    """Without the indexes, which are built anew at the end: that takes half as long."""
    connection.execute("SET maintenance_work_mem = '1GB'")
    connection.execute("SET synchronous_commit = off")
    again = []
    for table in ("sales", "returns"):
        for name, definition, constraint, key in connection.execute(_sql["indexes"], {"relation": table}).fetchall():
            if constraint is None:
                again.append(definition)
                connection.execute(f"DROP INDEX {name}".encode())
            else:
                again.append(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {key}")
                connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}".encode())
        for copy in range(1, times):
            connection.execute(_sql[f"copy_{table}"], {"copy": str(copy)})
    for definition in again:
        connection.execute(definition.encode())
    for name, statement in _sql.items():
        if name.startswith("multiply_"):
            connection.execute(statement, {"times": times})


def _make_live(servers: Servers, schema: str) -> str:
    """Makes the generation the live one, and gives its outlets to accounts; returns the busiest one."""
    url = servers.database(DATABASE)
    provision(url, OWNER, ["ещё одна"])
    provision(url, "somebody.else@example.org", ["ещё одна"])
    with psycopg.connect(url) as connection:
        generation = register.numbered(connection, int(schema.removeprefix("gen_")))
        register.use(connection, generation)
        row = connection.execute("SELECT outlet_id FROM outlet_totals ORDER BY sales DESC LIMIT 1").fetchone()
        assert row is not None  # the workload has outlets
        connection.execute(_GOODS, {"outlet": row[0]})
        connection.execute(_CONTACTS, {"outlet": row[0]})
        connection.execute("UPDATE outlet_totals SET goods = 5000 WHERE outlet_id = %s", [row[0]])
        connection.execute(_HAND_OUT, {"zone": ZONE, "owner": OWNER, "outlets": _OUTLETS})
        register.close(connection, generation, "ready")
        register.stop_applying(connection)
        register.make_live(connection, generation)
    return str(row[0])
