"""The till's spool: events that were accepted and not yet acknowledged, numbered, on disk.

| file | holds |
|---|---|
| `spool.json` | the runs, oldest first; replaced whole |
| `RRRRRR-NNNNNNNNNNNNNNNN.events` | a segment: run number R of `spool.json`, from event number N on |
| `mark` | through which number events are acknowledged and may have been sent; an event being withdrawn |
| `lock` | held while a process uses the spool |
| `<state directory>/<digest of the path>.stamp` | outside the spool: run, how far it may have been sent, inode |

What holds, wherever a process is killed or the power is cut:
- what `append` returned is on disk, under its number, and stays until it is acknowledged;
- an append is accepted whole or not at all;
- before an event may be sent, `mark` and stamp say durably that events up to there may have been. A spool restored from
  a backup lies behind its stamp (or behind what the gateway knows, see `resume_after`), or has another inode: it starts
  a new run, and the events of the old run that it still holds go out under their old numbers, as they once did. So
  there are never two contents under one number.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import RLock
from uuid import uuid4

import msgspec
from msgspec import Raw

from producers.till.disk import DISK, Disk, make_directories_durably, replace_durably, translated
from producers.till.errors import SpoolBusy, SpoolDamaged
from producers.till.frames import Frame, Source
from producers.till.segments import Segments
from producers.till.slots import Slots
from producers.till.state import Batch, Mark, Numbers, Registry, Run, Stamp, Withdrawn


class Spool:
    """An open spool. Threads may share it; a second process gets `SpoolBusy`. Raises `SpoolError` and its kinds."""

    def __init__(
        self,
        directory: Path,
        state_directory: Path,
        *,
        disk: Disk = DISK,
        segment_bytes: int = 4 * 1024 * 1024,
        new_run: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self.directory = directory.resolve()
        self._disk, self._new_run = disk, new_run
        self._mutex = RLock()
        self._runs: list[Run] = []
        self.begun_here = False
        """Whether this process began the run, so that nobody else can have sent anything under it."""
        self._segments = Segments(disk, self.directory, segment_bytes)
        self._mark = Slots(disk, self.directory / "mark", Mark)
        stamp = state_directory / f"{sha256(bytes(self.directory)).hexdigest()[:32]}.stamp"
        self._stamp = Slots(disk, stamp, Stamp)
        with translated(self.directory):
            make_directories_durably(disk, self.directory)
            make_directories_durably(disk, state_directory)
            self._lock = self._locked()
        try:
            with translated(self.directory):
                self._open()
        except BaseException:
            self.close()
            raise

    # ---- what a till does

    def append(self, events: Sequence[bytes], sources: Mapping[str, Source] | None = None) -> Numbers:
        """Accept events (each one JSON object): durable, and numbered, once this returns; all of them or none."""
        if not events:
            raise ValueError("there is nothing to append")
        with self._mutex, translated(self.directory):
            first = self._segments.end
            self._segments.append(Frame(first, [Raw(event) for event in events], dict(sources or {})))
            return Numbers(self.run, first, self._segments.end - 1)

    def batch(self, max_events: int, max_bytes: int) -> Batch | None:
        """The next events to send, at least one and within the bounds; None when everything is acknowledged.

        Until `acknowledge` is called the same events come again, under the same numbers. What this returns may be
        sent: that is durably noted first.
        """
        with self._mutex, translated(self.directory):
            self._finish_runs()  # where the disk was full when a run came to its end
            run, mark = self._runs[0], self._mark.value
            first, last = mark.acknowledged + 1, self._last(run)
            events: list[bytes] = []
            size = 0
            for seq, stored in self._segments.events(run.index, first, last):
                withdrawn = mark.withdrawn if mark.withdrawn and mark.withdrawn.seq == seq else None
                event = bytes(withdrawn.event) if withdrawn else stored
                size += len(event) + 1
                if events and (size > max_bytes or len(events) >= max_events):
                    break
                events.append(event)
            if not events:
                return None
            self._note_sending(run, first + len(events) - 1)
            return Batch(run.run, first, events)

    def acknowledge(self, run: str, through: int) -> None:
        """The gateway has events up to `through` of `run`: note it durably and delete what is no longer needed."""
        with self._mutex, translated(self.directory):
            mark = self._mark.value
            if run != self._runs[0].run or not mark.acknowledged <= through <= self._last(self._runs[0]):
                raise ValueError(f"{run}/{through} was not sent")
            kept = mark.withdrawn if mark.withdrawn and mark.withdrawn.seq > through else None
            self._mark.write(Mark(mark.index, through, max(mark.sent_through, through), kept))
            self._finish_runs()
            self._segments.forget(self._mark.value.index, self._mark.value.acknowledged)

    def withdraw(self, seq: int, event: bytes) -> bool:
        """Put `event` in the place of event `seq` of the batch in hand, durably.

        One at a time: False, and nothing done, while this or one in front of it waits to be acknowledged. One behind
        it is let go: it was never taken, since a refused batch is refused whole, and will be refused once more.
        """
        with self._mutex, translated(self.directory):
            mark = self._mark.value
            if not mark.acknowledged < seq <= self._last(self._runs[0]):
                raise ValueError(f"{seq} does not wait to be sent")
            if mark.withdrawn and mark.withdrawn.seq <= seq:
                return False
            self._mark.write(Mark(mark.index, mark.acknowledged, mark.sent_through, Withdrawn(seq, Raw(event))))
            return True

    def resume_after(self, known: int) -> bool:
        """Compare with the greatest number the gateway knows of `run`; True where a new run had to be started.

        It knows more than this spool ever sent: the spool is an older copy. What it has not sent yet may have been
        numbered after the copy was made, so that moves to the new run.
        """
        with self._mutex, translated(self.directory):
            sent = self._sent_through()
            if known <= sent:
                return False
            self._start_run(ending=sent)
            return True

    # ---- what it says of itself

    @property
    def run(self) -> str:
        """The run that new events are numbered in."""
        return self._runs[-1].run

    @property
    def pending(self) -> int:
        """How many events wait to be acknowledged."""
        with self._mutex:
            return sum(self._last(run) for run in self._runs) - self._mark.value.acknowledged

    @property
    def sources(self) -> dict[str, Source]:
        """How far each file of events was taken over."""
        with self._mutex:
            return dict(self._segments.sources)

    def close(self) -> None:
        """Let the files and the lock go."""
        with self._mutex:
            for file in (self._segments, self._mark, self._stamp):
                file.close()
            if self._lock is not None:
                self._disk.close(self._lock)
                self._lock = None

    # ---- opening

    def _locked(self) -> int | None:
        fd = self._disk.open(self.directory / "lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            self._disk.close(fd)
            raise SpoolBusy(f"{SpoolBusy.__doc__} ({self.directory.name})") from exc
        return fd

    def _open(self) -> None:
        self._disk.sync_directory(self.directory)  # a killed process may have replaced spool.json just now
        try:
            self._runs = msgspec.json.decode((self.directory / "spool.json").read_bytes(), type=Registry).runs
        except FileNotFoundError:
            # spool.json is written last, so whatever else is there was never used; events would say otherwise.
            self._segments.remove_after(0, only_empty=True)
            self._mark.create(Mark(1))
            self._start_run(ending=None)
            return
        except msgspec.MsgspecError as exc:
            raise SpoolDamaged(f"spool.json can't be read: {exc}") from exc
        if not self._mark.load():
            raise SpoolDamaged("mark is missing")
        current = self._runs[-1].index
        self._segments.remove_after(current, only_empty=False)
        mark = self._mark.value
        self._segments.load(mark.index, mark.acknowledged, current)
        if self._is_copy():
            self._start_run(ending=self._segments.end - 1)
        self._finish_runs()

    def _is_copy(self) -> bool:
        stamp = self._stamp.value if self._stamp.load() else None
        return (
            stamp is None
            or stamp.run != self.run
            or stamp.inode != self._inode()
            or max(stamp.sent_through, self._sent_through()) >= self._segments.end
        )

    def _inode(self) -> int:
        return self.directory.stat().st_ino

    # ---- runs

    def _last(self, run: Run) -> int:
        return self._segments.end - 1 if run.through is None else run.through

    def _sent_through(self) -> int:
        """How far the current run may have been sent."""
        return self._mark.value.sent_through if self._mark.value.index == self._runs[-1].index else 0

    def _note_sending(self, run: Run, through: int) -> None:
        if run.through is not None or through <= self._mark.value.sent_through:
            return
        # Everything accepted so far is in every copy of the spool made from now on: noting all of it at once is as
        # safe as noting this batch, and spares the next batches a write.
        mark, last = self._mark.value, self._segments.end - 1
        self._stamp.write(Stamp(run.run, self._stamp.value.inode, last))
        self._mark.write(Mark(mark.index, mark.acknowledged, last, mark.withdrawn))

    def _start_run(self, ending: int | None) -> None:
        """Begin a run; the one before it ends at number `ending`, and what it holds after that moves to the new one."""
        begun = Run(self._runs[-1].index + 1 if self._runs else 1, self._new_run())
        runs = [begun]
        moved: Iterator[Frame] = iter(())
        if ending is not None:
            old = self._runs[-1]
            moved = self._segments.renumbered(old.index, ending + 1)
            runs = [*self._runs[:-1], Run(old.index, old.run, ending), begun]
        self._segments.begin(begun.index, moved)
        self._stamp.create(Stamp(begun.run, self._inode()))
        replace_durably(self._disk, self.directory / "spool.json", msgspec.json.encode(Registry(1, runs)))
        self._runs, self.begun_here = runs, True
        self._finish_runs()

    def _finish_runs(self) -> None:
        """Go on to the next run where the oldest one is acknowledged to its end."""
        mark = self._mark.value
        if mark.index < self._runs[0].index:
            raise SpoolDamaged("mark is of a run that is gone")
        while len(self._runs) > 1:
            oldest = self._runs[0]
            if mark.index == oldest.index:
                if mark.acknowledged < self._last(oldest):
                    return
                mark = Mark(oldest.index + 1)
                self._mark.write(mark)
            rest = self._runs[1:]
            replace_durably(self._disk, self.directory / "spool.json", msgspec.json.encode(Registry(1, rest)))
            self._runs = rest
            self._segments.forget(mark.index, mark.acknowledged)
