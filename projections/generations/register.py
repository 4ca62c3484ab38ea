"""Generations of read models: each its own PostgreSQL schema, one of them live."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct
from psycopg import Connection
from psycopg.errors import LockNotAvailable
from psycopg.rows import TupleRow, class_row

from projections.logs.applied import position
from projections.logs.faults import Position
from projections.models import BOOKKEEPING, PROJECTIONS, versions
from schemas.errors import Refused
from schemas.statements import load

_sql = load("projections.generations", "register.sql")


class Generation(Struct, frozen=True):
    """A row of `app.generations`; its tables live in the schema `schema_name`.

    `state`: 'building', 'ready' (built, not switched to), 'live', 'old', or 'named' (kept as the log stood at `until`).
    `purpose`: 'report', or 'check' for one that serves a comparison or a repair and is dropped afterwards.
    `projections`: what it was made with, each with its version (see `projections.models.versions`).
    """

    number: int
    schema_name: str
    state: str
    fold_version: str
    name: str | None = None
    until: datetime | None = None
    purpose: str = "report"
    projections: dict[str, int] = {}


def ensure_first_generation(connection: Connection[TupleRow]) -> None:
    """Makes generation 1 and sets it live where there is none (a new database)."""
    with connection.transaction():
        if connection.execute(_sql["any_generation"]).fetchone() is None:
            generation = create(connection, state="live")
            connection.execute(_sql["mark_switched"], {"number": generation.number})
            connection.execute(_sql["point_reports"], {"schema_name": generation.schema_name})


def create(
    connection: Connection[TupleRow],
    state: str = "building",
    *,
    purpose: str = "report",
    name: str | None = None,
    until: datetime | None = None,
) -> Generation:
    """A new generation with empty tables, in the caller's transaction; one that is 'building' takes COPY."""
    connection.execute(_sql["hold_register"])
    row = {
        "state": state,
        "fold_version": versions.FOLD_VERSION,
        "purpose": purpose,
        "name": name,
        "until": until,
        "projections": msgspec.json.encode(versions.VERSIONS).decode(),
    }
    generation = _one(connection, "register_generation", row)
    assert generation is not None  # RETURNING gives the row it inserted
    connection.execute(_sql["create_schema"], {"schema_name": generation.schema_name})
    use(connection, generation)
    tables = (*BOOKKEEPING, *PROJECTIONS)
    connection.execute(b";\n".join(each.statements["create"] for each in tables))
    open_to_all = {each.name for each in BOOKKEEPING if not each.isolated}
    connection.execute(_sql["isolate"], {"tables": [each.name for each in tables if each.name not in open_to_all]})
    connection.execute(_sql["grant"], {"schema_name": generation.schema_name})
    if state == "building":
        _bind_owner(connection, generation, bound=False)
    return generation


def use(connection: Connection[TupleRow], generation: Generation) -> None:
    """Unqualified table names mean this generation's until the transaction ends."""
    connection.execute(_sql["use_schema"], {"schema_name": generation.schema_name})


def hold_live(connection: Connection[TupleRow]) -> Generation:
    """The live generation, which stays live until the transaction ends (a switch waits for it)."""
    return _found(_one(connection, "hold_live"))


def live(connection: Connection[TupleRow]) -> Generation:
    """The live generation at this moment."""
    return _found(_one(connection, "live"))


def numbered(connection: Connection[TupleRow], number: int) -> Generation:
    """The generation of that number; raises `LookupError` where there is none."""
    generation = _one(connection, "numbered", {"number": number})
    if generation is None:
        raise LookupError(f"there is no generation {number}")
    return generation


def named(connection: Connection[TupleRow], name: str) -> Generation | None:
    """The generation kept under a name."""
    return _one(connection, "named", {"name": name})


def listed(connection: Connection[TupleRow], which: str = "all_generations") -> list[Generation]:
    """Generations by number; or those of the statements `unfinished`, `superseded`
    and `leftover_checks`."""
    with connection.cursor(row_factory=class_row(Generation)) as cursor:
        return cursor.execute(_sql[which]).fetchall()


def reopen(connection: Connection[TupleRow], generation: Generation) -> Generation:
    """One that was ready is 'building' again, in the caller's transaction."""
    _bind_owner(connection, generation, bound=False)
    return _set_state(connection, generation, "building")


def close(connection: Connection[TupleRow], generation: Generation, state: str) -> Generation:
    """One that was 'building' becomes 'ready' or 'named', in the caller's transaction."""
    _bind_owner(connection, generation, bound=True)
    return _set_state(connection, generation, state)


