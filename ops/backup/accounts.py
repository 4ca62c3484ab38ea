"""Account data: the tables of the schema `app`, out of one snapshot into a file, and back.

The file is gzip of MessagePack pairs `[table, text of COPY]`, each with its length before it (as in `form`). What is
left out is named here; a table that is added later is taken.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from ops.backup.form import AccountsFile, digest
from ops.backup.places import Place
from schemas.statements import load

_sql = load("ops.backup", "accounts.sql")

LEFT_OUT = {
    "generations": "read models are made anew from the log",
    "certificates": "the same; those of kept reports are compared",
    "backups": "of this installation",
    "restores": "of this installation",
    "analysts": "logins belong to a PostgreSQL; they are made again",
    "report_columns": "a migration fills it",
    "sessions": "who signed out since must not be signed in again",
    "links": "a link that was used since must not be good again",
    "registrations": "they hold links, too",
    "attempts": "they count for minutes",
    "telegram_codes": "the same of a code",
    "push_devices": "browsers that signed out since would show messages again; each is subscribed anew",
    "mail": "letters would be sent twice",
    "messages": "the same of messages",
    "imports": "files wait for a day at most, with buyers' data in them; they are handed in again",
    "import_files": "the same",
}
"""Tables that no backup holds, and why."""
_UNTOUCHED = {"generations", "certificates", "restores", "report_columns"}
"""Of a database that is filled: what is about it, and not about accounts."""
_CHUNK_BYTES = 1024 * 1024


def dump(connection: psycopg.Connection[Any], place: Place) -> AccountsFile:
    """Writes the file, in the caller's transaction, which has to be a snapshot."""
    tables = {name: columns for name, columns in connection.execute(_sql["tables"]) if name not in LEFT_OUT}
    rows = dict.fromkeys(tables, 0)
    written = io.BytesIO()
    with gzip.GzipFile(fileobj=written, mode="wb", filename="", mtime=0) as packed:
        for table, columns in tables.items():
            for chunk in _chunks(connection, table, columns):
                frame = msgspec.msgpack.encode((table, chunk))
                packed.write(len(frame).to_bytes(4, "big") + frame)
                rows[table] += chunk.count(b"\n")  # COPY's text has no other line break
    content = written.getvalue()
    sha256 = digest(content)
    name = f"accounts-{sha256}.gz"
    place.write(name, content)
    return AccountsFile(name, sha256, tables, rows)


def _chunks(connection: psycopg.Connection[Any], table: str, columns: Sequence[str]) -> Iterator[bytes]:
    """The rows as COPY gives them, some at a time; whole rows always."""
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(_listed(columns), _named(table))
    gathered = bytearray()
    with connection.cursor().copy(query) as rows:
        for row in rows:
            gathered += row
            if len(gathered) >= _CHUNK_BYTES:
                yield bytes(gathered)
                gathered.clear()
    if gathered:
        yield bytes(gathered)


def fill(connection: psycopg.Connection[Any], accounts: AccountsFile, content: bytes, same_places: bool) -> None:
    """Puts the rows into a database of the same migrations, in the caller's transaction; what stands there goes.

    Nothing is noted in the journal of it: that comes with the rows. `same_places`: the log has the offsets that it had.
    """
    present = {name for name, _ in connection.execute(_sql["tables"])} - _UNTOUCHED
    connection.execute(_sql["bind_owner"], {"bound": False})
    for table in sorted(present):
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(_named(table)))
    connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(_named, sorted(present)))))
    chunks: dict[str, list[bytes]] = {}
    for table, chunk in _frames(content):
        chunks.setdefault(table, []).append(chunk)
    for table in _in_order(connection, accounts.tables):
        query = sql.SQL("COPY {} ({}) FROM STDIN").format(_named(table), _listed(accounts.tables[table]))
        with connection.cursor().copy(query) as rows:
            for chunk in chunks.pop(table, []):
                rows.write(chunk)
    _go_on_counting(connection)
    if not same_places:
        connection.execute(_sql["forget_places"])
        connection.execute(_sql["forget_witnesses"])
    for table in sorted(present):
        connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(_named(table)))
    connection.execute(_sql["bind_owner"], {"bound": True})


def _frames(content: bytes) -> Iterator[tuple[str, bytes]]:
    plain = memoryview(gzip.decompress(content))
    at = 0
    while at < len(plain):
        length = int.from_bytes(plain[at : at + 4], "big")
        at += 4 + length
        yield msgspec.msgpack.decode(plain[at - length : at], type=tuple[str, bytes])


def _in_order(connection: psycopg.Connection[Any], tables: dict[str, list[str]]) -> list[str]:
    """Each table after those whose rows it names."""
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(tables, ()))
    for of, named in connection.execute(_sql["references"]):
        of, named = of.removeprefix("app."), named.removeprefix("app.")
        if of in tables and named in tables:
            order.add(of, named)
    return list(order.static_order())


def _go_on_counting(connection: psycopg.Connection[Any]) -> None:
    for table, column, sequence in connection.execute(_sql["identities"]).fetchall():
        greatest = sql.SQL("SELECT setval(%s, max({0})) FROM {1} HAVING max({0}) IS NOT NULL")
        connection.execute(greatest.format(sql.Identifier(column), _named(table)), (sequence,))


def _named(table: str) -> sql.Composable:
    return sql.Identifier("app", table)


def _listed(columns: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
