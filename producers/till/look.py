"""Looks at event files whole, before anything of them is sent: which lines are no events, and why.

In bounded memory, however many lines there are: what is found is kept in a temporary file.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from uuid import UUID

from producers.till.encoding import FRAME_BYTES
from producers.till.errors import EventUnfit
from producers.till.eventfile import EventFile, Line
from producers.till.words import unfit
from schemas.limits import MAX_BYTES, MAX_EVENTS

_CHUNK_BYTES = 1024 * 1024
_IN_MEMORY_BYTES = 1024 * 1024
_EVENT = re.compile(r"events\[(\d+)\]\.?")


class Fault(NamedTuple):
    """What is wrong at a place of a batch, such as `events[3].lines[0].price`."""

    at: str
    code: str
    reason: str

    @property
    def position(self) -> int | None:
        """That of the event in the batch; None where the batch as a whole is meant."""
        place = _EVENT.match(self.at)
        return int(place[1]) if place else None

    @property
    def within(self) -> str:
        """The place in the event."""
        return _EVENT.sub("", self.at, count=1)


class NotChecked(Exception):
    """A batch can't be looked at as it is: the fault is its own where it holds one event."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


Check = Callable[[bytes], Sequence[Fault]]
"""All that is wrong with the body of an upload. Raises `NotChecked`."""


class BadLine(NamedTuple):
    """Why a line is no event. `at` is the place in it, such as `lines[0].price`; "" for the line as a whole."""

    file: str
    line: int
    at: str
    code: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {f'{self.at}: ' if self.at else ''}{self.reason}"


class BadLines(AbstractContextManager["BadLines"]):
    """The bad lines of several files, in their order; `faults` counts reasons, `lines` the lines that have them."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES, "w+", encoding="utf-8")  # noqa: SIM115 (closed below)
        self._last = (-1, 0)
        self.faults = self.lines = 0

    def add(self, file: int, bad: BadLine) -> None:
        """Remember a bad line of the file of this number."""
        self._file.write(json.dumps([file, *bad], ensure_ascii=False) + "\n")
        self.faults += 1
        self.lines += (file, bad.line) != self._last
        self._last = (file, bad.line)

    def __iter__(self) -> Iterator[BadLine]:
        return (bad for _, bad in self._all())

    def numbers(self, file: int) -> Iterator[int]:
        """The numbers of a file's bad lines, rising; not to be mixed with another reading."""
        return (bad.line for of, bad in self._all() if of == file)

    def _all(self) -> Iterator[tuple[int, BadLine]]:
        self._file.seek(0)
        for text in self._file:
            file, *bad = json.loads(text)
            yield file, BadLine(*bad)

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self


class Looker:
    """Looks at files. `english`: the language of reasons."""

    def __init__(self, check: Check | None, english: bool, bad: BadLines) -> None:
        self._check, self._english, self._bad = check, english, bad

    def look_at(self, number: int, path: Path, progress: Callable[[int], None]) -> int:
        """Look at the file of this number, whole; its unpacked size. `progress` is told bytes of it as it lies there.

        Raises `UsageError`, and what `check` raises.
        """
        with EventFile(path) as file:
            chunk, size = list[tuple[int, bytes | EventUnfit]](), 0
            for line in file.lines():
                event = _event(line)
                chunk.append((line.number, event))
                size += len(event) if isinstance(event, bytes) else 0
                if size >= _CHUNK_BYTES or len(chunk) >= MAX_EVENTS:
                    self._settle(number, path.name, chunk)
                    chunk, size = [], 0
                    progress(file.packed_position)
            self._settle(number, path.name, chunk)
            progress(file.packed_position)
            return file.position

    def _settle(self, number: int, name: str, chunk: Sequence[tuple[int, bytes | EventUnfit]]) -> None:
        found = [
            (line, Fault("", event.code, unfit(event.code, event.values, self._english)))
            for line, event in chunk
            if isinstance(event, EventUnfit)
        ]
        events = [(line, event) for line, event in chunk if isinstance(event, bytes)]
        if self._check:
            found += _faults(events, self._check)
        for line, fault in sorted(found, key=lambda each: each[0]):
            self._bad.add(number, BadLine(name, line, *fault))


def _event(line: Line) -> bytes | EventUnfit:
    try:
        return line.event()
    except EventUnfit as exc:
        return exc


def _faults(events: Sequence[tuple[int, bytes]], check: Check) -> Iterator[tuple[int, Fault]]:
    """What is wrong, with the line it stands in. A batch that can't be told from is halved."""
    if not events:
        return
    halves = [events[: len(events) // 2], events[len(events) // 2 :]] if len(events) > 1 else []
    if halves and sum(len(event) + 1 for _, event in events) > MAX_BYTES - FRAME_BYTES:
        for half in halves:
            yield from _faults(half, check)
        return
    body = b'{"run":"%b","first_seq":1,"events":[%b]}' % (str(UUID(int=0)).encode(), b",".join(e for _, e in events))
    try:
        faults = check(body)
    except NotChecked as exc:
        faults = [exc.fault]
    if halves and any(fault.position is None for fault in faults):  # about the batch, or too many to be told
        for half in halves:
            yield from _faults(half, check)
        return
    for fault in faults:
        yield events[min(fault.position or 0, len(events) - 1)][0], fault._replace(at=fault.within)