def _bind_owner(connection: Connection[TupleRow], generation: Generation, bound: bool) -> None:
    connection.execute(_sql["bind_owner"], {"schema_name": generation.schema_name, "bound": bound})


def _set_state(connection: Connection[TupleRow], generation: Generation, state: str) -> Generation:
    connection.execute(_sql["set_state"], {"number": generation.number, "state": state})
    return numbered(connection, generation.number)


def stop_applying(connection: Connection[TupleRow]) -> None:
    """Waits for the batches under way and lets none begin until the caller's transaction ends. Reading goes on."""
    connection.execute(_sql["stop_applying"])


def make_live(connection: Connection[TupleRow], generation: Generation) -> None:
    """Switches, in the caller's transaction, which must have called `stop_applying`."""
    connection.execute(_sql["retire_live"])
    _set_state(connection, generation, "live")
    connection.execute(_sql["mark_switched"], {"number": generation.number})
    connection.execute(_sql["point_reports"], {"schema_name": generation.schema_name})


def drop(connection: Connection[TupleRow], generation: Generation) -> None:
    """Deletes a generation with all its tables, in the caller's transaction."""
    connection.execute(_sql["unregister"], {"number": generation.number})
    connection.execute(_sql["drop_schema"], {"schema_name": generation.schema_name})


def drop_unread(connection: Connection[TupleRow], generation: Generation, wait_seconds: float) -> None:
    """Deletes a generation that nobody reads. Raises `Refused` where somebody still does after `wait_seconds`."""
    try:
        with connection.transaction():
            connection.execute(_sql["wait_for_locks"], {"milliseconds": str(round(wait_seconds * 1000))})
            drop(connection, generation)
    except LockNotAvailable as exc:
        rows = connection.execute(_sql["readers"], {"schema_name": generation.schema_name}).fetchall()
        readers = ", ".join(
            f"PostgreSQL's process {pid} ({program}) since {since:%H:%M:%S}" for pid, program, since in rows
        )
        raise Refused(
            f"generation {generation.number} is still being read, by {readers or 'somebody who has just ended'}: wait"
            f" for a page, an export or a verification to end, or end it, then `weboffice generations drop"
            f" {generation.number}` again; nothing was dropped"
        ) from exc


def positions(connection: Connection[TupleRow], generation: Generation) -> dict[int, int]:
    """Partition → next offset of a generation."""
    with connection.transaction():
        use(connection, generation)
        return dict(connection.execute(_sql["positions"]).fetchall())


def log_positions(connection: Connection[TupleRow], generation: Generation) -> dict[int, Position]:
    """Partition → position of a generation, with the log that it is of."""
    with connection.transaction():
        use(connection, generation)
        rows = connection.execute(_sql["log_positions"]).fetchall()
    return {partition: position(*rest) for partition, *rest in rows}


class Listed(Struct, frozen=True):
    """A generation for people: `bytes` on disk, and when it was made and went live."""

    generation: Generation
    created_at: datetime
    switched_at: datetime | None
    bytes: int


def overview(connection: Connection[TupleRow]) -> list[Listed]:
    """All generations with their sizes, by number."""
    with connection.transaction():
        found = {generation.number: generation for generation in listed(connection)}
        sizes = connection.execute(_sql["sizes"]).fetchall()
    return [Listed(found[number], *rest) for number, *rest in sizes if number in found]


def lacking(generation: Generation) -> list[str]:
    """The projections of this program that a generation does not have; pages that need one say 'being computed'."""
    return versions.lacking(generation.projections)


def live_is_outdated(connection: Connection[TupleRow]) -> str | None:
    """A notice for the start of a process where the live generation was made by another fold version; else None."""
    generation = live(connection)
    if generation.fold_version == versions.FOLD_VERSION:
        return None
    return (
        f"the live reports (generation {generation.number}) were made by fold version {generation.fold_version},"
        f" this program folds by version {versions.FOLD_VERSION}: run `weboffice rebuild`"
    )


def _one(
    connection: Connection[TupleRow], statement: str, parameters: Mapping[str, object] | None = None
) -> Generation | None:
    with connection.cursor(row_factory=class_row(Generation)) as cursor:
        return cursor.execute(_sql[statement], parameters).fetchone()


def _found(generation: Generation | None) -> Generation:
    if generation is None:
        raise LookupError("no live generation: run `weboffice migrate`")
    return generation
