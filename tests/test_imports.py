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
    "notices": {"schemas", "webapp"},
    "ops": {"schemas", "producers", "projections", "streams", "webapp", "notices"},
}
_PURE = {"aiokafka.partitioner"}  # a hash, in a library that does the rest of it
_IO = {"aiokafka", "psycopg", "psycopg_pool", "faust", "httpx", "socket", "starlette", "subprocess"}


def _imports(package: str) -> set[tuple[str, str]]:
    found = set()
    for path in (_ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {(path.name, alias.name.split(".")[0]) for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0 and node.module not in _PURE:
                found.add((path.name, node.module.split(".")[0]))
    return found


@pytest.mark.parametrize("package", sorted(_ALLOWED))
def test_no_package_imports_one_beside_it(package: str) -> None:
    """producers, projections and webapp meet through Kafka and PostgreSQL; only streams hands on to projections, and
    notices tell what the portal's readings say."""
    ours = {(file, name) for file, name in _imports(package) if name in _ALLOWED}
    assert not {(file, name) for file, name in ours if name != package and name not in _ALLOWED[package]}


def test_schemas_does_no_io() -> None:
    """The shared language imports nothing that talks to the world."""
    assert not {(file, name) for file, name in _imports("schemas") if name in _IO}


def _modules(package: str) -> dict[str, Path]:
    """The package's modules by name; a package goes by its own."""
    modules = {}
    for path in sorted((_ROOT / package).rglob("*.py")):
        parts = path.relative_to(_ROOT).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def _graph(package: str) -> dict[str, set[str]]:
    """Which modules of the package each one imports, anywhere in it: an import in a function counts like any other."""
    modules = _modules(package)
    graph = {}
    for name, path in modules.items():
        imported = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                imported |= inner & modules.keys() if inner <= modules.keys() else inner | {node.module}
        graph[name] = (imported & modules.keys()) - {name}
    return graph


def _circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules of which each leads to every other."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        waiting, seen = [start], set[str]()
        while waiting:
            following = graph[waiting.pop()] - seen
            seen |= following
            waiting += following
        reached[start] = seen
    groups = {tuple(sorted(other for other in seen if name in reached[other])) for name, seen in reached.items()}
    return [list(group) for group in sorted(groups) if group]


@pytest.mark.parametrize("package", sorted(_ALLOWED))
def test_no_package_has_a_circle(package: str) -> None:
    """Inside a package, too, imports go one way: no module leads back to itself, by an import in a function either."""
    assert _circles(_graph(package)) == []


def test_a_circle_is_found() -> None:
    """The search names the modules of a circle, and nothing that only leads to it or away from it."""
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set[str](), "e": {"e"}}
    assert _circles(graph) == [["b", "c"], ["e"]]


_FLOORS: dict[str, tuple[tuple[str, ...], ...]] = {
    "producers": (("importers", "outbox", "resend", "simulator"), ("gateway",), ("conformance",)),
    "projections": (("models", "store"), ("columns",), ("generations",), ("apply",), ("orders", "replay"), ("proof",)),
    "streams": (("app",), ("anonymise", "project"), ("worker",)),
    "webapp": (
        ("accounts", "closings", "licences", "members", "notices", "outlets", "readapi", "reports"),
        ("openapi", "security"),
        ("apidocs", "collection", "pages"),
        ("app",),
    ),
    "notices": (
        ("alarms",),
        ("picture", "told", "words"),
        ("digest", "hearers"),
        ("digest_reading",),
        ("teller", "digests"),
    ),
    "ops": (("commands",), ("cli",), ("__main__",)),
}
"""The floors of a package from the first one up, by what stands in its folder; what is not named is ground floor."""
_BESIDE = {("outlets", "reports"), ("members", "accounts"), ("notices", "outlets"), ("closings", "outlets")}
"""which part may import which other one of its own floor"""


def _part(module: str) -> str:
    """The sub-package or module of a package that a module belongs to."""
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("package", sorted(_FLOORS))
def test_a_package_is_built_in_floors(package: str) -> None:
    """No part of a package imports one of a floor above its own; on a floor each part stands by itself."""
    floors = {part: floor for floor, parts in enumerate(_FLOORS[package], start=1) for part in parts}
    climbing, sideways = set(), set()
    for name, imported in _graph(package).items():
        part = _part(name)
        floor = floors.get(part, 0)
        for other in imported:
            if floors.get(_part(other), 0) > floor:
                climbing.add((name, other))
            elif floor and floors.get(_part(other), 0) == floor and _part(other) != part:
                sideways.add((part, _part(other)))
    assert sorted(climbing) == []
    assert sorted(sideways - _BESIDE) == []
