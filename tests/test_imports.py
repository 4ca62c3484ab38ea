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
    """producers, projections and webapp meet through Kafka and PostgreSQL; only streams hands on to projections."""
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


_SECTIONS = ("accounts", "licences", "outlets", "readapi", "reports")
_TOP = ("app", "pages", "security", "openapi", "apidocs")
_BESIDE = {("outlets", "reports")}
"""which section of the portal may import which other one"""


def _floor(module: str) -> int:
    """0: what the pages share; 1: the sections with the pages; 2: what puts the portal together."""
    _, _, rest = module.partition(".")
    part = rest.split(".")[0]
    return 2 if part in _TOP else 1 if part in _SECTIONS else 0


def test_the_portal_is_built_in_floors() -> None:
    """What pages share imports no page, no page imports the whole, and a section imports another only where it may."""
    climbing, sideways = [], []
    for name, imported in _graph("webapp").items():
        climbing += [(name, other) for other in imported if _floor(other) > _floor(name)]
        if _floor(name) == 1:
            section = name.split(".")[1]
            others = {other.split(".")[1] for other in imported if _floor(other) == 1} - {section}
            sideways += [(section, other) for other in others if (section, other) not in _BESIDE]
    assert climbing == []
    assert sorted(set(sideways)) == []
