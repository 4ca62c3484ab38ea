"""The statements that load rows look each key up by an index, also as they are planned while the tables are empty."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import register
from projections.models import PROJECTIONS, REGISTERS
from schemas.statements import load as load_statements

_ENGINE = load_statements("projections.apply", "engine.sql")
_LOADS = {
    f"{each.name}.{name}": statement
    for each in (*PROJECTIONS, *REGISTERS)
    for name, statement in each.statements.items()
    if name in ("load", "of_id", "of_fiscal", "then")
} | {name: _ENGINE[name] for name in ("load_runs", "load_parked_spans", "load_quarantined_spans")}


@pytest.mark.parametrize("name", sorted(_LOADS))
def test_each_key_is_looked_up_by_an_index(database: Connection[TupleRow], name: str) -> None:
    """Joined with the keys, `sales` was planned as a hash of all its rows, and stayed so while it grew."""
    with database.transaction():
        register.use(database, register.live(database))
        plan = "\n".join(row for (row,) in database.execute(b"EXPLAIN " + _LOADS[name], _Any()))
    assert "Seq Scan" not in plan, plan
    assert "Hash Join" not in plan, plan


class _Any(dict[str, Any]):
    """The empty array of keys, under whatever name a statement asks for it."""

    def __missing__(self, key: str) -> str:
        return "[]"
