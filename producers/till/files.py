"""Takes event files over into a till's spool, each line once.

How far a file was taken over stands in the spool beside the events themselves, as bytes from its start and their
SHA-256: so a command that was killed goes on where it stopped, a file that grew or was renamed is continued, and one
that was replaced by another under the same name is read from its start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from producers.till.client import TillClient
from producers.till.errors import EventUnfit
from producers.till.eventfile import EventFile
from producers.till.state import Source
from schemas.errors import UsageError

_CHUNK_EVENTS, _CHUNK_BYTES = 1000, 1024 * 1024


class Taken(NamedTuple):
    """What happened to a file: events taken over now, and unpacked bytes that had been before."""

    events: int
    bytes_before: int


def take_over(
    client: TillClient,
    path: Path,
    after_chunk: Callable[[int], None],
    *,
    until: int | None = None,
    without: Iterable[int] = (),
) -> Taken:
    """Append the events of a file that the spool has not taken yet; `after_chunk` gets the position in the file.

    The file was looked at (`producers.till.look`) up to the position `until`, and its lines `without`, by rising
    numbers, are no events. Raises `UsageError` where another one is none: it was changed meanwhile.
    """
    name = sha256(bytes(path.resolve())).hexdigest()[:16]
    before = _taken_before(path, client.spool.sources)
    events = 0
    with EventFile(path) as file:
        file.pass_over(before)
        for chunk in _chunks(file, until, iter(without)):
            if chunk:
                client.spool.append(chunk, {name: Source(file.position, file.digest)})
            events += len(chunk)
            after_chunk(file.packed_position)
    return Taken(events, before)


def _chunks(file: EventFile, until: int | None, without: Iterator[int]) -> Iterator[list[bytes]]:
    events, start, left_out = list[bytes](), file.position, next(without, None)
    for line in file.lines(until):
        while left_out is not None and left_out < line.number:
            left_out = next(without, None)
        if line.number != left_out:
            try:
                events.append(line.event())
            except EventUnfit as exc:
                raise UsageError(f"{file.path.name}, line {line.number}, is no event: {exc}") from exc
        if len(events) >= _CHUNK_EVENTS or file.position - start >= _CHUNK_BYTES:
            yield events
            events, start = [], file.position
    yield events


def _taken_before(path: Path, sources: Mapping[str, Source]) -> int:
    """The end of the longest known beginning that this file has, in unpacked bytes."""
    found = 0
    with EventFile(path) as file:
        for source in sorted(sources.values(), key=lambda source: source.offset):
            if not file.pass_over(source.offset):
                break
            if file.digest == source.digest:
                found = source.offset
    return found
