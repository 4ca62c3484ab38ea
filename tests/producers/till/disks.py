"""A disk in memory below SQLite: at a chosen system call it refuses, kills the process, or loses what was not synced.

SQLite's own library calls it (a VFS of `apsw`), so what is tried is the real spool on the real SQLite. A call that
kills leaves the process dead: no later call reaches the disk, and whoever asks gets `Killed`.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import apsw

SECTOR = 512
_names = itertools.count()

Call = Callable[[], object]


class Killed(BaseException):
    """The process ends here: no further system call happens."""


class File:
    """A file: what is synced of it, and what was written since."""

    def __init__(self) -> None:
        self.synced = b""
        self.current = bytearray()
        self.writes: list[tuple[int, bytes]] = []  # since the last sync; a truncation has no data

    def write(self, data: bytes, offset: int) -> None:
        self._extend(self.current, offset)
        self.current[offset : offset + len(data)] = data
        self.writes.append((offset, data))

    def truncate(self, size: int) -> None:
        del self.current[size:]
        self.writes.append((size, b""))

    def sync(self) -> None:
        self.synced, self.writes = bytes(self.current), []

    def after_cut(self, random: Random) -> bytes:
        """What a power cut may leave: any of the sectors written since the last sync, in any order."""
        left = bytearray(self.synced)
        for offset, data in self.writes:
            if not data and random.random() < 0.5:
                del left[offset:]
            for at in range(0, len(data), SECTOR):
                if random.random() < 0.5:
                    sector = data[at : at + SECTOR]  # of a write cut short, less than one; what stands behind it stays
                    self._extend(left, offset + at)
                    left[offset + at : offset + at + len(sector)] = sector
        return bytes(left)

    @staticmethod
    def _extend(content: bytearray, size: int) -> None:
        content.extend(bytes(max(0, size - len(content))))


class Disk(apsw.VFS):
    """Counts system calls; `arm` says which one fails or kills."""

    def __init__(self) -> None:
        self.name = f"disk-{next(_names)}"
        super().__init__(self.name, base="")
        self.entries: dict[str, File] = {}
        self._kept: dict[str, File] = {}  # the entries that are synced
        self.calls = 0
        self.dead = False
        self._life = 0
        self.arm()

    def arm(
        self,
        *,
        fail_at: int = -1,
        kill_at: int = -1,
        error: int = apsw.SQLITE_FULL,
        lasting: bool = False,
        after: bool = False,
        seed: int = 0,
    ) -> None:
        """Fault the n-th call from here: `lasting` errors stay, `after` kills once the call is done."""
        self.calls, self._fail_at, self._kill_at = 0, fail_at, kill_at
        self._error, self._lasting, self._after = error, lasting, after
        self._random = Random(seed)

    def connect(self, path: Path) -> Connection:
        """What a spool opens, in a process that lives."""
        self.dead, self._life = False, self._life + 1
        return Connection(self, path)

    def cut(self, seed: int) -> None:
        """Leave what a power cut at this moment may leave; the process is gone by now."""
        random = Random(seed)
        left: dict[str, bytes] = {}
        for path in sorted({*self._kept, *self.entries}):
            entries = random.choice([self._kept, self.entries])
            if path in entries:
                left[path] = entries[path].after_cut(random)
        self.restore(left)

    def copy(self, part: str) -> dict[str, bytes]:
        """The files with a part in their path, as somebody who copies them gets them."""
        return {path: bytes(file.current) for path, file in self.entries.items() if part in path}

    def restore(self, files: dict[str, bytes], part: str = "") -> None:
        """Put files in the place of those with a part in their path, long on the disk."""
        self.entries = {path: file for path, file in self.entries.items() if part not in path}
        for path, content in files.items():
            self.entries[path] = File()
            self.entries[path].write(content, 0)
        for file in self.entries.values():
            file.sync()
        self._kept = dict(self.entries)

    # ---- SQLite's calls

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:
        path = str(name.filename() if isinstance(name, apsw.URIFilename) else name)
        if path not in self.entries:
            self.step(lambda: self.entries.setdefault(path, File()))
        return Handle(self, path, self._life, bool(flags[0] & apsw.SQLITE_OPEN_MAIN_DB))

    def xDelete(self, filename: str, syncdir: bool) -> None:
        def delete() -> None:
            self.entries.pop(filename, None)
            if syncdir:
                self._kept.pop(filename, None)

        self.step(delete)

    def xAccess(self, pathname: str, flags: int) -> bool:
        return pathname in self.entries

    def xFullPathname(self, name: str) -> str:
        return name

    def excepthook(self, *error: object) -> bool:
        """A second error in one call of SQLite; the first is the answer."""
        return True

    def step(self, call: Call, in_part: Call | None = None) -> None:
        """One system call: done, or done in part, or not at all."""
        if self.dead:
            raise apsw.exceptionfor(apsw.SQLITE_IOERR)
        at, self.calls = self.calls, self.calls + 1
        if at == self._kill_at:
            self.dead = True
            if self._after:
                call()
            elif in_part:
                in_part()
            raise apsw.exceptionfor(apsw.SQLITE_IOERR)
        if at == self._fail_at or self._lasting and 0 <= self._fail_at < at:
            if in_part:
                in_part()  # the part that still fitted
            raise apsw.exceptionfor(self._error)
        call()

    def sync(self, path: str, file: File, is_database: bool) -> None:
        """SQLite syncs the folder together with a new log, not with the database itself."""
        file.sync()
        if not is_database:
            folder = path.rpartition("/")[0]
            for entry in {*self._kept, *self.entries}:
                if entry.rpartition("/")[0] == folder:
                    if entry in self.entries:
                        self._kept[entry] = self.entries[entry]
                    else:
                        del self._kept[entry]

    def part(self, data: bytes) -> bytes:
        """The beginning of a write that was cut short."""
        return data[: self._random.randint(0, len(data))]

    def alive(self, life: int) -> None:
        if life != self._life:
            raise apsw.exceptionfor(apsw.SQLITE_IOERR)  # the connection of a process that was killed


class Handle:
    """An open file of a disk, as SQLite uses it."""

    def __init__(self, disk: Disk, path: str, life: int, is_database: bool) -> None:
        self._disk, self._path, self._life, self._is_database = disk, path, life, is_database
        self._file = disk.entries[path]

    def excepthook(self, *error: object) -> bool:
        """A second error in one call of SQLite; the first is the answer."""
        return True

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._file.current[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.alive(self._life)
        part = self._disk.part(data)
        self._disk.step(lambda: self._file.write(data, offset), lambda: self._file.write(part, offset))

    def xTruncate(self, size: int) -> None:
        self._disk.alive(self._life)
        self._disk.step(lambda: self._file.truncate(size))

    def xSync(self, flags: int) -> None:
        self._disk.alive(self._life)
        self._disk.step(lambda: self._disk.sync(self._path, self._file, self._is_database))

    def xFileSize(self) -> int:
        return len(self._file.current)

    def xLock(self, level: int) -> None:
        pass

    def xUnlock(self, level: int) -> None:
        pass

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0

    def xClose(self) -> None:
        pass


class Connection:
    """An `apsw.Connection` that answers like one of `sqlite3`."""

    def __init__(self, disk: Disk, path: Path) -> None:
        self._disk = disk
        with _Like(disk):
            self._connection = apsw.Connection(str(path), vfs=disk.name)

    def execute(self, statement: str, parameters: Any = ()) -> Cursor:
        with _Like(self._disk):
            return Cursor(self._disk, self._connection.cursor().execute(statement, parameters))

    def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        with _Like(self._disk):
            self._connection.cursor().executemany(statement, parameters)

    def executescript(self, script: str) -> None:
        with _Like(self._disk):
            self._connection.cursor().execute(script).fetchall()

    def close(self) -> None:
        with _Like(self._disk):
            self._connection.close(True)


class Cursor:
    """The rows of an answer."""

    def __init__(self, disk: Disk, cursor: apsw.Cursor) -> None:
        self._disk, self._cursor = disk, cursor

    def __iter__(self) -> Iterator[Any]:
        with _Like(self._disk):
            yield from self._cursor

    def close(self) -> None:
        self._cursor.close(True)


class _Like:
    """Errors of `apsw` as those of `sqlite3`; what a dead process does ends with `Killed`."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, value: BaseException | None, traceback: object) -> None:
        if self._disk.dead and (value is None or isinstance(value, apsw.Error)):
            raise Killed from value
        if isinstance(value, apsw.Error):
            error = sqlite3.OperationalError(str(value))
            error.sqlite_errorcode = value.extendedresult  # type: ignore[attr-defined]  # not in its types
            raise error from value
