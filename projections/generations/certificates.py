"""Certificates: a checksum per generation, projection, outlet and day over the rows' business columns.

The checksum depends neither on the order of the rows nor on how the log was cut into batches, so two generations of the
same events have the same certificates, and a row that was added, lost or altered by hand breaks one. Read models
without days have one per outlet. Offsets and fold version stand beside the checksum.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import msgspec
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from projections.generations.compare import PROVENANCE
from projections.generations.register import Generation
from schemas.statements import load

_IGNORED = [*PROVENANCE, "log_offset", "log_time"]
"""Where and when in the log a row came from is no business content; a comparison at the same offsets may look at it."""

_sql = load("projections.generations", "certificates.sql")


class Certificate(Struct, frozen=True):
    """`day` is None for a projection without days."""

    projection: str
    outlet_id: str
    day: date | None
    rows: int
    checksum: str


class Broken(Struct, frozen=True):
    """A certificate that does not hold: how many rows it was given for and how many there are; None for no such side.

    Equal numbers mean that a row was altered.
    """

    projection: str
    outlet_id: str
    day: date | None
    certified: int | None
    found: int | None


def store(
    connection: Connection[TupleRow],
    generation: Generation,
    offsets: Mapping[int, int],
    outlets: Collection[str] | None = None,
    of: Generation | None = None,
) -> None:
    """Certifies the rows of a generation as they stand, in the caller's transaction; with `outlets`, only theirs.

    `of` names the generation that the certificates are for, where an equal copy of it is read.
    """
    target = of or generation
    only = None if outlets is None else sorted(outlets)
    connection.execute(_sql["forget_old"], {"generation": target.number, "outlets": only})
    for projection in sorted(generation.projections):
        connection.execute(
            _sql["store"],
            {
                "generation": target.number,
                "projection": projection,
                "schema_name": generation.schema_name,
                "ignored": _IGNORED,
                "offsets": msgspec.json.encode(offsets).decode(),
                "fold_version": target.fold_version,
                "outlets": only,
            },
        )


def stored(connection: Connection[TupleRow], generation: Generation) -> list[Certificate]:
    """The certificates kept for a generation."""
    with connection.cursor(row_factory=class_row(Certificate)) as cursor:
        return cursor.execute(_sql["stored"], {"generation": generation.number}).fetchall()


def broken(connection: Connection[TupleRow], generation: Generation) -> list[Broken]:
    """The certificates of a generation that no longer hold; it must stand at the offsets it was certified at."""
    found = []
    for projection in sorted(generation.projections):
        parameters = {
            "generation": generation.number,
            "projection": projection,
            "schema_name": generation.schema_name,
            "ignored": _IGNORED,
        }
        for outlet, day, certified, rows in connection.execute(_sql["broken"], parameters):
            found.append(Broken(projection, outlet, day, certified, rows))
    return found
