"""What one generation holds and another one, folded from the log as it is now, does not: by outlet, run, number."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import register
from projections.generations.register import Generation
from projections.runs import state
from projections.runs.order import Run
from projections.runs.state import RunId
from schemas.spans import Span, minus
from schemas.statements import load

_sql = load("projections.replay", "adopt.sql")


class Lost(Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """Numbers of a run whose events were worked on and that the log no longer has."""

    outlet_id: str
    till_id: str
    run: str
    first: int
    last: int


class Document(Struct, frozen=True):
    """A row, or an upload that waits, with the numbers its events came under; `kind`: sale, return, move or upload."""

    kind: str
    outlet_id: str
    till_id: str
    run: str
    first_seq: int
    last_seq: int
    document: msgspec.Raw


def lost(connection: Connection[TupleRow], was: Generation, becomes: Generation) -> list[Lost]:
    """The numbers that only `was` has, in the caller's transaction."""
    before, after = _runs(connection, was), _runs(connection, becomes)
    return [
        Lost(*of, first, last)
        for of, run in sorted(before.items())
        for span in _held(run)
        for first, last in minus(span, _known(after.get(of, Run())))
    ]


def documents(connection: Connection[TupleRow], was: Generation, spans: list[Lost]) -> Iterator[Document]:
    """What `was` still holds of the numbers given, in the caller's transaction."""
    register.use(connection, was)
    keys = [
        {"outlet_id": one.outlet_id, "till_id": one.till_id, "run": one.run}
        | {"first_seq": one.first, "last_seq": one.last}
        for one in spans
    ]
    rows = connection.execute(_sql["documents"], {"spans": msgspec.json.encode(keys).decode()})
    for kind, outlet, till, run, first, last, text in rows:
        yield Document(kind, outlet, till, run, first, last, msgspec.Raw(text.encode()))


def without_content(spans: list[Lost], found: list[Document]) -> list[Lost]:
    """Those numbers of which no document is left: goods, contacts, counts, and what a later document replaced."""
    return [
        Lost(one.outlet_id, one.till_id, one.run, first, last)
        for one in spans
        for first, last in minus(
            (one.first, one.last),
            [
                (document.first_seq, document.last_seq)
                for document in found
                if (document.outlet_id, document.till_id, document.run) == (one.outlet_id, one.till_id, one.run)
            ],
        )
    ]


def _runs(connection: Connection[TupleRow], generation: Generation) -> dict[RunId, Run]:
    register.use(connection, generation)
    ids = [(outlet, till, run) for outlet, till, run in connection.execute(_sql["runs"])]
    return {of: ledger.run for of, ledger in state.load(connection, ids).items()}


def _held(run: Run) -> list[Span]:
    """The numbers whose events a run has: applied, waiting or set aside; not those that were given up."""
    held = [*minus((1, run.applied_through), run.given_up), *run.waiting.items(), *run.quarantined.items()]
    return sorted(held)


def _known(run: Run) -> list[Span]:
    return [(1, run.applied_through), *run.waiting.items(), *run.quarantined.items()]
