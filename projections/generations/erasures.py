"""Contacts that asked to be forgotten. Their names leave every generation, and no replay brings them back.

The request is a record of the log (`ContactForgotten`), since whatever changes the read models must be; what was asked
for is also kept in `app.forgotten_contacts`, which every fold consults, so that a replay knows of an erasure before it
comes to the contact. A trigger there erases the name in all generations. See docs/decisions.
"""

from __future__ import annotations

from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import register
from projections.generations.register import Generation
from schemas.statements import load

_sql = load("projections.generations", "erasures.sql")


def sweep(connection: Connection[TupleRow], generation: Generation) -> None:
    """Erases what was asked for while the generation was being built, in the caller's transaction."""
    register.use(connection, generation)
    connection.execute(_sql["hold_register"])
    connection.execute(_sql["sweep"])


def sweep_outlets(connection: Connection[TupleRow], generation: Generation) -> None:
    """Takes out of a report that is kept 'as the log stood' what was an account's that is deleted: the log before that
    moment knows nothing of it. In the caller's transaction."""
    connection.execute(_sql["hold_outlets"])
    connection.execute(_sql["sweep_outlets"], {"schema_name": generation.schema_name})
