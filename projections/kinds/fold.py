"""The fold: what a generation's projections make of an event. Pure: no clock, no randomness, no I/O.

Which projection takes part in which event is bound once, from their declarations: a document registers itself, its rows
are flattened once for all sums that use them, then states that follow it are told; a state's own events alter its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from projections.kinds.documents import Documents
from projections.kinds.provenance import Provenance
from projections.kinds.readmodels import Projection, ReadModels
from projections.kinds.states import Counter, On, Register, States
from projections.kinds.sums import Add, Sums
from projections.kinds.table import Key
from schemas.events import EventWithdrawn
from schemas.records import ContactForgotten, UploadRecord

Step = Callable[[ReadModels, Any, Provenance], None]
Keys = dict[str, set[Key]]
"""table → primary keys"""


class FromTill(Protocol):
    """What says whose an event is: an upload, or a provenance."""

    @property
    def outlet(self) -> str: ...
    @property
    def till(self) -> str: ...


_KeyOf = Callable[[Any, FromTill], Key]


class _Shared(Struct, frozen=True):
    """A source that at least one sum uses, with all that use it."""

    flatten: Callable[[Any], Iterable[Any]]
    add: tuple[tuple[str, Add], ...]
    take_off: tuple[tuple[str, Add], ...]


class Fold:
    """The projections of a generation, ready to fold; `held` are all whose rows it reads or writes, in that order."""

    def __init__(self, projections: Iterable[Projection], registers: Iterable[Register[Any]]) -> None:
        self.projections = tuple(projections)
        self.registers = tuple(registers)
        self.held: tuple[Projection | Register[Any], ...] = (*self.projections, *self.registers)
        [self.counter] = [each for each in self.projections if isinstance(each, Counter)]
        self.sums = [each for each in self.projections if isinstance(each, Sums)]
        self.documents = [each for each in self.projections if isinstance(each, Documents)]
        self.states = [each for each in self.projections if isinstance(each, States | Counter)]
        self._steps: dict[type, tuple[Step, ...]] = {}
        self._document_keys: dict[type, tuple[tuple[str, _KeyOf], ...]] = {}
        self._state_keys: dict[type, tuple[tuple[str, _KeyOf], ...]] = {}
        self._register_keys: dict[type, tuple[tuple[str, _KeyOf], ...]] = {}
        self._bind()

    # --- folding ---

    def upload(self, models: ReadModels, upload: UploadRecord, log_offset: int, log_time: datetime) -> int:
        """Folds an upload's events in their order; returns how many of them were withdrawn (discarded, not applied)."""
        withdrawn = 0
        row = None
        count, steps = self.counter.count, self._steps
        for seq, event in enumerate(upload.events, upload.first_seq):
            if isinstance(event, EventWithdrawn):
                withdrawn += 1
                continue
            if row is None:
                row = self._opened(models, upload.outlet, event.at)
            number = count(row, event.at)
            provenance = Provenance(
                upload.outlet, upload.till, upload.run, upload.zone, seq, log_offset, log_time, number
            )
            for step in steps[type(event)]:
                step(models, event, provenance)
        return withdrawn

    def _opened(self, models: ReadModels, outlet: str, at: datetime) -> Any:
        """The counter's row; a new one begins with its outlet's first event's moment."""
        begin = self.counter.begin
        return models.tables[self.counter.name].open((outlet,), lambda outlet: begin(outlet, at))

    def forget(self, models: ReadModels, order: ContactForgotten) -> None:
        """Folds the request to forget a contact."""
        for each in (*self.registers, *self.states):
            for handler in each.on:
                if handler.event is ContactForgotten:
                    _alter(models.tables[each.name], handler, order, order.outlet)

    # --- which rows that needs ---

    def document_keys(self, uploads: Iterable[UploadRecord]) -> Keys:
        """The keys of the documents that a batch brings."""
        return self._keys(self._document_keys, [each.name for each in self.documents], uploads)

    def register_keys(self, uploads: Iterable[UploadRecord]) -> Keys:
        """The keys of rows outside the generation that folding a batch consults."""
        return self._keys(self._register_keys, [each.name for each in self.registers], uploads)

    def state_keys(self, uploads: Iterable[UploadRecord], orders: Iterable[ContactForgotten]) -> Keys:
        """The keys of the rows of states that a batch's own events are about; see `followed_keys` for the others."""
        keys = self._keys(self._state_keys, [each.name for each in self.states], uploads)
        keys[self.counter.name] = {(upload.outlet,) for upload in uploads}
        for order in orders:
            for each in self.states:
                for handler in each.on:
                    if handler.event is ContactForgotten and handler.reads:
                        keys[each.name].add((order.outlet, *handler.key(order)))
        return keys

    def followed_keys(
        self, state: States[Any] | Counter[Any], uploads: Iterable[UploadRecord], models: ReadModels
    ) -> set[Key]:
        """The keys of a state's rows that documents are about: those of a batch, and the stored ones they replace."""
        of_event = {of.projection.event: of.keys for of in state.of if isinstance(of.projection, Documents) and of.keys}
        found: set[Key] = set()
        if not of_event:
            return found
        for upload in uploads:
            for event in upload.events:
                if keys := of_event.get(type(event)):
                    found.update((upload.outlet, *rest) for rest in keys(event))
        for of in state.of:
            if of.keys:
                for row in models.tables[of.projection.name].rows():
                    found.update((row.outlet_id, *rest) for rest in of.keys(row))
        return found

    def only_added_to(
        self, state: States[Any] | Counter[Any], uploads: Iterable[UploadRecord], models: ReadModels
    ) -> bool:
        """Whether a batch can't but add to a state's rows: `models` holds the stored documents that it replaces."""
        if state.read_for is None or any(len(models[each]) for each in self.documents):
            return False
        return not any(isinstance(event, state.read_for) for upload in uploads for event in upload.events)

    def _keys(
        self,
        bound: dict[type, tuple[tuple[str, _KeyOf], ...]],
        names: Iterable[str],
        uploads: Iterable[UploadRecord],
    ) -> Keys:
        keys: Keys = {name: set() for name in names}
        for upload in uploads:
            for event in upload.events:
                for name, key_of in bound.get(type(event), ()):
                    keys[name].add(key_of(event, upload))
        return keys

    # --- binding ---

    def _bind(self) -> None:
        for documents in self.documents:
            self._steps[documents.event] = (self._document_step(documents),)
            self._document_keys[documents.event] = ((documents.name, _document_key(documents)),)
        for state in self.states:
            for handler in state.on:
                event, step = handler.event, self._state_step(state, handler)
                self._steps[event] = (*self._steps.get(event, ()), step)
                key_of = _state_key(handler)
                if handler.reads:
                    self._state_keys[event] = (*self._state_keys.get(event, ()), (state.name, key_of))
                if handler.consults:
                    consulted = (handler.consults.name, key_of)
                    self._register_keys[event] = (*self._register_keys.get(event, ()), consulted)

    def _document_step(self, documents: Documents[Any, Any]) -> Step:
        name, id_of, make = documents.name, documents.id_of, documents.make
        sources = self._shared(documents)
        followers = self._followers(documents)

        def step(models: ReadModels, event: Any, provenance: Provenance) -> None:
            tables = models.tables
            table = tables[name]
            key = (provenance.outlet, id_of(event), provenance.till)
            old = table.get(key)
            new = make(event, provenance, old.applied_no if old is not None else provenance.applied_no)
            table.put(key, new)
            for source in sources:
                if old is not None:
                    rows = source.flatten(old)
                    for sums, take_off in source.take_off:
                        take_off(tables[sums].rows, rows)
                rows = source.flatten(new)
                for sums, add in source.add:
                    add(tables[sums].rows, rows)
            for follower, fold in followers:
                fold(tables[follower], old, new)

        return step

    def _shared(self, documents: Documents[Any, Any]) -> tuple[_Shared, ...]:
        """The sources of a document that sums use, each flattened once however many sums there are."""
        feeds = [(sums.name, feed) for sums in self.sums for feed in sums.feeds if feed.source.documents is documents]
        sources = {id(feed.source): feed.source for _, feed in feeds}
        return tuple(
            _Shared(
                source.flatten,
                tuple((name, feed.add) for name, feed in feeds if feed.source is source),
                tuple((name, feed.take_off) for name, feed in feeds if feed.source is source),
            )
            for source in sources.values()
        )

    def _followers(self, projection: Projection) -> tuple[tuple[str, Callable[..., None]], ...]:
        return tuple((each.name, of.fold) for each in self.states for of in each.of if of.projection is projection)

    def _state_step(self, state: States[Any] | Counter[Any], handler: On) -> Step:
        name = state.name
        followers = self._followers(state)

        def step(models: ReadModels, event: Any, provenance: Provenance) -> None:
            consulted = models.tables[handler.consults.name] if handler.consults else None
            change = _alter(models.tables[name], handler, event, provenance.outlet, provenance, consulted)
            if change is not None:
                for follower, fold in followers:
                    fold(models.tables[follower], *change)

        return step


