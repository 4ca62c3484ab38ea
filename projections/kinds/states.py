"""States: rows that an event replaces or alters (goods, contacts), read by the keys that the projection names.

`On` says what an event, or the request to forget a contact, makes of the one row it is about; `Of` what a change of
another projection's row (a document, a good) makes of any number of rows. Nothing else may be read: a table raises for
a row whose key is not among those named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from projections.kinds import statements
from projections.kinds.columns import columns
from projections.kinds.copylines import copy_line
from projections.kinds.documents import Documents

R = TypeVar("R", bound=Struct)


class Register(Generic[R]):
    """Rows that no generation owns: kept outside, written by every fold, always read anew."""

    def __init__(
        self, name: str, *, row: type[R], key: int, on: tuple[On, ...], package: str = "projections.models"
    ) -> None:
        self.name = name
        self.row = row
        self.key_width = key
        self.on = on
        self.columns = columns(row)
        self.key = tuple(column.name for column in self.columns[:key])
        self.statements = statements.of_file(name, package, ("load", "write"))


class On(Struct, frozen=True):
    """What becomes of the row of `key(event)`, whose outlet stands in front of it.

    Without a `key` the event is a line of a journal: its row brings its key along, and is never read.
    `fold(old, event, provenance)` gives the new row, or None where nothing changes; `old` is the row as it was, None
    where there is none; a request to forget has no provenance. With `reads` False the row is replaced unseen, and `old`
    is always None. `consults` names a register whose row under the same key is handed over as a fourth argument.
    """

    event: type[Any]
    key: Callable[[Any], tuple[str, ...]] | None
    fold: Callable[..., Any]
    reads: bool = True
    consults: Register[Any] | None = None


class Of(Struct, frozen=True):
    """What a change of a row elsewhere makes of this state: `fold(table, old, new)`.

    `old` is None for a new row, and `new` for a document that was voided; with `all_contents` they are as they came,
    voided or not. `keys(row)` are the rows it may read or alter, without the outlet: of a document and of its event.
    """

    projection: Documents[Any, Any] | States[Any]
    fold: Callable[..., None]
    keys: Callable[[Any], Iterable[tuple[str, ...]]] | None = None
    all_contents: bool = False


class States(Generic[R]):
    """A projection of rows that are replaced or altered; the first `key` columns of `row` are its key."""

    def __init__(
        self,
        name: str,
        *,
        version: int,
        row: type[R],
        key: int,
        on: tuple[On, ...] = (),
        of: tuple[Of, ...] = (),
        package: str = "projections.models",
        continues: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.version = version
        self.continues = continues
        self.row = row
        self.key_width = key
        self.on = on
        self.of = of
        self.columns = columns(row)
        self.key = tuple(column.name for column in self.columns[:key])
        if self.key[0] != "outlet_id":
            raise TypeError(f"{name}: the key of {row.__name__} begins with {self.key[0]}, not with outlet_id")
        for source in of:
            if source.keys is None or not isinstance(source.projection, Documents):
                raise TypeError(f"{name}: which of its rows is a change of {source.projection.name} about?")
        if any(handler.reads and handler.key is None for handler in on):
            raise TypeError(f"{name}: which of its rows is an event about?")
        needed = ["create", "write", "remove"]
        needed += ["load"] if of or any(handler.reads for handler in on) else []
        self.statements = statements.of_file(name, package, needed)
        if "copy" in self.statements and not all(handler.reads for handler in on):
            raise TypeError(f"{name}: COPY is for rows that are certainly not there, so each event has to read its row")
        self.copy_line = copy_line(name, self.columns) if "copy" in self.statements else None


class Begins(Protocol):
    """Makes the row of an outlet at its first event."""

    def __call__(self, outlet: str, at: datetime) -> Any: ...


class Counter(Generic[R]):
    """The engine's counter: one row an outlet, opened for every event.

    `count(row)` numbers an event in the order of application, `reach(row, at)` moves the greatest effective time along.
    Beside that, the row counts changes of other projections (`of`).
    """

    key_width = 1
    on: tuple[On, ...] = ()

    def __init__(
        self,
        name: str,
        *,
        version: int,
        row: type[R],
        begin: Begins,
        count: Callable[[Any], int],
        reach: Callable[[Any, datetime], None],
        of: tuple[Of, ...],
        package: str = "projections.models",
        continues: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.version = version
        self.continues = continues
        self.row = row
        self.begin = begin
        self.count = count
        self.reach = reach
        self.of = of
        self.columns = columns(row)
        self.key: tuple[str, ...] = ("outlet_id",)
        self.statements = statements.of_file(name, package, ("create", "load", "write", "remove"))
        self.copy_line = None
