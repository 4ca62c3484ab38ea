"""The till's spool: events that were accepted, numbered, on disk; acknowledged ones for a while longer.

| file | holds |
|---|---|
| `spool.db` | an SQLite database (`spool.sql`, `Database`): runs, events, what of them is acknowledged |
| `reserve` | room for a full disk |
| `<state directory>/<digest of the path>.stamp.db` | outside the spool: run, how far it may have been sent, inode |

What holds, wherever a process is killed or the power is cut:
- what `append` returned is on disk, under its number, until it is acknowledged; after that for `keep_seconds`, as
  long as the file is smaller than `keep_bytes` and the disk has room;
- an append is accepted whole or not at all;
- before an event may be sent, the stamp says durably that events up to there may have been. A spool restored from
  a backup lies behind its stamp (or behind what the gateway knows, see `resume_after`), or has another inode: it starts
  a new run, and the events of the old run that it still holds go out under their old numbers, as they once did. So
  there are never two contents under one number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import RLock
from uuid import uuid4
from zlib import crc32

from producers.till import segments
from producers.till.database import Connection, Database, connect
from producers.till.errors import SpoolDamaged
from producers.till.folders import make_durably
from producers.till.state import Batch, Numbers, Run, Source, Stamp

KEEP_SECONDS, KEEP_BYTES = 30 * 24 * 3600, 1024**3


class Spool:
    """An open spool. Threads may share it; a second process gets `SpoolBusy`. Raises `SpoolError` and its kinds."""

    def __init__(
        self,
        directory: Path,
        state_directory: Path,
        *,
        new_run: Callable[[], str] = lambda: str(uuid4()),
        clock: Callable[[], float] = time.time,
        connect: Callable[[Path], Connection] = connect,
        keep_seconds: float = KEEP_SECONDS,
        keep_bytes: int = KEEP_BYTES,
        reserve_bytes: int = 2 * 1024 * 1024,
    ) -> None:
        self.directory = directory.resolve()
        self._new_run, self._clock = new_run, clock
        self._keep_seconds, self._keep_bytes = keep_seconds, keep_bytes
        self._mutex = RLock()
        self.begun_here = False
        """Whether this process began the run, so that nobody else can have sent anything under it."""
        for folder in (self.directory, state_directory):
            make_durably(folder)
        stamp = state_directory / sha256(bytes(self.directory)).hexdigest()[:32]
        self._db = Database(self.directory / "spool.db", stamp.with_suffix(".stamp.db"), connect, reserve_bytes)
        try:
            self._open(stamp.with_suffix(".stamp"))
        except BaseException:
            self.close()
            raise

    # ---- what a till does

    def append(self, events: Sequence[bytes], sources: Mapping[str, Source] | None = None) -> Numbers:
        """Accept events (each one JSON object): durable, and numbered, once this returns; all of them or none."""
        if not events:
            raise ValueError("there is nothing to append")

        def insert() -> Numbers:
            run = self._runs()[-1]
            self._insert(run.last + 1, events)
            self._db.run_many("save_source", [(name, *source) for name, source in (sources or {}).items()])
            self._db.run("end_run", number=run.number, last=run.last + len(events))
            return Numbers(run.run, run.through + 1, run.through + len(events))

        with self._mutex:
            return self._db.change(insert, may_use_reserve=False)

    def batch(self, max_events: int, max_bytes: int) -> Batch | None:
        """The next events to send, at least one and within the bounds; None when everything is acknowledged.

        Until `acknowledge` is called the same events come again, under the same numbers. What this returns may be
        sent: that is durably noted first.
        """
        with self._mutex:
            runs, first, size, events = self._runs(), 0, 0, list[bytes]()
            with self._db.rows("waiting", most=max_events) as rows:
                for id_, event, crc in rows:
                    first = first or id_
                    run = next(run for run in runs if id_ <= run.last)
                    if event is None or crc32(event) != crc:
                        raise SpoolDamaged(f"event {id_ - run.base} of run {run.run} can't be read")
                    size += len(event) + 1
                    if events and (size > max_bytes or id_ != first + len(events) or first <= run.base):
                        break
                    events.append(event)
            if not events:
                return None
            run = next(run for run in runs if first <= run.last)
            if run == runs[-1] and first + len(events) - 1 > run.base + self._stamp.sent_through:
                # Everything accepted so far is in every copy of the spool made from now on: noting all of it at once
                # is as safe as noting this batch, and spares the next batches a write.
                self._save_stamp(self._stamp._replace(sent_through=run.through))
            return Batch(run.run, first - run.base, events)

    def acknowledge(self, batch: Batch) -> None:
        """The gateway has this batch: note it durably, and let go what was acknowledged long ago."""
        with self._mutex:
            first = self._run(batch.run).base + batch.first_seq
            last, now = first + len(batch.events) - 1, self._clock()

            def note() -> None:
                self._db.run("acknowledge", first=first, last=last, now=int(now))
                over = self._db.size_bytes > self._keep_bytes
                self._db.forget(now + 1 if over else now - self._keep_seconds)

            self._db.change(note, may_use_reserve=True)
            self._db.keep_reserve()

    def withdraw(self, run: str, seq: int, event: bytes) -> bool:
        """Put `event` durably in the place of one that waits and was refused; False where that was done before.

        The refused one was never taken, since a refused batch is refused whole.
        """
        with self._mutex:
            id_ = self._run(run).base + seq
            row = self._db.row("withdrawn", id=id_)
            if row is None:
                raise ValueError(f"{run}/{seq} does not wait to be sent")
            if row[0]:
                return False
            change = {"id": id_, "event": event, "crc": crc32(event)}
            self._db.change(lambda: self._db.run("withdraw", **change), may_use_reserve=True)
            return True

    def resume_after(self, known: int) -> bool:
        """Compare with the greatest number the gateway knows of `run`; True where a new run had to be started.

        It knows more than this spool ever sent: the spool is an older copy. What it has not sent yet may have been
        numbered after the copy was made, so that moves to the new run.
        """
        with self._mutex:
            if known <= self._stamp.sent_through:
                return False
            self._start_run(ending=self._stamp.sent_through)
            return True

    def kept_runs(self, before: float) -> list[str]:
        """The runs of which events are here that were acknowledged before a moment (Unix seconds)."""
        with self._mutex:
            self._db.change(lambda: self._db.run("set_back_clock", now=int(self._clock())), may_use_reserve=True)
            with self._db.rows("kept_runs", before=before) as rows:
                return [run for (run,) in rows]

    def send_again(self, run: str, lost: Sequence[tuple[int, int]], before: float) -> None:
        """Let the events of these spans of numbers wait again, where they were acknowledged before a moment."""

        def wait() -> None:
            found = self._run(run)
            for first, last in lost:
                span = {"first": found.base + first, "last": min(found.base + last, found.last)}
                self._db.run("send_again", **span, before=before)

        with self._mutex:
            self._db.change(wait, may_use_reserve=True)

    # ---- what it says of itself

    @property
    def run(self) -> str:
        """The run that new events are numbered in."""
        with self._mutex:
            return self._runs()[-1].run

    @property
    def through(self) -> int:
        """The number of the last event of that run; 0 where there is none."""
        with self._mutex:
            return self._runs()[-1].through

    @property
    def pending(self) -> int:
        """How many events wait to be acknowledged."""
        with self._mutex:
            return int(self._db.row("pending")[0])

    @property
    def sources(self) -> dict[str, Source]:
        """How far each file of events was taken over."""
        with self._mutex, self._db.rows("sources") as rows:
            return {name: Source(position, digest) for name, position, digest in rows}

    def close(self) -> None:
        """Let the files and the lock go."""
        with self._mutex:
            self._db.close()

    # ---- opening, and runs

    def _open(self, old_stamp: Path) -> None:
        if not self._runs() and (old := segments.read(self.directory, old_stamp)):
            self._take_over(old)
        segments.remove(self.directory, old_stamp)
        runs, stamp = self._runs(), self._db.row("stamp")
        if not runs:
            self._start_run(ending=0)
            return
        self._stamp = Stamp(*stamp) if stamp else Stamp("", "", 0)
        moved = (self._stamp.run, self._stamp.inode) != (runs[-1].run, self._inode())
        older = self._stamp.sent_through > runs[-1].through
        if moved or older:
            self._start_run(ending=runs[-1].through)

    def _take_over(self, old: segments.OldSpool) -> None:
        def insert() -> None:
            for number, run in enumerate(old.runs, 1):
                self._db.run("add_run", **run._asdict() | {"number": number})
            for first, events in old.events:
                self._insert(first, events)
            self._db.run_many("save_source", [(name, *source) for name, source in old.sources.items()])
            if old.stamp:
                self._db.run("save_stamp", **old.stamp._asdict())

        self._db.change(insert, may_use_reserve=False)

    def _insert(self, first: int, events: Sequence[bytes]) -> None:
        numbered = list(enumerate(events, first))
        self._db.run_many("add_event", [(id_, event, crc32(event)) for id_, event in numbered])
        self._db.run_many("add_delivery", [(id_,) for id_, _ in numbered])

    def _start_run(self, ending: int) -> None:
        """Begin a run; the one before it ends at number `ending`, and what it holds after that moves to the new one."""
        run = self._new_run()

        def begin() -> None:
            number, base, last = 1, 0, 0
            if runs := self._runs():
                number, base, last = runs[-1].number + 1, runs[-1].base + ending, runs[-1].last
                self._db.run("end_run", number=runs[-1].number, last=base)
            self._db.run("add_run", number=number, run=run, base=base, last=last)

        # First the stamp: one of a run that the spool does not have begins one more, at worst.
        self._save_stamp(Stamp(run, self._inode(), 0))
        self._db.change(begin, may_use_reserve=True)
        self.begun_here = True

    def _save_stamp(self, stamp: Stamp) -> None:
        self._db.change(lambda: self._db.run("save_stamp", **stamp._asdict()), may_use_reserve=True)
        self._stamp = stamp

    def _runs(self) -> list[Run]:
        with self._db.rows("runs") as rows:
            return [Run(*row) for row in rows]

    def _run(self, name: str) -> Run:
        for run in self._runs():
            if run.run == name:
                return run
        raise ValueError(f"this spool has no run {name}")

    def _inode(self) -> str:
        return str(self.directory.stat().st_ino)
