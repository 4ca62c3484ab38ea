"""The fold: what a generation's projections make of an event. Pure: no clock, no randomness, no I/O.

Which projection takes part in which event is bound once, from their declarations: a document registers itself, its rows
are flattened once for all sums that use them, then states that follow it are told; a state's own events alter its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import astuple, replace

from projections.kinds.consulting import Consulted, asked
from projections.kinds.documents import Documents, Voiding
from projections.kinds.levels import Levels, Moment, Move, moment
from projections.kinds.once import put_once
from projections.kinds.past import Past
from projections.kinds.provenance import AHEAD, FIRST_SOUND, Provenance, WrongClock, effective
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


class _Elsewhere:
    """See `ELSEWHERE`."""


ELSEWHERE = _Elsewhere()
"""In place of an event that is folded elsewhere: here it only takes its number, which goes into `ReadModels.turns`.

Some other event of its outlet was folded before."""
_KeyOf = Callable[[Any, FromTill], Key]


class _Shared(Struct, frozen=True):
    """A source that at least one sum uses, with all that use it, levels included."""

    flatten: Callable[[Any], Iterable[Any]]
    add: tuple[tuple[str, Add], ...]
    take_off: tuple[tuple[str, Add], ...]
    put_on: tuple[tuple[str, Move], ...]
    put_off: tuple[tuple[str, Move], ...]


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
        self.levels = [each for each in self.projections if isinstance(each, Levels)]
        self._consulting = {each.event: each.consults for each in self.documents if each.consults}
        self.consulted = next((each.documents for each in self._consulting.values() if each.documents), None)
        """The documents that others consult: those of one kind."""
        self.past = next((each for each in self.projections if isinstance(each, Past)), None)
        """The earlier rows of a state that documents consult: those of one state."""
        self._steps: dict[type, tuple[Step, ...]] = {}
        self._passed_over: tuple[Step, ...] = ()
        self._document_keys: dict[type, tuple[tuple[str, _KeyOf], ...]] = {}
        self._state_keys: dict[type, tuple[tuple[str, _KeyOf], ...]] = {}
        self._register_keys: dict[type, tuple[tuple[str, _KeyOf], ...]] = {}
        self._bind()

    # --- folding ---

    def upload(self, models: ReadModels, upload: UploadRecord, log_offset: int, log_time: datetime) -> int:
        """Folds an upload's events in their order; returns how many of them were withdrawn (discarded, not applied)."""
        withdrawn = 0
        row = None
        count, steps, received_at = self.counter.count, self._steps, upload.received_at
        soonest_wrong = received_at + AHEAD
        events: list[Any] = upload.events
        for seq, event in enumerate(events, upload.first_seq):
            if event is ELSEWHERE:
                row = row or models[self.counter].get((upload.outlet,))
                models.turns.append(count(row))
                continue
            if isinstance(event, EventWithdrawn):  # it takes no turn, and no number in the order of application
                withdrawn += 1
                provenance = Provenance(
                    upload.outlet, upload.till, upload.run, upload.zone, seq, log_offset, log_time, 0, received_at
                )
                for step in steps.get(EventWithdrawn, ()):
                    step(models, event, provenance)
                continue
            if row is None:
                row = self._opened(models, upload.outlet, effective(event.at, received_at))
            provenance = Provenance(
                upload.outlet,
                upload.till,
                upload.run,
                upload.zone,
                seq,
                log_offset,
                log_time,
                count(row),
                received_at,
                upload.day_begins,
                bool(upload.imported),
            )
            # A generation of before may lack what an event is for: its events are numbered all the same.
            for step in steps.get(type(event), self._passed_over):
                step(models, event, provenance)
            if event.at > soonest_wrong or event.at < FIRST_SOUND:
                for step in steps.get(WrongClock, ()):
                    step(models, event, provenance)
        return withdrawn

    def _opened(self, models: ReadModels, outlet: str, at: datetime) -> Any:
        """The counter's row; a new one begins with the effective time of its outlet's first event."""
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
        for upload in uploads:
            for event in upload.events:
                if consults := self._consulting.get(type(event)):
                    keys[consults.state.name].update((upload.outlet, *rest) for rest in consults.state_keys(event))
        for order in orders:
            for each in self.states:
                for handler in each.on:
                    if handler.event is ContactForgotten and handler.reads and handler.key:
                        keys[each.name].add((order.outlet, *handler.key(order)))
        return keys

    def consulted_keys(self, uploads: Iterable[UploadRecord]) -> set[Key]:
        """(outlet, id) of the documents that others of a batch consult; see `consulted`."""
        return set().union(*(asked(consults, uploads, event) for event, consults in self._consulting.items()))

    def past_keys(self, uploads: Iterable[UploadRecord], models: ReadModels) -> dict[Key, bool]:
        """The earlier rows that stored documents which a batch replaces may consult, each with the document's turn; see
        `past`. Whether it has to be looked for: not where the row in force is older than that turn."""
        found: dict[Key, bool] = {}
        for documents in self.documents:
            consults = documents.consults
            if consults is None or consults.past_keys is None or not len(models[documents]):
                continue  # a batch that replaces nothing: nearly every one
            key_of, rows, state = _document_key(documents), models[documents], models.tables[consults.state.name]
            for upload in uploads:
                for event in upload.events:
                    if not isinstance(event, documents.event):
                        continue
                    old = rows.get(key_of(event, upload))
                    if old is None or _unseen(old):
                        continue
                    for rest in consults.past_keys(event, old):
                        key = (upload.outlet, *rest)
                        row = state.get(key)
                        found[*key, old.applied_no] = row is not None and row.applied_no >= old.applied_no
        return found

    def twin_keys(
        self, documents: Documents[Any, Any], uploads: Iterable[UploadRecord], models: ReadModels
    ) -> set[Key]:
        """(outlet, numbers) of documents of which one counts: those of a batch, and the stored ones they replace."""
        once, event_type = documents.once, documents.event
        assert once is not None  # only documents that are counted once are asked for
        found: set[Key] = {
            (upload.outlet, *numbers)
            for upload in uploads
            for event in upload.events
            if isinstance(event, event_type) and (numbers := once.of_event(event)) is not None
        }
        for row in models[documents].rows():
            if (numbers := once.of_row(row)) is not None:
                found.add((row.outlet_id, *numbers))
        return found

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

    def level_keys(self, level: Levels[Any], uploads: Iterable[UploadRecord], models: ReadModels) -> set[Key]:
        """The keys of the levels that a batch is about, and those that the stored documents it replaces were about."""
        found: set[Key] = set()
        for upload in uploads:
            for event in upload.events:
                if keys := level.keys.get(type(event)):
                    found.update((upload.outlet, *rest) for rest in keys(event))
        for feed in level.moved.feeds:
            for row in models[feed.source.documents].rows():
                found.update(astuple(each)[: level.key_width] for each in feed.source.flatten(row))
        return found

    def only_added_to(self, level: Levels[Any], uploads: Iterable[UploadRecord], models: ReadModels) -> bool:
        """Whether a batch brings no count and replaces no document; then `counted_later` remains to be asked."""
        if any(len(models[each]) for each in self.documents):
            return False
        return not any(isinstance(event, level.counts.event) for upload in uploads for event in upload.events)

    def earliest(self, level: Levels[Any], uploads: Iterable[UploadRecord]) -> dict[str, datetime]:
        """Outlet → the earliest effective time of what a batch of new documents moves."""
        found: dict[str, datetime] = {}
        for upload in uploads:
            moments = [effective(each.at, upload.received_at) for each in upload.events if type(each) in level.keys]
            if moments:
                first = min(moments)
                found[upload.outlet] = min(first, found.get(upload.outlet, first))
        return found

    def new_counts(self, level: Levels[Any], uploads: Iterable[UploadRecord], models: ReadModels) -> set[Moment]:
        """The counts that a batch brings and that are not known: which level, at which effective time."""
        counts = level.counts
        key_of, known, keys = _document_key(counts), models[counts], level.keys[counts.event]
        return {
            ((upload.outlet, *rest), moment(event.at, upload.received_at))
            for upload in uploads
            for event in upload.events
            if isinstance(event, counts.event) and known.get(key_of(event, upload)) is None
            for rest in keys(event)
        }

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
        reached = self._reached_step()
        self._passed_over = (reached,)
        for documents in self.documents:
            self._steps[documents.event] = (self._document_step(documents),)
            self._document_keys[documents.event] = ((documents.name, _document_key(documents)),)
            if voiding := documents.voided_by:
                self._steps[voiding.event] = (self._void_step(documents, voiding),)
                self._document_keys[voiding.event] = ((documents.name, _document_key(documents)),)
        for state in self.states:
            for handler in state.on:
                event, step = handler.event, self._state_step(state, handler)
                alone = () if event in (EventWithdrawn, WrongClock) else (reached,)
                self._steps[event] = (*self._steps.get(event, alone), step)
                if handler.key is None:
                    continue
                key_of = _state_key(handler.key)
                if handler.reads:
                    self._state_keys[event] = (*self._state_keys.get(event, ()), (state.name, key_of))
                if handler.consults:
                    consulted = (handler.consults.name, key_of)
                    self._register_keys[event] = (*self._register_keys.get(event, ()), consulted)

    def _reached_step(self) -> Step:
        """What every event does that brings no document: the greatest effective time moves along."""
        name, reach = self.counter.name, self.counter.reach

        def step(models: ReadModels, event: Any, provenance: Provenance) -> None:
            reach(models.tables[name].get((provenance.outlet,)), effective(event.at, provenance.received_at))

        return step

    def _document_step(self, documents: Documents[Any, Any]) -> Step:
        name, key_of, make = documents.name, _document_key(documents), documents.make
        counted = tuple((level.name, level.count) for level in self.levels if level.counts is documents)
        first_stands = documents.first_stands
        counter, reach = self.counter.name, self.counter.reach
        put = self._put_step(documents)
        consults, is_consulted = documents.consults, documents is self.consulted

        def step(models: ReadModels, event: Any, provenance: Provenance) -> None:
            tables = models.tables
            table = tables[name]
            key = key_of(event, provenance)
            old = table.get(key)
            first = provenance if old is None or _unseen(old) else old
            reach(tables[counter].get((provenance.outlet,)), effective(event.at, first.received_at))
            if first_stands and old is not None:
                return
            if consults is not None:
                known = None if old is None or _unseen(old) else old
                stored = known is not None and table.is_stored(key)
                beside = Consulted(consults, models, provenance.outlet, provenance.till, stored)
                event = consults.complete(event, known, beside)
            new = make(event, provenance, first.applied_no, first.received_at)
            if is_consulted and (of_id := models.consulted.get(key[:2])) is not None:
                of_id[provenance.till] = new
            if old is not None and (void := _void(old)) is not None:
                new = replace(new, void=replace(void, unseen=False))
            new = put(models, key, old, new)
            for level, count in counted:
                count(tables[level], new)

        return step

    def _void_step(self, documents: Documents[Any, Any], voiding: Voiding) -> Step:
        """What the void of a document does: final, also where it comes before the document."""
        name, key_of, make = documents.name, _document_key(documents), documents.make
        counter, reach = self.counter.name, self.counter.reach
        put = self._put_step(documents)

        def step(models: ReadModels, event: Any, provenance: Provenance) -> None:
            tables = models.tables
            table = tables[name]
            key = key_of(event, provenance)
            old = table.get(key)
            reach(tables[counter].get((provenance.outlet,)), effective(event.at, provenance.received_at))
            if old is None:
                empty = make(voiding.empty(event), provenance, provenance.applied_no, provenance.received_at)
                table.put(key, replace(empty, void=voiding.void(event, True)))
            elif old.void is None:
                put(models, key, old, replace(old, void=voiding.void(event, False)))

        return step

    def _put_step(self, documents: Documents[Any, Any]) -> Callable[[ReadModels, Key, Any, Any], Any]:
        """Puts a document in its place (`old`: what it replaces) with all that follows; gives the row as it is then."""
        name, once = documents.name, documents.once
        changed = self._changed_step(documents)

        def put(models: ReadModels, key: Key, old: Any, new: Any) -> Any:
            models.tables[name].put(key, new)
            changed(models, old, new)
            return new

        return put if once is None else put_once(name, once, put, changed)

    def _changed_step(self, documents: Documents[Any, Any]) -> Callable[..., None]:
        """What a change of a document (None for a new one) makes of sums, levels and states; `contents` says whether it
        has new contents, or only counts now, or no longer does."""
        standing, voided = self._shared(documents, voided=False), self._shared(documents, voided=True)
        moving = tuple(replace(source, add=(), take_off=()) for source in standing if source.put_on)
        name = documents.name
        followers = self._followers(documents, all_contents=False)
        of_all_contents = self._followers(documents, all_contents=True)
        voidable, once = documents.voided_by is not None, documents.once is not None

        def counts(row: Any) -> bool:
            return not (voidable and row.void is not None) and not (once and row.fiscal_copy)

        def changed(models: ReadModels, old: Any, new: Any, contents: bool = True) -> None:
            tables, deltas = models.tables, models.deltas
            was = old if old is None or counts(old) else None
            now = new if counts(new) else None
            if deltas is not None:
                deltas.note(name, False, was, now)
            for source in standing if deltas is None else moving:
                _flow(source, tables, was, now)
            if was is not None or now is not None:
                for follower, fold in followers:
                    fold(tables[follower], was, now)
            if voidable and new.void is not None:
                void_before = None if old is None or old.void is None or old.void.unseen else old
                if deltas is None:
                    for source in voided:
                        _flow(source, tables, void_before, new)
                else:
                    deltas.note(name, True, void_before, new)
            if contents and (old is None or not _unseen(old)):
                for follower, fold in of_all_contents:
                    fold(tables[follower], old, new)

        return changed

    def _shared(self, documents: Documents[Any, Any], voided: bool) -> tuple[_Shared, ...]:
        """The sources of a document that sums use, each flattened once however many sums there are."""
        feeds = [
            (sums.name, feed)
            for sums in self.sums
            for feed in sums.feeds
            if feed.source.documents is documents and feed.source.voided is voided
        ]
        sources = {id(feed.source): feed.source for _, feed in feeds}
        moved = [(level, feed.source) for level in self.levels for feed in level.moved.feeds]
        return tuple(
            _Shared(
                source.flatten,
                tuple((name, feed.add) for name, feed in feeds if feed.source is source),
                tuple((name, feed.take_off) for name, feed in feeds if feed.source is source),
                tuple((level.name, level.mover("+")) for level, each in moved if each is source),
                tuple((level.name, level.mover("-")) for level, each in moved if each is source),
            )
            for source in sources.values()
        )

    def _followers(
        self, projection: Projection, all_contents: bool = False
    ) -> tuple[tuple[str, Callable[..., None]], ...]:
        return tuple(
            (each.name, of.fold)
            for each in self.states
            for of in each.of
            if of.projection is projection and of.all_contents is all_contents
        )

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


