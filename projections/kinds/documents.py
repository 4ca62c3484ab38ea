"""Documents: what a till sent under an id (sales, returns, moves). One that comes again replaces the earlier one.

Of counts the first one stands: they are known by their moment, and what was counted then does not change.

A document is known by outlet, till and its id. Rows are looked up by key, so that whatever depends on documents is told
what a change is: the row as it was, None for a new one, and the row as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

from msgspec import Struct

from projections.kinds import statements
from projections.kinds.columns import columns
from projections.kinds.copylines import copy_line
from projections.kinds.once import Once
from projections.kinds.provenance import Provenance

E = TypeVar("E")
R = TypeVar("R", bound=Struct)


class Voiding(Struct, frozen=True):
    """The event that voids a document: `void(event, unseen)` is for the row's column `void`, `unseen` where the
    document itself has not come yet; then the row of `empty(event)`, an event without content, keeps its place."""

    event: type[Any]
    void: Callable[[Any, bool], Any]
    empty: Callable[[Any], Any]


class Consulting(Struct, frozen=True):
    """How a document's event is completed: `complete(event, old, consulted)`, `old` the row it replaces, else None, and
    `consulted` the `Consulted` of `projections.kinds.consulting`.

    `state_keys(event)` are the rows of `state`, a `States`, that it may read, without the outlet. `ids(event)` are
    those of the other `documents`, whatever till they are of. `past` holds the earlier rows of `state`, and
    `past_keys(event, old)` are those that an event which replaces `old` may read as they were when `old` first came.
    """

    complete: Callable[[Any, Any, Any], Any]
    state: Any
    state_keys: Callable[[Any], Iterable[tuple[str, ...]]]
    documents: Documents[Any, Any] | None = None
    ids: Callable[[Any], Iterable[str]] | None = None
    past: Any = None
    past_keys: Callable[[Any, Any], Iterable[tuple[str, ...]]] | None = None


class Documents(Generic[E, R]):
    """The documents that an event brings.

    `id` names the event's field with the document's id, or all that make it; the key is (outlet_id, that id, till_id),
    the first columns of `row`. `make` gives the row of an event; its third and fourth arguments are the turn in which
    the document came first, and when the record that brought it then came in: a row that replaces another keeps both.
    `first_stands`: one that comes again changes nothing. `voided_by`: what takes a document out for good.
    `consults`: what goes into it from elsewhere. `once`: of those that say the same numbers, one counts.
    `continues`: earlier versions whose generations are carried on, since a migration brings their table up to date.
    """

    def __init__(
        self,
        name: str,
        *,
        version: int,
        event: type[E],
        id: str | tuple[str, ...],
        row: type[R],
        make: Callable[[E, Provenance, int, datetime], R],
        first_stands: bool = False,
        voided_by: Voiding | None = None,
        consults: Consulting | None = None,
        once: Once | None = None,
        package: str = "projections.models",
        continues: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.version = version
        self.continues = continues
        self.event = event
        self.row = row
        self.make = make
        self.first_stands = first_stands
        self.voided_by = voided_by
        self.consults = consults
        self.once = once
        ids = (id,) if isinstance(id, str) else id
        self.id_of: Callable[[Any], Any] = attrgetter(*ids)
        self.columns = columns(row)
        self.key_width = len(ids) + 2
        self.key = tuple(column.name for column in self.columns[: self.key_width])
        if self.key != ("outlet_id", *ids, "till_id"):
            raise TypeError(
                f"{name}: the key of {row.__name__} is {self.key}, not outlet_id, {', '.join(ids)}, till_id"
            )
        for field in ("applied_no", "received_at"):
            if field not in row.__struct_fields__:
                raise TypeError(f"{name}: {row.__name__} has no {field} of the document's first appearance")
        self.statements = statements.of_file(name, package, ("create", "load", "write", "copy", "remove"))
        self.copy_line = copy_line(name, self.columns)
