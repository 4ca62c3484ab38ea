"""What one generation holds and another one, folded from the log as it is now, does not: by outlet, run, number."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

import msgspec
from msgspec import Struct
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from projections.generations import register
from projections.generations.register import Generation
from projections.replay.numbers import Numbers
from projections.runs import state
from projections.runs.order import Run
from projections.runs.state import RunId
from schemas.spans import Span, minus, missing
from schemas.statements import load

_sql = load("projections.replay", "adopt.sql")


_MORE = {
    "counts": "count",
    "cash_moves": "cash_move",
    "shift_openings": "shift_opening",
    "shift_closings": "shift_closing",
}
"""Tables of documents that came after 0.1.0 → what an export calls a row of each."""


class Lost(Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """Numbers of a run whose events were worked on and that the log no longer has."""

    outlet_id: str
    till_id: str
    run: str
    first: int
    last: int


class Document(Struct, frozen=True):
    """A row, or an upload that waits, with the numbers its events came under; `kind`: sale, return, move, upload, or
    one of `_MORE`."""

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


def not_in_log(connection: Connection[TupleRow], was: Generation, log: Numbers, outlets: Container[str]) -> list[Lost]:
    """The numbers that `was` has of these outlets and the log has not, in the caller's transaction: before anything is
    folded anew."""
    return [
        Lost(*of, first, last)
        for of, run in sorted(_runs(connection, was).items())
        if of[0] in outlets
        for span in _held(run)
        for first, last in minus(span, log.of(of))
    ]


def not_copied(
    connection: Connection[TupleRow], live: Generation, acknowledged: Mapping[RunId, int], *later: Numbers
) -> list[Lost]:
    """The numbers that were acknowledged, or stand before others of their run in `later`, and are neither there nor in
    `live`: what is certainly lost. In the caller's transaction."""
    ids = sorted({*acknowledged, *(of for numbers in later for of in numbers.runs())})
    register.use(connection, live)
    runs = state.load(connection, ids)
    found = []
    for of in ids:
        behind = acknowledged.get(of, 0)
        came = [*(span for numbers in later for span in numbers.of(of)), (behind + 1, behind)]
        run = runs[of].run
        missed = missing(run.applied_through, [*came, *_known(run)], run.given_up)
        found += [Lost(*of, first, last) for first, last in missed]
    return found


def outlets(connection: Connection[TupleRow], generation: Generation) -> set[str]:
    """Every outlet of which a generation has anything, in the caller's transaction."""
    register.use(connection, generation)
    return {outlet for outlet, _, _ in connection.execute(_sql["runs"])}


def documents(connection: Connection[TupleRow], was: Generation, spans: list[Lost]) -> Iterator[Document]:
    """What `was` still holds of the numbers given, in their order, in the caller's transaction."""
    register.use(connection, was)
    keys = [
        {"outlet_id": one.outlet_id, "till_id": one.till_id, "run": one.run}
        | {"first_seq": one.first, "last_seq": one.last}
        for one in spans
    ]
    given = {"spans": msgspec.json.encode(keys).decode()}
    rows = connection.execute(_sql["documents"], given).fetchall()
    for (table,) in connection.execute(_sql["there"], {"tables": list(_MORE)}).fetchall():
        statement = sql.SQL(_sql["documents_of"].decode())  # from a file of ours
        rows += connection.execute(statement.format(kind=_MORE[table], table=sql.Identifier(table)), given).fetchall()
    for kind, outlet, till, run, first, last, text in sorted(rows, key=lambda row: row[1:5]):
        yield Document(kind, outlet, till, run, first, last, msgspec.Raw(text.encode()))


def without_content(spans: list[Lost], found: list[Document]) -> list[Lost]:
    """Those numbers of which no document is left: goods, contacts, voids, and what a later document replaced."""
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
