"""The runs a batch touches: their sequence state and what became of each event read, kept in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.runs.order import Run
from schemas.statements import load as load_statements

RunId = tuple[str, str, str]
"""(outlet id, till id, run)"""

_sql = load_statements("projections.apply", "engine.sql")
_encoder = msgspec.json.Encoder()


class RunLedger:
    """A run and the count of its events: read = applied + duplicate + discarded + those held back."""

    def __init__(self, run: Run, read: int = 0, applied: int = 0, duplicate: int = 0, discarded: int = 0) -> None:
        self.run = run
        self.read = read
        self.applied = applied
        self.duplicate = duplicate
        self.discarded = discarded


def load(connection: Connection[TupleRow], ids: Iterable[RunId]) -> dict[RunId, RunLedger]:
    """The state of each run; a run never seen starts before its first event."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    keys = {
        "keys": _encoder.encode(
            [{"outlet_id": outlet, "till_id": till, "run": run} for outlet, till, run in wanted]
        ).decode()
    }
    found: dict[RunId, RunLedger] = {}
    for outlet, till, run, through, read, applied, duplicate, discarded, given_up in connection.execute(
        _sql["load_runs"], keys
    ):
        state = Run(through, given_up=[(first, last) for first, last in given_up])
        found[outlet, till, run] = RunLedger(state, read, applied, duplicate, discarded)
    for run_id in wanted:
        found.setdefault(run_id, RunLedger(Run()))
    for outlet, till, run, first, last in connection.execute(_sql["load_parked_spans"], keys):
        found[outlet, till, run].run.wait((first, last))
    for outlet, till, run, first, last, stub in connection.execute(_sql["load_quarantined_spans"], keys):
        found[outlet, till, run].run.quarantine((first, last), stub)
    return found


def load_outlet(connection: Connection[TupleRow], outlet: str) -> dict[RunId, RunLedger]:
    """The state of every run of an outlet."""
    found = connection.execute(_sql["load_outlet_runs"], {"outlet": outlet}).fetchall()
    return load(connection, [(of_outlet, till, run) for of_outlet, till, run in found])


def write(connection: Connection[TupleRow], ledgers: dict[RunId, RunLedger]) -> None:
    """Writes every run given; in key order, as all writers do."""
    rows: list[dict[str, Any]] = [
        {
            "outlet_id": outlet,
            "till_id": till,
            "run": run,
            "applied_through": ledger.run.applied_through,
            "read": ledger.read,
            "applied": ledger.applied,
            "duplicate": ledger.duplicate,
            "discarded": ledger.discarded,
            "given_up": ledger.run.given_up,
        }
        for (outlet, till, run), ledger in sorted(ledgers.items())
    ]
    if rows:
        connection.execute(_sql["write_runs"], {"rows": _encoder.encode(rows).decode()})
