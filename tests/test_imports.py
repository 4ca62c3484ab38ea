"""The folders depend on one another in one direction only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_ALLOWED = {
    "schemas": set[str](),
    "producers": {"schemas"},
    "projections": {"schemas"},
    "streams": {"schemas", "projections"},
    "webapp": {"schemas"},
    "ops": {"schemas", "producers", "projections", "streams", "webapp"},
}
_IO = {"aiokafka", "psycopg", "psycopg_pool", "faust", "httpx", "socket", "starlette", "subprocess"}


def _imports(package: str) -> set[tuple[str, str]]:
    found = set()
    for path in (_ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {(path.name, alias.name.split(".")[0]) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found.add((path.name, node.module.split(".")[0]))
    return found


@pytest.mark.parametrize("package", sorted(_ALLOWED))
def test_no_package_imports_one_beside_it(package: str) -> None:
    """producers, projections and webapp meet through Kafka and PostgreSQL; only streams hands on to projections."""
    ours = {(file, name) for file, name in _imports(package) if name in _ALLOWED}
    assert not {(file, name) for file, name in ours if name != package and name not in _ALLOWED[package]}


def test_schemas_does_no_io() -> None:
    """The shared language imports nothing that talks to the world."""
    assert not {(file, name) for file, name in _imports("schemas") if name in _IO}
