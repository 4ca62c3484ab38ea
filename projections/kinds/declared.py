"""Finds the declarations that a list of names stands for."""

from __future__ import annotations

from importlib import import_module

from projections.kinds.documents import Documents
from projections.kinds.levels import Levels
from projections.kinds.readmodels import Projection
from projections.kinds.states import Counter, States
from projections.kinds.sums import Sums


def declared(package: str, *names: str) -> tuple[Projection, ...]:
    """The projection of each name, which its module in the package declares. Raises `TypeError` where there is none."""
    return tuple(_declared(package, name) for name in names)


def _declared(package: str, name: str) -> Projection:
    path = f"{package.replace('.', '/')}/{name}.py"
    try:
        module = import_module(f"{package}.{name}")
    except ModuleNotFoundError as exc:
        if exc.name != f"{package}.{name}":
            raise
        raise TypeError(f"projection {name} is listed, but its module is missing: {path}") from exc
    for value in vars(module).values():
        if isinstance(value, Documents | Sums | States | Levels | Counter) and value.name == name:
            return value
    raise TypeError(f"{path} declares no projection named {name}")
