"""A run's events, in order, once: what of an upload is applied now, what waits, what was there before.

Identity is (outlet, till, run, number), given by the till. The first content read for a number stays: later content for
it, however the batches are cut, is a duplicate. What comes after a hole waits until the hole is filled or given up;
what comes after a quarantined piece waits until that is retried or discarded. A stub is no content: what can be read
takes its place whenever it comes. Pure; `projections.runs.state` keeps the state.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from schemas.spans import Span, minus, missing, overlap, size, total


class Admission(Struct, frozen=True):
    """What became of an upload: its parts that are new to the run, and how many events were not."""

    fresh: list[Span]
    duplicate: int
    discarded: int


class Run:
    """How far a run is applied, and which spans of it are held back.

    `waiting` maps the first number of each parked span to its last, `quarantined` likewise; `stubs` has the first
    numbers of those quarantined by a stub. `given_up` are spans that will never be applied (given up as missing, or
    discarded).
    """

    def __init__(
        self,
        applied_through: int = 0,
        waiting: Iterable[Span] = (),
        quarantined: Iterable[Span] = (),
        given_up: Iterable[Span] = (),
        stubs: Iterable[int] = (),
    ) -> None:
        self.applied_through = applied_through
        self.waiting = dict(waiting)
        self.quarantined = dict(quarantined)
        self.given_up = sorted(given_up)
        self.stubs = set(stubs)

    def admit(self, span: Span) -> Admission:
        """Sorts out a span just read; its fresh parts still have to be put on hold (`wait` or `quarantine`)."""
        first, last = span
        late = (first, min(last, self.applied_through))
        discarded = total(overlap(late, gone) for gone in self.given_up)
        held = [*self.waiting.items(), *self.quarantined.items()]
        fresh = minus((max(first, self.applied_through + 1), last), held)
        return Admission(fresh, duplicate=size(span) - discarded - total(fresh), discarded=discarded)

    def wait(self, span: Span) -> None:
        self.waiting[span[0]] = span[1]
        self._came_after_all(span)

    def quarantine(self, span: Span, stub: bool = False) -> None:
        self.quarantined[span[0]] = span[1]
        (self.stubs.add if stub else self.stubs.discard)(span[0])
        self._came_after_all(span)

    def replace_stubs(self, span: Span) -> list[tuple[Span, list[Span]]]:
        """Frees the numbers of `span` that stubs hold; returns each stub's piece with what is left of it, on hold."""
        pieces = [(first, self.quarantined[first]) for first in sorted(self.stubs) if first in self.quarantined]
        replaced = [(piece, minus(piece, [span])) for piece in pieces if size(overlap(piece, span))]
        for piece, left in replaced:
            del self.quarantined[piece[0]]
            self.stubs.remove(piece[0])
            for part in left:
                self.quarantine(part, stub=True)
        return replaced

    def _came_after_all(self, span: Span) -> None:
        """What was given up ahead of its turn and then came is no longer given up."""
        self.given_up = [left for gone in self.given_up for left in minus(gone, [span])]

    def give_up(self, span: Span) -> None:
        """Holes in `span` will never be filled. What is applied or held back stays so; the order may come twice."""
        known = [(1, self.applied_through), *self.waiting.items(), *self.quarantined.items(), *self.given_up]
        self.given_up = sorted([*self.given_up, *minus(span, known)])

    def discard(self, span: Span) -> list[Span]:
        """Gives up the quarantined pieces inside `span` and returns them."""
        gone = [piece for piece in self.quarantined.items() if overlap(piece, span) == piece]
        for piece in gone:
            del self.quarantined[piece[0]]
            self.give_up(piece)
        return gone

    def release(self) -> list[Span]:
        """Takes out the waiting spans whose turn has come, in order, and moves `applied_through` past them."""
        released: list[Span] = []
        while True:
            turn = self.applied_through + 1
            if turn in self.waiting:
                released.append((turn, self.waiting.pop(turn)))
                self.applied_through = released[-1][1]
            elif gone := next((span for span in self.given_up if span[0] <= turn <= span[1]), None):
                self.applied_through = gone[1]
            else:
                return released

    def missing(self, lost_through: int = 0) -> list[Span]:
        """The holes below the last span held back, or up to the last number that was lost with a log."""
        held = [*self.waiting.items(), *self.quarantined.items(), (lost_through + 1, lost_through)]
        return missing(self.applied_through, held, self.given_up)
