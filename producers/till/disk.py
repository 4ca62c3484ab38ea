"""The few system calls the spool is made of, in one place so that tests can fail or cut each of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from producers.till.errors import SpoolError, SpoolFull

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Disk:
    """Thin names for `os` calls; each method is one call that may fail or be the last one before a power cut."""

    def make_directory(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)

    def open(self, path: Path, flags: int) -> int:
        return os.open(path, flags | os.O_CLOEXEC, 0o600)

    def write(self, fd: int, data: bytes) -> int:
        return os.write(fd, data)

    def write_at(self, fd: int, data: bytes, offset: int) -> int:
        return os.pwrite(fd, data, offset)

    def truncate(self, fd: int, length: int) -> None:
        os.ftruncate(fd, length)

    def sync(self, fd: int) -> None:
        os.fsync(fd)

    def sync_directory(self, path: Path) -> None:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def replace(self, source: Path, target: Path) -> None:
        os.replace(source, target)

    def unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def close(self, fd: int) -> None:
        os.close(fd)


DISK = Disk()


def write_all(disk: Disk, fd: int, data: bytes) -> None:
    """Write all of `data`; the kernel may take it in pieces, above all where space is about to run out."""
    view = memoryview(data)
    while view:
        view = view[disk.write(fd, bytes(view)) :]


def replace_durably(disk: Disk, path: Path, data: bytes) -> None:
    """Put a file in place of `path` so that a power cut leaves either the old or the new one, whole."""
    draft = path.with_name(path.name + ".new")
    fd = disk.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        write_all(disk, fd, data)
        disk.sync(fd)
    finally:
        disk.close(fd)
    disk.replace(draft, path)
    disk.sync_directory(path.parent)


def make_directories_durably(disk: Disk, path: Path) -> None:
    """Make a directory and its parents, each entered durably in the one above it."""
    if path.is_dir():
        return
    make_directories_durably(disk, path.parent)
    disk.make_directory(path)
    disk.sync_directory(path.parent)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn an `OSError` into the spool's own error."""
    try:
        yield
    except OSError as exc:
        kind = SpoolFull if exc.errno in _NO_SPACE else SpoolError
        raise kind(f"{kind.__doc__} ({exc.filename or path}: {exc.strerror})") from exc
