"""The statements of a projection by what they do, as bytes for psycopg."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas import statements


def of_file(name: str, package: str, needed: Iterable[str]) -> Mapping[str, bytes]:
    """The statements of `name`.sql in a package. Raises `TypeError` that names the first one that it lacks."""
    try:
        found = statements.load(package, f"{name}.sql")
    except FileNotFoundError as exc:
        raise TypeError(f"{name}: its statements belong into {package.replace('.', '/')}/{name}.sql") from exc
    for statement in needed:
        if statement not in found:
            raise TypeError(f"{name}: {name}.sql has no statement `{statement}`")
    return found
