"""Each number of a run takes effect once, in order: spans against a model that keeps single numbers."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from projections.runs.order import Run
from schemas.spans import Span

MOST = 9
spans = st.tuples(st.integers(1, MOST), st.integers(0, 4)).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))


def numbers(span: Span) -> set[int]:
    return set(range(span[0], span[1] + 1))


class RunMachine(RuleBasedStateMachine):
    """Random uploads, quarantines, give-ups and discards, after each of which the run equals the model."""

    def __init__(self) -> None:
        super().__init__()
        self.run = Run()
        self.through = 0
        self.waiting: set[int] = set()
        self.quarantined: set[int] = set()
        self.stubs: set[int] = set()
        self.given_up: set[int] = set()
        self.gone: set[int] = set()
        self.released: list[int] = []

    @rule(span=spans, kind=st.sampled_from(["readable", "broken", "stub"]))
    def read(self, span: Span, kind: str) -> None:
        """An upload is read: its new numbers wait, or are set aside; what is readable takes the place of stubs."""
        readable = kind == "readable"
        if readable:
            replaced = self.run.replace_stubs(span)
            freed = [numbers(piece).difference(*map(numbers, left)) for piece, left in replaced]
            assert set().union(*freed) == self.stubs & numbers(span)
            assert all(freed)
            self.quarantined -= self.stubs & numbers(span)
            self.stubs -= numbers(span)
        fresh = {n for n in numbers(span) if n > self.through} - self.waiting - self.quarantined
        late = numbers(span) - fresh
        admission = self.run.admit(span)
        assert set().union(*map(numbers, admission.fresh)) == fresh
        assert admission.discarded == len(late & self.gone)
        assert admission.duplicate == len(late - self.gone)
        for piece in admission.fresh:
            if readable:
                self.run.wait(piece)
            else:
                self.run.quarantine(piece, kind == "stub")
        if kind == "stub":
            self.stubs |= fresh
        (self.waiting if readable else self.quarantined).update(fresh)
        self.release()

    @rule(span=spans)
    def give_up(self, span: Span) -> None:
        """A span is given up, holes and all else in it."""
        self.run.give_up(span)
        self.given_up |= numbers(span)
        self.release()

    @rule(span=spans)
    def discard(self, span: Span) -> None:
        """Pieces set aside that lie inside the span are discarded."""
        gone = set().union(*map(numbers, self.run.discard(span)))
        assert gone <= self.quarantined & numbers(span)
        self.quarantined -= gone
        self.stubs -= gone
        self.given_up |= gone
        self.release()

    @rule()
    def store_and_load(self) -> None:
        """The state goes to PostgreSQL and comes back."""
        run = self.run
        self.run = Run(run.applied_through, run.waiting.items(), run.quarantined.items(), run.given_up, run.stubs)

    def release(self) -> None:
        released = [number for span in self.run.release() for number in sorted(numbers(span))]
        expected = []
        while True:
            turn = self.through + 1
            if turn in self.waiting:
                expected.append(turn)
                self.waiting.remove(turn)
            elif turn in self.given_up and turn not in self.quarantined:
                self.gone.add(turn)
            else:
                break
            self.through = turn
        assert released == expected
        self.released += released

    @invariant()
    def agrees(self) -> None:
        """State and holes are those of the model; nothing was released twice or out of order."""
        assert self.run.applied_through == self.through
        assert set().union(*map(numbers, self.run.waiting.items())) == self.waiting
        assert set().union(*map(numbers, self.run.quarantined.items())) == self.quarantined
        held = self.waiting | self.quarantined
        holes = set(range(self.through + 1, max(held, default=0))) - held - self.given_up
        assert set().union(*map(numbers, self.run.missing())) == holes
        assert self.released == sorted(set(self.released))


TestRun = RunMachine.TestCase
TestRun.__doc__ = RunMachine.__doc__
