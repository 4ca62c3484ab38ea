"""The spool against a model: random appends, answers, kills, power cuts, full disks, backups, in any order."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import apsw
import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from producers.till.errors import SpoolError
from producers.till.spool import Spool
from producers.till.state import Batch
from tests.producers.till.disks import Disk, Killed

calls = st.integers(0, 60)
seeds = st.integers(0, 2**32)


def refused(content: bytes) -> bool:
    """Whether the gateway of this test refuses an event: always, or never."""
    return b"withdrawn" not in content and msgspec.json.decode(content)["n"] % 6 == 5


class SpoolMachine(RuleBasedStateMachine):
    """`sure` holds what the spool has to deliver, `taken` what the gateway has under which number.

    A full disk lets go what was acknowledged; what the service loses of that afterwards is in `given_up`.
    """

    @initialize()
    def begin(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.disk = Disk()
        self.now = 0.0
        self.sure: set[bytes] = set()
        self.given_up: set[bytes] = set()
        self.was_full = False
        self.taken: dict[tuple[str, int], bytes] = {}
        self.count = self.runs = 0
        self.backup: tuple[dict[str, bytes], set[bytes]] | None = None
        self.spool = self.opened()

    @rule(count=st.integers(1, 5))
    def append(self, count: int) -> None:
        self.accept(self.fresh(count))

    @rule(most=st.integers(1, 6), lost=st.sampled_from(["no", "batch", "answer"]))
    def send(self, most: int, lost: str) -> None:
        self.exchange(most, lost)

    @rule(first=st.integers(1, 20), count=st.integers(0, 9), seconds=st.integers(0, 3))
    def lost_by_the_service(self, first: int, count: int, seconds: int) -> None:
        """The service was put back: some of what it acknowledged is gone, and the till hears of it."""
        self.now += seconds
        for run in self.spool.kept_runs(self.now):
            for seq in range(first, first + count):
                lost = self.taken.pop((run, seq), None)
                if lost is not None and self.was_full:
                    self.given_up.add(lost)
            self.spool.send_again(run, [(first, first + count - 1)], self.now + 1)

    @rule(what=st.sampled_from(["append", "send"]), at=calls, after=st.booleans(), cut=st.booleans(), seed=seeds)
    def killed(self, what: str, at: int, after: bool, cut: bool, seed: int) -> None:
        self.disk.arm(kill_at=at, after=after, seed=seed)
        with suppress(Killed):
            self.accept(self.fresh(3)) if what == "append" else self.exchange(3, "no")
        self.restart(cut, seed)

    @rule(at=calls, after=st.booleans(), cut=st.booleans(), seed=seeds)
    def killed_while_opening(self, at: int, after: bool, cut: bool, seed: int) -> None:
        self.spool.close()
        self.disk.arm(kill_at=at, after=after, seed=seed)
        with suppress(Killed):
            self.spool = self.opened()
        self.restart(cut, seed)

    @rule(what=st.sampled_from(["append", "send", "open"]), at=calls, lasting=st.booleans(), seed=seeds)
    def disk_fails(self, what: str, at: int, lasting: bool, seed: int) -> None:
        error = apsw.SQLITE_FULL if seed % 2 else apsw.SQLITE_IOERR
        self.was_full = self.was_full or error == apsw.SQLITE_FULL
        ended = self.spool.pending
        if what == "open":
            self.spool.close()
        self.disk.arm(fail_at=at, error=error, lasting=lasting, seed=seed)
        try:
            match what:
                case "append":
                    self.accept(self.fresh(3))
                case "send":
                    self.exchange(3, "no")
                case _:
                    self.spool = self.opened()
        except SpoolError:
            if what == "append":
                assert self.spool.pending == ended
        self.disk.arm()
        if what == "open" or seed % 3 == 0:
            self.restart(cut=seed % 5 == 0, seed=seed)

    @rule()
    def reopened(self) -> None:
        self.restart(cut=False, seed=0)

    @precondition(lambda self: self.backup is None)
    @rule()
    def back_up(self) -> None:
        self.backup = (self.disk.copy(""), set(self.sure))

    @precondition(lambda self: self.backup is not None)
    @rule(how=st.sampled_from(["in place", "new folder", "whole machine"]))
    def restore(self, how: str) -> None:
        assert self.backup is not None
        copy, sure = self.backup
        self.spool.close()
        if how == "new folder":
            (self.root / "spool").rename(
                self.root / f"was-{self.runs}"
            )  # keeps its inode in use, as another file would
        if how == "whole machine":
            self.disk.restore(copy)
        else:
            self.disk.restore({path: content for path, content in copy.items() if "/spool/" in path}, "/spool/")
        self.backup = None
        # What was accepted after the backup and never sent is gone with the disk.
        self.sure = sure | {content for content in self.sure if content in self.taken.values()}
        self.spool = self.opened(gateway_knows=how == "whole machine")

    @invariant()
    def nothing_is_missing(self) -> None:
        assert self.spool.pending >= 0

    def teardown(self) -> None:
        if not hasattr(self, "spool"):
            return
        try:
            self.restart(cut=True, seed=1)
            self.ask()
            while self.spool.pending:
                self.exchange(7, "no")
            missing = {content for content in self.sure if not refused(content)} - set(self.taken.values())
            assert not missing - self.given_up
        finally:
            self.spool.close()
            shutil.rmtree(self.root)

    # ---- the till and the gateway of this test

    def opened(self, gateway_knows: bool = False) -> Spool:
        spool = Spool(
            self.root / "spool",
            self.root / "state",
            connect=self.disk.connect,
            new_run=self.new_run,
            clock=lambda: self.now,
            reserve_bytes=0,
        )
        if gateway_knows:
            spool.resume_after(max((seq for run, seq in self.taken if run == spool.run), default=0))
        return spool

    def new_run(self) -> str:
        self.runs += 1
        return f"run-{self.runs}"

    def restart(self, cut: bool, seed: int) -> None:
        self.disk.dead = self.disk.dead or cut  # the power fails while the spool is open: nothing is tidied up
        with suppress(Killed):
            self.spool.close()
        if cut:
            self.disk.cut(seed)
        self.disk.arm()
        self.spool = self.opened()

    def fresh(self, count: int) -> list[bytes]:
        self.count += count
        return [b'{"n":%d}' % number for number in range(self.count - count, self.count)]

    def accept(self, events: list[bytes]) -> None:
        self.spool.append(events)
        self.sure.update(events)

    def exchange(self, most: int, lost: str) -> None:
        """One batch goes to the gateway; it, or the answer, may be lost on the way."""
        batch = self.spool.batch(most, 10_000)
        if batch is None or lost == "batch":
            return
        for position, content in enumerate(batch.events):
            if refused(content):
                self.withdraw(batch, position)
                return
        for position, content in enumerate(batch.events):
            first = self.taken.setdefault((batch.run, batch.first_seq + position), content)
            assert first == content, "two contents under one number"
        if lost == "no":
            self.spool.acknowledge(batch)

    def ask(self) -> None:
        """An hour later the till asks what the service has, also of what came back with an older copy of its disk."""
        self.now += 3600
        for run in self.spool.kept_runs(self.now):
            last = max((seq for known, seq in self.taken if known == run), default=0)
            lost = [(seq, seq) for seq in range(1, last) if (run, seq) not in self.taken]
            self.spool.send_again(run, [*lost, (last + 1, self.count + 1)], self.now)

    def withdraw(self, batch: Batch, position: int) -> None:
        seq = batch.first_seq + position
        assert self.spool.withdraw(batch.run, seq, b'{"withdrawn":%b}' % batch.events[position])


def examples(count: int) -> settings:
    return settings(max_examples=count, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))


TestSpool = SpoolMachine.TestCase
TestSpool.__doc__ = "Whatever breaks when, what was accepted arrives, and never do two contents bear one number."
TestSpool.settings = examples(60)


@pytest.mark.nightly
class TestSpoolForLong(SpoolMachine.TestCase):  # type: ignore[misc,valid-type]
    """The same, more often."""

    settings = examples(1500)
