"""How far the uploads of runs were acknowledged, and which of them were lost with a log: `app.acknowledged`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.runs.state import RunId
from schemas.statements import load

_sql = load("projections.runs", "acknowledged.sql")


def through(connection: Connection[TupleRow]) -> dict[RunId, int]:
    """The last number of each run that a till was told 202 for, as far as it was noted; of outlets that are there."""
    return {(outlet, till, run): last for outlet, till, run, last in connection.execute(_sql["through"])}


def lost_through(connection: Connection[TupleRow], outlet: str | None = None) -> dict[RunId, int]:
    """The last number of each run that was lost with a log: what up to there has not come again, and was not given up,
    is missing. Of all outlets that are there, or of one."""
    rows = connection.execute(_sql["lost_through"], {"outlet": outlet})
    return {(of_outlet, till, run): last for of_outlet, till, run, last in rows}


def note_lost(connection: Connection[TupleRow], runs: Iterable[tuple[RunId, int]]) -> None:
    """Notes the last number that each run lost, in the caller's transaction."""
    last: dict[RunId, int] = {}
    for run_id, number in runs:
        last[run_id] = max(number, last.get(run_id, 0))
    rows: list[dict[str, Any]] = [
        {"outlet_id": outlet, "till_id": till, "run": run, "through": number}
        for (outlet, till, run), number in sorted(last.items())
    ]
    if rows:
        connection.execute(_sql["note_lost"], {"rows": msgspec.json.encode(rows).decode()})