def _flow(source: _Shared, tables: dict[str, Any], was: Any, now: Any) -> None:
    """Takes a document's rows off sums and levels as they were, and adds them as they are."""
    if was is not None and (rows := source.flatten(was)):
        for sums, take_off in source.take_off:
            take_off(tables[sums].rows, rows)
        for level, put_off in source.put_off:
            put_off(tables[level], rows)
    if now is not None and (rows := source.flatten(now)):
        for sums, add in source.add:
            add(tables[sums].rows, rows)
        for level, put_on in source.put_on:
            put_on(tables[level], rows)


def _void(row: Any) -> Any:
    """A document's void, None where it stands or where documents of its kind are not voided."""
    return getattr(row, "void", None)


def _unseen(row: Any) -> bool:
    """Whether the row keeps the place of a document of which only the void has come."""
    void = _void(row)
    return void is not None and void.unseen


def _alter(
    table: Any, handler: On, event: Any, outlet: str, provenance: Provenance | None = None, consulted: Any = None
) -> tuple[Any, Any] | None:
    """Folds an event into its row; the row as it was and as it is, or None where it stays."""
    if handler.key is None:
        new = handler.fold(None, event, provenance)
        table.put(table.key(new), new)
        return None, new
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
    if len(documents.key) > 3:  # an id of several parts
        return lambda event, whose: (whose.outlet, *id_of(event), whose.till)
    return lambda event, whose: (whose.outlet, id_of(event), whose.till)


def _state_key(key: Callable[[Any], tuple[str, ...]]) -> _KeyOf:
    return lambda event, whose: (whose.outlet, *key(event))


def check_complete(projections: Sequence[Projection], events: Iterable[type], passed_over: Iterable[type]) -> None:
    """Raises `TypeError` for an event that nobody takes and that is not passed over, and for a name used twice."""
    names = [each.name for each in projections]
    for name in names:
        if names.count(name) > 1:
            raise TypeError(f"two projections are named {name}")
    documents = [each for each in projections if isinstance(each, Documents)]
    taken = {each.event for each in documents} | {each.voided_by.event for each in documents if each.voided_by}
    taken |= {handler.event for each in projections if isinstance(each, States) for handler in each.on}
    for event in events:
        if event not in taken and event not in passed_over:
            raise TypeError(f"no projection takes {event.__name__}: declare one, or name it in PASSED_OVER")