def _alter(
    table: Any, handler: On, event: Any, outlet: str, provenance: Provenance | None = None, consulted: Any = None
) -> tuple[Any, Any] | None:
    """Folds an event into its row; the row as it was and as it is, or None where it stays."""
    key = (outlet, *handler.key(event))
    old = table.get(key) if handler.reads else None
    beside = () if consulted is None else (consulted.get(key),)
    new = handler.fold(old, event, provenance, *beside)
    if new is None:
        return None
    table.put(key, new)
    return old, new


def _document_key(documents: Documents[Any, Any]) -> _KeyOf:
    id_of = documents.id_of
    return lambda event, whose: (whose.outlet, id_of(event), whose.till)


def _state_key(handler: On) -> _KeyOf:
    key = handler.key
    return lambda event, whose: (whose.outlet, *key(event))


def check_complete(projections: Sequence[Projection], events: Iterable[type], passed_over: Iterable[type]) -> None:
    """Raises `TypeError` for an event that nobody takes and that is not passed over, and for a name used twice."""
    names = [each.name for each in projections]
    for name in names:
        if names.count(name) > 1:
            raise TypeError(f"two projections are named {name}")
    taken = {each.event for each in projections if isinstance(each, Documents)}
    taken |= {handler.event for each in projections if isinstance(each, States) for handler in each.on}
    for event in events:
        if event not in taken and event not in passed_over:
            raise TypeError(f"no projection takes {event.__name__}: declare one, or name it in PASSED_OVER")
