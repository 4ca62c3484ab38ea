"""A file of events (JSON Lines, also packed with gzip), read line by line in bounded memory.

Line numbers are those an editor shows: every line counts, empty ones too. A byte order mark may stand in front of any
line, since files are put together from others that begin with one.
"""

from __future__ import annotations

import gzip
import stat
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from producers.till.encoding import encoded_line
from producers.till.errors import EventUnfit
from schemas.errors import UsageError
from schemas.limits import MAX_BYTES

_PIECE = 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """A line that is not empty: its number from 1 on, and its text; None where it is longer than an upload may be."""

    number: int
    text: bytes | None

    def event(self) -> bytes:
        """The line as an event is stored. Raises `EventUnfit`."""
        if self.text is None:
            raise EventUnfit("too_long", most=MAX_BYTES // 2**20)
        return encoded_line(self.text)


class EventFile(AbstractContextManager["EventFile"]):
    """An open file. `position` and `digest` are of what was read, unpacked. Raises `UsageError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = self._ends = 0
        self._sha = sha256()
        with self._translated():
            if not stat.S_ISREG(path.stat().st_mode):  # it is read twice
                raise UsageError(f"{path.name} is not a file that can be read from its start again")
            self._raw = path.open("rb")
            self._file: Any = gzip.open(self._raw) if path.suffix == ".gz" else self._raw  # noqa: SIM115

    @property
    def digest(self) -> str:
        """SHA-256 of what was read."""
        return self._sha.hexdigest()

    @property
    def packed_position(self) -> int:
        """How far the file was read as it lies on the disk, in bytes."""
        return self._raw.tell()

    def pass_over(self, position: int) -> bool:
        """Read on to a position; False where the file ends before it."""
        with self._translated():
            while self.position < position and (piece := self._file.read(min(_PIECE, position - self.position))):
                self._count(piece)
        return self.position == position

    def lines(self, until: int | None = None) -> Iterator[Line]:
        """The lines from here on, where one begins, to a position or to the end of the file."""
        while until is None or self.position < until:
            number = self._ends + 1
            with self._translated():
                piece = self._file.readline(_PIECE)
                if not piece:
                    return
                line = self._rest(piece)
            if line is None or (text := line.removeprefix(_BOM)).strip():
                yield Line(number, text if line is not None else None)

    def _rest(self, piece: bytes) -> bytes | None:
        """The whole line that begins with `piece`; None where it is too long, but read to its end."""
        pieces, size = [piece], 0
        while True:
            self._count(piece)
            size += len(piece)
            if len(piece) < _PIECE or piece.endswith(b"\n"):
                return b"".join(pieces) if size <= MAX_BYTES else None
            piece = self._file.readline(_PIECE)
            if size <= MAX_BYTES:
                pieces.append(piece)

    def _count(self, piece: bytes) -> None:
        self._sha.update(piece)
        self.position += len(piece)
        self._ends += piece.count(b"\n")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (gzip.BadGzipFile, EOFError, zlib.error) as exc:
            raise UsageError(f"{self.path.name} is not a whole gzip file: {exc}") from exc
        except OSError as exc:
            raise UsageError(f"{self.path.name} can't be read: {exc.strerror or exc}") from exc

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        files: list[IO[bytes]] = [self._file, self._raw]
        for file in files:
            file.close()
