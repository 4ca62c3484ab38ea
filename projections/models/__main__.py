"""Shows what the declarations make: `python -m projections.models` the composed SQL, with `--table` the list of all."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from projections.kinds.documents import Documents
from projections.kinds.levels import Levels
from projections.kinds.readmodels import Projection
from projections.kinds.states import Counter
from projections.kinds.sums import Sums
from projections.models import PROJECTIONS


def composed(projections: Iterable[Projection] = PROJECTIONS) -> str:
    """Every statement that is composed from a declaration."""
    return "\n".join(
        f"-- {each.name}: {name}\n{statement.decode()};\n"
        for each in projections
        if isinstance(each, Sums)
        for name, statement in each.statements.items()
    )


def table() -> str:
    """The projections as a table."""
    lines = ["| projection | kind | version | key | of |", "|---|---|---|---|---|"]
    for each in PROJECTIONS:
        cells = (f"`{each.name}`", _kind(each), str(each.version), ", ".join(each.key), ", ".join(_of(each)))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _kind(projection: Projection) -> str:
    match projection:
        case Documents():
            return "documents"
        case Sums():
            return "sums"
        case Levels():
            return "levels"
        case Counter():
            return "counter"
        case _:
            return "states"


def _of(projection: Projection) -> list[str]:
    match projection:
        case Documents():
            return [projection.event.__name__]
        case Sums():
            return [feed.source.row.__name__ for feed in projection.feeds]
        case Levels():
            return [projection.counts.name, projection.moved.name]
        case _:
            return [
                *(handler.event.__name__ for handler in projection.on),
                *(of.projection.name for of in projection.of),
            ]


if __name__ == "__main__":
    sys.stdout.write(table() if "--table" in sys.argv else composed())
