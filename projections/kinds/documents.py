"""Documents: what a till sent under an id (sales, returns, moves). One that comes again replaces the earlier one.

A document is known by outlet, till and its id. Rows are looked up by key, so that whatever depends on documents is told
what a change is: the row as it was, None for a new one, and the row as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Generic, TypeVar

from msgspec import Struct

from projections.kinds import statements
from projections.kinds.columns import columns
from projections.kinds.copylines import copy_line
from projections.kinds.provenance import Provenance

E = TypeVar("E")
R = TypeVar("R", bound=Struct)


class Documents(Generic[E, R]):
    """The documents that an event brings.

    `id` names the event's field with the document's id; the key is (outlet_id, that id, till_id), the first columns of
    `row`. `make` gives the row of an event; its third argument is the turn in which the document came first.
    `continues`: earlier versions whose generations are carried on, since a migration brings their table up to date.
    """

    key_width = 3

    def __init__(
        self,
        name: str,
        *,
        version: int,
        event: type[E],
        id: str,
        row: type[R],
        make: Callable[[E, Provenance, int], R],
        package: str = "projections.models",
        continues: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.version = version
        self.continues = continues
        self.event = event
        self.row = row
        self.make = make
        self.id_of: Callable[[Any], str] = attrgetter(id)
        self.columns = columns(row)
        self.key = tuple(column.name for column in self.columns[:3])
        if self.key != ("outlet_id", id, "till_id"):
            raise TypeError(f"{name}: the key of {row.__name__} is {self.key}, not outlet_id, {id}, till_id")
        if "applied_no" not in row.__struct_fields__:
            raise TypeError(f"{name}: {row.__name__} has no applied_no, the turn in which the document came first")
        self.statements = statements.of_file(name, package, ("create", "load", "write", "copy", "remove"))
        self.copy_line = copy_line(name, self.columns)
