"""What child processes write: read from a pipe, kept in files that are bounded and rotated, the last lines at hand.

One bound for all of them, whatever they are written in, and a full disk stops none: lines that can't be kept are
dropped, and the reason why a process ended is quoted from memory.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import re
import sys
import threading
from collections import deque
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Protocol, TextIO

SIZE_BYTES_MAX = 10 * 2**20
"""A file that would grow past this is put aside as NAME.1, which becomes NAME.2, and so on."""
FILES_ASIDE_MAX = 4
_LINE_BYTES_MAX = 64 * 1024
_PIPE_BYTES = 2**20
_LINES_AT_HAND = 40
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_STACK_FRAME = re.compile(r"\s+(at |\.\.\. \d+ )")


class Lines(Protocol):
    """What takes lines, as a binary stream does."""

    def write(self, line: bytes, /) -> int: ...
    def flush(self) -> None: ...


class RotatedLog(RotatingFileHandler):
    """A log file and those put aside, `SIZE_BYTES_MAX` each. `write` never fails: what can't be kept is dropped."""

    def __init__(self, path: Path, size_bytes_max: int = SIZE_BYTES_MAX) -> None:
        super().__init__(
            path, maxBytes=size_bytes_max, backupCount=FILES_ASIDE_MAX, encoding="utf-8", errors="replace", delay=True
        )
        self.path = path

    def write(self, line: str) -> None:
        """Keeps a line, without the colours of a terminal."""
        self.handle(logging.makeLogRecord({"msg": _COLOURS.sub("", line.rstrip("\r\n"))}))

    def handleError(self, record: logging.LogRecord) -> None:
        """The disk is full, or the folder is gone: the process goes on all the same."""


class Both:
    """A stream whose lines are kept as well, where there is a log.

    Nobody may read the stream any longer: the supervisor was killed, or the terminal is gone. A request must not fail
    over that.
    """

    def __init__(self, stream: TextIO, log: RotatedLog | None = None) -> None:
        self._stream = stream
        self._log = log

    def write(self, text: str) -> int:
        if self._log is not None:
            self._log.write(text)
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


class Output:
    """Where a process and those started in its place write to; `echo` gets every line as well.

    Without a `log` only the last lines are at hand: the process keeps logs itself.
    """

    def __init__(self, log: RotatedLog | None, echo: Lines | None = None) -> None:
        self._log = log
        self._echo = echo
        self._lines: deque[str] = deque(maxlen=_LINES_AT_HAND)
        self._reader: threading.Thread | None = None

    @contextlib.contextmanager
    def end(self) -> Iterator[IO[bytes]]:
        """The pipe's end that a process started inside the block writes to."""
        reading, writing = os.pipe()
        if sys.platform == "linux":  # room for a while in which nobody reads
            with contextlib.suppress(OSError):
                fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._lines = deque(maxlen=_LINES_AT_HAND)
        self._reader = threading.Thread(target=self._keep, args=(os.fdopen(reading, "rb"), self._lines), daemon=True)
        with os.fdopen(writing, "wb") as end:
            self._reader.start()
            yield end

    def drain(self, within: float = 2) -> None:
        """Returns when all that a process wrote before it ended is kept, or after a while where it runs on."""
        if self._reader is not None:
            self._reader.join(within)

    def last_lines(self) -> str:
        """The last lines of the process started last, without stack frames."""
        self.drain()
        return "\n".join(self._lines)

    def see(self) -> str:
        """What to tell whoever looks for the reason."""
        return f"see {self._log.path}" if self._log is not None else ""

    def _keep(self, stream: IO[bytes], lines: deque[str]) -> None:
        with stream:
            while line := stream.readline(_LINE_BYTES_MAX):
                if self._echo is not None:
                    with contextlib.suppress(OSError, ValueError):  # the terminal is gone
                        self._echo.write(line)
                        self._echo.flush()
                text = line.decode("utf-8", "replace")
                if self._log is not None:
                    self._log.write(text)
                if not _STACK_FRAME.match(text):
                    lines.append(text.rstrip())
        if self._log is not None:
            with contextlib.suppress(OSError):
                self._log.close()  # and opened again where there is more to write
