"""Looks for what must not stand anywhere behind the intake: full names, e-mail addresses and phone numbers.

Reads every record of `events` and every row of all generations and of the service's own tables. Reported is the place,
never what stands there. Exempt are ids, barcodes and numbers, and the addresses of owners, who sign in and get letters
by them (`_OWNERS`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import psycopg
from msgspec import Struct
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from projections.replay.reader import LogReader
from projections.replay.replay import Source
from schemas.errors import InfrastructureUnreachable
from schemas.names import is_short
from schemas.people import shortening
from schemas.private import EMAIL, PHONE, is_code
from schemas.statements import load

_sql = load("projections.proof", "privacy.sql")

_EXEMPT = frozenset(["outlet", "till", "run"])  # ids in a record, and in headers
_OWNERS = frozenset(
    [
        ("accounts", "email"),
        ("registrations", "email"),
        ("links", "detail"),
        ("mail", "recipient"),
        ("mail", "subject"),
        ("mail", "body"),
        ("seller", "name"),
        ("seller", "details"),
        ("invoices", "payer"),
    ]
)
_ROWS_AT_ONCE = 1000


class Finding(Struct, frozen=True):
    """`kind`: 'full_name', 'email' or 'phone'; `place`: 'events/3@1207' or 'gen_2.contacts[…key…]'; `at`: the field."""

    kind: str
    place: str
    at: str


class Scan(Struct):
    """How much was read, and what was found in it."""

    records: int = 0
    rows: int = 0
    findings: list[Finding] = []


async def scan(source: Source) -> Scan:
    """Scans the log and the database. Raises `InfrastructureUnreachable`."""
    found = Scan(findings=[])
    async for place, value in _records(source):
        found.records += 1
        found.findings += [Finding(kind, place, at) for kind, at in in_record(value)]
    try:
        with psycopg.connect(source.postgres, application_name="weboffice privacy-scan") as connection:
            connection.read_only = True
            for place, table, row in _rows(connection):
                found.rows += 1
                found.findings += [Finding(kind, place, at) for kind, at in in_row(table, row)]
    except psycopg.OperationalError as exc:
        raise InfrastructureUnreachable(f"PostgreSQL: {exc}") from exc
    return found


def in_record(value: bytes | None) -> Iterator[tuple[str, str]]:
    """(kind, place in the record) of what a log record holds; bytes that are no JSON are searched as text."""
    try:
        document = msgspec.json.decode(value or b"null")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        yield from _in_text((value or b"").decode("utf-8", "replace"), "")
    else:
        yield from _walk(document, "")


def in_row(table: str, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind, column) of what a row of a table holds."""
    for column, value in row.items():
        if (table, column) in _OWNERS or column.endswith("_hash"):
            continue
        if table in ("parked", "outbox") and column == "record":
            yield from ((kind, f"record.{at}") for kind, at in in_record(bytes.fromhex(value.removeprefix("\\x"))))
        elif (table, column) == ("contacts", "name"):
            yield from _in_name(value, column)
        else:
            yield from _in_field(column, value, column)


def _walk(value: Any, at: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                place = f"{at}.{key}" if at else key
                if shortening(value.get("type"), key):
                    yield from _in_name(item, place)
                else:
                    yield from _in_field(key, item, place)
        case list():
            for position, item in enumerate(value):
                yield from _walk(item, f"{at}[{position}]")
        case str():
            yield from _in_text(value, at)


def _in_field(key: str, value: Any, at: str) -> Iterator[tuple[str, str]]:
    if shortening(None, key):
        yield from _in_name(value, at)
    elif key not in _EXEMPT and not is_code(key):
        yield from _walk(value, at)


def _in_name(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from _in_text(value, at)
        if not is_short(value):
            yield "full_name", at


def _in_text(text: str, at: str) -> Iterator[tuple[str, str]]:
    if "@" in text and EMAIL.search(text):
        yield "email", at
    if PHONE.search(text):
        yield "phone", at


async def _records(source: Source) -> AsyncIterator[tuple[str, bytes | None]]:
    async with LogReader(source.kafka, source.topic) as log:
        starts, ends = await log.starts(), await log.ends()
        async for batches in log.read({partition: (starts[partition], end) for partition, end in ends.items()}):
            for partition, records in batches.items():
                for record in records:
                    yield f"{source.topic}/{partition}@{record.offset}", record.value


def _rows(connection: Connection[TupleRow]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(place, table, row) of all rows of all tables; a cursor in PostgreSQL keeps memory small."""
    for schema, table, key in connection.execute(_sql["tables"]).fetchall():
        with connection.cursor(name="scan") as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            # Which tables there are is known only now: their names are composed in as identifiers, never as text.
            cursor.execute(sql.SQL("SELECT to_jsonb(t)::text FROM {} t").format(sql.Identifier(schema, table)))
            for (text,) in cursor:
                row = msgspec.json.decode(text)
                yield f"{schema}.{table}[{' '.join(str(row[column]) for column in key)}]", table, row
