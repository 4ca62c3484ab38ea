"""Takes event files (JSON Lines, also packed with gzip) over into a till's spool, each line once.

How far a file was taken over stands in the spool beside the events themselves, as bytes from its start and their
SHA-256: so a command that was killed goes on where it stopped, a file that grew or was renamed is continued, and one
that was replaced by another under the same name is read from its start.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple

from producers.till.client import TillClient
from producers.till.encoding import encoded_line
from producers.till.errors import EventUnfit
from producers.till.state import Source
from schemas.errors import UsageError

_CHUNK_EVENTS, _CHUNK_BYTES = 1000, 1024 * 1024
_READ = 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class Taken(NamedTuple):
    """What happened to a file: events taken over now, and unpacked bytes that had been before."""

    events: int
    bytes_before: int


def take_over(client: TillClient, path: Path, after_chunk: Callable[[int], None]) -> Taken:
    """Append the events of a file that the spool has not taken yet; `after_chunk` gets the position in the file.

    Raises `UsageError` naming the line that is no event; the lines before it are taken over.
    """
    name = sha256(bytes(path.resolve())).hexdigest()[:16]
    try:
        before, digest = _taken_before(path, client.spool.sources)
        events = 0
        with path.open("rb") as raw, _unpacked(path, raw) as file:
            file.seek(before)
            for chunk in _chunks(file, digest, path.name, before):
                if chunk.events:
                    client.spool.append(chunk.events, {name: Source(chunk.offset, chunk.digest)})
                events += len(chunk.events)
                after_chunk(raw.tell())
        return Taken(events, before)
    except (gzip.BadGzipFile, EOFError, zlib.error) as exc:
        raise UsageError(f"{path.name} is not a whole gzip file: {exc}") from exc
    except OSError as exc:
        raise UsageError(f"{path.name} can't be read: {exc.strerror or exc}") from exc


class _Chunk(NamedTuple):
    events: list[bytes]
    offset: int
    digest: str


def _chunks(file: IO[bytes], digest: Any, name: str, offset: int) -> Iterator[_Chunk]:
    events: list[bytes] = []
    size = 0
    for number, line in enumerate(file, 1):
        text = line.removeprefix(_BOM) if offset == 0 else line
        if text.strip():
            try:
                events.append(encoded_line(text))
            except EventUnfit as exc:
                if events:
                    yield _Chunk(events, offset, digest.hexdigest())
                where = f"line {number}" if offset == 0 or number == 1 else f"line {number} of what is new"
                raise UsageError(f"{name}, {where}, is no event: {exc}") from exc
        digest.update(line)
        offset, size = offset + len(line), size + len(line)
        if len(events) >= _CHUNK_EVENTS or size >= _CHUNK_BYTES:
            yield _Chunk(events, offset, digest.hexdigest())
            events, size = [], 0
    yield _Chunk(events, offset, digest.hexdigest())


def _taken_before(path: Path, sources: Mapping[str, Source]) -> tuple[int, Any]:
    """The longest known beginning that this file has, in unpacked bytes, and the running digest at its end."""
    found, digest, reached = (0, sha256()), sha256(), 0
    with path.open("rb") as raw, _unpacked(path, raw) as file:
        for source in sorted(sources.values(), key=lambda source: source.offset):
            while reached < source.offset and (piece := file.read(min(_READ, source.offset - reached))):
                digest.update(piece)
                reached += len(piece)
            if reached < source.offset:
                break
            if digest.hexdigest() == source.digest:
                found = (reached, digest.copy())
    return found


def _unpacked(path: Path, raw: IO[bytes]) -> IO[bytes]:
    return gzip.open(raw) if path.suffix == ".gz" else raw  # type: ignore[return-value]  # GzipFile reads like one
