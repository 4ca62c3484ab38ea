"""The files that hold a spool's events: appended to at the end, read from the front, deleted when acknowledged.

Only the last line of the last segment can be torn, since every append is on disk before the next one begins; any other
damage is reported, never repaired by leaving something out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Raw, Struct

from producers.till.disk import Disk, write_all
from producers.till.errors import SpoolDamaged
from producers.till.frames import Frame, Source, decode, encode, scan

_NAME = re.compile(r"(\d{6})-(\d{16})\.events\Z")
_MOVED = 100  # events per frame when they are renumbered into a new run


class Segment(Struct, frozen=True, order=True):
    """A file with the events of run `index` from number `first` on."""

    index: int
    first: int

    @property
    def name(self) -> str:
        return f"{self.index:06d}-{self.first:016d}.events"


class Tail(Struct, frozen=True):
    """Where the last segment ends: its accepted bytes, the next number, and the sources so far."""

    size: int
    end: int
    sources: dict[str, Source]


class Cursor(Struct, frozen=True):
    """The frame that begins with number `seq` stands at `offset` of `segment`: where the next read begins."""

    segment: Segment
    seq: int
    offset: int


class Segments:
    """The segments of a spool. Not thread-safe; raises `OSError` (for the spool to translate) and `SpoolError`."""

    def __init__(self, disk: Disk, directory: Path, segment_bytes: int) -> None:
        self._disk, self._directory, self._segment_bytes = disk, directory, segment_bytes
        self._files: list[Segment] = []
        self._fd: int | None = None
        self._tail = Tail(0, 1, {})
        self._cursor: Cursor | None = None
        self._broken = False

    @property
    def end(self) -> int:
        """The number that the next event gets."""
        return self._tail.end

    @property
    def sources(self) -> dict[str, Source]:
        """How far each source was taken over."""
        return self._tail.sources

    def load(self, index: int, acknowledged: int, current: int) -> None:
        """Open what is there: runs `index`..`current`, the first acknowledged through a number; cut a torn tail."""
        self._files = sorted(segment for segment in self._listed() if segment.index <= current)
        here = [segment for segment in self._files if segment.index == current]
        tail = self._scanned(here[-1]) if here else None
        if tail is None and len(here) > 1:  # killed while the last one was being made: nothing was accepted into it
            tail = self._scanned(here[-2])
            if tail is not None and tail.end == here[-1].first:
                self._disk.unlink(self._path(self._files.pop()))
        if tail is None or tail.end < self._files[-1].first:
            raise SpoolDamaged(f"run {current} has no readable events file")
        self._fd = self._disk.open(self._path(self._files[-1]), os.O_WRONLY | os.O_APPEND)
        self._disk.truncate(self._fd, tail.size)
        # What a killed process wrote may still be in memory only; once it is sent it has to stay.
        self._disk.sync(self._fd)
        self._disk.sync_directory(self._directory)
        self._tail = tail
        self.forget(index, acknowledged)

    def append(self, frame: Frame) -> None:
        """Write a frame durably, or change nothing and raise."""
        if self._broken:
            self._cut_back()
        if self._tail.size >= self._segment_bytes:
            self._roll()
        assert self._fd is not None
        line = encode(frame)
        tail = Tail(self._tail.size + len(line), frame.end, {**self._tail.sources, **frame.sources})
        try:
            write_all(self._disk, self._fd, line)
            self._disk.sync(self._fd)
            self._tail = tail
        except BaseException:  # an interrupt, too, must not leave half a line before the next one
            self._broken = True
            with suppress(OSError):  # tried again before the next append
                self._cut_back()
            raise

    def events(self, index: int, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """The events `first`..`last` of a run with their numbers. Raises `SpoolDamaged` where one is missing."""
        wanted = first
        for segment in self._files:
            if segment.index != index or wanted > last or self._successor_reaches(segment, wanted):
                continue
            for frame, offset in self._frames(segment, wanted):
                if frame.seq > wanted:
                    break
                if wanted == first:
                    self._cursor = Cursor(segment, frame.seq, offset)
                for event in frame.events[wanted - frame.seq : last + 1 - frame.seq]:
                    yield wanted, bytes(event)
                    wanted += 1
                if wanted > last:
                    return
        if wanted <= last:
            raise SpoolDamaged(f"event {wanted} can't be read")

    def renumbered(self, index: int, start: int) -> Iterator[Frame]:
        """The events of the current run `index` from number `start` on, numbered from 1."""
        seq, events = 1, list[Raw]()
        for _, event in self.events(index, start, self.end - 1):
            events.append(Raw(event))
            if len(events) == _MOVED:
                yield Frame(seq, events)
                seq, events = seq + len(events), []
        if events:
            yield Frame(seq, events)

    def begin(self, index: int, frames: Iterator[Frame]) -> None:
        """Begin run `index` with `frames`; appends go there from now on."""
        self._create(Segment(index, 1), frames)

    def forget(self, index: int, acknowledged: int) -> None:
        """Delete the segments that hold nothing after number `acknowledged` of run `index`."""
        full = self._tail.size >= self._segment_bytes and not self._broken
        if self._fd is not None and full and self.end == acknowledged + 1:
            with suppress(OSError):  # a full disk: the next append tries again
                self._roll()
        for segment in self._files[:-1]:
            if segment.index < index or segment.index == index and self._successor_reaches(segment, acknowledged + 1):
                self._disk.unlink(self._path(segment))
                self._files = [kept for kept in self._files if kept != segment]

    def remove_after(self, index: int, *, only_empty: bool) -> None:
        """Delete what was begun for runs after `index` and never came into use."""
        for segment in self._listed():
            if segment.index > index:
                tail = self._scanned(segment) if only_empty else None
                if tail and tail.end > segment.first:
                    raise SpoolDamaged("there are events, but spool.json is missing")
                self._disk.unlink(self._path(segment))

    def close(self) -> None:
        """Let the file go."""
        if self._fd is not None:
            self._disk.close(self._fd)
            self._fd = None

    def _path(self, segment: Segment) -> Path:
        return self._directory / segment.name

    def _listed(self) -> list[Segment]:
        matches = [found for name in sorted(os.listdir(self._directory)) if (found := _NAME.match(name))]
        return [Segment(int(found[1]), int(found[2])) for found in matches]

    def _successor_reaches(self, segment: Segment, number: int) -> bool:
        """Whether the segment after this one, of the same run, begins at or before `number`."""
        return any(other.index == segment.index and segment.first < other.first <= number for other in self._files)

    def _scanned(self, segment: Segment) -> Tail | None:
        """Where a segment's whole frames end; None where not even its first one is whole."""
        tail: Tail | None = None
        torn = False
        for end, frame in scan(self._path(segment).read_bytes()):
            if frame is None:
                torn = True
                continue
            if torn or frame.seq != (tail.end if tail else segment.first):
                raise SpoolDamaged(f"{segment.name} is damaged before its end")
            tail = Tail(end, frame.end, {**(tail.sources if tail else {}), **frame.sources})
        return tail

    def _frames(self, segment: Segment, wanted: int) -> Iterator[tuple[Frame, int]]:
        """The frames of a segment from the one that holds number `wanted`, with their offsets."""
        found, offset = self._cursor, 0
        if found and found.segment == segment and found.seq <= wanted:
            offset = found.offset
        end = self._tail.size if segment == self._files[-1] else None
        with self._path(segment).open("rb") as file:
            file.seek(offset)
            while (end is None or offset < end) and (line := file.readline()):
                frame = decode(line)
                if frame is None:
                    raise SpoolDamaged(f"{segment.name} is damaged at byte {offset}")
                if frame.end > wanted:
                    yield frame, offset
                offset += len(line)

    def _cut_back(self) -> None:
        """Take away what an append that failed left behind the accepted bytes."""
        assert self._fd is not None
        self._disk.truncate(self._fd, self._tail.size)
        self._disk.sync(self._fd)
        self._broken = False

    def _roll(self) -> None:
        self._create(Segment(self._files[-1].index, self.end), iter(()))

    def _create(self, segment: Segment, frames: Iterator[Frame]) -> None:
        """Make a segment durably and go on in it. Until it is complete, the one before stays the last."""
        path = self._path(segment)
        head = encode(Frame(segment.first, [], self.sources))
        size, number = len(head), segment.first
        fd = self._disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        try:
            write_all(self._disk, fd, head)
            for frame in frames:
                line = encode(frame)
                write_all(self._disk, fd, line)
                size, number = size + len(line), frame.end
            self._disk.sync(fd)
            self._disk.sync_directory(self._directory)
        except BaseException:
            self._disk.close(fd)
            with suppress(OSError):
                self._disk.unlink(path)
            raise
        self.close()
        self._fd, self._tail, self._broken = fd, Tail(size, number, self.sources), False
        self._files = [*self._files, segment]
