"""Generations of read models: each its own PostgreSQL schema, one of them live."""

from __future__ import annotations

from importlib import resources

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from schemas.statements import load

FOLD_VERSION = "1"
"""Grows with every change of a fold or of a generation's tables; see docs/decisions."""

_sql = load("projections.sql", "generations.sql")


class Generation(Struct, frozen=True):
    """A row of `app.generations`; its tables live in the schema `schema_name`."""

    number: int
    schema_name: str
    state: str
    fold_version: str


def ensure_first_generation(connection: Connection[TupleRow]) -> None:
    """Makes generation 1 and sets it live where there is none (a new database)."""
    with connection.transaction():
        if connection.execute(_sql["any_generation"]).fetchone() is None:
            generation = create(connection, state="live")
            connection.execute(_sql["mark_switched"], {"number": generation.number})


def create(connection: Connection[TupleRow], state: str = "building") -> Generation:
    """A new generation with empty tables, in the caller's transaction."""
    with connection.cursor(row_factory=class_row(Generation)) as cursor:
        generation = cursor.execute(
            _sql["register_generation"], {"state": state, "fold_version": FOLD_VERSION}
        ).fetchone()
    assert generation is not None  # RETURNING gives the row it inserted
    connection.execute(_sql["create_schema"], {"schema_name": generation.schema_name})
    use(connection, generation)
    connection.execute(resources.files("projections.sql").joinpath("generation.sql").read_bytes())
    return generation


def use(connection: Connection[TupleRow], generation: Generation) -> None:
    """Unqualified table names mean this generation's until the transaction ends."""
    connection.execute(_sql["use_schema"], {"schema_name": generation.schema_name})


def hold_live(connection: Connection[TupleRow]) -> Generation:
    """The live generation, which stays live until the transaction ends (a switch waits for it)."""
    with connection.cursor(row_factory=class_row(Generation)) as cursor:
        generation = cursor.execute(_sql["hold_live"]).fetchone()
    if generation is None:
        raise LookupError("no live generation: run `weboffice migrate`")
    return generation
