"""An independent recount of each projection, one module each, named like it.

`rows(model)` counts what the projection's table should hold of an outlet: key (without the outlet) → column → value,
all columns that are business content. Sums that are 0 throughout may be left out.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import msgspec

from tests.projections.model import OutletModel

Rows = dict[tuple[Any, ...], dict[str, Any]]


def recount(projection: str) -> Callable[[OutletModel], Rows]:
    """The recount of a projection."""
    try:
        module = import_module(f"{__name__}.{projection}")
    except ModuleNotFoundError as exc:
        raise LookupError(
            f"projection {projection} has no independent recount: write tests/projections/recounts/{projection}.py"
        ) from exc
    found: Callable[[OutletModel], Rows] = module.rows
    return found


def document(part: msgspec.Struct) -> Any:
    """A part of a document as the JSON values in which PostgreSQL keeps it."""
    return msgspec.to_builtins(part)
