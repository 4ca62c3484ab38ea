"""Disks that fail on purpose: at a chosen system call they refuse, kill the process, or lose what was not synced."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

from producers.till.disk import Disk

Call = Callable[[], object]


class Killed(BaseException):
    """The process ends here: no further system call happens."""


class FaultyDisk(Disk):
    """Counts system calls; `fail_at`/`kill_at` (counted from `arm`) names the one that fails. Never really syncs."""

    def __init__(self) -> None:
        self.calls = 0
        self._fail_at = self._kill_at = -1
        self._error = errno.ENOSPC
        self._after = self._dead = self._lasting = False
        self._random = Random(0)

    def arm(
        self,
        *,
        fail_at: int = -1,
        kill_at: int = -1,
        error: int = errno.ENOSPC,
        lasting: bool = False,
        after: bool = False,
        seed: int = 0,
    ) -> None:
        """Fault the n-th call from here: `lasting` errors stay, `after` kills once the call is done."""
        self.calls, self._fail_at, self._kill_at = 0, fail_at, kill_at
        self._error, self._lasting, self._after = error, lasting, after
        self._dead = False
        self._random = Random(seed)

    def make_directory(self, path: Path) -> None:
        self._step(lambda: super(FaultyDisk, self).make_directory(path))

    def open(self, path: Path, flags: int) -> int:
        found: list[int] = []
        try:
            self._step(lambda: found.append(super(FaultyDisk, self).open(path, flags)))
        except Killed:
            for fd in found:
                os.close(fd)
            raise
        return found[0]

    def write(self, fd: int, data: bytes) -> int:
        part = data[: self._random.randint(0, len(data))]
        written: list[int] = []
        self._step(
            lambda: written.append(super(FaultyDisk, self).write(fd, data)),
            lambda: written.append(super(FaultyDisk, self).write(fd, part)),
        )
        return written[0]

    def write_at(self, fd: int, data: bytes, offset: int) -> int:
        part = data[: self._random.randint(0, len(data))]
        written: list[int] = []
        self._step(
            lambda: written.append(super(FaultyDisk, self).write_at(fd, data, offset)),
            lambda: written.append(super(FaultyDisk, self).write_at(fd, part, offset)),
        )
        return written[0]

    def truncate(self, fd: int, length: int) -> None:
        self._step(lambda: super(FaultyDisk, self).truncate(fd, length))

    def sync(self, fd: int) -> None:
        self._step(lambda: None)

    def sync_directory(self, path: Path) -> None:
        self._step(lambda: None)

    def replace(self, source: Path, target: Path) -> None:
        self._step(lambda: super(FaultyDisk, self).replace(source, target))

    def unlink(self, path: Path) -> None:
        self._step(lambda: super(FaultyDisk, self).unlink(path))

    def close(self, fd: int) -> None:
        super().close(fd)  # a dead process's files are closed as well

    def _step(self, call: Call, in_part: Call | None = None) -> None:
        if self._dead:
            raise Killed
        at, self.calls = self.calls, self.calls + 1
        if at == self._kill_at:
            self._dead = True
            if self._after:
                call()
            elif in_part:
                in_part()
            raise Killed
        if at == self._fail_at or self._lasting and 0 <= self._fail_at < at:
            if in_part:
                in_part()  # the part that still fitted
            raise OSError(self._error, os.strerror(self._error))
        call()


class PowerCutDisk(FaultyDisk):
    """Remembers what was synced; `cut` puts the files into a state that a power cut may leave.

    Of what was not synced, any part may survive: an entry of a directory or not, all of a file's new bytes, none, or
    those up to some point.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[Path, int] = {}  # synced entries: path -> file number
        self._entries: dict[Path, int] = {}
        self._synced: dict[int, bytes] = {}  # synced content by file number
        self._paths: dict[int, int] = {}  # open descriptor -> file number
        self._count = 0

    def open(self, path: Path, flags: int) -> int:
        self._adopt(path)
        try:
            fd = super().open(path, flags)
        finally:
            if path not in self._entries and path.exists():
                self._count += 1
                self._entries[path] = self._count
                self._synced[self._count] = b""
        self._paths[fd] = self._entries[path]
        return fd

    def sync(self, fd: int) -> None:
        super().sync(fd)
        self._synced[self._paths[fd]] = _content(fd)

    def sync_directory(self, path: Path) -> None:
        super().sync_directory(path)
        for entry in {*self._kept, *self._entries}:
            if entry.parent == path:
                if entry in self._entries:
                    self._kept[entry] = self._entries[entry]
                else:
                    del self._kept[entry]

    def replace(self, source: Path, target: Path) -> None:
        self._adopt(target)
        try:
            super().replace(source, target)
        finally:
            if not source.exists():
                self._entries[target] = self._entries.pop(source)

    def unlink(self, path: Path) -> None:
        self._adopt(path)
        try:
            super().unlink(path)
        finally:
            if not path.exists():
                self._entries.pop(path, None)

    def _adopt(self, path: Path) -> None:
        """A file that somebody else put there, such as one restored from a backup, is long on the disk."""
        if path not in self._entries and path.exists():
            self._count += 1
            self._kept[path] = self._entries[path] = self._count
            self._synced[self._count] = path.read_bytes()

    def cut(self, seed: int) -> None:
        """Leave on the real disk what a power cut at this moment may leave; all descriptors are closed by now."""
        random = Random(seed)
        current = {number: path.read_bytes() for path, number in self._entries.items() if path.exists()}
        left: dict[Path, bytes] = {}
        for path in sorted({*self._kept, *self._entries}):
            entries = random.choice([self._kept, self._entries])
            number = entries.get(path)
            if number is not None:
                synced = self._synced[number]
                left[path] = random.choice([synced, _mixed(synced, current.get(number, synced), random)])
        for path in {*self._kept, *self._entries}:
            path.unlink(missing_ok=True)
        self._kept, self._entries, self._synced, self._paths = {}, {}, {}, {}
        for path, content in left.items():
            path.write_bytes(content)
            self._count += 1
            self._kept[path] = self._entries[path] = self._count
            self._synced[self._count] = content


def _content(fd: int) -> bytes:
    return Path(f"/proc/self/fd/{fd}").read_bytes()


def _mixed(synced: bytes, current: bytes, random: Random) -> bytes:
    """The new bytes up to some point, then the old ones; a longer file may keep its length with zeros in it."""
    point = random.randint(0, max(len(synced), len(current)))
    if len(current) > len(synced):
        point = max(point, len(synced))
        zeros = random.choice([b"", bytes(len(current) - point)])
        return current[:point] + zeros
    return current[:point] + synced[point:]
